"""Devices, device departments, status letters and plans."""

from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Json, Rows, Start

PHONE = {"type": "E", "service_type": "P", "phone_id": "phone001", "preset_status": "N"}


def status_of(api: Api, method: str, path: str, **options: Any) -> int:
    return api.send(method, path, **options).status_code


@pytest.fixture
def mia(api: Api) -> str:
    """A member of the default department."""
    agent_id: str = api.agent("Mia Chen")["id"]
    api.put(f"/departments/default/{agent_id}")
    return agent_id


def row(api: Api, device: Json, department: str = "default") -> Json:
    return api.get(f"/devices/{device['id']}/departments/{department}")


def test_a_put_changes_the_device_and_not_its_departments(api: Api, mia: str) -> None:
    device = api.devices(mia)["T"]
    wanted = device | {"preset_status": "N", "online_status": "N", "route_if_offline": "N"}
    changed = api.put(f"/devices/{device['id']}", wanted)
    # No panel is open, so a web device stays offline.
    assert changed == wanted | {"online_status": "F"}
    assert row(api, device)["preset_status"] == "F"


def test_a_web_device_can_do_without_a_panel(start: Start, api: Api, mia: str) -> None:
    free = start(switches=Switches(web_devices_need_panel=False))
    device = api.devices(mia)["M"]
    assert free.put(f"/devices/{device['id']}", device | {"online_status": "N"}) == device | {
        "online_status": "N"
    }
    free.put(f"/devices/{device['id']}/departments/default", {"online_status": "N"})
    (status,) = free.get(f"/agents/{mia}/status")
    assert (status["online_status"], status["preset_status"]) == ("MR", "MR")
    assert free.get("/departments/default")["online_status"] == "MR"


@pytest.mark.parametrize("name", ["agent_id", "type", "service_type", "preset_status"])
def test_the_documents_require_some_properties_of_a_device(api: Api, mia: str, name: str) -> None:
    device = api.devices(mia)["T"]
    path = f"/devices/{device['id']}"
    assert api.put(path, {key: device[key] for key in device if key != "online_status"}) == device
    del device[name]
    message = f"Missing required property '{name}'"
    assert api.refusal("PUT", path, body=device) == (400, message)


def test_a_put_can_keep_what_is_missing(start: Start, api: Api, mia: str) -> None:
    device = api.devices(mia)["P"]
    keeping = start(switches=Switches(put_defaults_missing_fields=False))
    assert keeping.put(f"/devices/{device['id']}", {}) == device
    path = f"/devices/{device['id']}"
    assert keeping.put(path, {"preset_status": "N"}) == device | {"preset_status": "N"}
    assert status_of(api, "PUT", path, body={}) == 400


@pytest.mark.parametrize(
    "changes", [{"agent_id": "other"}, {"type": "A"}, {"service_type": "M"}, {"type": "S"}]
)
def test_a_device_keeps_agent_type_and_service(api: Api, mia: str, changes: Json) -> None:
    device = api.devices(mia)["T"]
    assert status_of(api, "PUT", f"/devices/{device['id']}", body=device | changes) == 400


def test_only_phone_devices_can_be_created(api: Api, mia: str) -> None:
    device = api.post("/devices", PHONE | {"agent_id": mia})
    assert (device["online_status"], device["preset_status"]) == ("N", "N")
    assert api.get(f"/devices/{device['id']}") == device
    assert row(api, device)["preset_status"] == "F"
    assert api.refusal("POST", "/devices", body=PHONE | {"agent_id": mia, "phone_id": None}) == (
        400,
        "phone_id cannot be empty for phone device",
    )
    chat = PHONE | {"agent_id": mia, "service_type": "T"}
    assert status_of(api, "POST", "/devices", body=chat) == 400
    assert status_of(api, "POST", "/devices", body=PHONE | {"agent_id": "nobody"}) == 404
    assert api.delete(f"/devices/{device['id']}") == {}
    for path in ("", "/departments", "/departments/default", "/plans"):
        assert status_of(api, "GET", f"/devices/{device['id']}{path}") == 404


@pytest.mark.parametrize("number", ["0", "x", "-1", "1.5", "9" * 19, "9" * 5000, "\u0661"])
def test_a_device_that_cannot_be_is_404(api: Api, number: str) -> None:
    assert status_of(api, "GET", f"/devices/{number}") == 404


