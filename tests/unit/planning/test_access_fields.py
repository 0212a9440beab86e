"""The access fields: which they are, their defaults, and how much each lets an agent do."""

from typing import Any

import pytest

from provisioner.model.fields import ANY
from provisioner.planning.access.access_fields import (
    ACCESS_FIELDS,
    access_default,
    access_of,
    is_access,
    power,
)


def test_the_access_fields_and_their_defaults() -> None:
    assert ACCESS_FIELDS == {
        ("state",): None,
        ("role",): "agent",
        ("departments",): {},
        ("departments", ANY, "tickets"): False,
        ("departments", ANY, "chats"): False,
        ("departments", ANY, "calls"): False,
        ("departments", ANY, "role"): "solver",
    }
    assert access_default(("role",), {"role": "Basic"}) == "Basic"
    assert access_default(("departments", "Support", "role"), {}) == "solver"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), True),
        (("role",), True),
        (("state",), True),
        (("departments",), True),
        (("departments", "Support"), True),
        (("departments", "Support", "chats"), True),
        (("departments", "Support", "role"), True),
        (("departments", "Support", "signature"), False),
        (("name",), False),
        (("chat", "max_load"), False),
    ],
)
def test_which_fields_decide_about_access(path: tuple[str, ...], expected: object) -> None:
    assert is_access(path) is expected


def test_the_access_of_an_agent_is_all_beyond_the_defaults() -> None:
    attributes = {
        "role": "admin",
        "departments": {"Sales": {}, "Support": {"chats": True, "calls": False, "role": "solver"}},
    }
    assert [*access_of(attributes, {})] == [
        (("role",), "admin"),
        (("departments", "Sales"), True),
        (("departments", "Support"), True),
        (("departments", "Support", "chats"), True),
    ]
    assert [*access_of({"role": "agent", "departments": {}}, {})] == []


def test_the_most_powerful_access_ranks_first() -> None:
    values: list[tuple[tuple[str, ...], Any]] = [
        (("role",), "owner"),
        (("role",), "admin"),
        (("role",), "Lead"),
        (("departments",), {"Support": {"role": "solver"}, "Sales": {"role": "manager"}}),
        (("departments", "Support"), {"role": "supervisor"}),
        (("departments", "Support", "chats"), True),
    ]
    ranks = [power(path, value) for path, value in values]
    assert ranks == sorted(set(ranks))
    assert power(("role",), "agent") == power((), None) == ranks[-1]
