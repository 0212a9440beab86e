"""`fleet apply` checks all files before the first write, and gives up late accounts."""

from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
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
    comment = fleet.apply("--yes", "--format", "markdown").stdout
    for text in (result.stdout, comment):
        assert text.endswith("Mend the errors first, then run fleet apply again.\n")
    outcomes = fleet.outcomes("--only", "wave/1", exit_code=0)
    assert outcomes == {"one": "done", "two": "done"}


def test_an_account_that_takes_too_long_has_failed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("provisioner.liveagent.http.retries.TRIES", 1_000_000)
    fleet.live.server.faults.add(Fault("drop", times=0))
    arguments = ("--only", "one", "--account-timeout", "0.005")
    element = fleet.elements(*arguments, exit_code=1)[0]
    assert (element["fleet"]["outcome"], element["fleet"]["reason"]) == ("failed", None)
    assert "account-timeout" in [one["code"] for one in element["errors"]]
    fleet.live.server.faults.clear()
    # The many tries would hold the next run to the limit of the key.
    (tmp_path / "limits").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "limits"))
    assert fleet.outcomes("--only", "one", exit_code=0) == {"one": "done"}
