"""Accounts: create, change, delete, undelete, and who may do it to whom."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Rows, Start

MIA = {"name": "Mia Chen", "email": "Mia.Chen@acme.example"}


def status_of(api: Api, method: str, path: str, **options: Any) -> int:
    return api.send(method, path, **options).status_code


def test_a_new_agent_has_the_models_defaults(api: Api) -> None:
    agent = api.post("/agents", MIA)
    assert agent == {
        "id": agent["id"],
        **MIA,
        "role": "agent",
        "roleId": "agent",
        "avatar_url": None,
        "online_status": "F",
        "status": "A",
        "gender": "X",
        "last_pswd_change": None,
        "twofactor_auth": "N",
        "voice_status": "N",
        "sip_phone_id": None,
        "api_phone_id": None,
    }
    assert len(agent["id"]) == 8
    assert agent["id"].isalnum()
    assert agent["id"] == agent["id"].lower()
    assert api.get(f"/agents/{agent['id']}") == agent


def test_a_new_agent_has_one_web_device_per_service_and_no_department(api: Api) -> None:
    agent = api.post("/agents", MIA)
    devices = api.devices(agent["id"])
    assert list(devices) == ["M", "T", "P"]
    assert {device["preset_status"] for device in devices.values()} == {"F"}
    assert {device["online_status"] for device in devices.values()} == {"F"}
    assert api.get(f"/agents/{agent['id']}/status") == []


def test_creating_sends_the_registration_mail(start: Start, api: Api, rows: Rows) -> None:
    agent = api.post("/agents", MIA)
    assert rows("SELECT agent_id, kind FROM mails") == [(agent["id"], "registration")]
    silent = start(switches=Switches(registration_mail_on_api_create=False))
    silent.agent("Bob Novak")
    assert rows("SELECT count(*) FROM mails") == [(1,)]


def test_a_new_agent_can_join_all_departments(start: Start) -> None:
    api = start(switches=Switches(join_all_departments=True, new_membership_preset="N"))
    support = api.department("Support")
    agent = api.post("/agents", MIA)
    assert [row["departmentid"] for row in api.get(f"/agents/{agent['id']}/status")] == [
        "default",
        support,
    ]


def test_an_email_belongs_to_one_account_in_any_case(api: Api) -> None:
    agent = api.post("/agents", MIA)
    message = f"Email MIA.CHEN@ACME.EXAMPLE is already used by agent {agent['id']}"
    shouted = MIA | {"email": "MIA.CHEN@ACME.EXAMPLE"}
    assert api.refusal("POST", "/agents", body=shouted) == (400, message)
    other = api.agent("Bob Novak")
    refusal = api.refusal("PUT", f"/agents/{other['id']}", body=other | {"email": MIA["email"]})
    assert refusal[0] == 400
    changed = api.put(f"/agents/{agent['id']}", agent | {"email": "MIA.CHEN@ACME.EXAMPLE"})
    assert changed["email"] == "MIA.CHEN@ACME.EXAMPLE"


@pytest.mark.parametrize("email", ["", "mia", "mia@acme", "a b@acme.example", "a@b@acme.example"])
def test_an_email_looks_like_one(api: Api, email: str) -> None:
    assert status_of(api, "POST", "/agents", body=MIA | {"email": email}) == 400


def test_a_put_of_the_whole_object_changes_only_what_differs(api: Api) -> None:
    agent = api.agent("Mia Chen", role="admin", gender="F")
    changed = api.put(f"/agents/{agent['id']}", agent | {"name": "Mia C. Chen"})
    assert changed == agent | {"name": "Mia C. Chen"}


def test_a_put_without_role_and_gender_sets_the_defaults(start: Start, api: Api) -> None:
    agent = api.agent("Mia Chen", role="admin", gender="F")
    partial = {"name": agent["name"], "email": agent["email"]}
    keeping = start(switches=Switches(put_defaults_missing_fields=False))
    assert keeping.put(f"/agents/{agent['id']}", partial) == agent
    assert keeping.put(f"/agents/{agent['id']}", {}) == agent
    demoted = api.put(f"/agents/{agent['id']}", partial)
    assert (demoted["role"], demoted["roleId"], demoted["gender"]) == ("agent", "agent", "X")
    assert api.refusal("PUT", f"/agents/{agent['id']}", body={})[0] == 400


def test_what_the_server_decides_is_not_written(start: Start, api: Api) -> None:
    agent = api.post("/agents", MIA)
    claims = {
        "id": "other",
        "status": "X",
        "online_status": "N",
        "twofactor_auth": "Y",
        "avatar_url": "https://acme.example/mia.png",
    }
    assert api.put(f"/agents/{agent['id']}", agent | claims) == agent
    writable = start(switches=Switches(avatar_url_writable=True))
    changed = writable.put(f"/agents/{agent['id']}", agent | claims)
    assert changed == agent | {"avatar_url": claims["avatar_url"]}


def test_role_and_role_id(api: Api) -> None:
    lead = api.post("/roles", {"name": "Team lead"})["id"]
    agent = api.post("/agents", MIA | {"roleId": lead})
    path = f"/agents/{agent['id']}"
    assert (agent["role"], agent["roleId"]) == ("agent", lead)
    # The role decides where roleId is as it was, or is left out.
    for body in (agent | {"role": "admin"}, MIA | {"role": "admin"}):
        changed = api.put(path, body)
        assert (changed["role"], changed["roleId"]) == ("admin", "admin")
        # roleId decides where it differs.
        changed = api.put(path, changed | {"roleId": lead})
        assert (changed["role"], changed["roleId"]) == ("agent", lead)
    assert api.put(path, MIA)["roleId"] == "agent"
    api.put(path, MIA | {"roleId": lead})
    changed = api.put(path, agent | {"role": "owner", "roleId": "agent"})
    assert (changed["role"], changed["roleId"]) == ("agent", "agent")
    api.put(path, MIA | {"roleId": lead})
    changed = api.put(path, MIA | {"role": "agent", "roleId": ""})
    assert (changed["role"], changed["roleId"]) == ("agent", "agent")
    refusal = api.refusal("PUT", path, body=agent | {"roleId": "nothing"})
    assert refusal == (400, "Invalid value for 'roleId', there is no role 'nothing'")


def test_built_in_roles_can_have_opaque_ids(start: Start) -> None:
    api = start(switches=Switches(role_id_shape="opaque"))
    admin = api.agent("Ana Silva", role="admin")
    assert (admin["role"], admin["roleId"]) == ("admin", "admin001")
    assert api.get("/agents", filters={"roleId": "admin001"}) == [admin]
    assert api.agent("Bob Novak", roleId="admin001")["role"] == "admin"


def test_a_change_of_role_logs_out(api: Api, rows: Rows) -> None:
    agent = api.post("/agents", MIA)
    rows("UPDATE agents SET online_status = 'N' WHERE id = ?", agent["id"])
    assert api.put(f"/agents/{agent['id']}", agent)["online_status"] == "N"
    assert api.put(f"/agents/{agent['id']}", agent | {"role": "admin"})["online_status"] == "F"
    assert rows("SELECT kind FROM events WHERE agent_id = ?", agent["id"]) == [
        ("create",),
        ("role change",),
        ("logout",),
    ]


def test_a_deleted_agent_keeps_the_email(start: Start, api: Api) -> None:
    agent = api.post("/agents", MIA)
    api.put(f"/departments/default/{agent['id']}")
    assert api.delete(f"/agents/{agent['id']}") == {}
    gone = agent | {"status": "X"}
    assert api.get(f"/agents/{agent['id']}") == gone
    assert gone not in api.get("/agents")
    assert gone in start(switches=Switches(list_deleted_agents=True)).get("/agents")
    assert agent["id"] not in api.get("/departments/default")["agent_ids"]
    assert api.devices(agent["id"]) == {}
    refusal = api.refusal("POST", "/agents", body=MIA)
    assert refusal == (
        400,
        f"Email {MIA['email']} belongs to the deleted agent {agent['id']}; undelete it",
    )
    for method in ("PUT", "DELETE"):
        assert status_of(api, method, f"/agents/{agent['id']}", body=agent) == 404


@pytest.mark.parametrize("keys", [("name", "email"), ("id", "name", "email")])
def test_undelete_brings_back_all_but_the_memberships(api: Api, keys: tuple[str, ...]) -> None:
    agent = api.post("/agents", MIA)
    devices = api.devices(agent["id"])
    api.put(f"/departments/default/{agent['id']}")
    api.delete(f"/agents/{agent['id']}")
    assert api.post("/agents/undelete", {key: agent[key] for key in keys}) == agent
    assert api.devices(agent["id"]) == devices
    assert api.get(f"/agents/{agent['id']}/status") == []
    api.delete(f"/agents/{agent['id']}")


def test_undelete_can_bring_back_memberships(start: Start) -> None:
    api = start(switches=Switches(undelete_keeps_memberships=True))
    agent = api.post("/agents", MIA)
    gone = api.department("Gone")
    for department in ("default", gone):
        api.put(f"/departments/{department}/{agent['id']}", {"role": "manager"})
    api.delete(f"/agents/{agent['id']}")
    api.delete(f"/departments/{gone}")
    api.post("/agents/undelete", agent)
    assert [row["departmentid"] for row in api.get(f"/agents/{agent['id']}/status")] == ["default"]
    assert api.put(f"/departments/default/{agent['id']}")["role"] == "manager"


def test_undelete_needs_a_deleted_agent(api: Api) -> None:
    agent = api.post("/agents", MIA)
    for body, status in (
        ({}, 400),
        ({"id": agent["id"]}, 400),
        ({"id": agent["id"], "email": agent["email"]}, 400),
        (agent, 400),
        ({"name": "Nobody", "email": "nobody@acme.example"}, 404),
        (agent | {"id": "nobody"}, 404),
    ):
        assert status_of(api, "POST", "/agents/undelete", body=body) == status
    api.delete(f"/agents/{agent['id']}")
    mixed = agent | {"email": "other@acme.example"}
    assert status_of(api, "POST", "/agents/undelete", body=mixed) == 404


def test_an_agent_undeleted_after_the_role_has_gone_is_a_plain_agent(api: Api) -> None:
    lead = api.post("/roles", {"name": "Team lead"})["id"]
    agent = api.post("/agents", MIA | {"roleId": lead})
    api.delete(f"/agents/{agent['id']}")
    api.delete(f"/roles/{lead}")
    assert api.get(f"/agents/{agent['id']}")["roleId"] == lead
    assert api.post("/agents/undelete", agent)["roleId"] == "agent"


def test_the_creator_stays_what_they_are(api: Api) -> None:
    api.agent("Second Owner", role="owner")
    owner = api.owner()
    message = "This is the account creator; name another creator first"
    assert api.refusal("DELETE", f"/agents/{owner['id']}") == (400, message)
    demoted = owner | {"role": "admin"}
    assert api.refusal("PUT", f"/agents/{owner['id']}", body=demoted) == (400, message)
    assert api.put(f"/agents/{owner['id']}", owner | {"name": "Olga Owner"})


def test_the_last_owner_stays(start: Start) -> None:
    api = start(switches=Switches(protect_account_creator=False))
    owner = api.owner()
    message = "This is the last owner of the account"
    assert api.refusal("DELETE", f"/agents/{owner['id']}") == (400, message)
    second = api.agent("Second Owner", role="owner")
    api.put(f"/agents/{second['id']}", second | {"role": "admin"})
    demoted = owner | {"role": "agent"}
    assert api.refusal("PUT", f"/agents/{owner['id']}", body=demoted) == (400, message)
    api.put(f"/agents/{second['id']}", second)
    api.put(f"/agents/{owner['id']}", demoted)


def test_an_admin_manages_all_but_owners(api: Api) -> None:
    owner = api.owner()
    admin = api.as_agent(api.agent("Ana Silva", role="admin")["id"])
    agent = admin.agent("Mia Chen", role="admin")
    agent = admin.put(f"/agents/{agent['id']}", agent | {"role": "agent"})
    assert status_of(admin, "PUT", f"/agents/{owner['id']}", body=owner) == 403
    for body in (agent | {"role": "owner"}, agent | {"roleId": "owner"}):
        assert status_of(admin, "PUT", f"/agents/{agent['id']}", body=body) == 403
    assert status_of(admin, "POST", "/agents", body=MIA | {"role": "owner"}) == 403
    second = api.agent("Second Owner", role="owner")
    assert status_of(admin, "DELETE", f"/agents/{second['id']}") == 403
    api.delete(f"/agents/{second['id']}")
    assert status_of(admin, "POST", "/agents/undelete", body=second) == 403


def test_an_agent_manages_nobody_without_the_permission(api: Api) -> None:
    lead = api.post("/roles", {"name": "Lead", "permissions": {"manage_agents": "grant"}})["id"]
    agent = api.agent("Mia Chen")
    admin = api.agent("Ana Silva", role="admin")
    plain = api.as_agent(agent["id"])
    assert status_of(plain, "POST", "/agents", body=MIA) == 403
    manager = api.as_agent(api.agent("Bob Novak", roleId=lead)["id"])
    agent = manager.put(f"/agents/{agent['id']}", agent | {"roleId": lead})
    assert manager.agent("New Agent")
    assert (
        status_of(manager, "PUT", f"/agents/{agent['id']}", body=agent | {"role": "admin"}) == 403
    )
    assert status_of(manager, "DELETE", f"/agents/{admin['id']}") == 403


def test_find_by_email_only_where_switched_on(start: Start, api: Api) -> None:
    agent = api.post("/agents", MIA)
    assert api.refusal("POST", "/agents/_by_email", body={"value": MIA["email"]})[0] == 405
    finding = start(switches=Switches(agents_by_email=True))
    assert finding.post("/agents/_by_email", {"value": "mia.chen@ACME.example"}) == agent
    assert status_of(finding, "POST", "/agents/_by_email", body={"value": "x@acme.example"}) == 404
    api.delete(f"/agents/{agent['id']}")
    assert status_of(finding, "POST", "/agents/_by_email", body={"value": MIA["email"]}) == 404


def test_a_registered_visitor_becomes_an_agent(api: Api) -> None:
    visitor = {"name": "Vera Visitor", "email": "vera@shop.example"}
    (before,) = api.get("/users/visit001")
    assert (before["role"], before["email"]) == ("reg_visitor", visitor["email"])
    agent = api.post("/agents/convert", visitor | {"role": "admin"})
    assert (agent["id"], agent["role"]) == ("visit001", "admin")
    assert len(api.devices("visit001")) == 3
    assert status_of(api, "POST", "/agents/convert", body=visitor) == 404


def test_users_of_every_kind(api: Api) -> None:
    owner = api.owner()
    assert [user["role"] for user in api.get(f"/users/{owner['id']}")] == ["owner"]
    assert [user["role"] for user in api.get("/users/system00")] == ["system"]
    assert status_of(api, "GET", "/users/nobody") == 404


def test_sessions(api: Api, rows: Rows) -> None:
    agent = api.post("/agents", MIA)
    path = f"/agents/{agent['id']}"
    assert api.get("/agents/activity") == []
    assert api.post(f"{path}/_pause") == {}
    assert api.get(path)["online_status"] == "P"
    busy = {"id": agent["id"], "agent_status": "A", "active_tickets": []}
    assert api.get("/agents/activity") == [busy]
    assert api.post(f"{path}/_logout") == {}
    assert api.get("/agents/activity") == []
    assert api.post(f"{path}/updateVoiceStatus", params={"voiceStatus": "F"}) == {}
    assert api.get(path)["voice_status"] == "F"
    assert status_of(api, "POST", f"{path}/updateVoiceStatus") == 400
    wrong = {"voiceStatus": "X"}
    assert status_of(api, "POST", f"{path}/updateVoiceStatus", params=wrong) == 400
    assert len(api.get(f"{path}/login_key")["login_key"]) == 32
    assert rows("SELECT kind FROM events WHERE agent_id = ?", agent["id"])[1:] == [
        ("pause",),
        ("logout",),
    ]


def test_others_sessions_need_the_permission(api: Api) -> None:
    granted = {"name": "Guard", "permissions": {"manage_agents_statuses": "grant"}}
    guard_role = api.post("/roles", granted)["id"]
    agent, other = api.post("/agents", MIA), api.agent("Bob Novak")
    mia = api.as_agent(agent["id"])
    guard = api.as_agent(api.agent("Gus Guard", roleId=guard_role)["id"])
    assert mia.post(f"/agents/{agent['id']}/_pause") == {}
    assert status_of(mia, "POST", f"/agents/{other['id']}/_pause") == 403
    assert guard.post(f"/agents/{other['id']}/_pause") == {}
