"""The table of behaviours of `test_account_shapes`: what the documented models allow.

Zoe and Nils are in the account and not in the files; Mia and Bob are declared. Only Bob differs.
"""

from tests.acceptance.extended_shapes import DEVICES, EXTENDED, V3
from tests.acceptance.shapes import (
    GONE,
    Alter,
    Behaviour,
    Rows,
    absent,
    added,
    field,
    fields,
    named,
    refused,
    unknown,
    without,
)

FORMS_OF_TWELVE = {"float": 12.0, "text": "12", "number": 12}

OPTIONAL = (
    *("status", "roleId", "gender", "avatar_url", "last_pswd_change", "voice_status"),
    *("twofactor_auth", "online_status", "sip_phone_id", "api_phone_id"),
)
DELETED = {"id": "gone0001", "name": "Lee", "email": "lee@acme.example", "role": "agent"}
BOT = {"id": "bot00001", "name": "Chat bot", "email": "bot@acme.example", "role": "agent"}
GRID_DELETED = {"agentid": "gone0001", "username": "lee@acme.example"}
GRID_BOT = {"agentid": "bot00001", "username": "bot@acme.example", "system_name": "Chat bot"}
GRID = "/grid/agents"
STATUSES = "departments_statuses"


BOTH = ("v3", "full")
UNKNOWN_STATUS = [{"departmentid": "gone", "preset_status": "T"}]


def _of_a_gone_department(who: str) -> Alter:
    def alter(rows: Rows, people: object) -> Rows:
        for row in rows:
            if row["agentid"] == people[who]:  # type: ignore[index]
                row[STATUSES] = [*(row[STATUSES] or ()), *UNKNOWN_STATUS]
        return rows

    return alter


def _doubled(rows: Rows, _people: object) -> Rows:
    return [*rows, rows[0]]


