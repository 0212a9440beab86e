"""Two runs at once, with state of their own, as on two machines: nothing is lost unseen."""

from pathlib import Path
from typing import Any

from tests.effort import LONGEST_SECONDS
from tests.soak.harness import FULL, running
from tests.states import mails, state
from tests.support import Account, account, held, write_project

ROUNDS = 20 if FULL else 3

START = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, alias: M, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob, departments: {Sales: {}}}
"""


def project(folder: Path, text: str) -> str:
    return str(write_project(folder, team=text))


def test_what_another_run_writes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """A run plans, another one writes, and the first looks again before its own write."""
    with running(tmp_path / "server") as (live, runner), account(tmp_path / "server") as other:
        assert runner.run("apply", project(tmp_path / "start", START), "--yes").code == 0
        with held(live, "GET", "/profile") as looking:
            first = runner.start("apply", with_alias(tmp_path, "One"), "--yes")
            assert looking.wait(LONGEST_SECONDS)
            # The second goes through a server of its own on the same account.
            other.apply(Path(with_alias(tmp_path, "Two")))
        ended = first.end()
        assert ended.code == 4, ended.output
        assert "alias changed since the plan was made" in ended.output
        assert alias_of_mia(live) == "Two"


def test_of_two_runs_at_once_none_loses_anything_unseen(tmp_path: Path) -> None:
    for turn in range(ROUNDS):
        meet(tmp_path / str(turn))


def with_alias(folder: Path, alias: str) -> str:
    return project(folder / alias, START.replace("alias: M,", f"alias: {alias},"))


def alias_of_mia(live: Account) -> Any:
    return live.call("GET", f"/agents/{live.agent('mia@acme.example')['id']}/profile")["alias"]


def meet(folder: Path) -> None:
    """Let two runs want another alias for the same agent, whichever comes first."""
    wanted = ("One", "Two")
    with running(folder / "server") as (live, runner):
        assert runner.run("apply", project(folder / "start", START), "--yes").code == 0
        projects = [with_alias(folder, name) for name in wanted]
        runs = [runner.start("apply", path, "--yes") for path in projects]
        ended = [run.end() for run in runs]
        alias = alias_of_mia(live)
        assert {end.code for end in ended} <= {0, 4}
        for end in ended:
            # It saw the other's value right before its own write, or when it read back.
            seen = ("alias changed since the plan was made", "1 value not applied")
            assert end.code == 0 or any(words in end.output for words in seen), end.output
        for end, name in zip(ended, wanted, strict=True):
            # Whoever reports success has what it wanted, or was seen by the other's plan.
            others = "".join(other.output for other in ended if other is not end)
            assert end.code == 4 or alias == name or f"alias: {name} → " in others
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
