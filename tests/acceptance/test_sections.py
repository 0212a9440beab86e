"""Every section of an agent's account: declared, applied, read back raw, changed, and reset.

The rows are those of the product page. Each is applied to an agent who has everything else left
out, so that a change of one section must be exactly one field of the plan.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, account, changes, write_project

MIA = "mia@acme.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"first"
OTHER_PNG = b"\x89PNG\r\n\x1a\n" + b"second"

HEAD = """
departments: [{name: Support}, {name: Sales}]
roles: [{name: Lead, permissions: {manage_agents: grant}}]
"""


def agent(live: Account) -> dict[str, Any]:
    return live.agent(MIA)


def profile(live: Account) -> dict[str, Any]:
    found: dict[str, Any] = live.call("GET", f"/agents/{agent(live)['id']}/profile")
    return found


def devices(live: Account) -> dict[str, dict[str, Any]]:
    rows = live.everything("/devices")
    own = agent(live)["id"]
    return {
        row["service_type"]: row for row in rows if row["agent_id"] == own and row["type"] == "W"
    }


def department(live: Account, name: str = "Support") -> str:
    rows = live.everything("/departments")
    return next(str(row["department_id"]) for row in rows if row["name"] == name)


def membership(live: Account) -> dict[str, Any]:
    wanted = department(live)
    return next(row for row in profile(live)["memberships"] if row["department_id"] == wanted)


def in_department(live: Account, letter: str) -> str:
    path = f"/devices/{devices(live)[letter]['id']}/departments/{department(live)}"
    return str(live.call("GET", path)["preset_status"])


def departments_of(live: Account) -> set[str]:
    own = agent(live)["id"]
    return {row["name"] for row in live.everything("/departments") if own in row["agent_ids"]}


def role_name(live: Account) -> str:
    names = {row["id"]: row["name"] for row in live.everything("/roles")}
    return str(names.get(agent(live)["roleId"], agent(live)["role"]))


def hours(live: Account) -> list[tuple[Any, ...]]:
    letters = {"M": "tickets", "T": "chats", "P": "calls"}
    return sorted(
        (letters[plan["service_type"]], plan["day"], plan["start"], plan["end"])
        for plan in profile(live)["plans"]
    )


@dataclass(frozen=True)
class Row:
    """One section: two declarations and its reset, each with what the server must hold then."""

    name: str
    field: str
    first: str
    raw: Callable[[Account], Any]
    is_first: Any
    second: str
    is_second: Any
    is_reset: Any
    reset: str | None = "null"


SUPPORT = "{Support: {%s}}"
BLOCK = (
    "[{days: [mon, tue], from: '09:00', to: '17:30', services: [chats], departments: [Support]%s}]"
)

ROWS = [
    Row("A1 name", "name", "Mia Chen", lambda a: agent(a)["name"], "Mia Chen",
        "Mia Li", "Mia Li", None, reset=None),
    Row("A1 photo", "photo", "mia.png", lambda a: bool(profile(a)["photo_sha256"]), True,
        "other.png", True, False),
    Row("A1 gender", "gender", "female", lambda a: agent(a)["gender"], "F", "male", "M", "X"),
    Row("A2 alias", "alias", "Mia", lambda a: profile(a)["alias"] or "", "Mia", "M.", "M.", ""),
    Row("A4 role", "role", "admin", role_name, "admin", "Lead", "Lead", "agent"),
    Row("A5 email", "notifications.email.new_ticket", "true",
        lambda a: profile(a)["notifications"]["email"]["new_ticket"], "Y", "false", "N", "N"),
    Row("A5 Slack", "notifications.slack", "{user: U02ABC, ticket_assigned: true}",
        lambda a: profile(a)["notifications"]["slack"]["ticket_assigned"], "Y",
        "{user: U02ABC, ticket_assigned: false}", "N", "N"),
    Row("A6 departments", "departments", "{Support: {}}", departments_of, {"Support"},
        "{Support: {}, Sales: {}}", {"Support", "Sales"}, set()),
    Row("A6 department role", "departments.Support.role", "manager",
        lambda a: membership(a)["role"], "manager", "reader", "reader", "solver"),
    Row("A7 self-service", "departments.Support.change_own_status", "true",
        lambda a: membership(a)["change_own_status"], "Y", "false", "N", "N"),
    Row("A8 to solve only", "to_solve_only", "true",
        lambda a: profile(a)["to_solve_only"], "Y", "false", "N", "N"),
    Row("A9 tickets", "availability.tickets", "online",
        lambda a: devices(a)["M"]["preset_status"], "N", "offline", "F", "F"),
    Row("A9 tickets of a department", "departments.Support.tickets", "true",
        lambda a: in_department(a, "M"), "N", "false", "F", "F"),
    Row("A10 chats", "availability.chats", "online",
        lambda a: devices(a)["T"]["preset_status"], "N", "offline", "F", "F"),
    Row("A10 chats of a department", "departments.Support.chats", "true",
        lambda a: in_department(a, "T"), "N", "false", "F", "F"),
    Row("A11 calls", "availability.calls", "online",
        lambda a: devices(a)["P"]["preset_status"], "N", "offline", "F", "F"),
    Row("A11 calls of a department", "departments.Support.calls", "true",
        lambda a: in_department(a, "P"), "N", "false", "F", "F"),
    Row("A11 voice status", "voice_status", "outgoing",
        lambda a: agent(a)["voice_status"], "F", "both", "N", "N"),
    Row("A12 signature", "signature", "'Kind regards, {$firstname}'",
        lambda a: profile(a)["signature"] or "", "Kind regards, {$firstname}",
        "{file: mia.txt}", "Mia,\nSupport", ""),
    Row("A12 signature of a department", "departments.Support.signature", "Mia of Support",
        lambda a: membership(a)["signature"] or "", "Mia of Support",
        "{file: mia.txt}", "Mia,\nSupport", ""),
    Row("A13 max load", "chat.max_load", "4",
        lambda a: profile(a)["max_chat_load"], 4, "7", 7, 5),
    Row("A14 priority", "chat.priority", "10",
        lambda a: profile(a)["chat_priority"], 10, "20", 20, 50),
    Row("A15 theme", "panel.theme", "dark",
        lambda a: profile(a)["panel_theme"], "dark", "bright", "bright", "bright"),
    Row("A16 level", "level", "Expert", lambda a: profile(a)["level"] or "", "Expert",
        "Hero", "Hero", ""),
    Row("A17 sounds", "sounds.new_chat", "chime",
        lambda a: profile(a)["sounds"].get("new_chat"), "chime", "muted", "muted", None),
    Row("hours", "hours", BLOCK % "", hours,
        [("chats", 0, "09:00:00", "17:30:00"), ("chats", 1, "09:00:00", "17:30:00")],
        BLOCK.replace("17:30", "18:00") % ", timezone: Europe/London",
        [("chats", 0, "10:00:00", "19:00:00"), ("chats", 1, "10:00:00", "19:00:00")], []),
]  # fmt: skip


def declaration(field: str, value: str) -> str:
    """Return the YAML of an agent with one field; a membership is there for what needs it."""
    parts = field.split(".")
    text = value
    for part in reversed(parts):
        text = f"{{{part}: {text}}}"
    inner = text[1:-1]
    name = "" if field == "name" else ", name: Mia"
    member = ", departments: {Support: {}}" if field == "hours" else ""
    return f"{HEAD}agents:\n  - {{email: {MIA}{name}{member}, {inner}}}\n"


def fields_of(plan: dict[str, Any]) -> list[str]:
    return [
        ".".join(field["path"]) for change in plan["resource_changes"] for field in change["fields"]
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_section_is_declared_changed_and_reset(row: Row, live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=declaration(row.field, row.first))
    (project / "mia.png").write_bytes(PNG)
    (project / "other.png").write_bytes(OTHER_PNG)
    (project / "mia.txt").write_text("Mia,\nSupport\n")
    live.apply(project)
    assert row.raw(live) == row.is_first
    assert changes(live.plan(project)) == {}

    write_project(project, team=declaration(row.field, row.second))
    plan = live.plan(project)
    assert changes(plan) == {f"agent/{MIA}": "update"}, json.dumps(plan["resource_changes"])
    assert all(field.startswith(row.field) for field in fields_of(plan))
    live.apply(project)
    assert row.raw(live) == row.is_second
    assert changes(live.plan(project)) == {}

    if row.reset is not None:
        write_project(project, team=declaration(row.field, row.reset))
        live.apply(project)
        assert row.raw(live) == row.is_reset
        assert changes(live.plan(project)) == {}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_v3_can_not_write_is_a_manual_step(row: Row, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=declaration(row.field, row.first))
    (project / "mia.png").write_bytes(PNG)
    with account(tmp_path, surface="v3") as live:
        before = live.plan(project)
        live.apply(project)
        plan = live.plan(project)
        assert changes(plan) == {}
        steps = {
            step["section"] for step in plan["manual_steps"] if step["address"] == f"agent/{MIA}"
        }
        top, *rest = row.field.split(".")
        written = {"name", "gender", "voice_status", "availability"}
        if top in written or row.first == "admin":
            assert steps == set()
        elif top == "departments":
            assert "departments" in steps
            settings = {"role", "change_own_status", "signature"} & set(rest)
            assert ("department-settings" in steps) == bool(settings)
        elif top == "hours":
            assert steps == {"departments"}
        else:
            assert steps == {top}
        assert len(before["manual_steps"]) == len(plan["manual_steps"])


def test_two_factor_login_can_be_switched_off_and_never_on(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=declaration("name", "Mia"))
    live.apply(project)
    live.server.seed_activity(MIA)
    assert agent(live)["twofactor_auth"] == "Y"
    write_project(project, team=declaration("two_factor", "false"))
    assert fields_of(live.plan(project)) == ["two_factor"]
    live.apply(project)
    assert agent(live)["twofactor_auth"] == "N"
    assert changes(live.plan(project)) == {}
    write_project(project, team=declaration("two_factor", "true"))
    result = live.run("validate", str(project))
    assert result.exit_code == 1
    assert "only the agent can switch it on" in " ".join(result.stdout.split())


def test_the_same_photo_is_uploaded_once(live: Account, tmp_path: Path) -> None:
    agents = ", ".join(f"{{email: a{n}@acme.example, name: A, photo: mia.png}}" for n in range(4))
    project = write_project(tmp_path / "p", team=f"agents: [{agents}]")
    (project / "mia.png").write_bytes(PNG)
    live.apply(project)
    assert live.writes().count(("POST", "/files")) == 1
    assert changes(live.plan(project)) == {}
