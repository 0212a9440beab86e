"""Snapshots: files with the live state of an account, for plans without access to the account.

A pull request from outside must not get the account's API key. Its plan is made from a snapshot,
which has only the part of the live state that a plan needs: no API key, and none of the raw data
of the API (`raw`).

The first line has the version of the format and the checksum of all following bytes, so a file of
any size can be verified before it is parsed. Each object is on a line of its own, so two snapshots
can be compared with `diff`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from provisioner.address import Kind, parse
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.loading import collector_paused
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
from provisioner.live.account_names import AccountNames, NameList, names_of, names_shape
from provisioner.live.attribute_shapes import HOURS_FORM, attributes, live_object
from provisioner.live.leaving import LEAVING, LeavingFacts, saved_leaving
from provisioner.live.reader_protocol import (
    all_objects,
    reads_hours_of,
    without_hours,
    without_plugins,
)
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Paging, Surface
from provisioner.live.unread import UNREAD, saved_unread
from provisioner.model.hours_form import ASSUMED_HOURS_FORM, HoursForm

FORMAT_VERSION = "1.0"
"""A new minor version only adds keys; a new major version is refused."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of an account at one time. It is a `Reader` that makes no requests.

    Attributes:
        live: the live state without raw data.
        target: the name of the account in the project.
        url: the account's address; "" for the embedded sandbox.
        taken: the time in UTC, such as `2026-11-22T14:03:11Z`.
        hours_of: folded emails and ids of the agents with requested hours; None: all agents.
        names: the lists of names that the files referred to.
        leaving: the API keys and the active tickets of the agents.
    """

    live: LiveState
    target: str
    url: str
    taken: str
    hours_of: frozenset[str] | None = None
    names: AccountNames = field(default_factory=AccountNames)
    leaving: LeavingFacts = field(default_factory=LeavingFacts)

    def read(self, *, hours_of: Collection[str] | None = (), plugins: bool = False) -> LiveState:
        """Return the state that reading the account with the same arguments would have returned.

        On API v3 the hours of other agents are removed, and the zone if no hours are requested:
        an apply compares the account with the state of its plan.

        Raises:
            TargetError: the snapshot lacks requested hours.
        """
        live = self.live if plugins else without_plugins(self.live)
        if live.surface is Surface.FULL or hours_of is None:
            return live
        self._check_has(hours_of)
        return without_hours(live, hours_of, zone_was_read=self.hours_of != frozenset())

    def read_names(self, wanted: Collection[NameList]) -> AccountNames:
        """Return the wanted ones of the lists that the snapshot has."""
        return self.names.only(wanted)

    def read_photos(self, agents: Iterable[LiveObject]) -> Mapping[str, str]:  # noqa: ARG002
        """Return nothing: a snapshot has no pictures."""
        return {}

    def read_leaving(self, *, tickets: bool, proof: bool = True) -> LeavingFacts:  # noqa: ARG002
        """Return the API keys and, on demand, the active tickets that the snapshot has."""
        return self.leaving if tickets else self.leaving.without_tickets()

    def _check_has(self, hours_of: Collection[str]) -> None:
        if self.hours_of is None:
            return
        missing = sorted(
            one.address.key
            for one in self.live.objects.values()
            if one.address.kind is Kind.AGENT
            and reads_hours_of(hours_of, one.address.key, one.id)
            and not reads_hours_of(self.hours_of, one.address.key, one.id)
        )
        if missing or (hours_of and not self.hours_of):
            part = f"the hours of {', '.join(missing[:5])}" if missing else "the account's zone"
            raise TargetError(
                Diagnostic(
                    code="snapshot-file",
                    summary=f"the snapshot lacks {part}, which the files declare",
                    hint="take it with --all-hours: API v3 shows hours agent by agent",
                )
            )


def save(snapshot: Snapshot) -> bytes:
    """Return a snapshot as file content; equal snapshots give equal bytes."""
    live = snapshot.live
    hours_of = snapshot.hours_of
    head = {
        "taken": snapshot.taken,
        "target": snapshot.target,
        "url": snapshot.url,
        "surface": live.surface,
        "requests": live.requests,
        "paging": asdict(live.paging),
        "hours_of": None if hours_of is None else sorted(hours_of),
        "account": asdict(live.account),
        "defaults": live.defaults,
        "deleted": live.deleted,
        "unread": [asdict(one) for one in live.unread],
    }
    if live.plugins_read is not None:
        head["plugins_read"] = live.plugins_read
    if live.permission_needs:
        head["permission_needs"] = live.permission_needs
    if live.deleted_voices:
        head["deleted_voices"] = live.deleted_voices
    if snapshot.names != AccountNames():
        head["names"] = asdict(snapshot.names)
    if snapshot.leaving != LeavingFacts():
        head["leaving"] = asdict(snapshot.leaving)
    if live.hours_form != ASSUMED_HOURS_FORM:
        head["hours_form"] = asdict(live.hours_form)
    objects = sorted(all_objects(live), key=lambda one: str(one.address))
    lines = ",\n".join(
        _text({"address": str(one.address), "id": one.id, "attributes": one.attributes})
        for one in objects
    )
    rest = f'{_text(head)[1:-1]},\n"objects":[\n{lines}\n]}}\n'.encode()
    return _first_line(FORMAT_VERSION, _checksum(rest)) + rest


def load(content: bytes) -> Snapshot:
    """Return the snapshot in the content of a file.

    Raises:
        TargetError: it is not a snapshot, was edited or cut short, or has a newer format.
    """
    end = content.find(b"\n") + 1
    try:
        head = parse_json(content[:end].rstrip(b",\n") + b"}")
        _HEAD(head)
    except ShapeError as error:
        raise TargetError(_unusable("it is not a snapshot")) from error
    version = head["provisioner_snapshot"]
    if version.split(".", maxsplit=1)[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise TargetError(_unusable(f"this version can't read its format {version}"))
    if head["checksum"] != _checksum(memoryview(content)[end:]):
        raise TargetError(_unusable("it was edited or cut short since it was taken"))
    try:
        with collector_paused():
            data = parse_json(content)
            _SNAPSHOT(data)
            return _snapshot(data, all_ascii=content.isascii() and rb"\u" not in content)
    except ShapeError as error:
        raise TargetError(_unusable(f"its content is not valid: {error}")) from error


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
    },
    {
        "deleted_voices": mapping(text),
        "hours_form": HOURS_FORM,
        "leaving": LEAVING,
        "names": names_shape,
        "paging": record({"size": number(1), "refused": number(), "checks_end": flag}, closed=True),
        "permission_needs": mapping(text),
        "plugins_read": flag,
        "unread": sequence(UNREAD),
    },
)


def _first_line(version: str, checksum: str) -> bytes:
    return f"{_text({'provisioner_snapshot': version, 'checksum': checksum})[:-1]},\n".encode()


def _text(content: Any) -> str:
    # ASCII, because an account may have characters that UTF-8 can't encode: lone surrogates.
    return json.dumps(content, separators=(",", ":"))


def _checksum(content: bytes | memoryview) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _snapshot(data: Mapping[str, Any], *, all_ascii: bool) -> Snapshot:
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
        hours_form=HoursForm(**data.get("hours_form", asdict(ASSUMED_HOURS_FORM))),
        unread=tuple(map(saved_unread, data.get("unread", ()))),
        requests=data["requests"],
        paging=Paging(**data.get("paging", {})),
        all_ascii=all_ascii,
    )
    return Snapshot(
        live=replace(
            live,
            permission_needs=data.get("permission_needs", {}),
            plugins_read=data.get("plugins_read"),
            deleted_voices=data.get("deleted_voices", {}),
        ),
        target=data["target"],
        url=data["url"],
        taken=data["taken"],
        hours_of=None if hours_of is None else frozenset(hours_of),
        names=names_of(data["names"]) if "names" in data else AccountNames(),
        leaving=saved_leaving(data["leaving"]) if "leaving" in data else LeavingFacts(),
    )


def _unusable(why: str) -> Diagnostic:
    return Diagnostic(
        code="snapshot-file",
        summary=f"the snapshot can't be used: {why}",
        hint="make a new one: provisioner snapshot --out FILE",
    )
