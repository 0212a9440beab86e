"""Keys, errors and the rate limit: what every request has to do with."""

import sqlite3
from typing import Any

import pytest
import requests

from provisioner.sandbox.access import RateLimit
from provisioner.sandbox.errors import TooManyRequestsError
from tests.effort import LONGEST_SECONDS
from tests.sandbox.api import KEY, Api, Rows, Start

NEW = {"name": "Mia Chen", "email": "mia.chen@acme.example"}


@pytest.mark.parametrize("header", ["apikey", "apiKey", "APIKEY"])
def test_the_key_goes_in_a_header_of_any_case(api: Api, header: str) -> None:
    response = requests.get(
        f"{api.sandbox.url}/api/v3/agents", headers={header: KEY}, timeout=LONGEST_SECONDS
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"apikey": ""},
        {"apikey": "wrong"},
        {"apikey": "\xe9"},
        {"Authorization": f"Bearer {KEY}"},
    ],
)
def test_no_key_or_a_wrong_one_is_403(api: Api, headers: dict[str, str]) -> None:
    response = requests.get(
        f"{api.sandbox.url}/api/v3/agents", headers=headers, timeout=LONGEST_SECONDS
    )
    assert response.status_code == 403
    assert response.json().keys() == {"message"}


def test_a_key_in_the_query_is_refused(api: Api) -> None:
    url = f"{api.sandbox.url}/api/v3/agents?apikey={KEY}"
    assert requests.get(url, timeout=LONGEST_SECONDS).status_code == 403


def test_ping_and_the_document_need_no_key(api: Api) -> None:
    for path in ("/ping", "/openapi.json"):
        url = f"{api.sandbox.url}/api/v3{path}"
        assert requests.get(url, timeout=LONGEST_SECONDS).status_code == 200


def test_an_expired_key_is_403_and_a_blocked_address_401(api: Api, rows: Rows) -> None:
    mia = api.as_agent(api.agent("Mia Chen")["id"])
    rows("UPDATE api_keys SET valid_to_date = '2020-01-01 00:00:00' WHERE key = ?", mia.key)
    assert mia.refusal("GET", "/agents") == (403, "ApiKey has expired")
    rows("UPDATE api_keys SET valid_to_date = NULL, whitelist = '10.0.0.1' WHERE key = ?", mia.key)
    assert mia.refusal("GET", "/agents")[0] == 401
    rows("UPDATE api_keys SET whitelist = '10.0.0.1, 127.0.0.1' WHERE key = ?", mia.key)
    assert mia.get("/agents")


def test_the_key_of_a_deleted_agent_no_longer_works(api: Api) -> None:
    agent = api.agent("Mia Chen")
    mia = api.as_agent(agent["id"])
    api.delete(f"/agents/{agent['id']}")
    assert mia.refusal("GET", "/agents") == (403, "ApiKey not found")


def test_a_path_may_end_in_a_slash(api: Api) -> None:
    agent = api.post("/agents/", NEW)
    assert api.get(f"/agents/{agent['id']}/") == agent


def test_an_unknown_path_is_404(api: Api) -> None:
    assert api.refusal("GET", "/nothing") == (404, "Not Found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PATCH", "/agents", "GET, POST"), ("GET", "/devices/departments/update/x", None)],
)
def test_a_method_that_a_path_lacks(api: Api, method: str, path: str, allowed: str | None) -> None:
    status, message = api.refusal(method, path)
    if allowed is None:
        assert status == 404
    else:
        assert (status, message) == (405, f"Method not allowed. Must be one of: {allowed}")


def test_methods_of_all_matching_paths_are_named(api: Api) -> None:
    response = api.send("PATCH", "/devices/departments/update")
    assert response.headers["Allow"] == "GET, PUT"


def test_the_extended_surface_is_not_there_on_v3(start: Start) -> None:
    v3 = start(surface="v3")
    assert v3.refusal("GET", "/roles") == (404, "Not Found")
    assert v3.refusal("GET", "/roles/permissions")[0] == 404
    assert v3.refusal("POST", "/departments", body={"name": "Support"})[0] == 405
    assert v3.refusal("PUT", "/departments/default/x")[0] == 405


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"name": NaN, "email": "a@acme.example"}',
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object(api: Api, content: bytes) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}):
        refusal = api.refusal("POST", "/agents", data=content, headers=headers)
        assert refusal == (400, "Bad JSON format: Syntax error")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 5}, "Invalid value for 'name', must be a text"),
        ({"name": None}, "Invalid value for 'name', must be a text"),
        ({"name": "a\0b"}, "Invalid value for 'name', must be a text"),
        ({"name": "\ud800"}, "Invalid value for 'name', must be a text"),
        ({"name": "x" * 256}, "Invalid value for 'name', must be at most 255 characters long"),
        ({"name": " "}, "Invalid value for 'name', must be like [\\s\\S]*\\S[\\s\\S]*"),
        ({"gender": "Q"}, "Invalid value for 'gender', must be one of M, F, X"),
        ({"role": []}, "Invalid value for 'role', must be one of owner, admin, agent"),
        ({"roleId": 10**30}, "Invalid value for 'roleId', must be a text"),
    ],
)
def test_a_value_of_a_wrong_kind(api: Api, changes: dict[str, Any], message: str) -> None:
    assert api.refusal("POST", "/agents", body=NEW | changes) == (400, message)


def test_a_missing_property_is_named(api: Api) -> None:
    refusal = api.refusal("POST", "/agents", body={"name": "Mia Chen"})
    assert refusal == (400, "Missing required property 'email'")


def test_text_of_any_script_survives(api: Api) -> None:
    name = "Zoë 陈 \N{THUMBS UP SIGN} \N{RIGHT-TO-LEFT OVERRIDE}"
    agent = api.post("/agents", NEW | {"name": name})
    assert api.get(f"/agents/{agent['id']}")["name"] == name


def test_a_fault_that_nobody_expects_is_an_html_page(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("provisioner.sandbox.store.agents.by_email", fail)
    response = api.send("POST", "/agents", body=NEW)
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Slim Application Error" in response.text


def test_a_refused_request_leaves_nothing_behind(api: Api, rows: Rows) -> None:
    batch = {
        "DeviceDepartments": [
            {"device_id": 1, "department_id": "default", "preset_status": "N"},
            {"device_id": 999, "department_id": "default", "preset_status": "N"},
        ]
    }
    refusal = api.refusal("PUT", "/devices/departments/update", body=batch)
    assert refusal == (404, "Row does not exist: device 999, department 'default'")
    assert rows("SELECT DISTINCT preset_status FROM device_departments") == [("F",)]


def test_the_rate_limit_answers_429(start: Start) -> None:
    api = start(rate_limit=3)
    assert [api.send("GET", "/agents").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = api.send("GET", "/agents")
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert response.json() == {"message": "Too many requests"}


def test_the_rate_limit_counts_each_key_within_a_sliding_minute() -> None:
    now = [0.0]
    limit = RateLimit(2, clock=lambda: now[0])
    limit.count(1)
    now[0] = 30.5
    limit.count(1)
    limit.count(2)
    with pytest.raises(TooManyRequestsError) as refused:
        limit.count(1)
    assert refused.value.retry_after == 30
    now[0] = 60.0
    limit.count(1)
