"""`fleet apply` checks the files of all selected accounts before the first write."""

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.fleet.account_apply import apply_account
from provisioner.cli.main import main
from provisioner.fleet.apply_task import ApplyResult, ApplyTask
from tests.fleets import Fleet, groups
from tests.support import Account, write_project

INVALID = "agents: [{email: three, name: A}]"
RULE = "{id: names, level: error, for: agent, assert: agent.name != 'A', message: write a name}"


@pytest.fixture
def fleet(live: Account, tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet", live)


@pytest.mark.parametrize(
    ("broken", "exit_code", "outcome", "code"),
    [
        ({"team": INVALID}, 1, "failed", "invalid-email"),
        ({"more": f"rules: [{RULE}]"}, 3, "refused", "rule"),
        ({"target": "staging"}, 1, "failed", "unknown-target"),
    ],
)
def test_nothing_is_written_when_files_of_a_later_wave_can_t_be_applied(
    broken: dict[str, str], exit_code: int, outcome: str, code: str, fleet: Fleet
) -> None:
    if "team" in broken:
        write_project(fleet.folder / "three", team=broken["team"])
    if "more" in broken:
        fleet.connect("three", more=broken["more"])
    if target := broken.get("target"):
        text = (fleet.folder / "fleet.yaml").read_text()
        text = text.replace("three, target: production", f"three, target: {target}")
        (fleet.folder / "fleet.yaml").write_text(text)
    elements = fleet.elements(exit_code=exit_code)
    assert [one["fleet"]["outcome"] for one in elements] == ["not-begun", "not-begun", outcome]
    assert [one["code"] for one in elements[2]["errors"]] == [code]
    assert elements[0]["fleet"]["reason"] == "the files of three can't be applied"
    assert fleet.live.server.requests.entries() == []


def test_the_report_names_the_files_and_an_account_can_be_left_out(fleet: Fleet) -> None:
    write_project(fleet.folder / "three", team=INVALID)
    result = fleet.apply("--yes")
    assert (result.exit_code, fleet.created()) == (1, [])
    report = groups(result.stdout)
    assert report["Not begun (2):"] == ["one, two", "the files of three can't be applied"]
    assert "Failed, nothing written (1):" in report
    assert "three/team.yaml:1:18: error:" in result.stderr
    outcomes = fleet.outcomes("--only", "wave/1", exit_code=0)
    assert outcomes == {"one": "done", "two": "done"}


def lost_at_two(task: ApplyTask) -> ApplyResult:
    """Apply an account, or end its process before the first write."""
    if task.account.name == "two":
        os.kill(os.getpid(), signal.SIGKILL)
    return apply_account(task)


def test_a_worker_that_is_lost_before_its_first_write_has_written_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.cli.fleet.fleet_apply.apply_account", lost_at_two)
    words = ["fleet", "apply", str(fleet.folder), "--yes", "--jobs", "2", "--only", "wave/1"]
    result = CliRunner().invoke(main, words, env=fleet.environment)
    assert result.exit_code == 1, result.output
    report = groups(result.stdout)
    assert {"Done (1):", "Failed, nothing written (1):"} <= {*report}
    assert "its process was ended by SIGKILL [worker-lost]" in result.stdout
    assert "nothing was written to the account; run it again" in result.stderr
    assert fleet.created() == ["one"]
