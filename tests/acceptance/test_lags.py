"""An account that shows what was written some time later, in its lists or in single objects."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.app import verification
from provisioner.execution.polling import MOST_READINGS
from provisioner.liveagent.http import retries
from provisioner.liveagent.http.pacing import Pacer
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import account, changes, write_project

SETTINGS = (
    "alias: Mia, departments: {Support: {chats: true, role: manager}, General: {chats: true}}"
)
FULL = """
    departments: [{name: Support}, {name: General}]
    roles: [{name: Lead}]
    agents:
      - {email: mia@acme.example, name: Mia, role: Lead, availability: {chats: online}, %s}
      - {email: bob@acme.example, name: Bob}
"""
V3 = """
    agents:
      - {email: mia@acme.example, name: Mia, availability: {chats: online}}
      - {email: bob@acme.example, name: Bob, voice_status: outgoing}
"""
TEAMS = {"full": FULL % SETTINGS, "v3": V3}
LISTS = {
    "full": ("agents", "profiles", "grid_agents", "departments", "devices", "roles"),
    "v3": ("agents", "grid_agents", "devices"),
}
CASES = [(surface, name) for surface, names in LISTS.items() for name in (*names, "new_objects")]


@pytest.mark.parametrize("lag", [1, MOST_READINGS - 1])
@pytest.mark.parametrize(("surface", "late"), CASES)
def test_what_is_shown_late_is_waited_for(
    tmp_path: Path, surface: Any, late: str, lag: int
) -> None:
    text = TEAMS[surface]
    lags: dict[str, Any] = {f"lag_{late}": lag}
    with account(tmp_path, surface=surface, switches=Switches(**lags)) as live:
        for team in (text, _leaver(text)):
            project = write_project(tmp_path / "p", team=team)
            assert "Applied and read back" in live.apply(project)
            assert changes(live.plan(project)) == {}


def _leaver(text: str) -> str:
    head, _, _ = text.partition("      - {email: bob")
    return head + "      - {email: bob@acme.example, state: absent}\n"


def test_all_lists_may_be_late_at_once(tmp_path: Path) -> None:
    late: dict[str, Any] = {
        f"lag_{name}": number % 2 + 1 for number, name in enumerate((*LISTS["full"], "new_objects"))
    }
    with account(tmp_path, switches=Switches(**late)) as live:
        project = write_project(tmp_path / "p", team=TEAMS["full"])
        assert "Applied and read back" in live.apply(project)
        assert changes(live.plan(project)) == {}


def test_lists_that_never_agree_are_an_error_after_the_last_reading(tmp_path: Path) -> None:
    with account(tmp_path, switches=Switches(lag_grid_agents=100)) as live:
        project = write_project(tmp_path / "p", team=TEAMS["full"])
        report = live.apply(project, exit_code=4)
    assert "could not be read back" in report or "does not exist" in report


def test_the_waits_are_those_of_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(verification, "FIRST_WAIT_SECONDS", 1.0)
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.5)
    monkeypatch.setattr(Pacer, "pause", lambda _self, seconds: waits.append(seconds))
    with account(tmp_path, surface="v3", switches=Switches(lag_grid_agents=2)) as live:
        live.apply(write_project(tmp_path / "p", team=V3))
        assert waits[0] == 1.0
        waits.clear()
        write_project(
            tmp_path / "p", capabilities="targets: {environment: {facts: {list_lag_seconds: 60}}}"
        )
        live.server.faults.add(Fault("lose", method="POST", path="updateVoiceStatus"))
        team = V3.replace("outgoing", "both")
        live.apply(write_project(tmp_path / "p", team=team), exit_code=4)
        assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]


def test_a_batch_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that are never found do not take the whole patience for each row."""
    waits: list[float] = []
    monkeypatch.setattr(Pacer, "pause", lambda _self, seconds: waits.append(seconds))
    with account(tmp_path) as live:
        live.server.faults.add(
            Fault("status", status=404, method="PUT", path="departments/update", times=0)
        )
        report = live.apply(write_project(tmp_path / "p", team=TEAMS["full"]), exit_code=4)
    assert "PUT /api/v3/devices/departments/update: 404" in report
    assert len(waits) == MOST_READINGS - 1


def test_a_404_for_what_is_not_new_is_a_refusal(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        project = write_project(tmp_path / "p", team=V3)
        live.apply(project)
        live.server.faults.add(Fault("status", status=404, method="POST", path="updateVoice"))
        live.server.requests.clear()
        live.apply(write_project(tmp_path / "p", team=V3.replace("outgoing", "both")), exit_code=4)
        assert len(live.writes()) == 1
