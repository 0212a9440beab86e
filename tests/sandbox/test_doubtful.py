"""Behaviours that no document confirms, each behind its switch."""

import pytest

from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Start


def test_a_page_size_above_the_limit_is_refused(start: Start) -> None:
    api = start(switches=Switches(per_page_limit=20))
    for path in ("/agents", "/grid/agents"):
        assert len(api.get(path, params={"_perPage": 20})) == 1
        status, message = api.refusal("GET", path, params={"_perPage": 21})
        assert (status, message) == (400, "Invalid value for '_perPage', must be at most 20")


def test_a_page_past_the_end_may_be_missing(start: Start) -> None:
    api = start(switches=Switches(page_past_end="missing"))
    assert api.get("/roles") == []
    assert len(api.get("/agents", params={"_page": 1})) == 1
    assert api.refusal("GET", "/agents", params={"_page": 2})[0] == 404


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("id", "id", "email"),
        ("email", "email", "id"),
        ("either", "id", ""),
        ("either", "email", ""),
    ],
)
def test_undelete_reads_some_fields(start: Start, key: str, accepted: str, refused: str) -> None:
    api = start(switches=Switches(undelete_key=key))  # type: ignore[arg-type]
    mia = api.agent("Mia")
    api.delete(f"/agents/{mia['id']}")
    if refused:
        body = {**mia, refused: mia[refused]}
        del body[accepted]
        assert api.refusal("POST", "/agents/undelete", body=body)[0] == 400
    body = {**mia}
    del body["email" if accepted == "id" and key != "either" else "id"]
    if key == "id":
        body = {"id": mia["id"], "name": "Mia", "email": "other@acme.example"}
    assert api.post("/agents/undelete", body)["id"] == mia["id"]


def test_null_and_an_empty_role_may_be_refused(start: Start) -> None:
    api = start(switches=Switches(null_values="refused", empty_role_id="refused"))
    mia = api.agent("Mia")
    for fields in ({"avatar_url": None}, {"roleId": ""}):
        body = {"name": "Mia", "email": mia["email"], **fields}
        assert api.refusal("PUT", f"/agents/{mia['id']}", body=body)[0] == 400
    # The extended surface resets with null.
    api.put(f"/agents/{mia['id']}/profile", {"alias": None})


@pytest.mark.parametrize(
    ("answer", "status", "content"),
    [("empty", 200, ""), ("no_content", 204, ""), ("text", 200, "OK"), ("braces", 200, "{}")],
)
def test_a_write_may_be_answered_without_the_object(
    start: Start, answer: str, status: int, content: str
) -> None:
    api = start(switches=Switches(write_answer=answer))  # type: ignore[arg-type]
    body = {"name": "Mia", "email": "mia@acme.example"}
    created = api.send("POST", "/agents", body=body)
    assert (created.status_code, created.text) == (status, content)
    mia = api.get("/agents")[1]
    assert api.send("DELETE", f"/agents/{mia['id']}").text == content
    assert api.post("/apikeys", {"userid": api.owner()["id"]})["key"]


def test_a_list_shows_a_write_some_reads_later(start: Start) -> None:
    api = start(switches=Switches(lag_agents=2))
    lengths = [len(api.get("/agents"))]
    api.agent("Mia")
    lengths += [len(api.get("/agents")) for _ in range(4)]
    assert lengths == [1, 1, 1, 2, 2]
    assert len(api.get("/grid/agents")) == 2


def test_the_pages_of_a_list_that_lags_are_of_one_age(start: Start) -> None:
    api = start(switches=Switches(lag_agents=1))
    first = api.agent("Ana")
    pages = [{"_page": number, "_perPage": 1} for number in (1, 2, 3)]
    api.get("/agents", params=pages[0])
    api.delete(f"/agents/{first['id']}")
    api.agent("Bob")
    api.agent("Mia")
    assert len(api.get("/agents", params=pages[0])) == 1
    assert api.get("/agents", params=pages[1]) == [first]
    assert api.get("/agents", params=pages[2]) == []


def test_new_agents_may_lack_web_devices(start: Start) -> None:
    api = start(switches=Switches(web_devices="none"))
    assert api.devices(api.agent("Mia")["id"]) == {}
    assert len(api.devices(api.owner()["id"])) == 3


def test_a_new_object_is_missing_at_first(start: Start) -> None:
    api = start(switches=Switches(lag_new_objects=2))
    mia, department = api.agent("Mia"), api.department("Support")
    path = f"/departments/{department}/{mia['id']}"
    statuses = [api.send("PUT", path, body={}).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 404, 200]
    rows: dict[str, list[object]] = {"DeviceDepartments": []}
    statuses = [
        api.send("PUT", "/devices/departments/update", body=rows).status_code for _ in range(3)
    ]
    assert statuses == [404, 404, 200]


@pytest.mark.parametrize(("switch", "kept"), [("role_decides", False), ("kept", True)])
def test_a_put_without_a_role_id_may_keep_a_custom_role(
    start: Start, switch: str, kept: bool
) -> None:
    api = start(switches=Switches(missing_role_id=switch))  # type: ignore[arg-type]
    lead = api.post("/roles", {"name": "Lead"})["id"]
    mia = api.agent("Mia", roleId=lead)
    body = {"name": "Mia", "email": mia["email"], "role": "agent"}
    after = api.put(f"/agents/{mia['id']}", body)
    assert (after["roleId"] == lead) is kept