LISTS = [
    *absent("zoe", "/agents", OPTIONAL, BOTH),
    *absent("all", "/agents", ("status", "roleId", "avatar_url", "last_pswd_change"), BOTH),
    *absent("zoe", "/agents", ("role",), BOTH),
    Behaviour(
        "all optional fields of agents left out",
        "/agents",
        fields("all", OPTIONAL, GONE),
        ("gender",),
        surfaces=BOTH,
    ),
    Behaviour(
        "all optional fields of agents null",
        "/agents",
        fields("all", OPTIONAL, None),
        ("gender is null",),
        surfaces=BOTH,
    ),
    *unknown("/agents", {"gender": "?", "voice_status": "Z", "status": "P", "role": "boss"}, BOTH),
    *unknown("/agents", {"twofactor_auth": "1"}, V3),
    *unknown("/agents", {"gender": 7, "voice_status": [], "role": "boss"}, BOTH, "zoe"),
    Behaviour("an ISO date", "/agents", field("all", "last_pswd_change", "2026-01-02T03:04:05Z")),
    Behaviour("a date as number", "/agents", field("all", "last_pswd_change", 1767322800)),
    Behaviour("a numeric role id", "/agents", field("zoe", "roleId", 12.0)),
    Behaviour("an email in capitals", "/agents", field("mia", "email", "MIA@ACME.EXAMPLE")),
    Behaviour("an agent without email", "/agents", field("zoe", "email", ""), ("email is",)),
    Behaviour(
        "no role of anybody",
        "/agents",
        field("all", "role", GONE),
        ("GET /api/v3/agents, row", "role is missing"),
        refused=True,
    ),
    *refused("/agents", "zoe", {"email": None, "name": 7, "role": [], "status": 1}, BOTH),
    Behaviour(
        "no id",
        "/agents",
        field("zoe", "id", GONE),
        ("GET /api/v3/agents, page 1", "id is missing"),
        refused=True,
    ),
    # The grid of agents
    *absent("nils", GRID, (STATUSES,), BOTH),
    *absent(
        "all", GRID, ("userstatus", "roleid", "firstname", "username", "twofa", "countrycode"), BOTH
    ),
    *absent(
        "zoe",
        GRID,
        (
            f"{STATUSES}.[].preset_status",
            f"{STATUSES}.[].online_status",
            f"{STATUSES}.[].work_allocation_allowed",
        ),
        BOTH,
    ),
    *absent(
        "all",
        GRID,
        (f"{STATUSES}.[].online_status", f"{STATUSES}.[].work_allocation_allowed"),
        BOTH,
    ),
    Behaviour("no presets at all", GRID, fields("all", [f"{STATUSES}.[].preset_status"], GONE)),
    Behaviour("empty presets", GRID, field("zoe", f"{STATUSES}.[].preset_status", "")),
    Behaviour(
        "more letters",
        GRID,
        field("zoe", f"{STATUSES}.[].preset_status", "RMQ"),
        named(GRID, "", "preset_status is"),
    ),
    *unknown(GRID, {"userstatus": "R"}, BOTH),
    *unknown(GRID, {"userstatus": "R"}, BOTH, "all"),
    Behaviour("2FA as empty text", GRID, field("all", "twofa", "")),
    *refused(
        GRID, "zoe", {f"{STATUSES}.[].departmentid": None, STATUSES: "x", "username": 7}, BOTH
    ),
    Behaviour(
        "a membership of a gone department",
        GRID,
        _of_a_gone_department("zoe"),
        named(GRID, "", 'departmentid is "gone"'),
    ),
    Behaviour(
        "the same of a declared agent",
        GRID,
        _of_a_gone_department("mia"),
        named(GRID, "", 'departmentid is "gone"'),
    ),
    # Rows that one list has and another lacks
    Behaviour("a deleted agent in the list of agents", "/agents", added(**DELETED, status="X")),
    Behaviour("a deleted agent without fields", "/agents", added(id="gone0001", status="X")),
    Behaviour(
        "a deleted agent in the grid",
        GRID,
        added(**GRID_DELETED, userstatus="X", departments_statuses=None),
    ),
    Behaviour(
        "a deleted agent with a gone department",
        GRID,
        added(**GRID_DELETED, userstatus="X", departments_statuses=UNKNOWN_STATUS),
    ),
    Behaviour(
        "a bot in the list of agents",
        "/agents",
        added(**BOT, status="A"),
        named("/agents", "bot00001 (Chat bot)", "id is not in GET /api/v3/grid/agents"),
    ),
    Behaviour(
        "a bot without status",
        "/agents",
        added(**BOT),
        named("/agents", "bot00001 (Chat bot)", "id is not in"),
    ),
    Behaviour(
        "a bot in the grid",
        GRID,
        added(**GRID_BOT, userstatus="A", departments_statuses=[]),
        named(GRID, "bot00001 (Chat bot)", "agentid is not in GET /api/v3/agents"),
    ),
    Behaviour(
        "a bot without user status",
        GRID,
        added(agentid="bot00001"),
        named(GRID, "bot00001", "agentid is not in"),
    ),
    Behaviour("the system agent in the grid", GRID, added(agentid="system00")),
    Behaviour(
        "the system agent in the list of agents", "/agents", added(id="system00", role="system")
    ),
    Behaviour(
        "an undeclared agent in the grid only",
        "/agents",
        without("zoe"),
        named(GRID, "Zoe", "agentid is not in"),
    ),
    Behaviour(
        "a grid that is cut",
        GRID,
        without("zoe"),
        ("GET /api/v3/grid/agents: 4 rows came, and 5 are in the list",),
        refused=True,
    ),
    Behaviour(
        "an undeclared agent in the list only",
        GRID,
        without("zoe"),
        named("/agents", "Zoe", "id is not in"),
        rows_less=1,
    ),
    Behaviour(
        "a declared agent in the grid only",
        "/agents",
        without("mia"),
        named(GRID, "Mia", "agentid is not in"),
        refused=True,
    ),
    Behaviour(
        "a declared agent in the list only",
        GRID,
        without("mia"),
        named("/agents", "Mia", "id is not in"),
        refused=True,
        rows_less=1,
    ),
    Behaviour(
        "an undeclared agent deleted in one list",
        GRID,
        field("zoe", "userstatus", "X"),
        named("/agents", "Zoe", "status is X in only one"),
    ),
    Behaviour(
        "a declared agent deleted in one list",
        GRID,
        field("mia", "userstatus", "X"),
        named("/agents", "Mia", "status is X in only one"),
        refused=True,
    ),
    Behaviour(
        "a row that comes twice",
        "/agents",
        _doubled,
        ("GET /api/v3/agents", "came twice"),
        refused=True,
    ),
    # Departments
    *absent("all", "/grid/departments", ("agent_count",), BOTH),
    *(
        Behaviour(
            f"a count of members as {form}", "/grid/departments", field("all", "agent_count", value)
        )
        for form, value in FORMS_OF_TWELVE.items()
    ),
    Behaviour(
        "a department without a name",
        "/grid/departments",
        field("all", "name", None),
        ("GET /api/v3/grid/departments, row", "name is null"),
        refused=True,
    ),
]

BEHAVIOURS = [*LISTS, *DEVICES, *EXTENDED]

_CHOSEN = (
    "/agents gender 7 of zoe",
    "an ISO date",
    "a deleted agent in the grid",
    "/grid/agents userstatus 'R' of all",
    "more letters",
    "a membership of a gone department",
    "a bot in the list of agents",
    "2FA as empty text",
    "a count of members as float",
    "float ids of devices",
    "float ids of keys",
    "a device of nobody",
    "numbers as floats",
    "settings of a deleted agent",
    "a number of roles as text",
)
TOGETHER = [one for one in BEHAVIOURS if one.name in _CHOSEN]
"""Behaviours that one account can have at once."""
