"""The account's own reason is shown in one short line without a key."""

import pytest

from provisioner.diagnostics import RejectedError, TargetError
from provisioner.live.agent_report import Login
from provisioner.liveagent.creation import ObjectCreator
from provisioner.liveagent.http import answers
from provisioner.liveagent.http.bounded_connections import ANSWER_DEPTH
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.learning import Learning
from provisioner.liveagent.on_demand_reader import LiveAgentReportReader
from provisioner.redaction import MASK, REASON_LENGTH
from tests.unit.liveagent.scripted import Reply, Request, Script, scripted

KEY = "secret-of-the-account"


def refused(reply: Reply, method: str = "POST") -> TargetError:
    with scripted(lambda _request: reply) as (url, _):
        client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
        with pytest.raises(TargetError) as raised:
            client.call(method, "/agents", body={})
        client.close()
    return raised.value


REASONS: list[tuple[Reply, str]] = [
    (Reply({"message": "no such row"}, 400), "400 Bad Request: no such row"),
    (Reply({"errors": {"email": ["is already taken"]}}, 422), ": email: is already taken"),
    (Reply({"errors": ["a", {"message": "b"}, {"field": "c"}]}, 422), ": a, b, field: c"),
    (Reply({"error": "limit reached"}, 409), ": limit reached"),
    (Reply({"error": {"message": "limit reached"}}, 409), ": limit reached"),
    (Reply({"detail": "limit reached"}, 409), ": limit reached"),
    (Reply({"response": {"status": "ERROR", "errormessage": "no"}}, 400), ": no"),
    (Reply({"message": "", "errors": ["why"]}, 400), ": why"),
    (Reply({"status": "ERROR", "message": "limit"}, 200), "the answer is an error: limit"),
    (Reply({"status": "ERROR"}, 200), "the answer is an error: no reason is given"),
    (Reply({"response": {"status": "ERROR", "errormessage": "no"}}, 201), "is an error: no"),
    (Reply({"message": "two\nlines \x1b[31m \u202e"}, 400), r": two lines \u001b[31m \u202e"),
]


@pytest.mark.parametrize(("reply", "words"), REASONS)
def test_a_reason_is_shown_and_the_request_is_known_to_be_declined(
    reply: Reply, words: str
) -> None:
    error = refused(reply)
    assert isinstance(error, RejectedError)
    assert error.status == reply.status
    assert error.diagnostics[0].summary.endswith(words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b"<html><style>p {}</style><p>Agent limit</p>\n<b>reached</b></html>",
            "Agent limit reached",
        ),
        (b"maintenance", "maintenance"),
        (b"\xff\x00", r"\u0000"),
        (b'{"other": 1}', "(not an answer of the API)"),
        (b"[" * 100_000, "[[["),
        (b"", "(not an answer of the API)"),
    ],
)
def test_what_is_no_error_of_the_api_is_shown_as_text(body: bytes, words: str) -> None:
    error = refused(Reply(raw=body, status=400))
    assert not isinstance(error, RejectedError)
    assert "400 Bad Request (not an answer of the API)" in str(error)
    assert words in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"message": "x" * 100_000}, 400),
        Reply({"errors": ["x" * 10] * 10_000}, 422),
        Reply(raw=b"<p>" * 100_000 + b"x" * 100_000, status=400),
        Reply(raw=b"", status=302, headers={"Location": "https://sso.example/" + "x" * 10_000}),
    ],
)
def test_a_long_reason_is_cut(reply: Reply) -> None:
    assert len(str(refused(reply))) < REASON_LENGTH + 100


@pytest.mark.parametrize("status", [200, 400, 401, 422, 500])
@pytest.mark.parametrize("before", range(REASON_LENGTH - 30, REASON_LENGTH + 5, 5))
def test_a_key_in_a_reason_is_masked_before_it_is_cut(status: int, before: int) -> None:
    """A part of a key at the end of a line that was cut would not be recognised any more."""
    reply = Reply({"status": "ERROR", "message": "x" * before + KEY}, status)
    message = str(refused(reply))
    assert "secret" not in message
    assert message.rstrip(")").endswith(("…", MASK, MASK[:-1], "xxx")) or "tried" in message


@pytest.mark.parametrize("name", ["message", "errors", "other"])
def test_a_reason_is_searched_once_at_each_level(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched, search = [0], answers.reason_in

    def counted(content: object) -> str:
        searched[0] += 1
        assert searched[0] <= 10 * ANSWER_DEPTH
        return search(content)

    monkeypatch.setattr(answers, "reason_in", counted)
    content: dict[str, object] = {}
    for _ in range(ANSWER_DEPTH - 1):
        content = {name: content}
    summary = refused(Reply(content, 400)).diagnostics[0].summary
    assert summary.endswith("400 Bad Request (not an answer of the API)")


@pytest.mark.parametrize(
    "gone",
    [Reply({"message": "gone"}, 404), Reply({"message": "gone"}, 410), Reply(raw=b"", status=410)],
)
def test_what_has_gone_needs_no_deletion(gone: Reply) -> None:
    with scripted(lambda _request: gone) as (url, seen):
        client = Client(url, KEY, pacer=Pacer(0))
        client.delete("/departments/a/b")
        LiveAgentReportReader(client).disconnect(Login("a/7", "phone", ""))
        client.close()
    assert [request.path for request in seen] == [
        "/api/v3/departments/a/b",
        "/api/v3/apikeys/a%2F7",
    ]


@pytest.mark.parametrize(("identifier", "part"), [(12.0, "12"), (12, "12"), ("../x?", "..%2Fx%3F")])
def test_an_id_is_a_part_of_a_path(identifier: object, part: str) -> None:
    assert quoted(identifier) == part


ANN = {"id": "a1", "email": "Ann@acme.example", "name": "Ann", "role": "agent"}


def creating(answer: Reply, rows: list[dict[str, str]]) -> Script:
    """Serve an account that answers a creation in its own way and shows some agents then."""

    def script(request: Request) -> Reply:
        if request.method == "POST":
            return answer
        return Reply(rows if request.query.get("_page") == "1" else [])

    return script


@pytest.mark.parametrize(
    "answer",
    [
        *(Reply({}), Reply({"id": None}), Reply({"id": ""}), Reply([]), Reply("OK"), Reply(None)),
        *(Reply(raw=b""), Reply(raw=b"<html>done</html>")),
    ],
)
def test_a_creation_without_id_in_its_answer_is_looked_up(answer: Reply) -> None:
    with scripted(creating(answer, [ANN])) as (url, seen):
        client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
        created = ObjectCreator(client, Learning(())).create_agent({"email": "ann@acme.example"})
        assert created == ANN
        client.close()
    assert [request.method for request in seen].count("POST") == 1


def test_a_creation_without_id_that_left_nothing_is_uncertain() -> None:
    with scripted(creating(Reply({}), [])) as (url, _):
        client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
        with pytest.raises(TargetError, match="the answer has no id") as raised:
            ObjectCreator(client, Learning(())).create_agent({"email": "ann@acme.example"})
        client.close()
    assert raised.value.uncertain
    assert raised.value.diagnostics[0].code == "maybe-created"
