"""The switches for the shape of answers: what the documented models leave open."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start


def grid(api: Api) -> dict[str, Any]:
    """Return the rows of the grid of agents by email."""
    return {row["username"]: row for row in api.get("/grid/agents", params={"_perPage": 100})}


def emails(api: Api) -> set[str]:
    return {row["email"] for row in api.get("/agents", params={"_perPage": 100})}


@pytest.mark.parametrize(
    ("switches", "device_id"),
    [(Switches(), 1), (Switches(numbers="float"), 1.0), (Switches(numbers="string"), "1")],
)
def test_numbers_have_the_selected_form(start: Start, switches: Switches, device_id: Any) -> None:
    api = start(switches=switches)
    shown = api.get("/devices")[0]["id"]
    assert (shown, type(shown)) == (device_id, type(device_id))
    assert type(api.get("/departments")[0]["agent_count"]) is type(device_id)


def test_empty_and_default_values_can_be_left_out(start: Start) -> None:
    api = start(switches=Switches(optional_fields="empty_left_out"))
    mia = api.agent("Mia")
    assert {"role", "gender", "avatar_url"}.isdisjoint(mia)
    assert mia["roleId"] == "agent"
    assert mia["status"] == "A"
    assert "departments_statuses" not in grid(api)["mia@acme.example"]
    assert "gender" in api.put(f"/agents/{mia['id']}", {**mia, "gender": "F"})


def test_what_no_client_can_rely_on_can_be_left_out(start: Start) -> None:
    api = start(switches=Switches(optional_fields="left_out", list_deleted_agents=True))
    mia = api.agent("Mia", gender="F")
    assert mia.keys() == {"id", "name", "email"}
    assert grid(api)["mia@acme.example"].keys() == {
        "agentid", "firstname", "system_name", "username"
    }  # fmt: skip
    api.delete(f"/agents/{mia['id']}")
    assert api.get(f"/agents/{mia['id']}")["status"] == "X"


def test_empty_values_can_be_null(start: Start) -> None:
    api = start(switches=Switches(null_for_empty=True))
    api.agent("Mia")
    row = grid(api)["mia@acme.example"]
    assert row["departments_statuses"] is None
    assert row["lastname"] is None
    assert grid(api)["owner@acme.example"]["departments_statuses"]


def test_the_grid_can_list_deleted_agents(start: Start) -> None:
    api = start(switches=Switches(grid_lists_deleted_agents=True))
    api.delete(f"/agents/{api.agent('Mia')['id']}")
    assert grid(api)["mia@acme.example"]["userstatus"] == "X"
    assert api.get("/grid/agents/count") == {"count": 2}
    assert emails(api) == {"owner@acme.example"}


def test_the_statuses_of_an_agent_can_keep_deleted_departments(start: Start) -> None:
    api = start(switches=Switches(deleted_departments_in_statuses=True))
    mia, department = api.agent("Mia")["id"], api.department("Support")
    api.put(f"/departments/{department}/{mia}")
    api.delete(f"/departments/{department}")
    statuses = grid(api)["mia@acme.example"]["departments_statuses"]
    assert [row["departmentid"] for row in statuses] == [department]
    assert department not in {row["id"] for row in api.get("/grid/departments")}


def test_one_list_can_show_a_service_user(start: Start) -> None:
    bot = "chat.bot@acme.example"
    in_agents = start(switches=Switches(service_user="agents"))
    assert (bot in emails(in_agents), bot in grid(in_agents)) == (True, False)
    in_grid = start(switches=Switches(service_user="grid"))
    assert (bot in emails(in_grid), bot in grid(in_grid)) == (False, True)
