"""The programs that read plans, in an environment of their own."""

import os
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parents[2] / "build/neighbours/bin"


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    # It is installed last.
    if not (PROGRAMS / "terraform-plan-summary").exists():
        why = "the programs that read plans are not installed here: run `make neighbours`"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
