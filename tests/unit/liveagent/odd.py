"""Recorded answers of an account, and faults put into them by a seed."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict

from provisioner.liveagent.http.answers import Answer
from tests.support import KEY, account, write_project
from tests.unit.liveagent.scripted import Reply, Request, scripted

TEAM = """
agents:
  - {email: owner@acme.example, name: Account Owner}
  - email: mia@acme.example
    name: Mia Chen
    role: Team lead
    departments: {Support: {tickets: true, chats: true}, Sales: {calls: true}}
    availability: {tickets: online}
    hours: [{days: [mon], from: "09:00", to: "17:30", services: [chats], departments: [Support]}]
    notifications: {email: {ticket_assigned: true}}
    sounds: {new_chat: chime}
  - {email: bob@acme.example, name: Bob, departments: {Sales: {tickets: true}}}
departments: [{name: Support}, {name: Sales}]
roles: [{name: Team lead, permissions: {manage_agents: grant}}]
"""

KEPT_HEADERS = ("api_surface", "next_page_cursor")

Question = tuple[str, tuple[tuple[str, str], ...]]
Answers = Mapping[Question, Reply]


def question(request: Request) -> Question:
    """Return what a request asks for."""
    return request.path, tuple(sorted(request.query.items()))


@contextmanager
def recording(url: str, answers: dict[Question, Reply]) -> Iterator[str]:
    """Pass requests on to an account and keep the answers."""

    def pass_on(request: Request) -> Reply:
        answer = requests.request(
            request.method,
            url + request.path,
            params=request.query,
            json=request.body,
            headers={"apikey": KEY},
            timeout=30,
        )
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        reply = Reply(raw=answer.content, status=answer.status_code, headers=headers)
        answers[question(request)] = reply
        return reply

    with scripted(pass_on) as (own_url, _):
        yield own_url


def recorded(folder: Path, surface: str, read: Callable[[str], object]) -> Answers:
    """Return all answers that a reading of a small team's account gets on a surface."""
    project = write_project(folder / "team", team=TEAM)
    with account(folder) as live:
        live.apply(project)
    answers: dict[Question, Reply] = {}
    with account(folder, surface=surface) as live, recording(live.server.url, answers) as url:
        read(url)
    return answers


@dataclass(frozen=True)
class Fault:
    """One answer with a fault in it.

    Attributes:
        asked: the request that it answers.
        reply: the answer.
        what: the fault, for a failing test.
    """

    asked: Question
    reply: Reply
    what: str


VALUES: list[Any] = [
    *(
        None,
        0,
        -1,
        10**30,
        1.5,
        True,
        "",
        " ",
        "x",
        "X",
        "\ud800",
        "a\x00b",
        "Y",
        "2026",
        "25:61:00",
    ),
    *([], {}, [None], [[[]]], {"a": {"b": []}}, [{}], ["x"], "x" * 3000),
]
BODIES = [
    *(b"", b"null", b"[", b"{}", b"[]", b"[null]", b'"x"', b"7", b"[NaN]", b"[1e999]", b'["\xff"]'),
    *(b"<html><h1>Sign in</h1></html>", b"[" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500),
    *(
        b'{"message": "no"}',
        b'{"status": "ERROR", "message": "no"}',
        b"1" * 5000,
        b"\xef\xbb\xbf[]",
    ),
]


def fault_of(answers: Answers, seed: int) -> Fault:
    """Return the answer that a seed selects, with its fault."""
    chance = random.Random(seed)  # noqa: S311  not a secret
    asked = chance.choice(sorted(answers))
    reply = answers[asked]
    if chance.random() < 0.15:
        body = chance.choice([*BODIES, reply.body[: len(reply.body) // 2]])
        return Fault(asked, Reply(raw=body, headers=reply.headers), f"the body {body[:40]!r}")
    content = json.loads(reply.body)
    nodes = [*_nodes(content, ())]
    if not nodes:
        return Fault(asked, Reply(raw=b"null", headers=reply.headers), "null for an empty list")
    path = chance.choice(nodes)
    parent = content
    for key in path[:-1]:
        parent = parent[key]
    match chance.randrange(4):
        case 0 if isinstance(parent, dict):
            what = f"no {path}"
            del parent[path[-1]]
        case 1 if isinstance(parent, list):
            what = f"{path} twice"
            parent.append(parent[path[-1]])
        case _:
            value = chance.choice(VALUES)
            what = f"{path} is {str(value)[:40]!r}"
            parent[path[-1]] = value
    return Fault(asked, Reply(content, headers=reply.headers), what)


def every_fault(answers: Answers) -> Iterator[Fault]:
    """Yield a fault for each key of each list: it is missing, null, and of other types."""
    for asked in sorted(answers):
        plain = answers[asked].body
        seen: set[tuple[str, ...]] = set()
        for path in _nodes(json.loads(plain), ()):
            pattern = tuple(key for key in path if isinstance(key, str))
            if pattern in seen:
                continue
            seen.add(pattern)
            for value in (_GONE, None, 7, "x", []):
                content = json.loads(plain)
                parent = content
                for key in path[:-1]:
                    parent = parent[key]
                if value is _GONE:
                    del parent[path[-1]]
                else:
                    parent[path[-1]] = value
                what = f"{path} is {'missing' if value is _GONE else value!r}"
                yield Fault(asked, Reply(content, headers=answers[asked].headers), what)


_GONE = object()


def _nodes(content: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in entries:
        yield from _nodes(value, (*path, key))


class Replay:
    """Answers with what was recorded, and to one request with a fault.

    Attributes:
        fault: the fault at present; None for the plain recording.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.fault: Fault | None = None

    def __call__(self, request: Request) -> Reply:
        return self._reply(question(request))

    def send(
        self, method: str, path: str, *, params: Mapping[str, str | int] | None = None, **_: Any
    ) -> Answer:
        """Answer in place of `Transport.send`, without a network."""
        assert method == "GET"
        asked = (path, tuple(sorted((name, str(value)) for name, value in (params or {}).items())))
        reply = self._reply(asked)
        return Answer(reply.status, "", CaseInsensitiveDict(reply.headers), reply.body)

    def _reply(self, asked: Question) -> Reply:
        if self.fault is not None and asked == self.fault.asked:
            return self.fault.reply
        return self._answers.get(asked, Reply([]))
