"""Faults on purpose: each kind, the requests it affects, and its option of the command line."""

import time

import pytest
import requests

from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.faults import Fault, Faults, parse_fault
from tests.sandbox.api import Api, Start

MIA = {"name": "Mia Chen", "email": "mia.chen@acme.example"}


def emails(api: Api) -> list[str]:
    return [agent["email"] for agent in api.get("/agents")]


def test_a_status_instead_of_an_answer(api: Api) -> None:
    api.sandbox.faults.add(Fault(status=503))
    assert api.refusal("POST", "/agents", body=MIA) == (503, "Fault on purpose")
    assert emails(api) == ["owner@acme.example"]


def test_too_many_requests_have_a_time_to_wait(api: Api) -> None:
    api.sandbox.faults.add(Fault(status=429))
    assert api.send("GET", "/agents").headers["Retry-After"] == "1"


@pytest.mark.parametrize("lands", [False, True])
def test_a_page_after_or_instead_of_the_effect(api: Api, lands: bool) -> None:
    api.sandbox.faults.add(Fault("html", lands=lands))
    response = api.send("POST", "/agents", body=MIA)
    assert (response.status_code, response.headers["Content-Type"].split(";")[0]) == (
        500,
        "text/html",
    )
    assert (MIA["email"] in emails(api)) is lands


@pytest.mark.parametrize("lands", [False, True])
def test_a_connection_that_breaks_before_or_after_the_effect(api: Api, lands: bool) -> None:
    api.sandbox.faults.add(Fault("drop", lands=lands))
    with pytest.raises(requests.ConnectionError):
        api.send("POST", "/agents", body=MIA)
    assert (MIA["email"] in emails(api)) is lands
    assert api.sandbox.requests.entries()[0] == ("POST", "/api/v3/agents", 0)


def test_an_answer_that_breaks_off(api: Api) -> None:
    api.sandbox.faults.add(Fault("truncate"))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.send("GET", "/agents")
    assert emails(api)


def test_an_answer_that_comes_late(api: Api) -> None:
    api.sandbox.faults.add(Fault("delay", seconds=0.05))
    before = time.monotonic()
    assert emails(api)
    assert time.monotonic() - before >= 0.05


def test_a_success_that_wrote_nothing(api: Api) -> None:
    api.sandbox.faults.add(Fault("lose", method="POST"))
    assert api.post("/agents", MIA)["email"] == MIA["email"]
    assert emails(api) == ["owner@acme.example"]


def test_a_read_that_lags(api: Api) -> None:
    api.sandbox.faults.add(Fault("lag", skip=1, times=2))
    assert len(emails(api)) == 1
    api.post("/agents", MIA)
    assert [len(emails(api)) for _ in range(3)] == [1, 2, 2]


def test_a_read_cannot_lag_behind_nothing(api: Api) -> None:
    api.sandbox.faults.add(Fault("lag", times=0))
    assert [len(emails(api)) for _ in range(2)] == [1, 1]


def test_a_rule_hits_what_it_names(start: Start) -> None:
    rule = Fault(method="GET", path="/agents$", skip=1, times=2)
    api = start(faults=Faults([rule]))
    assert api.get("/departments")
    assert api.post("/agents", MIA)
    assert [api.send("GET", "/agents").status_code for _ in range(4)] == [200, 500, 500, 200]
    api.sandbox.faults.add(Fault(times=0))
    assert [api.send("GET", "/ping").status_code for _ in range(3)] == [500, 500, 500]
    api.sandbox.faults.clear()
    assert api.send("GET", "/ping").status_code == 200


def test_chance_can_be_repeated() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults([Fault(times=0, chance=0.5)], seed)
        return [faults.fault_of("GET", "/agents") is not None for _ in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 10 < sum(drawn(1)) < 40


def test_a_rule_on_a_command_line() -> None:
    text = "kind=drop,method=POST,path=/agents,skip=2,times=0,chance=.25,lands=on,seconds=1.5"
    assert parse_fault(text) == Fault(
        kind="drop",
        method="POST",
        path="/agents",
        skip=2,
        times=0,
        chance=0.25,
        lands=True,
        seconds=1.5,
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("knid=drop", "The sandbox has no fault setting 'knid'. Did you mean 'kind'?"),
        ("chance=often", "Fault setting 'chance' must be a number, not 'often'."),
        (
            "kind=fire",
            (
                "Fault setting 'kind' must be "
                "status or html or drop or truncate or delay or lose or lag, not 'fire'."
            ),
        ),
    ],
)
def test_an_invalid_rule_is_refused(text: str, message: str) -> None:
    with pytest.raises(SandboxError) as refused:
        parse_fault(text)
    assert str(refused.value) == message
