"""Likeness of an object that goes and one that comes: pieces of evidence with points.

All points are here, so that they can be weighed against each other. `LIKELY` and `MIN_IDENTITY`
decide, and the table of `tests/unit/planning/test_likeness.py` shows which pairs they separate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from provisioner.address import Identity
from provisioner.model.desired import Resource

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
