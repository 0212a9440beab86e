"""Manual steps that a run leaves open, for its record.

The files of the run declare what such a step sets, but the account does not have it yet. Without
the record, drift would show it as a change of the account.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from provisioner.address import Kind
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import Action, Change, at
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep

LeftOpen = Mapping[str, Mapping[str, Any]]
"""Address to `{"steps": …, "fields": …}`: the fields of an object that open steps set and that the
API shows, and the ids of all other open steps. A field has a `path`, () for the whole object;
`declared` is its value in the files, or only whether they declare it; `live` is its value after
the run."""

_BY_FIELD = frozenset({manual_step.ROLE, manual_step.MEMBERSHIP})
"""The sections in which the API shows every field."""

_DELETION = {"path": [], "declared": False, "live": None}


def left_open(
    earlier: LeftOpen,
    changes: Iterable[Change],
    steps: Iterable[ManualStep],
    declared: Iterable[str],
) -> dict[str, Mapping[str, Any]]:
    """Return the steps that are open after an apply.

    An apply of a part of the project keeps what is known of the other objects.

    Args:
        earlier: the steps that earlier runs left open.
        changes: the changes of the plan, no-ops included.
        steps: the manual steps of the plan.
        declared: the addresses of all objects that the files declare, without absent ones.
    """
    planned = {str(change.address): change for change in changes}
    by_address: dict[str, list[ManualStep]] = defaultdict(list)
    for step in steps:
        by_address[str(step.address)].append(step)
    declared = {*declared}
    entries = {
        address: one
        for address, one in earlier.items()
        if address not in planned.keys() | by_address.keys()
        and (address in declared or _DELETION in one["fields"])
    }
    for address, own in by_address.items():
        if steps_left := [step for step in own if step.open]:
            change = planned.get(address)
            entries[address] = {
                "steps": sorted(one.id for one in steps_left if one.section not in _BY_FIELD),
                "fields": [field for step in steps_left for field in _fields(step, change)],
            }
    return dict(sorted(entries.items()))


def _fields(step: ManualStep, change: Change | None) -> Iterator[Mapping[str, Any]]:
    """Yield the fields that a step sets and that the API shows.

    `change` is the change of the step's object in an apply; None if only a person changes it.
    """

    def field(declared: Any, *path: str) -> Mapping[str, Any]:
        return {"path": [*path], "declared": declared, "live": at(path, change and change.after)}

    match step.section, step.values:
        case manual_step.DEPARTMENT, {"action": Action.UPDATE}:
            yield field(step.values["name"], "name")
        case manual_step.DEPARTMENT | manual_step.CREATION, values:
            yield field(values.get("action") != Action.DELETE)
        case manual_step.ROLE, values:
            yield field(values["role"], "role")
        case manual_step.MEMBERSHIP, values:
            for name in values["join"]:
                yield field(True, "departments", name)
                yield field(True, "hours", name)
            for name in values["leave"]:
                yield field(False, "departments", name)


class LeftField(NamedTuple):
    """A difference in a field that a run left to a person.

    Attributes:
        is_same: whether the files still declare what the person was to set.
        is_untouched: whether the account still has the value that it had after the run.
    """

    is_same: bool
    is_untouched: bool


def left_field(known: LeftOpen, change: Change, path: FieldPath = ()) -> LeftField | None:
    """Return a difference that a run left to a person; None if it left nothing there.

    Args:
        known: the steps that runs left open.
        change: the change that would correct the difference.
        path: the field that differs; () if the object is missing or unwanted.
    """
    fields: Sequence[Mapping[str, Any]] = known.get(str(change.address), {}).get("fields", ())
    for one in fields:
        own, declared = tuple(one["path"]), one["declared"]
        if path[: len(own)] != own or (path and not own):
            continue
        # The record does not have the former name of a department, or an object as a whole.
        is_whole = not own or change.address.kind is Kind.DEPARTMENT
        value = at(path, change.after) if path else change.after
        return LeftField(
            (value is not None) is declared if isinstance(declared, bool) else value == declared,
            is_whole or at(own, change.before) == one["live"],
        )
    return None
