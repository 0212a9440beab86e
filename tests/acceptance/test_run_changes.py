"""`runs` shows what each run changed, and doubts what nobody has confirmed."""

import json
from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault
from tests.support import Account, write_project

TEAM = """
    departments: [{name: Support}]
    agents: [{email: mia@acme.example, name: Mia, alias: M}]
"""
EDITED = """
    departments: [{name: Support}]
    agents: [{email: mia@acme.example, name: Mia, alias: Mimi, departments: {Support: {}}}]
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    live.apply(folder)
    return folder


def test_objects_in_the_list_and_fields_in_each_run(live: Account, project: Path) -> None:
    live.apply(write_project(project, team=EDITED))
    latest, first = live.run("runs", str(project)).stdout.splitlines()
    assert latest.endswith(": updated agent/mia@acme.example")
    assert first.endswith(": created agent/mia@acme.example, department/Support")
    shown = live.run("runs", "show", "2", str(project)).stdout
    changed = "Changed\n  updated   agent/mia@acme.example\n            alias: M → Mimi\n"
    assert f"{changed}            joins Support" in shown
    data = json.loads(live.run("runs", "show", "2", str(project), "--format", "json").stdout)
    assert data["changed"] == [
        {
            "address": "agent/mia@acme.example",
            "action": "update",
            "fields": [["alias"], ["departments", "Support"]],
            "certain": True,
        }
    ]


def test_only_what_took_effect_is_there(live: Account, project: Path) -> None:
    live.server.faults.add(Fault(method="PUT", path="/profile", status=400, times=0))
    live.apply(write_project(project, team=EDITED), exit_code=4)
    shown = live.run("runs", "show", "2", str(project)).stdout.partition("\nSteps\n")[0]
    assert "joins Support" in shown
    assert "alias" not in shown


def test_an_effect_that_is_not_known_is_doubted(live: Account, project: Path) -> None:
    write_project(project, team="departments: [{name: Support, state: absent}]\nagents: []")
    live.apply(project)
    file = project / ".provisioner/runs/000002.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    begun = next(n for n, line in enumerate(lines) if "delete-department" in line and n)
    file.write_text("\n".join([*lines[: begun + 1], ""]), encoding="utf-8")  # as if killed
    latest = live.run("runs", str(project)).stdout.splitlines()[0]
    assert "killed: 1 under way" in latest
    assert latest.endswith(": perhaps deleted department/Support")
