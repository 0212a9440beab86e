"""docs/safety.md and docs/commands.md list the guards as the code has them."""

from pathlib import Path

import pytest

from provisioner.planning.checks.guards import ALLOWANCES, GUARDS, Guard

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.code)
def test_the_page_has_a_row_for_each_guard(guard: Guard) -> None:
    allowed = f"`--allow {guard.allowance}=N`" if guard.allowance else "never"
    row = f"| `{guard.code}` | {guard.counts} | {guard.limit} | {allowed} |\n"
    assert row in (DOCS / "safety.md").read_text("utf-8")


def test_the_option_allow_lists_each_allowance() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| `--allow KIND=N` |"))
    assert [allowance for allowance in ALLOWANCES if f"`{allowance}=N`" not in row] == []
