"""Any answer of an account leads to a reading, or to an error that names the odd answer."""

import json
from typing import Any

import pytest

from provisioner.diagnostics import TargetError
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.transport import Transport
from tests.support import KEY
from tests.unit.liveagent.odd import Answers, Fault, Replay, every_fault, fault_of, recorded
from tests.unit.liveagent.scripted import Reply, scripted

SEEDS_AT_ONCE = 50


def read(url: str) -> LiveState:
    client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
    try:
        return LiveAgentReader(client).read(hours_of=None)
    finally:
        client.close()


@pytest.fixture(scope="module", params=("v3", "full"))
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return recorded(tmp_path_factory.mktemp("account"), str(request.param), read)


def check(url: str, fault: Fault) -> None:
    """Read an account with a fault in its answers."""
    try:
        live = read(url)
    except TargetError as error:
        (finding,) = error.diagnostics
        assert finding.code != "internal"
        assert len(finding.summary) < 800, (fault.asked, fault.what)
    except Exception as error:
        raise AssertionError((fault.asked, fault.what)) from error
    else:
        assert live.objects, (fault.asked, fault.what)


@pytest.mark.no_cover
def test_an_odd_value_of_any_key_is_read_or_reported(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, which has no part in it: there are a thousand such values."""
    replay = Replay(answers)
    monkeypatch.setattr(Transport, "send", replay.send)
    for fault in every_fault(answers):
        replay.fault = fault
        check("http://acme.example", fault)


@pytest.mark.no_cover
@pytest.mark.parametrize("first", range(0, 150, SEEDS_AT_ONCE))
def test_an_odd_answer_is_read_or_reported(first: int, answers: Answers) -> None:
    replay = Replay(answers)
    with scripted(replay) as (url, _):
        for seed in range(first, first + SEEDS_AT_ONCE):
            replay.fault = fault_of(answers, seed)
            check(url, replay.fault)


REFUSED: list[tuple[str, str, str, Any, str]] = [
    ("v3", "/agents", "email", None, 'row "{}": email is null; a text is expected'),
    ("v3", "/agents", "name", 7, 'row "{}": name is 7; a text is expected'),
    ("v3", "/agents", "role", [], 'row "{}": role is a list; a text is expected'),
    ("v3", "/grid/agents", "departments_statuses", "x", 'departments_statuses is "x"; a list'),
    ("v3", "/grid/agents", "departments_statuses", [{}], "[0].departmentid is missing; an id"),
    ("v3", "/devices", "type", None, "type is null; a text is expected"),
    ("v3", "/grid/departments", "name", [], "name is a list"),
    ("full", "/roles", "permissions", {"a": 1}, "permissions.a is 1; a text is expected"),
    ("full", "/agents/profiles", "plans", [{"day": 9}], "plans[0].service_type is missing"),
]
NAMED: list[tuple[str, str, str, Any, str]] = [
    ("v3", "/agents", "gender", "?", 'gender is "?"; one of M, F, X is expected'),
    ("v3", "/agents", "role", "boss", 'role is "boss"; one of agent, admin, owner is expected'),
    ("v3", "/agents", "status", "P", 'status is "P"; one of A, X is expected'),
    ("v3", "/agents", "voice_status", 7, "voice_status is 7; one of F, N is expected"),
    ("v3", "/grid/agents", "userstatus", "R", 'userstatus is "R"; one of A, X is expected'),
    ("v3", "/devices", "preset_status", "Q", 'preset_status is "Q"; one of N, F is expected'),
    ("v3", "/devices", "preset_status", None, "preset_status is null; one of N, F is expected"),
    ("full", "/agents/profiles", "alias", 7, "alias is 7; a text is expected"),
    ("full", "/agents/profiles", "sounds", "x", 'sounds is "x"; an object is expected'),
]


def altered(
    answers: Answers, surface: str, path: str, field: str, value: Any
) -> tuple[Replay, str]:
    """Return the recorded account with one odd value, and the row that has it."""
    if ("/api/v3/agents/profiles" in {asked[0] for asked in answers}) != (surface == "full"):
        pytest.skip("the list is one of the other surface")
    replay = Replay(answers)
    asked = next(one for one in sorted(answers) if one[0] == f"/api/v3{path}")
    rows = json.loads(answers[asked].body)
    rows[-1][field] = value
    replay.fault = Fault(asked, Reply(rows, headers=answers[asked].headers), field)
    row = next(rows[-1][name] for name in ("id", "agentid", "agent_id") if name in rows[-1])
    return replay, str(row)


@pytest.mark.parametrize(("surface", "path", "field", "value", "words"), REFUSED)
def test_a_value_that_makes_a_row_useless_is_refused_with_list_row_and_field(
    surface: str, path: str, field: str, value: Any, words: str, answers: Answers
) -> None:
    replay, row = altered(answers, surface, path, field, value)
    with scripted(replay) as (url, _), pytest.raises(TargetError) as raised:
        read(url)
    (finding,) = raised.value.diagnostics
    assert finding.code == "unexpected-answer"
    assert f"GET /api/v3{path}, row" in finding.summary
    assert words.format(row) in finding.summary


@pytest.mark.parametrize(("surface", "path", "field", "value", "words"), NAMED)
def test_an_odd_value_of_one_field_is_named_by_list_row_and_field(
    surface: str, path: str, field: str, value: Any, words: str, answers: Answers
) -> None:
    replay, row = altered(answers, surface, path, field, value)
    with scripted(replay) as (url, _):
        texts = [str(one) for one in read(url).unread]
    assert f'GET /api/v3{path}, row "{row}": {words}' in texts


@pytest.mark.parametrize("value", [None, []])
def test_an_agent_without_memberships_may_have_null_for_a_list(
    value: Any, answers: Answers
) -> None:
    replay = Replay(answers)
    asked = next(one for one in sorted(answers) if one[0] == "/api/v3/grid/agents")
    rows = json.loads(answers[asked].body)
    rows[-1]["departments_statuses"] = value
    replay.fault = Fault(asked, Reply(rows, headers=answers[asked].headers), "null")
    with scripted(replay) as (url, _):
        assert read(url).objects
