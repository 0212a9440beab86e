"""Likeness of an object that goes and one that comes: pieces of evidence with points.

All points are here, so that they can be weighed against each other. `LIKELY` and `MIN_IDENTITY`
decide, and the table of `tests/unit/planning/test_likeness.py` shows which pairs they separate.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from provisioner.address import Identity, Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource

LIKELY = 5
"""Points from which on a creation is probably a rename."""

MIN_IDENTITY = 2
"""Points about the identity of a person that a pair of agents needs besides.

A department, a role and settings are those of a job: a successor has the same ones.
"""

SAME_NAME = 4
SAME_FIRST_NAME = 3
SIMILAR_NAME = 2
SAME_MAILBOX_START = 2
SAME_PERSONAL_SETTING = 3
SAME_WORD = 1
OTHER_NAME = -2
"""Evidence about the identity of a person. `SAME_WORD` is also for a first name of many people."""

SAME_DEPARTMENTS = 2
SOME_DEPARTMENTS = 1
OTHER_DEPARTMENTS = -2
SAME_RARE_ROLE = 1
OTHER_ROLE = -1
SAME_SETTING = 1
MOST_SETTINGS = 2
"""Evidence about the job of a person: at most `MOST_SETTINGS` settings count."""

ALL_USERS = 5
MOST_USERS = 3
OTHER_USERS = -2
SIMILAR_TITLE = 2
SAME_PERMISSIONS = 3
DEFAULT_PERMISSIONS = 1
OTHER_PERMISSIONS = -3
SAME_PLACE = 2
DEFAULT_OBJECT = -3
"""Evidence about departments and roles: who uses them, what they grant, where they are declared."""

DECLARED_BEFORE = 1
NEVER_DECLARED = -1
"""Evidence about both: whether the files declared the object that goes."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reason for or against a rename.

    Attributes:
        points: positive for a rename, negative against one.
        text: the reason in words; "" for one against it.
        identity: whether it is about the identity of a person, and not about the job.
    """

    points: int
    text: str = ""
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """All evidence about one pair.

    Attributes:
        evidence: the reasons, the strongest first.
        is_person: whether the pair needs evidence about its identity.
    """

    evidence: tuple[Evidence, ...]
    is_person: bool = False

    @property
    def score(self) -> int:
        """The sum of all points."""
        return sum(one.points for one in self.evidence)

    @property
    def likely(self) -> bool:
        """Whether the pair is probably a rename."""
        identity = sum(one.points for one in self.evidence if one.identity)
        return self.score >= LIKELY and (not self.is_person or identity >= MIN_IDENTITY)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons for a rename, in words."""
        return tuple(one.text for one in self.evidence if one.text)


@dataclass(frozen=True)
class DeclaredBefore:
    """The objects that the files declared earlier.

    Attributes:
        base: the entries at the base (`plan --base`); None without a base.
        applied: returns the objects that recorded runs created or changed. It is called only if a
            pair depends on it, since records take time to read.
    """

    base: Mapping[Identity, Resource] | None = None
    applied: Callable[[], frozenset[Identity]] = frozenset

    @cached_property
    def _applied(self) -> frozenset[Identity]:
        return self.applied()

    def has(self, identity: Identity) -> bool:
        """Return whether the base or a run had an object."""
        entry = (self.base or {}).get(identity)
        return (entry is not None and not entry.absent) or identity in self._applied

    def evidence(self, old: Identity, new: Resource) -> Evidence | None:
        """Return whether the files declared the object that goes; None if that is unknown."""
        if self.has(old):
            return Evidence(DECLARED_BEFORE, "declared before")
        if self.base is not None and new.address.identity not in self.base:
            return Evidence(NEVER_DECLARED)
        return None

    def same_place(self, old: Identity, new: Resource) -> bool:
        """Return whether the base had an object at the place of another one in the files."""
        entry = (self.base or {}).get(old)
        if entry is None:
            return False
        before, after = entry.own, new.own
        return (before.document.file, before.path) == (after.document.file, after.path)


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
    """Yield the evidence that a new department or role is one that goes."""
    yield from _of_users(old, new, users)
    yield from _of_title(old.address.key, new.address.key)
    if new.address.kind is Kind.ROLE:
        yield from _of_permissions(old, new, live)
    elif old.id == DEFAULT_DEPARTMENT:
        yield Evidence(DEFAULT_OBJECT)


def _of_users(old: LiveObject, new: Resource, users: Users) -> Iterator[Evidence]:
    before, after = users.of(old, new)
    if not before or not after:
        return
    share = len(before & after) / len(before | after)
    if share >= ALL:
        yield Evidence(ALL_USERS, "the same agents")
    elif share >= MOST:
        yield Evidence(MOST_USERS, "most of the same agents")
    elif share < FEW:
        yield Evidence(OTHER_USERS)


def _of_title(old: str, new: str) -> Iterator[Evidence]:
    before, after = fold(old), fold(new)
    ratio = SequenceMatcher(None, before, after).ratio()
    if ratio >= ALIKE or {*before.split()} & {*after.split()}:
        yield Evidence(SIMILAR_TITLE, "similar name")


def _of_permissions(old: LiveObject, new: Resource, live: LiveState) -> Iterator[Evidence]:
    before = old.attributes.get("permissions") or {}
    after = {**live.permissions, **(new.attributes.get("permissions") or {})}
    if before != after:
        yield Evidence(OTHER_PERMISSIONS)
    elif before == live.permissions:
        yield Evidence(DEFAULT_PERMISSIONS, "the default permissions")
    else:
        yield Evidence(SAME_PERMISSIONS, "the same permissions")
