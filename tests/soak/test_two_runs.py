"""Two runs at once, with state of their own, as on two machines: nothing is lost unseen."""

from pathlib import Path

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


def test_what_another_run_writes_meanwhile_is_not_overwritten_unseen(tmp_path: Path) -> None:
    conflicts = [meet(tmp_path / str(turn)) for turn in range(ROUNDS)]
    assert any(conflicts)


def meet(folder: Path) -> bool:
    """Let two runs want another alias for the same agent, and tell whether they met."""
    wanted = ("One", "Two")
    with running(folder / "server") as (live, runner):
        assert runner.run("apply", project(folder / "start", START), "--yes").code == 0
        live.server.faults.add(
            # The one that looks later looks when the other has written.
            Fault("delay", method="GET", path="/profile$", skip=1, seconds=1.6),
            Fault("delay", method="PUT", path="/profile$", seconds=1.0),
        )
        projects = [
            project(folder / name, START.replace("alias: M,", f"alias: {name},")) for name in wanted
        ]
        runs = [runner.start("apply", path, "--yes") for path in projects]
        ended = [run.end() for run in runs]
        mia = live.agent("mia@acme.example")["id"]
        alias = live.call("GET", f"/agents/{mia}/profile")["alias"]
        refused = [end for end in ended if end.code == 4]
        assert {end.code for end in ended} <= {0, 4}
        for end in refused:
            assert "alias changed since the plan was made" in end.output
        for end, name in zip(ended, wanted, strict=True):
            # Whoever reports success has what it wanted, or was seen by the other's plan.
            others = "".join(other.output for other in ended if other is not end)
            assert end.code == 4 or alias == name or f"alias: {name} → " in others
        for path in projects[::-1]:
            assert runner.run("apply", path, "--yes").code == 0
        assert "Nothing to change" in runner.run("plan", projects[0]).output
        return bool(refused)


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
