"""Checks of a plan before the first write: account rules, guards and protections."""
