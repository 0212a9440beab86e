"""Compares a department or role that goes with one that comes.

They have nothing but a name. So the agents who use them, and what a role grants, decide.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from provisioner.address import Identity, Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.planning.suspicion import likeness
from provisioner.planning.suspicion.likeness import Evidence

DEFAULT_DEPARTMENT = "default"
"""The id of the department that every account has from the start (D: changelog 2025-08-07)."""

ALL = 0.8
MOST = 0.5
FEW = 0.2
"""Shares of the users of two objects who use both."""

ALIKE = 0.6
"""The ratio of equal letters from which on two names are similar."""


@dataclass(frozen=True, slots=True)
class Users:
    """The live agents who use each department and role.

    Attributes:
        before: identity of a department or role to the agents who have it in the account.
        after: the same for the agents whom the files give it.
    """

    before: Mapping[Identity, frozenset[Identity]]
    after: Mapping[Identity, frozenset[Identity]]

    def of(self, old: LiveObject, new: Resource) -> tuple[frozenset[Identity], frozenset[Identity]]:
        """Return the users of an object that goes, and of one that comes."""
        nobody: frozenset[Identity] = frozenset()
        return (
            self.before.get(old.address.identity, nobody),
            self.after.get(new.address.identity, nobody),
        )

    def in_common(self, old: LiveObject, new: Resource) -> bool:
        """Return whether a live agent uses both."""
        before, after = self.of(old, new)
        return not before.isdisjoint(after)


def users_of(desired: DesiredState, live: LiveState) -> Users:
    """Return the users of all departments and roles. Agents who come or go do not count."""
    before: dict[Identity, set[Identity]] = defaultdict(set)
    after: dict[Identity, set[Identity]] = defaultdict(set)
    for identity, existing in live.objects.items():
        if identity[0] is not Kind.AGENT:
            continue
        entry = desired.resources.get(identity)
        if entry is not None and entry.absent:
            continue
        sides = [(before, existing.attributes)]
        if entry is not None:
            sides.append((after, entry.attributes))
        for users, attributes in sides:
            if role := attributes.get("role"):
                users[Kind.ROLE, fold(role)].add(identity)
            for name in attributes.get("departments") or ():
                users[Kind.DEPARTMENT, fold(name)].add(identity)
    frozen = [{key: frozenset(names) for key, names in side.items()} for side in (before, after)]
    return Users(*frozen)


def group_evidence(
    old: LiveObject, new: Resource, live: LiveState, users: Users
) -> Iterator[Evidence]:
    """Yield the evidence that a new department or role is one that goes.

    Args:
        old: the live object that goes.
        new: the entry of the new object.
        live: the account, under the names that the files use.
        users: the users of all departments and roles.
    """
    yield from _of_users(old, new, users)
    yield from _of_title(old.address.key, new.address.key)
    if new.address.kind is Kind.ROLE:
        yield from _of_permissions(old, new, live)
    elif old.id == DEFAULT_DEPARTMENT:
        yield Evidence(likeness.DEFAULT_OBJECT)


def _of_users(old: LiveObject, new: Resource, users: Users) -> Iterator[Evidence]:
    before, after = users.of(old, new)
    if not before or not after:
        return
    share = len(before & after) / len(before | after)
    if share >= ALL:
        yield Evidence(likeness.ALL_USERS, "the same agents")
    elif share >= MOST:
        yield Evidence(likeness.MOST_USERS, "most of the same agents")
    elif share < FEW:
        yield Evidence(likeness.OTHER_USERS)


def _of_title(old: str, new: str) -> Iterator[Evidence]:
    before, after = fold(old), fold(new)
    ratio = SequenceMatcher(None, before, after).ratio()
    if ratio >= ALIKE or {*before.split()} & {*after.split()}:
        yield Evidence(likeness.SIMILAR_TITLE, "similar name")


def _of_permissions(old: LiveObject, new: Resource, live: LiveState) -> Iterator[Evidence]:
    before = old.attributes.get("permissions") or {}
    after = {**live.permissions, **(new.attributes.get("permissions") or {})}
    if before != after:
        yield Evidence(likeness.OTHER_PERMISSIONS)
    elif before == live.permissions:
        yield Evidence(likeness.DEFAULT_PERMISSIONS, "the default permissions")
    else:
        yield Evidence(likeness.SAME_PERMISSIONS, "the same permissions")
