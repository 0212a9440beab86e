"""Departments, memberships and the grids over them."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start


def status_of(api: Api, method: str, path: str, **options: Any) -> int:
    return api.send(method, path, **options).status_code


def test_a_department_is_created_renamed_and_deleted(api: Api) -> None:
    department = api.post("/departments", {"name": "Support"})
    path = f"/departments/{department['department_id']}"
    assert len(department["department_id"]) == 8
    assert (department["agent_count"], department["agent_ids"]) == (0, [])
    assert api.get(path) == department
    assert api.put(path, {"name": "Help desk"})["name"] == "Help desk"
    assert api.delete(path) == {}
    for method in ("GET", "PUT", "DELETE"):
        assert status_of(api, method, path, body={"name": "x"}) == 404
    assert [row["name"] for row in api.get("/departments")] == ["General"]


def test_names_are_unique_in_any_case_among_the_living(api: Api) -> None:
    support, sales = api.department("Support"), api.department("Sales")
    refusal = api.refusal("POST", "/departments", body={"name": "SUPPORT"})
    assert refusal == (400, "Department 'Support' already exists")
    assert status_of(api, "PUT", f"/departments/{sales}", body={"name": "support"}) == 400
    assert api.put(f"/departments/{support}", {"name": "SUPPORT"})["name"] == "SUPPORT"
    api.delete(f"/departments/{support}")
    assert api.department("Support") != support


def test_the_default_department_stays(api: Api) -> None:
    refusal = api.refusal("DELETE", "/departments/default")
    assert refusal == (400, "The default department cannot be deleted")
    assert api.put("/departments/default", {"name": "Main"})["department_id"] == "default"


def test_membership(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    support = api.department("Support")
    path = f"/departments/{support}/{agent}"
    assert api.get(path) == "N"
    made = api.put(path)
    assert made == {
        "department_id": support,
        "agent_id": agent,
        "role": "solver",
        "change_own_status": "N",
        "signature": None,
    }
    assert api.put(path) == made
    assert api.get(path) == "Y"
    shown = api.get(f"/departments/{support}")
    assert (shown["agent_count"], shown["agent_ids"]) == (1, [agent])
    assert api.delete(path) == {}
    assert api.delete(path) == {}
    assert api.get(path) == "N"
    assert api.get(f"/agents/{agent}/status") == []


def test_what_a_membership_put_leaves_out_stays(api: Api) -> None:
    path = f"/departments/default/{api.agent('Mia Chen')['id']}"
    made = api.put(path, {"role": "manager", "signature": "Mia, Support"})
    assert (made["role"], made["change_own_status"], made["signature"]) == (
        "manager",
        "N",
        "Mia, Support",
    )
    assert api.put(path) == made
    kept = api.put(path, {"change_own_status": "Y"})
    assert (kept["role"], kept["change_own_status"], kept["signature"]) == (
        "manager",
        "Y",
        "Mia, Support",
    )
    assert api.put(path, {"signature": None})["signature"] is None
    assert api.refusal("PUT", path, body={"role": "boss"}) == (
        400,
        "Invalid value for 'role', must be one of reader, solver, supervisor, manager",
    )


def test_a_membership_needs_both_sides(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    for path in (f"/departments/nothing/{agent}", "/departments/default/nobody"):
        for method in ("GET", "PUT", "DELETE"):
            assert api.refusal(method, path) == (404, "Row does not exist")


def test_members_are_listed_in_the_order_of_their_accounts(api: Api) -> None:
    agents = [api.agent(name)["id"] for name in ("Mia Chen", "Bob Novak", "Ana Silva")]
    support = api.department("Support")
    for agent in reversed(agents):
        api.put(f"/departments/{support}/{agent}")
    assert api.get(f"/departments/{support}")["agent_ids"] == agents


def test_the_answer_to_a_membership_question_can_be_bare(start: Start) -> None:
    api = start(switches=Switches(membership_answer="text"))
    response = api.send("GET", f"/departments/default/{api.owner()['id']}")
    assert (response.text, response.headers["Content-Type"].split(";")[0]) == ("Y", "text/plain")


def test_only_admins_configure(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    plain = api.as_agent(agent)
    admin = api.as_agent(api.agent("Ana Silva", role="admin")["id"])
    requests: list[tuple[str, str, Any]] = [
        ("POST", "/departments", {"name": "Sales"}),
        ("PUT", "/departments/default", {"name": "Main"}),
        ("PUT", f"/departments/default/{agent}", {}),
        ("DELETE", f"/departments/default/{agent}", None),
        ("POST", "/roles", {"name": "Lead"}),
    ]
    for method, path, body in requests:
        assert status_of(plain, method, path, body=body) == 403
        assert status_of(admin, method, path, body=body) == 200


def test_grids(api: Api) -> None:
    lead = api.post("/roles", {"name": "Team lead"})["id"]
    agent = api.agent("Mia van Dyke", roleId=lead)
    support = api.department("Support")
    api.put(f"/departments/{support}/{agent['id']}")
    owner_row, row = api.get("/grid/agents")
    assert owner_row["roleid"] == "owner"
    assert row == {
        "agentid": agent["id"],
        "firstname": "Mia",
        "lastname": "van Dyke",
        "system_name": "Mia van Dyke",
        "username": agent["email"],
        "countrycode": "",
        "avatar_url": None,
        "roleid": lead,
        "departments_statuses": api.get(f"/agents/{agent['id']}/status"),
        "twofa": "N",
        "last_pswd_change": None,
        "userstatus": "A",
    }
    api.delete(f"/agents/{agent['id']}")
    assert api.get("/grid/agents") == [owner_row]
    assert api.get("/grid/departments") == [
        {"id": "default", "name": "General", "agent_count": 1},
        {"id": support, "name": "Support", "agent_count": 0},
    ]
    assert api.get("/grid/departments/count", filters={"name": "Support"}) == {"count": 1}


def test_who_can_be_invited(api: Api) -> None:
    api.agent("Mia Chen")
    (row,) = api.get("/grid/default/invite/agents", params={"_perPage": 5})
    assert (row["system_name"], row["lastname"], row["chats"]) == ("Account Owner", "Owner", 0)
    assert api.get("/grid/default/invite/agents", filters={"system_name": "Mia Chen"}) == []
    assert status_of(api, "GET", "/grid/nothing/invite/agents") == 404


@pytest.mark.parametrize("name", ["", " ", "x" * 256, None, 7])
def test_a_department_needs_a_name(api: Api, name: Any) -> None:
    assert status_of(api, "POST", "/departments", body={"name": name}) == 400
