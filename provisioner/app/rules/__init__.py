"""Applies the rules of a team to plans and files, and runs their tests."""
