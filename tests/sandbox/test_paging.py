"""Pages, row numbers, cursors, filters and sorting."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start

NAMES = [f"Agent {number:02}" for number in range(24)]


@pytest.fixture
def crowd(api: Api) -> Api:
    """An account of 25 agents, the owner first."""
    for name in NAMES:
        api.agent(name)
    return api


def listed(api: Api, **params: Any) -> list[str]:
    return [agent["name"] for agent in api.get("/agents", params=params)]


def test_a_page_has_10_rows_and_the_first_is_1(crowd: Api) -> None:
    everybody = ["Account Owner", *NAMES]
    assert listed(crowd) == listed(crowd, _page=1) == listed(crowd, _page=0) == everybody[:10]
    assert listed(crowd, _page=3) == everybody[20:]
    assert listed(crowd, _page=4) == []
    assert listed(crowd, _page=2, _perPage=7) == everybody[7:14]
    assert listed(crowd, _perPage=0) == []


def test_from_beats_page_and_to_counts_only_with_it(crowd: Api) -> None:
    everybody = ["Account Owner", *NAMES]
    assert listed(crowd, _from=3, _page=2) == everybody[3:13]
    assert listed(crowd, _from=3, _to=5) == everybody[3:5]
    assert listed(crowd, _from=3, _perPage=2) == everybody[3:5]
    assert listed(crowd, _from=0, _to=0) == everybody[:10]
    assert listed(crowd, _from=5, _to=3) == []
    assert listed(crowd, _to=3) == everybody[:10]


def test_pages_are_capped_and_stay_gapless(start: Start, crowd: Api) -> None:
    capped = start(switches=Switches(per_page_cap=7))
    everybody = ["Account Owner", *NAMES]
    pages = [listed(capped, _page=page, _perPage=100) for page in range(1, 6)]
    assert [len(page) for page in pages] == [7, 7, 7, 4, 0]
    assert [name for page in pages for name in page] == everybody
    assert listed(capped, _from=0, _to=20) == everybody[:7]
    assert len(capped.get("/grid/agents", params={"_perPage": 100})) == 7
    assert len(crowd.get("/agents", params={"_perPage": 100})) == 25


def test_the_end_of_a_range_can_be_included(start: Start, crowd: Api) -> None:
    including = start(switches=Switches(range_end_included=True))
    assert listed(including, _from=3, _to=5) == listed(crowd, _from=3, _to=6)


def test_lists_can_answer_206(start: Start) -> None:
    api = start(switches=Switches(plain_list_status=206))
    assert api.send("GET", "/agents").status_code == 206
    assert api.send("GET", "/grid/agents").status_code == 200


def test_a_cursor_leads_to_the_end(crowd: Api) -> None:
    found: list[str] = []
    params: dict[str, Any] = {"_perPage": 10}
    while True:
        response = crowd.send("GET", "/grid/agents", params=params)
        found += [row["system_name"] for row in response.json()]
        if "next_page_cursor" not in response.headers:
            break
        params["_cursor"] = response.headers["next_page_cursor"]
    assert found == ["Account Owner", *NAMES]
    assert crowd.get("/grid/agents/count") == {"count": 25}


@pytest.mark.parametrize(
    "params",
    [
        {"_page": -1},
        {"_page": "x"},
        {"_page": ""},
        {"_page": "1.5"},
        {"_perPage": "9" * 30},
        {"_sortDir": "UP"},
        {"_sortField": "password"},
        {"_sortField": "id; DROP TABLE agents"},
    ],
)
def test_a_parameter_that_makes_no_sense_is_400(api: Api, params: dict[str, Any]) -> None:
    status, message = api.refusal("GET", "/agents", params=params)
    assert status == 400
    assert message.startswith("Invalid value for '_")


def test_a_page_far_away_is_empty(api: Api) -> None:
    huge = 2**53
    assert api.get("/agents", params={"_page": huge, "_perPage": huge}) == []


def test_a_wrong_cursor_is_400(api: Api) -> None:
    assert api.refusal("GET", "/grid/agents", params={"_cursor": "next"})[0] == 400


def test_lists_are_sorted(crowd: Api) -> None:
    assert listed(crowd, _sortField="name", _sortDir="DESC", _perPage=2) == ["Agent 23", "Agent 22"]
    assert listed(crowd, _sortDir="DESC", _perPage=1) == ["Agent 23"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "Agent 05"}, ["Agent 05"]),
        ({"name": "AGENT 05"}, ["Agent 05"]),
        ({"name": "Agent 05,Agent 07,nobody"}, ["Agent 05", "Agent 07"]),
        ({"name": "Agent 05", "role": "owner"}, []),
        ([["name", "=", "Agent 05"]], ["Agent 05"]),
        ([["name", "LIKE", "%0_"], ["name", ">=", "Agent 08"]], ["Agent 08", "Agent 09"]),
        ([["name", "L", "gent 1"], ["name", "<=", "Agent 11"]], ["Agent 10", "Agent 11"]),
        ([["last_pswd_change", "D>", "2020-01-01"]], []),
        ([], ["Account Owner", *NAMES[:9]]),
        ({}, ["Account Owner", *NAMES[:9]]),
    ],
)
def test_lists_are_filtered(crowd: Api, filters: Any, found: list[str]) -> None:
    assert [agent["name"] for agent in crowd.get("/agents", filters=filters)] == found


def test_numbers_and_flags_can_be_filtered(api: Api) -> None:
    assert [device["id"] for device in api.get("/devices", filters={"id": 2})] == [2]
    shown = api.get("/devices/1/departments", filters={"work_allocation_allowed": False})
    assert len(shown) == 1
    counted = api.get("/grid/departments/count", filters=[["agent_count", ">=", 1]])
    assert counted == {"count": 1}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "5",
        '{"password": "x"}',
        '{"name": {}}',
        '{"name": null}',
        '{"name": "\\ud800"}',
        '[["name", "~", "x"]]',
        '[["name", "="]]',
        '["name"]',
        "[" * 5000,
        '{"name": "' + "," * 200 + '"}',
        '[["name", "LIKE", "' + "%" * 2000 + '"]]',
    ],
)
def test_a_filter_that_makes_no_sense_is_400(api: Api, text: str) -> None:
    refusal = api.refusal("GET", "/agents", params={"_filters": text})
    assert refusal == (400, "Incorrect _filters parameter value")


def test_a_filter_on_an_unknown_column_can_be_ignored(start: Start) -> None:
    api = start(switches=Switches(unknown_filter_column="ignore"))
    assert len(api.get("/agents", filters={"password": "x"})) == 1


def test_device_departments_are_sorted_by_several_fields(api: Api) -> None:
    owner = api.owner()["id"]
    for name in ("Support", "Billing"):
        api.put(f"/departments/{api.department(name)}/{owner}")
    params = {"_sortFields": '{"preset_status": "ASC", "department_name": "DESC"}'}
    shown = api.get("/devices/1/departments", params=params | {"_sortField": "user_id"})
    assert [row["department_name"] for row in shown] == ["Support", "General", "Billing"]
    for text in ("{", '{"name": "UP"}', '{"nothing": "ASC"}', "[]"):
        refusal = api.refusal("GET", "/devices/1/departments", params={"_sortFields": text})
        assert refusal[0] == 400
