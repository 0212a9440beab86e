"""The behaviours of devices, keys and settings, and those of the extended surface."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.acceptance.shapes import (
    ABSENT,
    GONE,
    Alter,
    Behaviour,
    Rows,
    absent,
    added,
    field,
    named,
    refused,
    unknown,
    without,
)

V3, FULL = ("v3",), ("full",)
SETTINGS = "/agents/profiles"


def _second_device(rows: Rows, people: Mapping[str, str]) -> Rows:
    device = next(one for one in rows if one["agent_id"] == people["mia"])
    return [*rows, {**device, "id": 9999}]


def _days(form: Callable[[Any], Any]) -> Alter:
    """Return the alteration of the numbers of days into another form."""

    def alter(rows: Rows, _people: Mapping[str, str]) -> Rows:
        for shift in (shift for row in rows for shift in row["plans"]):
            shift["day"] = form(shift["day"])
        return rows

    return alter


DEVICES = [
    *absent(
        "zoe", "/devices", ("preset_status", "online_status", "route_if_offline", "phone_id"), V3
    ),
    *absent("all", "/devices", ("online_status", "route_if_offline", "phone_id"), V3),
    *unknown("/devices", {"preset_status": "Q"}, V3),
    Behaviour(
        "float ids of devices",
        "/devices",
        lambda rows, _: [{**row, "id": float(row["id"])} for row in rows],
        surfaces=V3,
    ),
    Behaviour(
        "ids of devices as texts",
        "/devices",
        lambda rows, _: [{**row, "id": str(row["id"])} for row in rows],
        surfaces=V3,
    ),
    Behaviour(
        "a device of nobody",
        "/devices",
        added(id=77, agent_id=None, type="W", service_type="T"),
        surfaces=V3,
    ),
    Behaviour(
        "a device of a deleted agent",
        "/devices",
        added(id=77, agent_id="gone0001", type="W", service_type="T"),
        surfaces=V3,
    ),
    Behaviour(
        "a device of an unknown type",
        "/devices",
        added(id=77, agent_id="gone0001", type="Q", service_type="T"),
        surfaces=V3,
    ),
    Behaviour(
        "a device of an unknown service",
        "/devices",
        added(id=77, agent_id="gone0001", type="W", service_type="V"),
        surfaces=V3,
    ),
    Behaviour(
        "a second web device",
        "/devices",
        _second_device,
        ("GET /api/v3/devices, row", '"9999"', "second web device"),
        surfaces=V3,
    ),
    *refused("/devices", "zoe", {"type": None, "service_type": GONE}, V3),
    # Planned hours
    Behaviour(
        "no plans of a department",
        "/devices/*/plans",
        lambda rows, _: [*rows, {"department_id": "default", "plans": None}],
        surfaces=V3,
    ),
    Behaviour(
        "hours of a gone department",
        "/devices/*/plans",
        lambda rows, _: [*rows, {"department_id": "gone", "plans": []}],
        ("GET /api/v3/devices/{id}/plans, row", 'department_id is "gone"'),
        surfaces=V3,
    ),
    *(
        Behaviour(f"days as {form.__name__}", "/devices/*/plans", _days(form), surfaces=V3)
        for form in (float, str)
    ),
    # Keys and settings
    *absent(
        "all",
        "/apikeys",
        ("userid", "key", "name", "type", "valid_to_date", "role", "privileges"),
        V3,
    ),
    Behaviour("float ids of keys", "/apikeys", field("all", "id", 12.0), surfaces=V3),
    Behaviour(
        "the end of a key as number",
        "/apikeys",
        field("all", "valid_to_date", 1767322800),
        surfaces=V3,
    ),
    *absent("all", "/settings", ("value",), V3),
    Behaviour("a zone as number", "/settings", field("all", "value", 7), surfaces=V3),
]

SECTIONS = (
    *("alias", "to_solve_only", "notifications", "notifications.email", "notifications.slack"),
    *("notifications.slack.user", "signature", "max_chat_load", "chat_priority", "panel_theme"),
    *("level", "sounds", "photo", "photo_sha256", "twofactor_auth"),
)
EXTENDED = [
    *absent("zoe", SETTINGS, (*SECTIONS, "memberships", "devices", "plans"), FULL),
    *absent("all", SETTINGS, ("devices", "photo", "photo_sha256", "level"), FULL),
    *(
        Behaviour(
            f"{name} {word} for all", SETTINGS, field("all", name, value), (name,), surfaces=FULL
        )
        for name in ("panel_theme", "max_chat_load", "to_solve_only")
        for word, value in ABSENT.items()
    ),
    *absent("all", SETTINGS, ("plans",), FULL),
    *unknown(
        SETTINGS,
        {
            "alias": 7,
            "sounds": "x",
            "max_chat_load": 4.5,
            "to_solve_only": "?",
            "twofactor_auth": 1,
            "memberships.[].change_own_status": "?",
        },
        FULL,
    ),
    Behaviour("numbers as texts", SETTINGS, field("mia", "max_chat_load", "4"), surfaces=FULL),
    Behaviour("numbers as floats", SETTINGS, field("mia", "max_chat_load", 4.0), surfaces=FULL),
    Behaviour("no sounds as a list", SETTINGS, field("zoe", "sounds", []), surfaces=FULL),
    Behaviour("settings of a deleted agent", SETTINGS, added(agent_id="gone0001"), surfaces=FULL),
    Behaviour(
        "no settings of an undeclared agent",
        SETTINGS,
        without("zoe"),
        named("/agents", "Zoe", "id is not in GET /api/v3/agents/profiles"),
        surfaces=FULL,
    ),
    Behaviour(
        "no settings of a declared agent",
        SETTINGS,
        without("mia"),
        named("/agents", "Mia", "id is not in GET /api/v3/agents/profiles"),
        refused=True,
        surfaces=FULL,
    ),
    *absent(
        "all",
        SETTINGS,
        ("memberships.[].role", "memberships.[].change_own_status", "memberships.[].signature"),
        FULL,
    ),
    *refused(SETTINGS, "zoe", {"memberships": "x", "plans": [{}]}, FULL),
    # Roles, permissions and the account
    *absent("all", "/roles", ("permissions",), FULL),
    Behaviour(
        "no permissions as a list",
        "/roles",
        lambda rows, _: [*rows, {"id": "r2", "name": "Other", "permissions": []}],
        surfaces=FULL,
    ),
    Behaviour(
        "an unknown permission",
        "/roles",
        lambda rows, _: [*rows, {"id": "r2", "name": "Other", "permissions": {"x": "inherit"}}],
        surfaces=FULL,
    ),
    Behaviour(
        "a role without a name",
        "/roles",
        field("all", "name", None),
        ("GET /api/v3/roles, row", "name is null"),
        refused=True,
        surfaces=FULL,
    ),
    *absent(
        "all",
        "/account",
        (
            "plan",
            "features",
            "plugins",
            "chat_routing",
            "max_custom_roles",
            "timezone",
            "key_agent_id",
            "creator_id",
            "profile_defaults",
            "deleted_agents",
            "features.chat",
            "plugins.sounds",
            "profile_defaults.panel_theme",
        ),
        FULL,
    ),
    Behaviour(
        "a number of roles as text",
        "/account",
        field("all", "max_custom_roles", "3"),
        surfaces=FULL,
    ),
    Behaviour("no plugins as a list", "/account", field("all", "plugins", []), surfaces=FULL),
    Behaviour(
        "deleted agents without a status",
        "/account",
        field("all", "deleted_agents", [{"id": "gone0001", "email": "lee@acme.example"}]),
        surfaces=FULL,
    ),
    Behaviour(
        "an unknown default",
        "/account",
        field("all", "profile_defaults.to_solve_only", "?"),
        ("GET /api/v3/account", "profile_defaults.to_solve_only is"),
        surfaces=FULL,
    ),
]
