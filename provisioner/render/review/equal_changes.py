"""Changes that several people have in common, whatever causes them: one entry with the names."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioner.address import Kind, fold
from provisioner.planning.changes import Change, FieldChange
from provisioner.render.review.change_texts import Place, common_place

Pair = tuple[Change, FieldChange]
"""A field that a change changes, with the change."""

Update = tuple[Change, tuple[FieldChange, ...]]
"""A change, with those of its fields to look at."""


@dataclass(frozen=True, slots=True)
class EqualChange:
    """Fields that change alike for one or several objects.

    Attributes:
        changes: the changes with these fields, sorted by address.
        fields: the fields of the first of these changes, sorted by path.
        place: where the files declare them: `support.yaml:8`, or `support.yaml (17 places)`.
        profile: the profile that declares all of them; "" for none.
        domain: the former and the new domain, where the fields are emails that move there; None
            for all others.
    """

    changes: tuple[Change, ...]
    fields: tuple[FieldChange, ...]
    place: Place
    profile: str = ""
    domain: tuple[str, str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the objects, as people know them."""
        return tuple(map(shown_name, self.changes))

    @property
    def pure(self) -> int:
        """How many of the changes only rename their object."""
        return sum(change.only_renames for change in self.changes)


def shown_name(change: Change) -> str:
    """Return an agent's name, or else the email or name by which an object is addressed."""
    name: str = (change.after or change.before or {}).get("name", "")
    return name or change.name


def fold_equal(updates: Iterable[Update]) -> tuple[EqualChange, ...]:
    """Return the fields of updates, with equal ones of several objects in one entry.

    Fields that the same objects share are in one entry. So each field of each change is in exactly
    one entry.

    Args:
        updates: the changes, with the fields to look at.

    Returns:
        The entries: those of most objects first, and then by address.
    """
    by_effect: dict[_Effect, list[Pair]] = {}
    for change, fields in updates:
        for field in fields:
            by_effect.setdefault(_effect(change, field), []).append((change, field))
    by_objects: dict[tuple[object, ...], list[list[Pair]]] = {}
    for effect, pairs in by_effect.items():
        # Moves of mailboxes stay apart from other fields of the same people.
        domain = effect if effect[0] == _DOMAIN else None
        objects = tuple(change.address for change, _ in pairs)
        by_objects.setdefault((objects, domain), []).append(pairs)
    entries = map(_entry, by_objects.values())
    return tuple(sorted(entries, key=lambda one: (-len(one.changes), str(one.changes[0].address))))


_DOMAIN = "domain"

_Effect = tuple[str, ...]


def _effect(change: Change, field: FieldChange) -> _Effect:
    """Return the key of what happens to a field; equal keys are the same to a reader."""
    if domain := moved_domain(change, field):
        return (_DOMAIN, *domain)
    values = json.dumps([field.path, field.before, field.after], sort_keys=True)
    return (change.address.kind.value, values)


def moved_domain(change: Change, field: FieldChange) -> tuple[str, str] | None:
    """Return the domains before and after, where a field moves a mailbox to another domain."""
    if change.address.kind is not Kind.AGENT or field.path != ("email",):
        return None
    former, domain_before = str(field.before).rsplit("@", 1)
    local_part, domain_after = str(field.after).rsplit("@", 1)
    return (domain_before, domain_after) if fold(former) == fold(local_part) else None


def _entry(blocks: Sequence[Sequence[Pair]]) -> EqualChange:
    changes = tuple(change for change, _ in blocks[0])
    fields = tuple(block[0][1] for block in blocks)
    all_fields = [field for block in blocks for _, field in block]
    profiles = {field.profile for field in all_fields}
    return EqualChange(
        changes,
        fields,
        place=common_place(all_fields),
        profile=profiles.pop() if len(profiles) == 1 else "",
        domain=moved_domain(changes[0], fields[0]),
    )
