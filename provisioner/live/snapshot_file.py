"""Snapshots in files: a dated reading of an account, from which plans are made without it.

A plan for a proposal from outside must not get the account's key. It gets a snapshot instead:
what a plan needs of the live state and nothing else. What the API sent beside that (`raw`) and
every key stay out of it.

The first line holds the version of the format and the checksum of the bytes behind it, so a file
of any size is checked without being understood first. Each object has a line of its own: two
snapshots can be compared with `diff`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from provisioner.address import Kind, parse
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.documents.collector import collector_paused
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import (
    ShapeError,
    flag,
    mapping,
    number,
    one_of,
    optional,
    pattern,
    record,
    sequence,
    text,
)
from provisioner.live.attribute_shapes import attributes, live_object
from provisioner.live.reader_protocol import is_asked_for
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Surface

FORMAT_VERSION = "1.0"
"""A new minor version only adds keys; a new major version is refused."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dated reading of an account. It is a `Reader` that makes no request.

    Attributes:
        live: what was read, without what the API sent.
        target: the name of the account in the project.
        url: the account's address; "" for the embedded sandbox.
        taken: when, in UTC, as `2026-11-22T14:03:11Z`.
        hours_of: folded emails and ids of the agents whose hours were asked for; None: everybody's.
    """

    live: LiveState
    target: str
    url: str
    taken: str
    hours_of: frozenset[str] | None = None

    def read(self, *, hours_of: Collection[str] | None = ()) -> LiveState:
        """Return exactly what a reading with the same question would have returned.

        On API v3 the hours of other agents, and the zone where nobody's hours are asked for, are
        left out: an apply compares the account with what its plan was made from.

        Raises:
            TargetError: the snapshot was taken without hours that are needed now.
        """
        if self.live.surface is Surface.FULL or hours_of is None:
            return self.live
        self._check_has(hours_of)
        return _without_hours(self.live, hours_of, zone_was_read=self.hours_of != frozenset())

    def _check_has(self, hours_of: Collection[str]) -> None:
        if self.hours_of is None:
            return
        missing = sorted(
            one.address.key
            for one in self.live.objects.values()
            if one.address.kind is Kind.AGENT
            and is_asked_for(hours_of, one.address.key, one.id)
            and not is_asked_for(self.hours_of, one.address.key, one.id)
        )
        if missing or (hours_of and not self.hours_of):
            whose = f"the hours of {', '.join(missing[:5])}" if missing else "the account's zone"
            raise TargetError(
                Diagnostic(
                    code="snapshot-file",
                    summary=f"the snapshot was taken without {whose}, which the files declare now",
                    hint="take it with --all-hours: API v3 shows hours agent by agent",
                )
            )


def save(snapshot: Snapshot) -> bytes:
    """Return a snapshot as the content of a file: the same bytes for the same snapshot."""
    live = snapshot.live
    hours_of = snapshot.hours_of
    head = {
        "taken": snapshot.taken,
        "target": snapshot.target,
        "url": snapshot.url,
        "surface": live.surface,
        "requests": live.requests,
        "hours_of": None if hours_of is None else sorted(hours_of),
        "account": asdict(live.account),
        "defaults": live.defaults,
        "deleted": live.deleted,
    }
    objects = sorted(_all(live), key=lambda one: str(one.address))
    lines = ",\n".join(
        _text({"address": str(one.address), "id": one.id, "attributes": one.attributes})
        for one in objects
    )
    rest = f'{_text(head)[1:-1]},\n"objects":[\n{lines}\n]}}\n'.encode()
    return _first_line(FORMAT_VERSION, _checksum(rest)) + rest


def load(content: bytes) -> Snapshot:
    """Read a snapshot from the content of a file.

    Raises:
        TargetError: it is none, was edited or cut short, or a newer version wrote it.
    """
    end = content.find(b"\n") + 1
    try:
        head = parse_json(content[:end].rstrip(b",\n") + b"}")
        _HEAD(head)
    except ShapeError as error:
        raise TargetError(_unusable("it is no snapshot")) from error
    version = head["provisioner_snapshot"]
    if version.split(".", maxsplit=1)[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise TargetError(_unusable(f"its format {version} is one that this version can't read"))
    if head["checksum"] != _checksum(memoryview(content)[end:]):
        raise TargetError(_unusable("it was edited or cut short since it was taken"))
    try:
        with collector_paused():
            data = parse_json(content)
            _SNAPSHOT(data)
            return _snapshot(data)
    except ShapeError as error:
        why = f"it does not hold what a snapshot holds: {error}"
        raise TargetError(_unusable(why)) from error


_HEAD = record(
    {
        "provisioner_snapshot": pattern(r"\d{1,9}\.\d{1,9}", "a version"),
        "checksum": text,
    }
)

_ACCOUNT = {
    "plan": optional(text),
    "features": mapping(flag),
    "plugins": mapping(flag),
    "chat_routing": optional(text),
    "max_custom_roles": optional(number()),
    "timezone": optional(text),
    "key_agent": optional(text),
    "creator": optional(text),
}

_SNAPSHOT = record(
    {
        "taken": pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "a time"),
        "target": text,
        "url": text,
        "surface": one_of(Surface),
        "requests": number(),
        "hours_of": optional(sequence(text)),
        "account": record({}, _ACCOUNT),
        "defaults": record({}, {kind.value: attributes(kind) for kind in Kind}, closed=True),
        "deleted": mapping(text),
        "objects": sequence(live_object),
    }
)


def _first_line(version: str, checksum: str) -> bytes:
    return f"{_text({'provisioner_snapshot': version, 'checksum': checksum})[:-1]},\n".encode()


def _text(content: Any) -> str:
    # ASCII, since an account may hold characters that no UTF-8 can: lone surrogates.
    return json.dumps(content, separators=(",", ":"))


def _checksum(content: bytes | memoryview) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _snapshot(data: Mapping[str, Any]) -> Snapshot:
    hours_of = data["hours_of"]
    live = LiveState.of(
        (
            LiveObject(parse(entry["address"]), entry["id"], entry["attributes"])
            for entry in data["objects"]
        ),
        defaults={Kind(kind): values for kind, values in data["defaults"].items()},
        account=AccountFacts(**{k: v for k, v in data["account"].items() if k in _ACCOUNT}),
        deleted=data["deleted"],
        surface=Surface(data["surface"]),
        requests=data["requests"],
    )
    return Snapshot(
        live=live,
        target=data["target"],
        url=data["url"],
        taken=data["taken"],
        hours_of=None if hours_of is None else frozenset(hours_of),
    )


def _all(live: LiveState) -> Iterator[LiveObject]:
    for identity, one in live.objects.items():
        yield from live.ambiguous.get(identity, (one,))


def _without_hours(live: LiveState, kept: Collection[str], *, zone_was_read: bool) -> LiveState:
    """Return what a reading of API v3 shows that asks for the hours of fewer agents."""
    dropped = [one for one in _all(live) if _has_hours(one) and not _is_kept(one, kept)]
    account, saved = live.account, sum(map(_requests_for_hours, dropped))
    if not kept and zone_was_read:
        account, saved = replace(account, timezone=None), saved + 1
    if not saved:
        return live
    return LiveState.of(
        _hours_taken_out(_all(live), kept),
        defaults=live.defaults,
        account=account,
        deleted=live.deleted,
        surface=live.surface,
        requests=max(0, live.requests - saved),
    )


def _hours_taken_out(objects: Iterable[LiveObject], kept: Collection[str]) -> Iterator[LiveObject]:
    for one in objects:
        if _has_hours(one) and not _is_kept(one, kept):
            left = {name: value for name, value in one.attributes.items() if name != "hours"}
            yield replace(one, attributes=left)
        else:
            yield one


def _is_kept(agent: LiveObject, kept: Collection[str]) -> bool:
    return is_asked_for(kept, agent.address.key, agent.id)


def _has_hours(one: LiveObject) -> bool:
    return one.address.kind is Kind.AGENT and "hours" in one.attributes


def _requests_for_hours(agent: LiveObject) -> int:
    """Return how many requests an agent's hours took on API v3: one for each web device."""
    return len(agent.attributes["availability"])


def _unusable(why: str) -> Diagnostic:
    return Diagnostic(
        code="snapshot-file",
        summary=f"the snapshot can't be used: {why}",
        hint="take it anew: provisioner snapshot --out FILE",
    )
