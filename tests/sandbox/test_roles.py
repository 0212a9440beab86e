"""Custom roles and their permissions."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start


def defaults(api: Api) -> dict[str, str]:
    return {row["name"]: row["default"] for row in api.get("/roles/permissions")}


def test_the_known_permissions(api: Api) -> None:
    permissions = {row["name"]: row for row in api.get("/roles/permissions")}
    assert permissions["manage_agents_devices"] == {
        "name": "manage_agents_devices",
        "title": "Manage agents devices",
        "group": "Phones",
        "default": "revoke",
        "requires": "manage_agents",
    }
    assert permissions["own_tickets"]["default"] == "grant"
    needed = {row["requires"] for row in permissions.values()} - {None}
    assert needed <= permissions.keys()


def test_a_role_answers_every_permission(api: Api) -> None:
    changed = {"manage_agents": "grant", "own_calls": "revoke"}
    role = api.post("/roles", {"name": "Team lead", "permissions": changed})
    assert role["permissions"] == defaults(api) | changed
    assert api.get(f"/roles/{role['id']}") == role
    assert api.get("/roles") == [role]


def test_a_put_writes_the_whole_role(api: Api) -> None:
    changed = {"manage_agents": "grant"}
    role = api.post("/roles", {"name": "Team lead", "permissions": changed})
    path = f"/roles/{role['id']}"
    assert api.put(path, {"name": "Lead"}) == {
        "id": role["id"],
        "name": "Lead",
        "permissions": defaults(api),
    }
    assert api.put(path, {"name": "LEAD", "permissions": changed})["permissions"] == (
        defaults(api) | changed
    )


@pytest.mark.parametrize(
    ("permissions", "message"),
    [
        ({"fly": "grant"}, "Unknown permission 'fly'"),
        ({"manage_agents": "yes"}, "Invalid value for 'permission', must be one of grant, revoke"),
        ([], "Invalid value for 'permissions', must be an object"),
        (
            {"edit_telephony_settings": "grant"},
            "Permission 'edit_telephony_settings' requires 'view_telephony_settings'",
        ),
    ],
)
def test_permissions_that_cannot_be(api: Api, permissions: Any, message: str) -> None:
    body = {"name": "Team lead", "permissions": permissions}
    assert api.refusal("POST", "/roles", body=body) == (400, message)


def test_names_are_unique_and_not_built_in(api: Api) -> None:
    api.post("/roles", {"name": "Team lead"})
    role = api.post("/roles", {"name": "Trainee"})
    refusal = api.refusal("PUT", f"/roles/{role['id']}", body={"name": "TEAM LEAD"})
    assert refusal == (400, "Role 'Team lead' already exists")
    for name in ("agent", "Admin", "OWNER"):
        refusal = api.refusal("POST", "/roles", body={"name": name})
        assert refusal == (400, f"Role '{name}' is built in")


def test_the_account_has_only_so_many(start: Start) -> None:
    api = start(switches=Switches(max_custom_roles=1))
    role = api.post("/roles", {"name": "Team lead"})
    refusal = api.refusal("POST", "/roles", body={"name": "Trainee"})
    assert refusal == (400, "The account can have 1 custom roles")
    api.delete(f"/roles/{role['id']}")
    assert api.post("/roles", {"name": "Team lead"})["id"] != role["id"]


def test_a_role_in_use_stays(api: Api) -> None:
    role = api.post("/roles", {"name": "Team lead"})
    agent = api.agent("Mia Chen", roleId=role["id"])
    api.agent("Bob Novak", roleId=role["id"])
    refusal = api.refusal("DELETE", f"/roles/{role['id']}")
    assert refusal == (
        400,
        "Role 'Team lead' is used by bob.novak@acme.example, mia.chen@acme.example",
    )
    for other in api.get("/agents", filters={"roleId": role["id"]}):
        api.delete(f"/agents/{other['id']}")
    assert api.delete(f"/roles/{role['id']}") == {}
    for method in ("GET", "PUT", "DELETE"):
        assert api.refusal(method, f"/roles/{role['id']}", body={"name": "x"})[0] == 404
    assert api.get(f"/agents/{agent['id']}")["status"] == "X"


def test_a_plan_without_custom_roles(start: Start) -> None:
    refusal = start(switches=Switches(plan="Small")).refusal("POST", "/roles", body={"name": "x"})
    message = "Custom roles need one of the plans Large, Enterprise, All-inclusive"
    assert refusal == (400, message)
