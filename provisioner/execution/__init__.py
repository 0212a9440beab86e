"""Splits a plan into steps, orders them in a graph, and runs them on an account."""
