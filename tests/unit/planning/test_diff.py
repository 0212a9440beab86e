"""The fields in which two objects differ."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.planning.changes import FieldChange
from provisioner.planning.field_changes import _paths, field_changes
from tests.effort import examples


@pytest.mark.parametrize(
    "name", ["Support", "__Archive", "__init__", "root['x']", "a.b", "'\"", " "]
)
def test_a_name_of_any_spelling_is_a_key(name: str) -> None:
    before = {"departments": {name: {"chats": True}}}
    assert field_changes(before, {"departments": {name: {"chats": False}}}) == (
        FieldChange(("departments", name, "chats"), before=True, after=False),
    )
    assert field_changes(before, {"departments": {}}) == (
        FieldChange(("departments", name), {"chats": True}, None),
    )


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "b"]),
    lambda parts: st.dictionaries(st.sampled_from("abc"), parts, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)


@settings(max_examples=examples(200))
@given(OBJECTS, OBJECTS)
def test_changes_of_one_shape_are_compared_once_with_the_same_result(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    kept = field_changes(before, after)
    _paths.cache_clear()
    assert field_changes(before, after) == kept


def test_equal_changes_of_many_agents_take_one_deepdiff() -> None:
    _paths.cache_clear()
    for number in range(10):
        before = {"name": f"A{number}", "chat": {"max_load": number, "priority": 10}}
        field_changes(before, {"name": f"B{number}", "chat": {"max_load": 20, "priority": 10}})
    assert _paths.cache_info().misses == 1
