"""How much generating tests try: a little in `make test`, a lot in `make soak`."""

import os

SOAK = os.environ.get("SOAK") == "1"
TIMES_IN_SOAK = 20


def examples(number: int) -> int:
    """Return how many examples to take where `make test` takes so many."""
    return number * TIMES_IN_SOAK if SOAK else number
