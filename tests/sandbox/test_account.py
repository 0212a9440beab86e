"""What an account has besides agents: keys, phones, extensions, settings, Slack, files."""

from typing import Any

import pytest
import requests

from provisioner.sandbox.switches import parse_switches
from tests.effort import LONGEST_SECONDS
from tests.sandbox.api import KEY, Api, Rows, Start


def status_of(api: Api, method: str, path: str, **options: Any) -> int:
    return api.send(method, path, **options).status_code


def test_the_account(start: Start) -> None:
    api = start()
    mia = api.agent("Mia Chen")["id"]
    gone = api.agent("Gone Girl")
    api.send("DELETE", f"/agents/{gone['id']}")
    account = api.as_agent(mia).get("/account")
    del account["profile_defaults"]
    assert account == {
        "plan": "Enterprise",
        "features": {"chat": "Y", "call": "Y"},
        "plugins": {"sounds": "Y", "gamification": "Y"},
        "chat_routing": "max_utilization",
        "max_custom_roles": 3,
        "timezone": "Europe/Prague",
        "key_agent_id": mia,
        "creator_id": api.owner()["id"],
        "deleted_agents": [{"id": gone["id"], "email": gone["email"], "status": "X"}],
    }
    switches = parse_switches(
        [
            *("plan=Small", "chat_feature=off", "gamification_plugin=off"),
            *("chat_routing=priorities", "account_timezone=UTC", "max_custom_roles=0"),
        ]
    )
    other = start(switches=switches).get("/account")
    assert (other["plan"], other["chat_routing"]) == ("Small", "priorities")
    assert other["features"] == {"chat": "N", "call": "Y"}
    assert other["plugins"] == {"sounds": "Y", "gamification": "N"}
    assert (other["timezone"], other["max_custom_roles"]) == ("UTC", 0)
    assert start(surface="v3").refusal("GET", "/account")[0] == 404


