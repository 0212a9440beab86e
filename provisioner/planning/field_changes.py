"""Finds the fields in which two unequal objects differ. Only this module uses deepdiff."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from provisioner.model.fields import FieldPath
from provisioner.planning.changes import FieldChange, at

if TYPE_CHECKING:
    from deepdiff import DeepDiff

_MISSING = object()
"""Stands for a value that only the other object has."""


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields in which two unequal objects differ, sorted by path.

    An entry that comes or goes as a whole, such as a membership, is one change.
    """
    left, right = _unequal(before, after)
    paths = _paths(_Pair(_shape(left, right), left, right))
    return tuple(FieldChange(path, at(path, left), at(path, right)) for path in paths)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two objects without equal values. Pairs of one shape are equal: they differ in one way.

    Attributes:
        shape: the names and types of the values, which decide where deepdiff finds changes.
        before: the live fields.
        after: the fields after an apply.
    """

    shape: object
    before: Mapping[str, Any] = field(compare=False)
    after: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=1024)
def _paths(pair: _Pair) -> tuple[FieldPath, ...]:
    """Return the sorted paths of the fields in which two objects differ.

    The changes of a plan have few shapes, and deepdiff takes a third of a millisecond.
    """
    tree = _deepdiff()(
        pair.before,
        pair.after,
        view="tree",
        threshold_to_diff_deeper=0,
        # A key may begin with two underscores like any other: it is a name, and nothing private.
        ignore_private_variables=False,
    )
    paths = (
        tuple(map(str, level.path(output_format="list")))
        for levels in tree.values()
        for level in levels
    )
    return tuple(sorted(paths))


def _shape(one: Any, other: Any) -> object:
    """Return the shape of two unequal values: equal for pairs with changes at the same paths.

    The fields of an object have no lists.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return frozenset(
            (key, _shape(one.get(key, _MISSING), other.get(key, _MISSING)))
            for key in one.keys() | other.keys()
        )
    return type(one), type(other)


@cache
def _deepdiff() -> "type[DeepDiff]":
    """Return the class of deepdiff; a plan without changes never loads it.

    deepdiff loads pydantic and numpy, if they are installed, to recognize their objects. No value
    of an account is one, and they would take longer than the rest of a small plan.
    """
    absent: dict[str, Any] = dict.fromkeys({"numpy", "pydantic", "pydantic.main"} - {*sys.modules})
    sys.modules.update(absent)  # Python's own way to let an import fail
    try:
        from deepdiff import DeepDiff  # noqa: PLC0415
    finally:
        for name in absent:
            del sys.modules[name]
    return DeepDiff


def _unequal(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two mappings without equal values: deepdiff takes as long for those."""
    left, right = dict(before), dict(after)
    for key in before.keys() & after.keys():
        one, other = before[key], after[key]
        if one is other or one == other:
            del left[key], right[key]
        elif isinstance(one, dict) and isinstance(other, dict):
            left[key], right[key] = _unequal(one, other)
    return left, right
