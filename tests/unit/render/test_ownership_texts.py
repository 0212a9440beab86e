"""Ownership in words."""

from dataclasses import replace

import pytest

from provisioner.address import agent
from provisioner.planning.access.ownership import Ownership, PowerfulAgent
from provisioner.render.review.ownership_texts import (
    SHOWN_PARTS,
    access_value,
    not_looked_at_text,
    ownership_words,
)
from tests import plans


def powerful(*roles: str) -> tuple[PowerfulAgent, ...]:
    return tuple(
        PowerfulAgent(agent(f"{number}@acme.example"), "", role)
        for number, role in enumerate(roles)
    )


@pytest.mark.parametrize(
    ("ownership", "words"),
    [
        (
            Ownership(62, 58, 300, 291, powerful("owner")),
            "declared: 58 of 62 people, 97 % of access; not declared: 1 owner, 3 agents",
        ),
        (Ownership(2, 2, 5, 5), "declared: 2 of 2 people, 100 % of access"),
        (Ownership(1, 1, 1000, 999), "declared: 1 of 1 person, 99 % of access"),
        (
            Ownership(3, 0, 9, 0, powerful("owner", "owner", "Lead")),
            "declared: 0 of 3 people, 0 % of access; not declared: 2 owners, 1 with a custom role",
        ),
        (Ownership(1, 0, 1, 0), "declared: 0 of 1 person, 0 % of access; not declared: 1 agent"),
        (Ownership(), "declared: 0 of 0 people, 100 % of access"),
    ],
)
def test_ownership_in_words(ownership: Ownership, words: str) -> None:
    assert ownership_words(ownership) == words


def test_access_values() -> None:
    memberships = {"Sales": {}, "Support": {"chats": True, "role": "manager"}}
    assert "".join(access_value(("role",), "admin")) == "role: admin"
    assert "".join(access_value(("departments", "A", "chats"), True)) == "chats in A: yes"
    assert "".join(access_value(("departments", "A", "role"), "reader")) == "role in A: reader"
    shown = "".join(access_value(("departments",), memberships))
    assert shown == "departments: Sales, Support (chats; manager)"


def test_many_parts_that_were_not_looked_at_are_counted() -> None:
    plan = replace(plans.plan({}, {}), not_looked_at=("x",) * (SHOWN_PARTS + 3))
    assert "".join(not_looked_at_text(plan)).endswith("x and 3 more.")
    assert not_looked_at_text(plans.plan({}, {})) == ()