def test_the_own_mobile_device_is_made_when_asked_for(api: Api) -> None:
    (device,) = api.get("/devices/_app_")
    assert (device["type"], device["service_type"]) == ("A", "P")
    assert api.get("/devices/_app_/") == [device]
    assert api.get("/phones/_app_")["id"] == device["phone_id"]
    assert row(api, device)["online_status"] == "F"


def test_a_device_department(api: Api, mia: str) -> None:
    device = api.devices(mia)["M"]
    path = f"/devices/{device['id']}/departments/default"
    before = {
        "device_id": device["id"],
        "department_id": "default",
        "user_id": mia,
        "department_name": "General",
        "online_status": "F",
        "preset_status": "F",
        "work_allocation_allowed": False,
    }
    assert api.get(path) == before
    assert api.get(f"/devices/{device['id']}/departments") == [before]
    assert before in api.get("/devices/departments/default")
    wished = before | {"preset_status": "N", "work_allocation_allowed": True}
    wish = {"device_id": float(device["id"]), "user_id": mia, "online_status": "N"}
    assert api.put(path, wish) == wished
    assert api.get(path) == wished
    assert api.put(path, before | {"preset_status": "N"})["work_allocation_allowed"] is False
    assert api.put(path, {"preset_status": "F"}) == before
    for wrong in ({}, wish | {"user_id": "other"}, wish | {"work_allocation_allowed": "yes"}):
        assert status_of(api, "PUT", path, body=wrong) == 400


def test_no_device_department_without_a_membership(api: Api, mia: str) -> None:
    support = api.department("Support")
    device = api.devices(mia)["M"]
    path = f"/devices/{device['id']}/departments/{support}"
    assert status_of(api, "GET", path) == 404
    assert status_of(api, "PUT", path, body={"online_status": "N"}) == 404
    assert status_of(api, "GET", "/devices/departments/nothing") == 404
    assert api.get(f"/devices/departments/{support}") == []


def test_a_batch_changes_many(api: Api, mia: str) -> None:
    devices = api.devices(mia).values()
    wanted = [
        {"device_id": device["id"], "department_id": "default", "preset_status": "N"}
        for device in devices
    ]
    answered = api.put("/devices/departments/update", {"DeviceDepartments": wanted})
    assert [shown["preset_status"] for shown in answered] == ["N"] * 3
    assert answered == [row(api, device) for device in devices]
    wrong: list[Any] = [None, {}, [5], [{"device_id": 1}]]
    for body in [{}, *({"DeviceDepartments": rows} for rows in wrong)]:
        assert status_of(api, "PUT", "/devices/departments/update", body=body) == 400


def test_letters_show_which_services_may_bring_work(start: Start, api: Api, mia: str) -> None:
    devices = api.devices(mia)
    presets = {"M": (True, "N"), "T": (False, "N"), "P": (True, "F")}
    for service, (allowed, preset) in presets.items():
        api.put(
            f"/devices/{devices[service]['id']}/departments/default",
            {"preset_status": preset, "work_allocation_allowed": allowed},
        )
    (status,) = api.get(f"/agents/{mia}/status")
    assert status == {
        "departmentid": "default",
        "online_status": "",
        "preset_status": "MR",
        "work_allocation_allowed": True,
    }
    plain = start(switches=Switches(status_letter_r=False))
    assert plain.get(f"/agents/{mia}/status")[0]["preset_status"] == "M"


def test_letters_can_be_written(start: Start, api: Api, mia: str) -> None:
    body = {"departments": [{"departmentid": "default", "preset_status": "TPR"}]}
    (status,) = api.put(f"/agents/{mia}/status", body)
    assert (status["preset_status"], status["work_allocation_allowed"]) == ("TPR", True)
    assert row(api, api.devices(mia)["M"])["preset_status"] == "F"
    unknown = {"departments": [{"departmentid": "nothing", "preset_status": "T"}]}
    assert status_of(api, "PUT", f"/agents/{mia}/status", body=unknown) == 404
    wrong = {"departments": [{"departmentid": "default", "preset_status": "Q"}]}
    assert status_of(api, "PUT", f"/agents/{mia}/status", body=wrong) == 400
    without = start(switches=Switches(put_agent_status=False))
    assert status_of(without, "PUT", f"/agents/{mia}/status", body=body) == 405


