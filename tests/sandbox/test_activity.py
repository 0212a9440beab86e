"""An agent's history: days of work in reports, LivePhone logins, two-factor."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.server import Sandbox
from tests.sandbox.api import KEY, Api, Json, Rows, Start

MIA = "mia.chen@acme.example"
IDENTITY = {"id", "contactid", "firstname", "lastname"}
LAST_DAY = date(2026, 5, 29)  # a Friday
FRIDAY = {"date_from": "2026-05-29", "date_to": "2026-05-29"}


@pytest.fixture
def mia(api: Api) -> str:
    agent_id: str = api.agent("Mia Chen")["id"]
    api.sandbox.seed_activity(MIA, LAST_DAY)
    return agent_id


def report(api: Api, **params: Any) -> list[Json]:
    rows: list[Json] = api.get("/reports/agents", params=params)
    return rows


def logins(api: Api, agent: str) -> list[Json]:
    keys: list[Json] = api.get("/apikeys", filters={"userid": agent, "type": "P"})
    return keys


def mobile_devices(api: Api, agent: str) -> list[Json]:
    devices: list[Json] = api.get("/devices", filters={"agent_id": agent, "type": "A"})
    return devices


def test_a_report_sums_over_the_period(api: Api, mia: str) -> None:
    owner, row = report(api, **FRIDAY)
    assert (row["id"], row["contactid"]) == (mia, mia)
    assert (row["firstname"], row["lastname"]) == ("Mia", "Chen")
    assert (row["worktime"], row["calls"], row["call_seconds"]) == (37800, 14, 2520)
    _, days = report(api, date_from="2026-05-28", date_to="2026-05-29")
    assert (days["worktime"], days["calls"]) == (72900, 27)
    _, ever = report(api)
    assert (ever["worktime"], ever["calls"]) == (27000 * 91 // 10, 91)
    assert list(owner) == list(row)
    assert {owner[name] for name in owner.keys() - IDENTITY} == {0}


def test_averages_and_rates_do_not_add_up(api: Api, mia: str, rows: Rows) -> None:
    rows("DELETE FROM activity")
    for day, worktime, calls, average in (("01", "3600", "2", "100"), ("02", "10800", "6", "200")):
        rows(
            "INSERT INTO activity (agent_id, day, worktime, calls, call_avg_time, rewards,"
            " punishments) VALUES (?, ?, ?, ?, ?, 3, 1)",
            *(mia, f"2026-01-{day}", worktime, calls, average),
        )
    columns = "calls_ph,call_avg_time,rewards_p,not_ranked_p,chatAvgTime"
    _, row = report(api, columns=columns)
    assert list(row)[3:] == columns.split(",")
    assert list(row.values())[3:] == [2, 150, 75, 0, 0]


def test_columns_are_chosen_filtered_and_sorted_by(api: Api, mia: str) -> None:
    shown = {"id": mia, "firstname": "Mia", "lastname": "Chen", "calls": 14}
    chosen = {**FRIDAY, "columns": "calls,id"}
    assert report(api, **chosen)[1] == shown
    assert report(api, **chosen, _sortField="calls", _sortDir="DESC")[0] == shown
    assert report(api, **chosen, _page=2, _perPage=1) == [shown]
    for found in ({"id": mia}, {"calls": 14}, [["calls", ">=", "9"]]):
        assert api.get("/reports/agents", params=chosen, filters=found) == [shown]
    assert api.refusal("GET", "/reports/agents", params=chosen, filters={"chats": 1})[0] == 400


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"date_from": "soon"}, "Invalid value for 'date_from', must be like"),
        ({"date_from": "2026-02-30"}, "Invalid value for 'date_from', must be a date"),
        ({"date_to": "20260530"}, "Invalid value for 'date_to', must be like"),
        ({"date_to": "0000-01-01"}, "Invalid value for 'date_to', must be a date"),
        ({"date_from": "2026-05-30", "date_to": "2026-05-29"}, "Invalid value for 'date_to'"),
        ({"columns": "calls,karma"}, "Invalid value for 'columns', must be one of id, contactid"),
        ({"columns": ""}, "Invalid value for 'columns'"),
    ],
)
def test_a_report_that_cannot_be(api: Api, params: Json, message: str) -> None:
    status, text = api.refusal("GET", "/reports/agents", params=params)
    assert status == 400
    assert text.startswith(message)


def test_an_agent_sees_the_own_report_only(api: Api, mia: str) -> None:
    assert [row["id"] for row in report(api.as_agent(mia))] == [mia]
    role = api.post("/roles", {"name": "Lead", "permissions": {"view_reports": "grant"}})["id"]
    lead = api.agent("Lea Dunn", roleId=role)["id"]
    assert len(report(api.as_agent(lead))) == 3


def test_there_is_no_report_on_v3(start: Start) -> None:
    assert start(surface="v3").refusal("GET", "/reports/agents")[0] == 404


def test_a_login_goes_with_its_device(api: Api, mia: str) -> None:
    pixel, iphone = logins(api, mia)
    assert (pixel["name"], pixel["installid"]) == ("Pixel 8", "pixel-8")
    assert (iphone["name"], iphone["installid"]) == ("iPhone 15", "iphone-15")
    assert pixel["valid_to_date"] == "2027-05-29 08:00:00"
    first, second = mobile_devices(api, mia)
    assert api.get(f"/phones/{first['phone_id']}")["name"] == "Pixel 8"
    assert api.delete(f"/apikeys/{pixel['id']}") == {}
    assert logins(api, mia) == [iphone]
    assert mobile_devices(api, mia) == [second]
    # The app itself deletes its device first.
    api.delete(f"/devices/{second['id']}")
    api.delete(f"/apikeys/{iphone['id']}")
    assert (logins(api, mia), mobile_devices(api, mia)) == ([], [])


def test_a_phone_that_logs_in_gets_a_device_that_goes_with_its_key(api: Api) -> None:
    agent = api.agent("Mia Chen")["id"]
    body = {"login": MIA, "password": "sandbox", "type": "P"}
    login = api.post("/apikeys/_login", body)
    phone = Api(api.sandbox, login["key"], api._session)
    (device,) = phone.get("/devices/_app_")
    assert phone.get("/devices/_app_") == [device]
    api.delete(f"/apikeys/{login['id']}")
    assert mobile_devices(api, agent) == []


def test_two_factor_is_on(api: Api, mia: str) -> None:
    assert api.get(f"/agents/{mia}/profile")["twofactor_auth"] == "Y"


def test_the_same_agent_is_seeded_once(api: Api, mia: str) -> None:
    before = report(api), api.get("/apikeys"), mobile_devices(api, mia)
    api.sandbox.seed_activity(MIA.upper())
    assert (report(api), api.get("/apikeys"), mobile_devices(api, mia)) == before


def test_activity_can_be_there_from_the_start(database: Path) -> None:
    sandbox = Sandbox(database, api_key=KEY)
    sandbox.seed_activity("owner@acme.example")
    with sandbox, pytest.raises(SandboxError, match=r"There is no agent nobody@acme\.example\."):
        sandbox.seed_activity("nobody@acme.example")
