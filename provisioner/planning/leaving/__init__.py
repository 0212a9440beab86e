"""Agents who leave: what a suspension ends, and what of them stays in the account."""
