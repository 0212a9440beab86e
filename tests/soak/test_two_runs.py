"""Two runs at once, with state of their own, as on two machines: nothing is lost unseen."""

import re
from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
from tests.soak.harness import FULL, running
from tests.states import mails, state
from tests.support import write_project

ROUNDS = 20 if FULL else 3

START = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, alias: M, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob, departments: {Sales: {}}}
"""


def project(folder: Path, text: str) -> str:
    return str(write_project(folder, team=text))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_what_another_run_writes_meanwhile_is_not_overwritten_unseen(
    turn: int, tmp_path: Path
) -> None:
    one = START.replace("alias: M,", "alias: One,").replace("tickets: true", "tickets: false")
    two = START.replace("alias: M,", "alias: Two,").replace("Sales: {}", "Support: {}")
    with running(tmp_path / "server") as (live, runner):
        assert runner.run("apply", project(tmp_path / "start", START), "--yes").code == 0
        live.server.faults.add(
            Fault("delay", method="GET", path="/account", seconds=0.05 * (turn % 4))
        )
        projects = [project(tmp_path / "1", one), project(tmp_path / "2", two)]
        runs = [runner.start("apply", path, "--yes") for path in projects]
        ended = [run.end() for run in runs]
        assert {end.code for end in ended} <= {0, 4}
        alias = next(
            row["alias"]
            for row in live.everything("/agents/profiles")
            if row["agent_id"] == live.agent("mia@acme.example")["id"]
        )
        # Who wrote last read what was there right before: at most one of the two was told that
        # all is as declared, or the second one had planned after the first one's write.
        for end, wanted in zip(ended, ("One", "Two"), strict=True):
            if end.code == 0 and alias != wanted:
                other = ended[0] if end is ended[1] else ended[1]
                assert re.search(rf"alias: {wanted} → ", other.output), other.output
            if end.code == 4:
                assert "changed since the plan was made" in end.output or "not taken" in end.output
        for path in projects[::-1]:
            assert runner.run("apply", path, "--yes").code == 0
        assert "Nothing to change" in runner.run("plan", projects[0]).output


def test_two_runs_that_create_the_same_create_it_once(tmp_path: Path) -> None:
    with running(tmp_path / "server") as (live, runner):
        projects = [project(tmp_path / name, START) for name in ("1", "2")]
        runs = [runner.start("apply", path, "--yes") for path in projects]
        ended = [run.end() for run in runs]
        assert {end.code for end in ended} <= {0, 4}, ended
        for path in projects:
            assert runner.run("apply", path, "--yes").code == 0
        held = state(live)
        assert held["departments"] == ["General", "Sales", "Support"]
        assert [email for email, *_ in held["agents"]] == [
            "bob@acme.example",
            "mia@acme.example",
            "owner@acme.example",
        ]
        assert len(mails(tmp_path / "server/account.db")) == 2
