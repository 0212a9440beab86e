"""Snapshots in files: all that a plan needs, and nothing that can be mistaken for it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import address
from provisioner.address import Kind
from provisioner.diagnostics import TargetError
from provisioner.live.snapshot_file import Snapshot, load, save
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Surface
from provisioner.model.kinds import SERVICES

TEXTS = st.text(max_size=8)
SENT = {"agent": {"secret": "what the API sent"}}
AGENTS = st.builds(
    lambda email, id_, **fields: LiveObject(
        address.agent(email), id_, {"email": email, **fields}, SENT
    ),
    TEXTS,
    TEXTS,
    name=TEXTS,
    role=TEXTS,
    availability=st.dictionaries(st.sampled_from(SERVICES), TEXTS),
    departments=st.dictionaries(
        TEXTS, st.fixed_dictionaries({"chats": st.none() | st.booleans()}), max_size=2
    ),
    chat=st.fixed_dictionaries({"max_load": st.integers(0, 99)}),
    to_solve_only=st.booleans(),
    sounds=st.dictionaries(TEXTS, TEXTS, max_size=2),
)
DEPARTMENTS = st.builds(
    lambda name, id_: LiveObject(address.department(name), id_, {"name": name}, SENT), TEXTS, TEXTS
)
ROLES = st.builds(
    lambda name, id_, permissions: LiveObject(
        address.role(name), id_, {"name": name, "permissions": permissions}, SENT
    ),
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, st.sampled_from(["grant", "revoke"]), max_size=2),
)
OBJECTS = AGENTS | DEPARTMENTS | ROLES
DEFAULTS = st.fixed_dictionaries(
    {},
    optional={
        Kind.AGENT: st.fixed_dictionaries({"alias": TEXTS, "level": TEXTS}),
        Kind.ROLE: st.fixed_dictionaries({"permissions": st.dictionaries(TEXTS, TEXTS)}),
    },
)
STATES = st.builds(
    LiveState.of,
    st.lists(OBJECTS, max_size=5),
    defaults=DEFAULTS,
    account=st.builds(AccountFacts, plan=st.none() | TEXTS, timezone=st.none() | TEXTS),
    deleted=st.dictionaries(TEXTS, TEXTS, max_size=2),
    surface=st.just(Surface.FULL),
    requests=st.integers(0, 99),
)


def snapshot(live: LiveState, **more: Any) -> Snapshot:
    return Snapshot(
        live, target="production", url="https://a.test/api/v3", taken="2026-11-22T14:03:11Z", **more
    )


def agent(email: str, **more: Any) -> LiveObject:
    fields = {
        "email": email,
        "name": email[0].upper(),
        "role": "agent",
        "availability": {"tickets": "online", "chats": "online"},
        "departments": {},
    }
    return LiveObject(address.agent(email), email[0], {**fields, **more})


WITH_HOURS = LiveState.of(
    [agent("a@x", hours={}), agent("b@x", hours={}), agent("c@x")],
    account=AccountFacts(timezone="UTC"),
    surface=Surface.V3,
    requests=20,
)


@given(STATES)
def test_what_is_loaded_is_what_was_saved(live: LiveState) -> None:
    loaded = load(save(snapshot(live)))
    assert loaded == snapshot(live)
    assert loaded.live.ambiguous == live.ambiguous
    assert (loaded.live.fingerprint, loaded.live.requests) == (live.fingerprint, live.requests)
    assert save(loaded) == save(snapshot(live))


@given(STATES)
def test_the_fingerprint_is_that_of_one_json_text(live: LiveState) -> None:
    whole = {
        "account": asdict(live.account),
        "defaults": live.defaults,
        "objects": sorted(
            [str(one.address), one.id, one.attributes] for one in live.objects.values()
        ),
        "surface": live.surface,
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    assert live.fingerprint == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_it_is_json_with_a_line_for_each_object_and_nothing_of_what_the_api_sent() -> None:
    live = LiveState.of([replace(agent(f"{n}@x"), raw={"key": "sent"}) for n in "ba"])
    text = save(snapshot(live)).decode()
    assert [entry["id"] for entry in json.loads(text)["objects"]] == ["a", "b"]
    assert [line[:17] for line in text.splitlines()[3:5]] == ['{"address":"agent'] * 2
    assert "sent" not in text


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "edited": lambda content: content.replace(b'"id":"a"', b'"id":"b"'),
    "cut short": lambda content: content[: len(content) // 2],
    "cut after its first line": lambda content: content.partition(b"\n")[0] + b"\n",
    "empty": lambda _: b"",
    "a list": lambda _: b"[]",
    "deep": lambda _: b"[" * 100_000,
    "no text": lambda _: b"\xff\xfe",
    "a plan": lambda _: b'{\n  "format_version": "1.0"\n}\n',
    "without a version": lambda content: content.replace(b"provisioner_snapshot", b"x", 1),
    "of a later version": lambda content: content.replace(b'"1.0"', b'"2.0"', 1),
    "with other line ends": lambda content: content.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_damaged_or_foreign_file_is_refused(edit: Callable[[bytes], bytes]) -> None:
    content = edit(save(snapshot(LiveState.of([agent("a@x")]))))
    with pytest.raises(TargetError) as raised:
        load(content)
    assert [finding.code for finding in raised.value.diagnostics] == ["snapshot-file"]


def test_a_version_that_can_not_be_read_is_named() -> None:
    content = save(snapshot(LiveState.of([agent("a@x")])))
    with pytest.raises(TargetError, match=r"this version can't read its format 2\.0"):
        load(EDITS["of a later version"](content))
    load(content.replace(b'"1.0"', b'"1.7"', 1))


def test_a_file_of_another_shape_is_refused_even_with_a_right_checksum() -> None:
    broken = save(snapshot(LiveState.of([agent("a@x")])))
    first, rest = broken.split(b"\n", 1)
    other = rest.replace(b"agent/", b"ghost/")
    from hashlib import sha256  # noqa: PLC0415

    declared, right = (f"sha256:{sha256(part).hexdigest()}".encode() for part in (rest, other))
    with pytest.raises(TargetError, match="its content is not valid"):
        load(first.replace(declared, right) + b"\n" + other)


class TestHours:
    """On API v3 hours are read agent by agent, and only where they are asked for."""

    def test_the_full_surface_shows_everybody_s(self) -> None:
        live = replace(WITH_HOURS, surface=Surface.FULL)
        assert snapshot(live, hours_of=frozenset()).read(hours_of={"a@x"}) is live

    def test_a_reading_with_fewer_hours_is_what_the_account_would_have_shown(self) -> None:
        live = snapshot(WITH_HOURS).read(hours_of={"a@x", "new@x"})
        assert live == LiveState.of(
            [agent("a@x", hours={}), agent("b@x"), agent("c@x")],
            account=AccountFacts(timezone="UTC"),
            surface=Surface.V3,
        )
        assert live.requests == 18

    def test_without_declared_hours_the_zone_is_not_read_either(self) -> None:
        live = snapshot(WITH_HOURS, hours_of=frozenset({"a@x", "b@x"})).read()
        assert live == LiveState.of([agent(f"{n}@x") for n in "abc"], surface=Surface.V3)
        assert live.requests == 15

    def test_everything_that_was_read_is_returned_where_nothing_has_to_go(self) -> None:
        live = replace(WITH_HOURS, account=AccountFacts())
        taken = snapshot(live, hours_of=frozenset())
        assert taken.read(hours_of=None) is live
        assert snapshot(WITH_HOURS).read(hours_of={"a@x", "b@x"}) is WITH_HOURS

    @pytest.mark.parametrize(
        ("had", "wanted", "words"),
        [
            ({"a@x", "b@x"}, {"a@x", "c@x"}, "lacks the hours of c@x"),
            (set(), {"new@x"}, "lacks the account's zone"),
        ],
    )
    def test_hours_that_were_not_read_are_never_guessed(
        self, had: set[str], wanted: set[str], words: str
    ) -> None:
        taken = snapshot(WITH_HOURS, hours_of=frozenset(had))
        with pytest.raises(TargetError, match=words):
            taken.read(hours_of=wanted)

    def test_hours_of_somebody_who_is_yet_to_come_are_not_missing(self) -> None:
        taken = snapshot(WITH_HOURS, hours_of=frozenset({"a@x", "b@x"}))
        assert taken.read(hours_of={"a@x", "b@x", "new@x"}) is WITH_HOURS
