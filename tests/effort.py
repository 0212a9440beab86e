"""How much generating tests try, and how long a test waits for what has hung."""

import os

SOAK = os.environ.get("SOAK") == "1"
TIMES_IN_SOAK = 20

LONGEST_SECONDS = 600
"""Ends a test that hangs. No busy machine takes that long."""


def examples(number: int) -> int:
    """Return how many examples to take where `make test` takes so many."""
    return number * TIMES_IN_SOAK if SOAK else number