def test_new_devices_and_memberships_can_start_online(start: Start) -> None:
    api = start(switches=Switches(new_device_preset="N", new_membership_preset="N"))
    agent = api.agent("Mia Chen")["id"]
    assert {device["preset_status"] for device in api.devices(agent).values()} == {"N"}
    api.put(f"/departments/default/{agent}")
    (status,) = api.get(f"/agents/{agent}/status")
    assert (status["preset_status"], status["work_allocation_allowed"]) == ("MTPR", True)


def test_others_devices_need_the_permission(api: Api, mia: str) -> None:
    granted = {"manage_agents": "grant", "manage_agents_devices": "grant"}
    keeper_role = api.post("/roles", {"name": "Keeper", "permissions": granted})["id"]
    own = api.as_agent(mia)
    other = api.as_agent(api.agent("Bob Novak")["id"])
    keeper = api.as_agent(api.agent("Kim Keeper", roleId=keeper_role)["id"])
    device = api.devices(mia)["T"]
    path = f"/devices/{device['id']}/departments/default"
    for caller, status in ((own, 200), (other, 403), (keeper, 200)):
        assert status_of(caller, "PUT", path, body={"online_status": "N"}) == status
        assert status_of(caller, "PUT", f"/devices/{device['id']}", body=device) == status
    body = {"DeviceDepartments": [{"device_id": 1, "department_id": "default"}]}
    assert status_of(own, "PUT", "/devices/departments/update", body=body) == 403
    assert status_of(other, "DELETE", f"/devices/{device['id']}") == 403


def test_plans(api: Api, mia: str, rows: Rows) -> None:
    device = api.devices(mia)["T"]
    path = f"/devices/{device['id']}/departments/default/plans"
    plans = [
        {"day": day, "start": "09:00:00", "end": "17:30:00", "title": "Early"} for day in (0, 6)
    ]
    made = api.post(path, {"DeviceDepartments": plans})
    assert made == [
        {
            "device_id": device["id"],
            "department_id": "default",
            "day": day,
            "start": "09:00:00",
            "end": "17:30:00",
            "title": "Early",
            "plan_id_start": begin,
            "plan_id_end": end,
        }
        for day, begin, end in ((0, "1", "2"), (6, "3", "4"))
    ]
    shown = api.get(f"/devices/{device['id']}/plans")
    assert shown == [{"department_id": "default", "plans": made}]
    assert api.delete(path) == {}
    assert api.get(f"/devices/{device['id']}/plans") == []
    api.post(path, {"DeviceDepartments": plans})
    api.delete(f"/departments/default/{mia}")
    assert rows("SELECT * FROM device_plans") == []
    assert status_of(api, "POST", path, body={"DeviceDepartments": plans}) == 404


@pytest.mark.parametrize(
    "changes",
    [{"day": 7}, {"day": -1}, {"start": "9:00"}, {"end": "24:00:00"}, {"start": "09:00:60"}],
)
def test_a_plan_that_makes_no_sense(api: Api, mia: str, changes: Json) -> None:
    device = api.devices(mia)["T"]
    plan = {"day": 1, "start": "09:00:00", "end": "17:30:00"} | changes
    path = f"/devices/{device['id']}/departments/default/plans"
    assert status_of(api, "POST", path, body={"DeviceDepartments": [plan]}) == 400


def test_days_and_times_of_plans_can_be_written_otherwise(start: Start) -> None:
    api = start(switches=Switches(plan_day_base=1, plan_time_format="HH:MM"))
    path = "/devices/1/departments/default/plans"
    for day, status in ((7, 200), (0, 400)):
        body = {"DeviceDepartments": [{"day": day, "start": "09:00", "end": "17:30"}]}
        assert status_of(api, "POST", path, body=body) == status


def test_a_service_the_account_lacks_cannot_be_switched_on(start: Start) -> None:
    api = start(switches=Switches(chat_feature=False, call_feature=False))
    owner = api.owner()["id"]
    devices = api.devices(owner)
    for service, off in (("M", False), ("T", True), ("P", True)):
        device = devices[service]
        paths = (f"/devices/{device['id']}", f"/devices/{device['id']}/departments/default")
        for path in paths:
            api.put(path, device)
            status = status_of(api, "PUT", path, body=device | {"preset_status": "N"})
            assert status == (400 if off else 200)
        body = {"departments": [{"departmentid": "default", "preset_status": service}]}
        status = status_of(api, "PUT", f"/agents/{owner}/status", body=body)
        assert status == (400 if off else 200)
