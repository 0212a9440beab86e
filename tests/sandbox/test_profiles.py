"""Agent settings of the extended surface: the sections of the panel that v3 lacks."""

import hashlib
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Json, Rows, Start


@pytest.fixture
def mia(api: Api) -> str:
    agent_id: str = api.agent("Mia Chen")["id"]
    return agent_id


def change(api: Api, agent: str, **values: Any) -> Json:
    return api.put(f"/agents/{agent}/profile", values)


def refused(api: Api, agent: str, **values: Any) -> tuple[int, str]:
    return api.refusal("PUT", f"/agents/{agent}/profile", body=values)


def test_a_new_agent_has_the_defaults(api: Api, mia: str) -> None:
    profile = api.get(f"/agents/{mia}/profile")
    devices = [row for row in api.get("/devices") if row["agent_id"] == mia]
    assert profile == {
        "agent_id": mia,
        "alias": None,
        "to_solve_only": "N",
        "notifications": {
            "email": {"ticket_assigned": "Y", "customer_reply": "Y", "new_ticket": "N"},
            "slack": {
                "user": None,
                "ticket_assigned": "N",
                "customer_reply": "N",
                "new_ticket": "N",
            },
        },
        "signature": "",
        "max_chat_load": 5,
        "chat_priority": 50,
        "panel_theme": "bright",
        "level": None,
        "sounds": {},
        "photo": None,
        "photo_sha256": None,
        "twofactor_auth": "N",
        "plans": [],
        "memberships": [],
        "devices": devices,
    }
    assert profile in api.get("/agents/profiles")
    shown = api.get("/account")["profile_defaults"]
    assert profile == shown | {"agent_id": mia, "memberships": [], "devices": devices}


def test_what_is_left_out_stays_and_null_resets(api: Api, mia: str) -> None:
    before = api.get(f"/agents/{mia}/profile")
    wanted = {
        "alias": "Mia",
        "to_solve_only": "Y",
        "signature": "Kind regards, Mia",
        "max_chat_load": 4,
        "chat_priority": 10,
        "panel_theme": "dark",
        "level": "Expert",
        "sounds": {"new_chat": "chime", "new_ticket": "muted"},
    }
    assert change(api, mia, **wanted) == before | wanted
    assert change(api, mia) == before | wanted
    louder = {"new_chat": "bell", "new_ticket": "muted"}
    assert change(api, mia, sounds={"new_chat": "bell"})["sounds"] == louder
    assert change(api, mia, sounds={"new_chat": None})["sounds"] == {"new_ticket": "muted"}
    assert change(api, mia, **dict.fromkeys(wanted)) == before


def test_notifications_are_changed_one_by_one(api: Api, mia: str) -> None:
    before = api.get(f"/agents/{mia}/profile")["notifications"]
    message = "Slack notifications need a Slack user"
    assert refused(api, mia, notifications={"slack": {"new_ticket": "Y"}}) == (400, message)
    slack = {"user": "U02ABC", "new_ticket": "Y"}
    wanted = {"slack": slack, "email": {"ticket_assigned": "N"}}
    after = change(api, mia, notifications=wanted)["notifications"]
    assert after == {
        "email": before["email"] | {"ticket_assigned": "N"},
        "slack": before["slack"] | slack,
    }
    reset = change(api, mia, notifications={"email": {"ticket_assigned": None}})["notifications"]
    assert reset == after | {"email": before["email"]}
    assert refused(api, mia, notifications={"slack": {"user": "U0"}})[0] == 400
    assert change(api, mia, notifications=None)["notifications"] == before


def test_memberships_show_and_take_their_settings(api: Api, mia: str) -> None:
    support = api.department("Support")
    for department in (support, "default"):
        api.put(f"/departments/{department}/{mia}")
    wanted = {"department_id": support, "role": "manager", "signature": "Mia, Support"}
    general, changed = change(api, mia, memberships=[wanted])["memberships"]
    assert changed == wanted | {"change_own_status": "N"}
    assert general["department_id"] == "default"
    (_, profile) = api.get("/agents/profiles")
    assert profile["memberships"] == [general, changed]
    api.delete(f"/departments/{support}/{mia}")
    assert refused(api, mia, memberships=[wanted]) == (
        404,
        f"Row does not exist: department '{support}'",
    )


