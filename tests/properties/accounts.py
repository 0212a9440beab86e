"""Accounts as data, with every section of an agent's account, written through the raw API.

They hold what no project could declare, too: names with blanks at their ends, odd line breaks,
photos that are no images.
"""

from typing import Any

import requests
from hypothesis import strategies as st

from tests.effort import LONGEST_SECONDS
from tests.properties.strategies import optional
from tests.support import KEY, Account

DEPARTMENTS = [
    "Support",
    "Sales",
    "Provisioner",
    "No department",
    " padded ",
    "日本",
    "a: b #c",
    "NO",
]
ROLES = ["Team lead", "2026", "tab\tbed"]
EMAILS = [
    "mia@acme.example",
    "MIA.li@acme.example",
    "o'neil@acme.example",
    "mia@other.example",
    "a,b@acme.example",
    "ünï@acme.example",
]
PNG = b"\x89PNG\r\n\x1a\n"
PHOTOS = [PNG + b"one", PNG + b"two", b"\xff\xd8\xffjpeg", b"<svg/>"]
TEXTS = st.sampled_from(
    [
        "",
        "Kind regards",
        "two\nlines",
        "ends\n",
        "\r\nodd",
        "x" * 1500,
        "x" * 21000,
        "\u2028",
        "\ufeffmark\nline",
        " lead\n",
        "NO",
        "012",
        "{$firstname}: #1",
    ]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
LETTERS = st.sampled_from("NF")
FLAG = st.sampled_from("YN")

Data = dict[str, Any]


def _events(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    return optional(ticket_assigned=FLAG, customer_reply=FLAG, new_ticket=FLAG, **more)


PROFILE = optional(
    alias=TEXTS.map(lambda text: text[:100]),
    to_solve_only=FLAG,
    notifications=optional(
        email=_events(), slack=_events().map(lambda events: {"user": "U02ABC", **events})
    ),
    signature=TEXTS,
    max_chat_load=st.integers(0, 1000),
    chat_priority=st.integers(1, 100),
    panel_theme=st.sampled_from(["bright", "dark"]),
    level=TEXTS.map(lambda text: text[:255]),
    sounds=st.dictionaries(st.sampled_from(["new_chat", "", "NO"]), st.sampled_from(["", "chime"])),
)
PLAN = st.fixed_dictionaries(
    {
        "day": st.integers(0, 6),
        "start": st.sampled_from(["00:00:00", "09:30:00", "22:00:00"]),
        "end": st.sampled_from(["06:00:00", "17:30:00", "23:59:00"]),
    }
)
MEMBERSHIP = st.fixed_dictionaries(
    {
        "member": optional(
            role=st.sampled_from(["reader", "solver", "supervisor", "manager"]),
            change_own_status=FLAG,
            signature=st.none() | TEXTS,
        ),
        "services": st.dictionaries(st.sampled_from("MTP"), LETTERS),
        "plans": st.dictionaries(st.sampled_from("MTP"), st.lists(PLAN, min_size=1, max_size=3)),
    }
)
AGENT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Mia Chen", " padded ", "NO", "Zuzana Horváthová"]),
        "gender": st.sampled_from("MFX"),
        "role": st.sampled_from(["agent", *ROLES]),
        "profile": PROFILE,
        "availability": st.dictionaries(st.sampled_from("MTP"), LETTERS),
        "memberships": st.dictionaries(st.sampled_from(DEPARTMENTS), MEMBERSHIP, max_size=3),
        "voice": LETTERS,
        "photo": st.none() | st.sampled_from(PHOTOS),
    }
)
PERMISSIONS = st.dictionaries(
    st.sampled_from(["manage_agents", "view_rankings_of_other_agents"]),
    st.sampled_from(["grant", "revoke"]),
)
ACCOUNTS = st.fixed_dictionaries(
    {
        "roles": st.fixed_dictionaries(dict.fromkeys(ROLES, PERMISSIONS)),
        "agents": st.dictionaries(st.sampled_from(EMAILS), AGENT, max_size=4),
    }
)


def fill(live: Account, content: Data) -> None:
    """Write an account's content into a fresh sandbox."""
    departments = {
        name: live.call("POST", "/departments", {"name": name})["department_id"]
        for name in DEPARTMENTS
    }
    roles = {
        name: live.call("POST", "/roles", {"name": name, "permissions": permissions})["id"]
        for name, permissions in content["roles"].items()
    }
    for email, agent in content["agents"].items():
        row = {name: agent[name] for name in ("name", "gender")} | {"email": email}
        agent_id = live.call("POST", "/agents", row | {"roleId": roles.get(agent["role"], "")})[
            "id"
        ]
        profile = agent["profile"]
        if agent["photo"]:
            profile = profile | {"photo": upload(live, agent["photo"])}
        live.call("PUT", f"/agents/{agent_id}/profile", profile)
        live.call("POST", f"/agents/{agent_id}/updateVoiceStatus?voiceStatus={agent['voice']}")
        devices = {
            device["service_type"]: device
            for device in live.everything("/devices")
            if device["agent_id"] == agent_id
        }
        for letter, status in agent["availability"].items():
            device = devices[letter]
            live.call("PUT", f"/devices/{device['id']}", device | {"preset_status": status})
        for name, membership in agent["memberships"].items():
            _join(live, departments[name], agent_id, devices, membership)


def _join(live: Account, department: str, agent_id: str, devices: Data, membership: Data) -> None:
    live.call("PUT", f"/departments/{department}/{agent_id}", membership["member"])
    for letter, status in membership["services"].items():
        row = {
            "device_id": devices[letter]["id"],
            "department_id": department,
            "user_id": agent_id,
            "preset_status": status,
            "online_status": status,
        }
        live.call("PUT", "/devices/departments/update", {"DeviceDepartments": [row]})
    for letter, plans in membership["plans"].items():
        key = {"device_id": devices[letter]["id"], "department_id": department}
        live.call(
            "POST",
            f"/devices/{key['device_id']}/departments/{department}/plans",
            {"DeviceDepartments": [key | plan for plan in plans]},
        )


def upload(live: Account, content: bytes) -> str:
    """Upload a photo and return the id of its file."""
    answer = requests.post(
        f"{live.server.url}/api/v3/files",
        files={"file": ("photo", content)},
        headers={"apikey": KEY},
        timeout=LONGEST_SECONDS,
    )
    answer.raise_for_status()
    return str(answer.json()["id"])
