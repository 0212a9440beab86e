"""The role of a new agent is in the plan, also where the files leave it out."""

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.address import Kind
from provisioner.app.open_project import open_project
from provisioner.live.state import LiveState, Surface
from provisioner.planning.changes import Change
from provisioner.planning.diff import diff
from provisioner.planning.manual.split import split
from provisioner.planning.plans.change_json import change_data, change_of
from provisioner.render.review.change_texts import created_values
from tests.support import write_project

MIA = "email: mia@acme.example, name: Mia"


def change_of_mia(folder: Path, fields: str = "", **live: Any) -> Change:
    agents = f"roles: [{{name: Lead}}]\nagents: [{{{MIA}{fields}}}]"
    desired = open_project(write_project(folder, a=agents)).desired_for("x")
    state = LiveState.of([], **live)
    changes, _ = split(diff(desired, state), desired, state, {})
    return next(change for change in changes if change.address.kind is Kind.AGENT)


@pytest.mark.parametrize(
    ("fields", "surface", "role", "is_default"),
    [
        ("", Surface.V3, "agent", True),
        ("", Surface.FULL, "agent", True),
        (", role: agent", Surface.V3, "agent", False),
        (", role: null", Surface.FULL, "agent", False),
        (", role: admin", Surface.V3, "admin", False),
        (", role: Lead", Surface.FULL, "Lead", False),
        (", role: Lead", Surface.V3, "agent", True),
    ],
)
def test_a_role_that_is_left_out_is_marked_as_the_default(
    fields: str, surface: Surface, role: str, is_default: bool, tmp_path: Path
) -> None:
    change = change_of_mia(tmp_path, fields, surface=surface)
    data = change_data(change)
    assert data["change"]["after"]["role"] == role
    assert data["change"].get("after_default") == ({"role": True} if is_default else None)
    assert data["change"]["after_unknown"] == {"id": True}
    assert dict(created_values(change))["role"] == role + (" (default)" if is_default else "")
    assert change_of(json.loads(json.dumps(data))).defaults == change.defaults


def test_a_restored_agent_keeps_the_former_role(tmp_path: Path) -> None:
    change = change_of_mia(tmp_path, deleted={"mia@acme.example": "abc"}, surface=Surface.V3)
    data = change_data(change)
    assert data["action_reason"] == "restored"
    assert "role" not in data["change"]["after"]
    assert data["change"]["after_unknown"] == {"role": True}
    assert dict(created_values(change))["role"] == "the former one, if LiveAgent keeps it"