def test_plans_of_web_devices_are_shown(api: Api, mia: str) -> None:
    support = api.department("Support")
    for department in (support, "default"):
        api.put(f"/departments/{department}/{mia}")
    devices = api.devices(mia)
    mobile = api.as_agent(mia).get("/devices/_app_")[0]
    hours = {"start": "09:00:00", "end": "17:30:00", "title": ""}
    made = []
    for device, department, day in (
        (devices["T"], support, 4),
        (devices["T"], support, 0),
        (devices["T"], "default", 0),
        (devices["M"], support, 0),
        (mobile, support, 0),
    ):
        path = f"/devices/{device['id']}/departments/{department}/plans"
        api.post(path, {"DeviceDepartments": [hours | {"day": day}]})
        shown = {"device_id": device["id"], "service_type": device["service_type"], "day": day}
        made.append(hours | shown | {"department_id": department})
    wanted = sorted(
        made[:-1], key=lambda plan: (plan["device_id"], plan["department_id"], plan["day"])
    )
    assert api.get(f"/agents/{mia}/profile")["plans"] == wanted
    owner, profile = api.get("/agents/profiles")
    assert (owner["plans"], profile["plans"]) == ([], wanted)
    api.delete(f"/departments/{support}/{mia}")
    assert [plan["department_id"] for plan in change(api, mia)["plans"]] == ["default"]


def test_two_factor_can_only_be_switched_off(api: Api, mia: str, rows: Rows) -> None:
    rows("UPDATE agents SET twofactor_auth = 'Y' WHERE id = ?", mia)
    assert change(api, mia)["twofactor_auth"] == "Y"
    message = "Invalid value for 'twofactor_auth', must be one of N"
    assert refused(api, mia, twofactor_auth="Y") == (400, message)
    assert change(api, mia, twofactor_auth="N")["twofactor_auth"] == "N"
    assert api.get(f"/agents/{mia}")["twofactor_auth"] == "N"


def test_a_photo_is_an_uploaded_file(api: Api, mia: str) -> None:
    files = {"file": ("mia.png", b"\x89PNG", "image/png")}
    photo = api.send("POST", "/files", files=files).json()["id"]
    profile = change(api, mia, photo=photo)
    checksum = hashlib.sha256(b"\x89PNG").hexdigest()
    assert (profile["photo"], profile["photo_sha256"]) == (photo, checksum)
    assert api.get(f"/agents/{mia}")["avatar_url"] == f"/api/v3/files/{photo}"
    assert change(api, mia, photo=None)["photo_sha256"] is None
    assert api.get(f"/agents/{mia}")["avatar_url"] is None
    assert refused(api, mia, photo="nothing")[0] == 400


@pytest.mark.parametrize(
    "values",
    [
        {"alias": "x" * 101},
        {"max_chat_load": -1},
        {"chat_priority": 0},
        {"chat_priority": 101},
        {"panel_theme": "pink"},
        {"to_solve_only": True},
        {"notifications": {"email": []}},
        {"sounds": {"new_chat": 5}},
        {"sounds": []},
        {"photo": ""},
    ],
)
def test_a_setting_that_cannot_be(api: Api, mia: str, values: Json) -> None:
    assert refused(api, mia, **values)[0] == 400


def test_rules_of_the_product(start: Start, api: Api, mia: str) -> None:
    admin = api.agent("Ana Silva", role="admin")["id"]
    message = "to_solve_only is only for the role agent"
    assert refused(api, admin, to_solve_only="Y") == (400, message)
    bare = start(switches=Switches(sounds_plugin=False, alias_max_length=5))
    assert refused(bare, mia, sounds={"new_chat": "chime"})[0] == 400
    assert refused(bare, mia, alias="Mia Chen")[0] == 400
    assert refused(api.as_agent(mia), mia, alias="Mia")[0] == 403


def test_profiles_are_read_in_pages(api: Api, mia: str) -> None:
    change(api, mia, alias="Mia")
    for number in range(10):
        api.agent(f"Agent {number}")
    assert len(api.get("/agents/profiles")) == 10
    assert len(api.get("/agents/profiles", params={"_page": 2})) == 2
    (found,) = api.get("/agents/profiles", filters={"alias": "Mia"})
    assert found["agent_id"] == mia
    api.delete(f"/agents/{mia}")
    assert api.get("/agents/profiles", filters={"agent_id": mia}) == []
    assert api.refusal("GET", f"/agents/{mia}/profile")[0] == 404


def test_there_are_none_on_v3(start: Start) -> None:
    v3 = start(surface="v3")
    assert v3.refusal("GET", "/agents/profiles")[0] == 404
    assert v3.refusal("GET", f"/agents/{v3.owner()['id']}/profile")[0] == 404
