"""What 'left out', null and a value mean, for each shape of a field."""

from typing import Any

import pytest

from provisioner.address import Kind
from provisioner.model.kinds import KINDS, Overrides, Scalar
from provisioner.planning.diff import merge_declared

AGENT = KINDS[Kind.AGENT].shape
LIVE: dict[str, Any] = {
    "email": "mia@acme.example",
    "name": "Mia",
    "role": "admin",
    "availability": {"tickets": "online", "chats": "online", "calls": "offline"},
    "departments": {"Support": {"tickets": True, "chats": True, "calls": False}},
}


def test_what_is_left_out_keeps_the_live_value() -> None:
    assert merge_declared(AGENT, LIVE, {}) == LIVE


@pytest.mark.parametrize(
    ("declared", "field", "expected"),
    [
        ({"role": "agent"}, "role", "agent"),
        ({"role": None}, "role", "agent"),
        (
            {"availability": {"chats": "offline"}},
            "availability",
            {"tickets": "online", "chats": "offline", "calls": "offline"},
        ),
        (
            {"availability": {"tickets": None}},
            "availability",
            {"tickets": "offline", "chats": "online", "calls": "offline"},
        ),
        (
            {"availability": None},
            "availability",
            {"tickets": "offline", "chats": "offline", "calls": "offline"},
        ),
        ({"departments": {"Sales": {"chats": True}}}, "departments", {"Sales": {"chats": True}}),
        (
            {"departments": {"Support": {"chats": False}}},
            "departments",
            {"Support": {"tickets": True, "chats": False, "calls": False}},
        ),
        ({"departments": {"Support": {}}}, "departments", LIVE["departments"]),
        ({"departments": {}}, "departments", {}),
        ({"departments": None}, "departments", {}),
    ],
)
def test_declared_values_are_laid_over_live_ones(
    declared: dict[str, Any], field: str, expected: object
) -> None:
    after = merge_declared(AGENT, LIVE, declared)
    assert after == {**LIVE, field: expected}


def test_a_new_object_has_what_is_declared_and_no_more() -> None:
    declared = {"name": "Bob", "role": None, "departments": {"Sales": {"chats": None}}}
    assert merge_declared(AGENT, None, declared) == {
        "name": "Bob",
        "role": "agent",
        "departments": {"Sales": {"chats": False}},
    }


def test_overrides_fall_back_to_the_targets_defaults() -> None:
    defaults = {"a": "grant", "b": "revoke", "c": "revoke"}
    live = {"a": "revoke", "b": "grant", "c": "grant"}
    declared = {"c": "grant", "a": None}
    expected = {"a": "grant", "b": "revoke", "c": "grant"}
    assert merge_declared(Overrides(), live, declared, defaults) == expected
    assert merge_declared(Overrides(), live, None, defaults) == defaults


def test_a_scalar_without_a_default_resets_to_nothing() -> None:
    assert merge_declared(Scalar(), "x", None) is None
