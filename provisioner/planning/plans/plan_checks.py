"""Checks a plan that was read from a file: its parts must fit each other.

The checksum finds accidents only, because an edited file can get a new one. A plan with parts that
contradict each other is refused: an apply would not do what a reviewer has read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address
from provisioner.documents.schema.shapes import ShapeError, within
from provisioner.json_form import whole
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.changes import Action, Change, at, editable
from provisioner.planning.plans.basis import ABSENT, Basis, fingerprint, relied_on, switched
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data

_SIDES: Mapping[Action, tuple[bool, bool]] = {
    Action.CREATE: (False, True),
    Action.UPDATE: (True, True),
    Action.NO_OP: (True, True),
    Action.DELETE: (True, False),
}
"""Whether a change with an action has fields before it, and after it."""

_MISSING = object()


def check_plan(plan: Plan, basis: Basis, data: Mapping[str, Any]) -> None:
    """Check that the parts of a plan file fit each other.

    Raises:
        ShapeError: two parts do not fit each other.
    """
    seen = Counter(change.address.identity for change in (*plan.changes, *plan.held))
    for index, change in enumerate(plan.changes):
        with within("resource_changes", index):
            if seen[change.address.identity] > 1:
                raise ShapeError("the object is there twice", ("address",))
            check_change(change)
            _check_photo(change, basis)
    _check_basis(plan, basis)
    _check_same(whole(plan_data(plan)), data)


def check_change(change: Change) -> None:
    """Check that action, fields, id and values of a change fit each other.

    Raises:
        ShapeError: two of them do not fit each other.
    """
    action = change.action
    if (change.before is not None, change.after is not None) != _SIDES[action]:
        raise ShapeError(f"before and after are not those of {action}", ("change",))
    if change.id is None and action is not Action.CREATE:
        raise ShapeError("the object has no id", ("change",))
    if action is not Action.UPDATE and change.fields:
        raise ShapeError(f"fields change, and the action is {action}", ("fields",))
    if change.before is None or change.after is None:
        return
    patched = editable(dict(change.before))
    for index, field in enumerate(change.fields):
        values = at(field.path, change.before), at(field.path, change.after)
        if not field.path or values != (field.before, field.after):
            raise ShapeError(
                "it is not the value in change.before and change.after", ("fields", index)
            )
        _put(patched, field.path, change.after)
    if patched != change.after:
        raise ShapeError("it is not change.before with the changed fields", ("change", "after"))


def _put(attributes: dict[str, Any], path: tuple[str, ...], after: Mapping[str, Any]) -> None:
    """Set the value at a path to the one after the change, or remove it."""
    inner, other = attributes, after
    for key in path[:-1]:
        inner, other = inner.setdefault(key, {}), other.get(key, {})
    if path[-1] in other:
        inner[path[-1]] = other[path[-1]]
    else:
        inner.pop(path[-1], None)


def _check_photo(change: Change, basis: Basis) -> None:
    """Check that the file has the photo that a change uploads."""
    photo = at(("photo",), change.after)
    written = change.action is Action.CREATE or photo != at(("photo",), change.before)
    if change.action is not Action.NO_OP and written and photo and photo not in basis.attachments:
        raise ShapeError("the file of the photo is missing", ("change", "after", "photo"))


def _check_basis(plan: Plan, basis: Basis) -> None:
    """Check that the fingerprints are those of the objects that the plan relies on."""
    wanted = {str(address) for change in plan.effective for address in relied_on(change)}
    for address in sorted(wanted ^ basis.fingerprints.keys()):
        problem = "it is missing" if address in wanted else "the plan does not rely on it"
        raise ShapeError(problem, ("basis", "fingerprints", address))
    availability = switched(plan)
    for change in plan.effective:
        expected = _fingerprint(change, availability)
        if basis.fingerprints[str(change.address)] != expected:
            raise ShapeError(
                "it is not the fingerprint of the object that is changed",
                ("basis", "fingerprints", str(change.address)),
            )


def _fingerprint(change: Change, availability: frozenset[Address]) -> str:
    if change.before is None:
        return ABSENT
    live = LiveState.of([LiveObject(change.address, change.id or "", change.before)])
    return fingerprint(live, change.address, switched=change.address in availability)


def _check_same(written: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """Check that the file is what this version would write for the plan."""
    if read["format_version"] != written["format_version"]:
        return  # another minor version knows more keys
    for path in _differences(written, {k: v for k, v in read.items() if k != "basis"}):
        if path != ("checksum",):
            raise ShapeError("it contradicts the rest of the plan", path)


def _differences(
    one: Any, other: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths at which two JSON values differ."""
    match one, other:
        case dict(), dict():
            for key in sorted({*one, *other}):
                yield from _differences(
                    one.get(key, _MISSING), other.get(key, _MISSING), (*path, key)
                )
        case list(), list() if len(one) == len(other):
            for index, (left, right) in enumerate(zip(one, other, strict=True)):
                yield from _differences(left, right, (*path, index))
        case _ if type(one) is not type(other) or one != other:
            yield path
