"""The fields in which two objects differ."""

import pytest

from provisioner.planning.changes import FieldChange
from provisioner.planning.diff import field_changes


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
