"""Access that earlier files set is declared today, changed by the plan, or listed as released."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provisioner.address import Kind, agent, department
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import KINDS
from provisioner.planning.access.managed import files_of_record, managed_objects
from provisioner.planning.access.released import find_released
from provisioner.planning.changes import Change, at
from provisioner.planning.desired_on_account import UnenforcedFields
from provisioner.planning.diff import diff, merge_declared
from provisioner.planning.manual.manual_step import ManualStep
from tests.entries import entry as place_of

MIA = agent("mia@acme.example")
SHAPE = KINDS[Kind.AGENT].shape

switches = st.none() | st.booleans()
memberships = st.fixed_dictionaries(
    {},
    optional={
        "tickets": switches,
        "chats": switches,
        "role": st.none() | st.sampled_from(["solver", "manager"]),
    },
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "role": st.none() | st.sampled_from(["agent", "admin", "Lead"]),
        "departments": st.none() | st.dictionaries(st.sampled_from(["A", "B"]), memberships),
        "chat": st.none() | st.fixed_dictionaries({}, optional={"max_load": st.integers(1, 2)}),
    },
)

BEFORE = {
    "name": "Mia",
    "role": "agent",
    "departments": {"B": {"tickets": True, "chats": False, "calls": False, "role": "solver"}},
    "availability": dict.fromkeys(("tickets", "chats", "calls"), "offline"),
    "chat": {"max_load": 1, "priority": 1},
}


@dataclass(frozen=True)
class Compared:
    """Files, compared with an account."""

    desired: DesiredState
    live: LiveState
    changes: tuple[Change, ...]
    steps: tuple[ManualStep, ...] = ()


def files(entry: Mapping[str, Any]) -> DesiredState:
    attributes = {"email": MIA.key, "name": "Mia", **entry}
    return DesiredState({MIA.identity: replace(place_of(MIA), attributes=attributes)})


def account(attributes: Mapping[str, Any]) -> LiveState:
    names = [LiveObject(department(name), name, {"name": name}) for name in "AB"]
    return LiveState.of([LiveObject(MIA, "m", {"email": MIA.key, **attributes}), *names])


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of values that are set, and not reset by null."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif value is not None:
        yield path


def is_declared(path: tuple[str, ...], entry: Any) -> bool:
    """Return whether an entry declares a field, or resets it or all that it is a part of."""
    for key in path:
        if entry is None:
            return True
        if key not in entry:
            return False
        entry = entry[key]
    return True


@given(entries, entries)
def test_nothing_that_files_set_is_lost_silently(
    earlier: dict[str, Any], today: dict[str, Any]
) -> None:
    live = account(merge_declared(SHAPE, BEFORE, earlier))
    applied = files_of_record(managed_objects(files(earlier), live, UnenforcedFields()), "run 1")
    now = Compared(files(today), live, diff(files(today), live))
    (change,) = now.changes
    released = {one.path for one in find_released(applied, live, now)}
    for path in leaves(earlier):
        known = [path[:length] for length in range(1, len(path) + 1)]
        changed = at(path, change.before) != at(path, change.after)
        assert is_declared(path, today) != bool(released & {*known}) or changed
    for path in released:
        assert not is_declared(path, today)
        assert at(path, change.before) == at(path, change.after)


@given(entries)
def test_files_that_set_the_same_release_nothing(entry: dict[str, Any]) -> None:
    live = account(merge_declared(SHAPE, BEFORE, entry))
    applied = files_of_record(managed_objects(files(entry), live, UnenforcedFields()), "run 1")
    assert find_released(applied, live, Compared(files(entry), live, ())) == []


@given(entries)
def test_files_that_no_longer_have_an_agent_release_it(entry: dict[str, Any]) -> None:
    live = account(merge_declared(SHAPE, BEFORE, entry))
    applied = files_of_record(managed_objects(files(entry), live, UnenforcedFields()), "run 1")
    (one,) = find_released(applied, live, Compared(DesiredState({}), live, ()))
    assert (one.address, one.path, one.since) == (MIA, (), "run 1")
    assert one.value.get("role") == entry.get("role")
