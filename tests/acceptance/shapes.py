"""An account with altered answers: what the documented models allow, one behaviour at a time."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.transport import Transport

Rows = list[dict[str, Any]]
Alter = Callable[[Rows, Mapping[str, str]], Rows]
"""Alters the rows of a page; takes the ids of the people by their first name, too."""

GONE = object()
"""The value of a field that is left out."""

ABSENT = {"missing": GONE, "null": None}

API = "/api/v3"


@dataclass(frozen=True)
class Behaviour:
    """A behaviour of an account.

    Attributes:
        name: of the test.
        path: of the list that it alters; `*` in it stands for any id.
        alter: alters the rows.
        names: words that a warning has, or the error where the behaviour is refused.
        refused: whether the plan is refused.
        rows_less: by how much the list's own count is lower.
        surfaces: the surfaces that have the list.
    """

    name: str
    path: str
    alter: Alter
    names: tuple[str, ...] = ()
    refused: bool = False
    rows_less: int = 0
    surfaces: tuple[str, ...] = ("v3", "full")


def _put(row: Any, keys: list[str], value: Any) -> None:
    """Set or remove a field; `[]` in the path stands for each entry of a list."""
    key, *rest = keys
    if key == "[]":
        for entry in row or ():
            _put(entry, rest, value)
    elif rest:
        if row.get(key):
            _put(row[key], rest, value)
    elif value is GONE:
        row.pop(key, None)
    else:
        row[key] = value


def is_of(row: Mapping[str, Any], person: str) -> bool:
    """Return whether a row is about a person; devices have agent_id besides their own id."""
    return person in {row.get("agent_id"), row.get("agentid"), row.get("id")}


def field(who: str, key: str, value: Any) -> Alter:
    """Return the alteration of a field, in the rows of one person or of `all`."""

    def alter(rows: Rows, people: Mapping[str, str]) -> Rows:
        for row in rows:
            if who == "all" or is_of(row, people[who]):
                _put(row, key.split("."), value)
        return rows

    return alter


def fields(who: str, keys: Iterable[str], value: Any) -> Alter:
    """Return the alteration of several fields."""

    def alter(rows: Rows, people: Mapping[str, str]) -> Rows:
        for key in keys:
            rows = field(who, key, value)(rows, people)
        return rows

    return alter


def added(**row: Any) -> Alter:
    """Return the addition of a row."""
    return lambda rows, _people: [*rows, row]


def without(who: str) -> Alter:
    """Return the removal of a person's rows."""
    return lambda rows, people: [row for row in rows if not is_of(row, people[who])]


class AlteredAccount:
    """Passes calls on to an account, and alters the answers of behaviours.

    Attributes:
        seen: the names of the behaviours that altered an answer.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        people: Mapping[str, str],
        behaviours: Iterable[Behaviour],
    ) -> None:
        """Replace `Transport.send`.

        Args:
            monkeypatch: of the test.
            people: first name to id.
            behaviours: of the account.
        """
        self.seen: set[str] = set()
        self._behaviours = tuple(behaviours)
        self._people = people
        self._send = Transport.send
        answer = self._answer

        def send(transport: Transport, method: str, path: str, **more: Any) -> Answer:
            return answer(transport, method, path, **more)

        monkeypatch.setattr(Transport, "send", send)

    def _answer(self, transport: Transport, method: str, path: str, **more: Any) -> Answer:
        answer = self._send(transport, method, path, **more)
        if method != "GET":
            return answer
        params = more.get("params") or {}
        is_first = params.get("_page", 1) == 1 and "_cursor" not in params
        for behaviour in self._behaviours:
            if _matches(path, behaviour.path) and is_first and answer.succeeded:
                self.seen.add(behaviour.name)
                answer = _altered(answer, behaviour.alter, self._people)
            elif behaviour.rows_less and _matches(path, f"{behaviour.path}/count"):
                count = json.loads(answer.body)["count"] - behaviour.rows_less
                body = json.dumps({"count": count}).encode()
                answer = Answer(answer.status, answer.phrase, answer.headers, body)
        return answer


def _matches(path: str, wanted: str) -> bool:
    parts, others = path.removeprefix(API).split("/"), wanted.split("/")
    return len(parts) == len(others) and all(
        other in {"*", part} for part, other in zip(parts, others, strict=True)
    )


def _altered(answer: Answer, alter: Alter, people: Mapping[str, str]) -> Answer:
    content = json.loads(answer.body)
    is_list = isinstance(content, list)
    rows = alter(content if is_list else [content], people)
    body = json.dumps(rows if is_list else rows[0]).encode()
    return Answer(answer.status, answer.phrase, answer.headers, body)


def named(path: str, row: str, field_and_problem: str) -> tuple[str, ...]:
    return (f"GET /api/v3{path}, row", row, field_and_problem)


def absent(
    who: str, path: str, names: tuple[str, ...], surfaces: tuple[str, ...]
) -> list[Behaviour]:
    return [
        Behaviour(
            f"{path} {name} {word} for {who}", path, field(who, name, value), surfaces=surfaces
        )
        for name in names
        for word, value in ABSENT.items()
    ]


def unknown(
    path: str, values: dict[str, object], surfaces: tuple[str, ...], who: str = "mia"
) -> list[Behaviour]:
    return [
        Behaviour(
            f"{path} {name} {value!r} of {who}",
            path,
            field(who, name, value),
            names=(f"GET /api/v3{path}, row", f"{name.replace('.[]', '')} is "),
            surfaces=surfaces,
        )
        for name, value in values.items()
    ]


def refused(
    path: str, who: str, values: dict[str, object], surfaces: tuple[str, ...]
) -> list[Behaviour]:
    return [
        Behaviour(
            f"{path} {name} {'missing' if value is GONE else repr(value)} of {who}",
            path,
            field(who, name, value),
            names=(f"GET /api/v3{path}, row", name.replace(".[]", "[0]")),
            refused=True,
            surfaces=surfaces,
        )
        for name, value in values.items()
    ]
