"""What an agent has from the creation or the restore is not written again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.sandbox.handlers import service
from provisioner.sandbox.store import profiles
from provisioner.sandbox.switches import Switches
from tests.support import Account, account, write_project

OWNER = "{email: owner@acme.example}"
VOICE = ("POST", "updateVoiceStatus")


def team(folder: Path, mia: str, facts: str = "") -> Path:
    files = {"team": f"agents: [{OWNER}, {{email: mia@acme.example, name: Mia, {mia}}}]"}
    if facts:
        files["capabilities"] = f"targets: {{environment: {{facts: {{{facts}}}}}}}"
    return write_project(folder, **files)


def applied(live: Account, project: Path) -> tuple[int, int, list[tuple[str, str]]]:
    """Return the requests of a plan, those of its apply, and the writes."""
    planned = live.plan(project)["requests"]["total"]
    live.server.requests.clear()
    live.apply(project)
    made = len(live.server.requests.entries())
    writes = [(method, path.rpartition("/")[2]) for method, path in live.writes()]
    assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0
    return planned, made, writes


@pytest.mark.parametrize("surface", ["v3", "full"])
@pytest.mark.parametrize(
    ("new", "known", "declared", "extra", "is_written"),
    [
        ("N", "", "both", 0, False),
        ("N", "", "outgoing", 0, True),
        ("F", "", "both", 1, True),
        ("F", "", "outgoing", -1, False),
        ("F", "new_agent_voice: outgoing", "both", 0, True),
        ("F", "new_agent_voice: outgoing", "outgoing", 0, False),
    ],
)
def test_the_voice_status_that_the_answer_shows_is_not_written(
    tmp_path: Path,
    surface: str,
    new: Any,
    known: str,
    declared: str,
    extra: int,
    *,
    is_written: bool,
) -> None:
    """`extra` is the number of requests that the plan does not know of."""
    with account(tmp_path, surface=surface, switches=Switches(new_agent_voice=new)) as live:
        project = team(tmp_path / "p", f"voice_status: {declared}", known)
        planned, made, writes = applied(live, project)
        assert made - planned == extra
        assert (VOICE in writes) is is_written


@pytest.mark.parametrize("surface", ["v3", "full"])
@pytest.mark.parametrize(("former", "is_written"), [("both", False), ("outgoing", True)])
def test_the_voice_status_of_a_restored_agent_is_written_if_it_differs(
    tmp_path: Path, surface: str, former: str, *, is_written: bool
) -> None:
    switches = Switches(list_deleted_agents=True)
    with account(tmp_path, surface=surface, switches=switches) as live:
        live.apply(team(tmp_path / "p", f"voice_status: {former}"))
        live.apply(team(tmp_path / "p", "state: absent"))
        planned, made, writes = applied(live, team(tmp_path / "p", "voice_status: both"))
        assert made == planned
        assert ("POST", "undelete") in writes
        assert (VOICE in writes) is is_written


@pytest.mark.parametrize("known", ["", "new_device_preset: online"])
def test_the_availability_of_new_agents_is_not_written_where_the_devices_show_it(
    tmp_path: Path, known: str
) -> None:
    switches = Switches(new_device_preset="N")
    with account(tmp_path, surface="v3", switches=switches) as live:
        mia = "availability: {tickets: online, chats: offline}"
        planned, made, writes = applied(live, team(tmp_path / "p", mia, known))
        assert [method for method, _ in writes].count("PUT") == 1
        assert made == planned


DEFAULT_SETTINGS = "to_solve_only: false, panel: {theme: bright}, two_factor: false, chat: null"


@pytest.mark.parametrize(
    ("alias", "is_written"), [("", False), (", alias: null", False), (", alias: Mia", True)]
)
def test_settings_that_the_account_gives_each_new_agent_are_not_written(
    tmp_path: Path, alias: str, *, is_written: bool
) -> None:
    with account(tmp_path) as live:
        planned, made, writes = applied(live, team(tmp_path / "p", DEFAULT_SETTINGS + alias))
        assert made == planned
        assert (("PUT", "profile") in writes) is is_written


def test_a_new_agent_without_the_settings_that_the_account_names_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = profiles.DEFAULTS | {"max_chat_load": 77}
    monkeypatch.setattr(service, "profiles", SimpleNamespace(DEFAULTS=named))
    with account(tmp_path) as live:
        project = team(tmp_path / "p", "chat: {max_load: 77}")
        output = live.apply(project, exit_code=4)
        assert "chat / max_load was set to 77" in output
        assert live.apply(project)
        assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0
