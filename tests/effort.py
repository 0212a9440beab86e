"""The number of generated examples, and the longest wait of a test."""

import os

SOAK = os.environ.get("SOAK") == "1"
TIMES_IN_SOAK = 40

LONGEST_SECONDS = 600
"""Ends a test that hangs; even a busy machine takes less."""


def examples(number: int) -> int:
    """Return the number of examples, more than `number` only in `make soak`."""
    return number * TIMES_IN_SOAK if SOAK else number
