"""API v3 lists the active plugins, so rules about them hold there, too."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import Account, account, write_project

SOUNDS = "sounds: {new_chat: chime}"
LEVEL = "level: Hero"


def project(folder: Path, fields: str, **files: str) -> Path:
    team = f"agents: [{{email: mia@acme.example, name: Mia, {fields}}}]"
    return write_project(folder / "project", team=team, **files)


def asked(live: Account) -> int:
    paths = [entry.path for entry in live.server.requests.entries()]
    return sum(path.endswith("/grid/plugins") for path in paths)


@pytest.mark.parametrize("surface", ["v3", "full"])
@pytest.mark.parametrize(
    ("off", "fields", "code", "exit_code"),
    [
        ({"sounds_plugin": False}, SOUNDS, "plugin-off", 1),
        ({"gamification_plugin": False}, LEVEL, "plugin-off", 0),
        ({"sounds_plugin": False}, LEVEL, "", 0),
        ({}, f"{SOUNDS}, {LEVEL}", "", 0),
    ],
)
def test_a_field_without_its_plugin(
    off: dict[str, Any], fields: str, code: str, exit_code: int, surface: str, tmp_path: Path
) -> None:
    with account(tmp_path, surface=surface, switches=Switches(**off)) as live:
        result = live.run("plan", str(project(tmp_path, fields)))
        assert result.exit_code == exit_code, result.output
        assert (f"[{code}]" in result.stderr) is bool(code)
        assert "plugin-unknown" not in result.stderr
        assert asked(live) == (surface == "v3")


def test_plugins_are_read_only_where_a_rule_needs_them(tmp_path: Path) -> None:
    with account(tmp_path, surface="v3") as live:
        live.plan(project(tmp_path, "role: agent"))
        assert asked(live) == 0
        plan = live.plan(project(tmp_path, SOUNDS))
        assert asked(live) == 1
        requests = plan["requests"]
        live.server.requests.clear()
        live.apply(tmp_path / "project")
        assert asked(live) == 1  # reading back compares no plugins
        assert requests["total"] == len(live.server.requests.entries())
        assert requests["verify"] == requests["read"] - 1


@pytest.mark.parametrize("what", ["scope", "missing", "fault", "odd", "names"])
def test_plugins_that_cannot_be_read_are_a_warning(what: str, tmp_path: Path) -> None:
    switches = {
        "scope": Switches(key_scopes="agent.manage,agent.read,device.manage,settings.read"),
        "names": Switches(plugin_rows="code"),
    }
    faults = {
        "missing": Fault("status", path="plugins$", status=404, times=0),
        "odd": Fault("status", path="plugins$", status=200, times=0),
        "fault": Fault("status", path="plugins$", status=501, times=0),
    }
    with account(tmp_path, surface="v3", switches=switches.get(what, Switches())) as live:
        if what in faults:
            live.server.faults.add(faults[what])
        folder = project(tmp_path, f"{SOUNDS}, {LEVEL}")
        result = live.run("plan", str(folder))
        assert result.exit_code == 0, result.output
        assert result.stderr.count("[plugin-unknown]") == 2
        write_project(folder, provisioner="account: {plugins: {sounds: true, gamification: true}}")
        assert "plugin-unknown" not in live.run("plan", str(folder)).stderr
        write_project(folder, provisioner="account: {plugins: {sounds: false}}")
        assert "[plugin-off]" in live.run("plan", str(folder)).stderr


def test_other_names_need_no_request(tmp_path: Path) -> None:
    facts = "targets: {environment: {facts: {plugin_names: other}}}"
    with account(tmp_path, surface="v3") as live:
        folder = project(tmp_path, SOUNDS, capabilities=facts)
        assert "[plugin-unknown]" in live.run("plan", str(folder)).stderr
        assert asked(live) == 0


def test_a_snapshot_has_the_plugins(tmp_path: Path) -> None:
    folder = project(tmp_path, SOUNDS)
    snapshot = tmp_path / "live.json"
    with account(tmp_path, surface="v3", switches=Switches(sounds_plugin=False)) as live:
        assert live.run("snapshot", str(folder), "--out", str(snapshot)).exit_code == 0
        result = live.run("plan", str(folder), "--snapshot", str(snapshot))
        assert (result.exit_code, "[plugin-off]" in result.stderr) == (1, True), result.output
        project(tmp_path, "role: agent")
        requests = live.plan(folder)["requests"]
        assert live.plan(folder, "--snapshot", str(snapshot))["requests"] == requests