def test_a_key_of_an_agent(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    scopes = [{"object": "agent", "privileges": ["read"]}]
    made = api.post(
        "/apikeys",
        {
            "userid": agent,
            "name": "LivePhone",
            "type": "P",
            "installid": "i-1",
            "valid_to_date": "2030-01-01T01:00:00+01:00",
            "privileges": scopes,
        },
    )
    assert made == {
        "id": made["id"],
        "key": made["key"],
        "userid": agent,
        "role": "agent",
        "name": "LivePhone",
        "type": "P",
        "installid": "i-1",
        "whitelist": "*",
        "valid_to_date": "2030-01-01 00:00:00",
        "privileges": scopes,
    }
    path = f"/apikeys/{made['id']}"
    assert api.get(path) == made
    listed = {name: value for name, value in made.items() if name != "privileges"}
    assert api.get("/apikeys", filters={"userid": agent, "type": "P"}) == [listed]
    assert api.put(path, {"name": "Phone", "valid_to_date": None}) == made | {
        "name": "Phone",
        "valid_to_date": None,
    }
    assert api.put(path, {}) == api.get(path)
    assert api.post(f"/apikeys/regenerateApiV3/{made['id']}") == {}
    assert api.get(path)["key"] != made["key"]
    assert api.delete(path) == {}
    assert status_of(api, "GET", path) == 404


@pytest.mark.parametrize("date", ["soon", "", "0001-01-01T00:00:00+14:00"])
def test_a_key_with_a_date_that_is_none(api: Api, date: str) -> None:
    assert status_of(api, "POST", "/apikeys", body={"valid_to_date": date}) == 400


def test_keys_of_others_need_the_right_to_manage_them(api: Api) -> None:
    mia = api.as_agent(api.agent("Mia Chen")["id"])
    admin = api.as_agent(api.agent("Ana Silva", role="admin")["id"])
    owner_key = api.get("/apikeys", filters={"key": KEY})[0]["id"]
    assert [key["key"] for key in mia.get("/apikeys")] == [mia.key]
    assert len(admin.get("/apikeys")) == 3
    assert mia.post("/apikeys", {"name": "mine"})["role"] == "agent"
    for caller in (mia, admin):
        assert status_of(caller, "GET", f"/apikeys/{owner_key}") == 403
        assert status_of(caller, "POST", "/apikeys", body={"userid": api.owner()["id"]}) == 403


def test_log_in(api: Api, rows: Rows) -> None:
    agent = api.agent("Mia Chen")
    body = {"login": "MIA.CHEN@acme.example", "password": "sandbox"}
    url = f"{api.sandbox.url}/api/v3/apikeys/_login"
    response = requests.post(url, json=body | {"type": "P"}, timeout=LONGEST_SECONDS)
    assert response.status_code == 201
    assert (response.json()["userid"], response.json()["type"]) == (agent["id"], "P")
    for wrong in ({"password": "other"}, {"login": "nobody@acme.example"}):
        assert requests.post(url, json=body | wrong, timeout=LONGEST_SECONDS).status_code == 403
    rows("UPDATE agents SET twofactor_auth = 'Y'")
    for code, status in ((None, 424), ("000000", 425), ("123456", 201)):
        token = {"two_factor_token": code}
        assert requests.post(url, json=body | token, timeout=LONGEST_SECONDS).status_code == status
    api.delete(f"/agents/{agent['id']}")
    assert requests.post(url, json=body, timeout=LONGEST_SECONDS).status_code == 403


def test_privileges_are_listed_under_both_paths(api: Api) -> None:
    scopes = api.get("/api/privileges")
    assert {"object": "agent", "privileges": ["own", "read", "manage"]} in scopes
    url = f"{api.sandbox.url}/api/privileges"
    assert requests.get(url, headers={"apikey": KEY}, timeout=LONGEST_SECONDS).json() == scopes


def test_phones(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    (phone,) = api.get("/phones", filters={"userId": agent})
    assert (phone["type"], phone["agent_id"]) == ("W", agent)
    assert api.get(f"/phones/{phone['id']}") == phone
    assert api.as_agent(agent).get("/phones/_web_") == phone
    assert status_of(api, "GET", "/phones/_app_") == 404
    assert api.devices(agent)["P"]["phone_id"] == phone["id"]


def test_the_phone_an_agent_uses(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    mia = api.as_agent(agent)
    (phone,) = api.get("/phones", filters={"userId": agent})
    path = f"/agent_phone/{agent}"
    chosen = {"phoneId": phone["id"]}
    assert status_of(api, "GET", path) == 404
    assert api.put(path, params=chosen) == {}
    assert api.get(path) == mia.get("/agent_phone/me") == phone
    assert status_of(api, "GET", path, params={"type": "S"}) == 404
    assert mia.put("/agent_phone/me", params=chosen, data={"type": "S"}) == {}
    assert api.get(path, params={"type": "S"}) == phone
    assert api.get(f"/agents/{agent}")["sip_phone_id"] == phone["id"]
    assert status_of(api, "PUT", path) == 400
    assert status_of(api, "PUT", path, params={"phoneId": "nothing"}) == 404
    assert status_of(api, "PUT", path, params=chosen, data={"type": "X"}) == 400


def test_extensions(api: Api, rows: Rows) -> None:
    rows("INSERT INTO extensions (id, number) VALUES ('ext00002', '102')")
    first, second = api.get("/extensions")
    assert first["agent"] == api.owner()
    assert first["department"] == api.get("/departments/default")
    assert (second["agent"], second["department"]) == (None, None)
    assert api.get("/extensions/count") == {"count": 2}
    path = f"/extensions/{second['id']}"
    changed = api.send("PUT", path, data={"number": "103", "status": "D"}).json()
    assert changed == second | {"number": "103", "status": "D"} == api.get(path)
    changed = api.send("PUT", path, data={"departmentId": "default"}).json()
    assert (changed["number"], changed["department"]["name"]) == ("103", "General")
    for form, status in (
        ({"number": "101"}, 403),
        ({"number": "x"}, 400),
        ({"departmentId": "nothing"}, 404),
    ):
        assert status_of(api, "PUT", path, data=form) == status
    assert status_of(api, "PUT", "/extensions/nothing", data={"status": "E"}) == 404


def test_an_extension_is_active_while_its_agent_is_online(api: Api, rows: Rows) -> None:
    assert api.get("/extensions")[0]["status"] == "E"
    rows("UPDATE agents SET online_status = 'N'")
    assert api.get("/extensions", filters={"status": "A"})[0]["number"] == "101"


def test_settings(api: Api) -> None:
    asked = {"settingsNames": "TIMEZONE|secret"}
    assert api.get("/settings", params=asked) == [{"name": "TIMEZONE", "value": "Europe/Prague"}]
    assert len(api.get("/settings")) == 5


def test_slack(api: Api) -> None:
    users = api.get("/slack/users")
    assert [user["id"] for user in users] == ["U02ABC", "U02DEF", "U02GHI"]
    assert api.get("/slack/user/U02ABC") == users[0]
    assert status_of(api, "GET", "/slack/user/U0") == 404
    assert api.get("/slack/conversations") == [{"id": "C01GENERAL", "name": "general"}]
    response = api.send("GET", "/slack/users", params={"_perPage": 2})
    assert response.headers["next_page_cursor"] == "2"


def test_files(start: Start, api: Api, rows: Rows) -> None:
    upload = {"file": ("mia.png", b"\x89PNG", "image/png")}
    stored = api.send("POST", "/files", files=upload).json()
    assert stored == {"id": stored["id"], "name": "mia.png", "type": "image/png", "size": 4}
    path = f"/files/{stored['id']}"
    answer = api.send("GET", path)
    assert (answer.content, answer.headers["Content-Type"]) == (b"\x89PNG", "image/png")
    rows("UPDATE files SET type = ''")
    assert api.send("GET", path).headers["Content-Type"] == "application/octet-stream"
    assert status_of(api, "GET", "/files/nothing") == 404
    assert status_of(start(surface="v3"), "GET", path) == 200
    assert api.refusal("POST", "/files", data={"file": "text"})[0] == 400
    assert api.refusal("POST", "/files") == (400, "Missing required property 'file'")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert api.refusal("POST", "/files", data=b"--y\r\n", headers=broken)[0] == 400
