"""A plan from a snapshot is the plan from the account, on either surface."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given

from tests.properties.strategies import Project, projects
from tests.properties.test_laws import LAWS, write
from tests.support import Account, account


@pytest.fixture(params=["full", "v3"])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Account, Account]]:
    """Yield an account and, on the same database, its panel, where everything can be done."""
    with ExitStack() as stack:
        live = stack.enter_context(account(tmp_path, surface=request.param))
        panel = live
        if request.param == "v3":
            panel = stack.enter_context(account(tmp_path, surface="full"))
        yield live, panel


@LAWS
@given(first=projects(), second=projects())
def test_a_plan_from_a_snapshot_is_the_plan_from_the_account(
    first: Project, second: Project, accounts: tuple[Account, Account], tmp_path: Path
) -> None:
    live, panel = accounts
    panel.run("apply", str(write(tmp_path / "project", first)), "--yes")
    folder = write(tmp_path / "project", second)
    direct = live.run("plan", str(folder), "--format", "json")
    for option in ([], ["--all-hours"]):
        file = tmp_path / "account.snapshot"
        taken = live.run("snapshot", str(folder), "--out", str(file), *option)
        assert taken.exit_code == 0, taken.output
        live.server.requests.clear()
        plan = live.run("plan", str(folder), "--format", "json", "--snapshot", str(file))
        assert live.server.requests.entries() == []
        assert plan.exit_code == direct.exit_code
        assert without_date(plan.stdout) == without_date(direct.stdout)


def without_date(plan: str) -> list[str]:
    """Return the lines of a plan without those that only a plan from a snapshot has."""
    return [
        line
        for line in plan.splitlines()
        if '"snapshot_taken"' not in line and "checksum" not in line
    ]
