"""New people of a plan: those with the same role and departments together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.changes import Change
from provisioner.render import readable
from provisioner.render.review.change_texts import FORMER_ROLE, created_values, value_after

_ACCESS = frozenset({"role", "departments"})

ByHand = Mapping[Address, Mapping[str, tuple[str, ...]]]
"""The role and departments that a person gives to each agent in the panel."""

Value = tuple[str, str]
"""The name of a field, and its value as people read it."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One person who is created or restored.

    Attributes:
        change: the creation.
        own: values that no other newcomer has.
    """

    change: Change
    own: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class NewcomerGroup:
    """New people with the same role and departments.

    Attributes:
        role: their role; a role that a person gives in the panel is marked.
        departments: their departments, with services; those that a person sets are marked.
        people: the people, by address.
    """

    role: str
    departments: tuple[str, ...]
    people: tuple[Newcomer, ...]


@dataclass(frozen=True, slots=True)
class Newcomers:
    """All new people of an attribution.

    Attributes:
        groups: the people by role and departments; other roles than the default one first, and then
            the largest group.
        shared: values that several of them have, with their creations; most people first.
    """

    groups: tuple[NewcomerGroup, ...] = ()
    shared: tuple[tuple[Value, tuple[Change, ...]], ...] = ()


def newcomers(joiners: Sequence[Change], by_hand: ByHand) -> Newcomers:
    """Return new people, grouped.

    Args:
        joiners: the creations of agents.
        by_hand: the role and departments that a person gives to each agent in the panel.
    """
    values = {
        change.address: [
            value
            for value in created_values(change, by_hand.get(change.address))
            if value[0] not in _ACCESS
        ]
        for change in joiners
    }
    holders: dict[Value, list[Change]] = {}
    for change in joiners:
        for value in values[change.address]:
            holders.setdefault(value, []).append(change)
    groups: dict[tuple[str, tuple[str, ...]], list[Newcomer]] = {}
    for change in joiners:
        own = tuple(value for value in values[change.address] if len(holders[value]) == 1)
        key = access_of_newcomer(change, by_hand.get(change.address, {}))
        groups.setdefault(key, []).append(Newcomer(change, own))
    return Newcomers(
        tuple(
            NewcomerGroup(role, departments, tuple(people))
            for (role, departments), people in sorted(groups.items(), key=_power_first)
        ),
        tuple(
            (value, tuple(people))
            for value, people in sorted(holders.items(), key=lambda item: (-len(item[1]), item[0]))
            if len(people) > 1
        ),
    )


def _power_first(
    item: tuple[tuple[str, tuple[str, ...]], list[Newcomer]],
) -> tuple[bool, int, tuple[str, tuple[str, ...]]]:
    """Return the key of a group: other roles than the default one first, then the largest."""
    (role, departments), people = item
    plain = role.removesuffix(" (default)") == BUILT_IN_ROLES[0]
    return plain, -len(people), (role, departments)


def access_of_newcomer(
    change: Change, waiting: Mapping[str, Sequence[str]]
) -> tuple[str, tuple[str, ...]]:
    """Return the role and the departments that a new person gets.

    Args:
        change: the creation.
        waiting: the role and departments that somebody gives to the person in the panel.
    """
    after = change.after or {}
    role = readable.value(after["role"]) if "role" in after else FORMER_ROLE
    roles = [value_after(change, "role", role)]
    roles += [f"{name} (by hand)" for name in waiting.get("role", ())]
    departments = [
        readable.membership(*item) for item in readable.ordered(after.get("departments", {}))
    ]
    departments += [f"{name} (by hand)" for name in waiting.get("departments", ())]
    return ", then ".join(roles), tuple(departments)
