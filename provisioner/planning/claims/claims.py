"""Claims: the live object of each entry of the files, under the name that the files declare.

An entry claims at most one live object, and a live object is claimed by at most one entry. `id`
comes before `previously` and `moves`, and those before the entry's own email or name:

1. An entry with `id` claims the object with that id, whatever its name is.
2. An entry claims the object of its former name if its own name is not in the account.
3. An object claimed by 1 or 2 under another name is lost to the entry of that name. This entry
   claims the object of its own former name instead (a chain of renames), or none: it is a
   newcomer, and is created when the name is free.
4. Every other entry claims the object of its own name. Its `previously` has been applied.

The result does not depend on the order of the entries. `disputes` reports claims that conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from provisioner.address import Address, Identity, Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.live.unread import renamed
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.policy import Moves

ObjectId = tuple[Kind, str]
"""Kind and server id of a live object, which a rename does not change."""

Renames = Mapping[ObjectId, Address]
"""Each live object that the files declare under another name or spelling, with that address."""


def rename(live: LiveState, renames: Renames) -> LiveState:
    """Return live state with objects under the names that the files declare.

    The live name stays in the object's attributes, so that the plan shows the rename. References
    to the object get the new name, so that the plan shows no change for them. An object that is
    not renamed keeps its name even if a renamed object gets the same one: a comparison of two
    readings must show it.
    """
    names: dict[Identity, str] = {}
    moved: list[LiveObject] = []
    unmoved: list[LiveObject] = []
    for (kind, _), existing in live.objects.items():
        address = renames.get((kind, existing.id))
        if address is None:
            unmoved.append(existing)
        else:
            moved.append(replace(existing, address=address))
            if kind is not Kind.AGENT:
                names[kind, existing.address.key] = address.key
    objects = {
        existing.address.identity: _with_new_references(existing, names)
        if existing.address.kind is Kind.AGENT
        else existing
        for existing in (*moved, *unmoved)
    }
    departments = {old: new for (kind, old), new in names.items() if kind is Kind.DEPARTMENT}
    unread = tuple(renamed(one, departments) for one in live.unread)
    return replace(live, objects=objects, unread=unread)


def _with_new_references(agent: LiveObject, names: Mapping[Identity, str]) -> LiveObject:
    """Return a live agent with the new names of its role and departments."""
    if not names:
        return agent
    attributes = dict(agent.attributes)
    attributes["role"] = names.get((Kind.ROLE, attributes["role"]), attributes["role"])
    for field in {"departments", "hours"} & attributes.keys():
        attributes[field] = {
            names.get((Kind.DEPARTMENT, name), name): entry
            for name, entry in attributes[field].items()
        }
    return replace(agent, attributes=attributes)


class Tie(StrEnum):
    """The link between an entry and its live object, the strongest first."""

    ID = "id"
    FORMER = "former name"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry with the live object that it claims.

    Attributes:
        entry: the entry.
        existing: the live object.
        tie: the link between the two.
    """

    entry: Resource
    existing: LiveObject
    tie: Tie

    @property
    def renames(self) -> bool:
        """Whether the claim renames the object."""
        return not self.entry.absent and self.moved

    @property
    def moved(self) -> bool:
        """Whether the email or name of the object differs from that of the entry."""
        return self.existing.address.identity != self.entry.address.identity


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of all entries on one account.

    Attributes:
        of_entries: identity of an entry to its claim; entries without a claim are not included.
        of_objects: kind and id of a live object to all claims on it, sorted by address.
        entries: identity to entry, for all entries.
        live: the account.
        moves: domains of emails that have moved as a whole.
    """

    of_entries: Mapping[Identity, Claim]
    of_objects: Mapping[ObjectId, tuple[Claim, ...]]
    entries: Mapping[Identity, Resource]
    live: LiveState
    moves: Moves

    @property
    def renames(self) -> Renames:
        """The live objects that the files declare under another name or spelling."""
        return {
            (claim.existing.address.kind, claim.existing.id): claim.entry.address
            for claim in self.of_entries.values()
            if not claim.entry.absent and claim.existing.address.key != claim.entry.address.key
        }

    @property
    def missing(self) -> tuple[Address, ...]:
        """The absent and suspended entries that have no live object, sorted."""
        return tuple(
            sorted(
                (
                    entry.address
                    for identity, entry in self.entries.items()
                    if (entry.absent or entry.suspended)
                    and identity not in self.of_entries
                    and self.live.shows(identity[0])
                ),
                key=str,
            )
        )

    def former(self, entry: Resource) -> tuple[LiveObject, ...]:
        """Return the live objects that have a former email or name of an entry."""
        return former_objects(entry, self.live, self.moves)

    def desired(self, desired: DesiredState) -> DesiredState:
        """Return desired state with each object to be deleted under its live email or name."""
        resources = dict(desired.resources)
        for identity, claim in self.of_entries.items():
            if claim.entry.absent and claim.moved:
                del resources[identity]
                address = claim.existing.address
                resources[address.identity] = replace(claim.entry, address=address)
        return replace(desired, resources=resources)


def claim(desired: DesiredState, live: LiveState, moves: Moves) -> Claims:
    """Return the live object that each entry claims; `disputes` checks the claims."""
    entries = desired.resources
    claims = _by_id(entries, live)
    for identity, entry in entries.items():
        if not entry.pinned_id and identity not in live.objects:
            claims |= _by_former_name(entry, live, moves)
    lost: set[Identity] = set()
    waiting = [claim for claim in claims.values() if claim.moved]
    while waiting:
        taken = waiting.pop().existing.address.identity
        loser = entries.get(taken)
        if loser is None or loser.pinned_id or taken in claims or taken in lost:
            continue
        lost.add(taken)
        claims |= (chained := _by_former_name(loser, live, moves))
        waiting += chained.values()
    for identity, entry in entries.items():
        existing = live.objects.get(identity)
        if existing and not entry.pinned_id and identity not in claims and identity not in lost:
            claims[identity] = Claim(entry, existing, Tie.NAME)
    return Claims(claims, _of_objects(claims), entries, live, moves)


def former_objects(entry: Resource, live: LiveState, moves: Moves) -> tuple[LiveObject, ...]:
    """Return the live objects that have a former email or name of an entry.

    The object that `previously` names comes alone. If there is none, each of the `moves` may give
    one; several are ambiguous.
    """
    kind, own = entry.address.identity
    if entry.previously and fold(entry.previously) != own:
        existing = live.find(kind, entry.previously)
        if existing is not None:
            return (existing,)
    if kind is not Kind.AGENT:
        return ()
    names = dict.fromkeys(name for name in moves.former(own) if name != own)
    return tuple(existing for name in names if (existing := live.objects.get((kind, name))))


def _by_id(entries: Mapping[Identity, Resource], live: LiveState) -> dict[Identity, Claim]:
    objects = [*live.objects.values(), *(one for same in live.ambiguous.values() for one in same)]
    by_id = {(existing.address.kind, existing.id): existing for existing in objects}
    return {
        identity: Claim(entry, existing, Tie.ID)
        for identity, entry in entries.items()
        if entry.pinned_id and (existing := by_id.get((identity[0], entry.pinned_id)))
    }


def _by_former_name(entry: Resource, live: LiveState, moves: Moves) -> dict[Identity, Claim]:
    former = former_objects(entry, live, moves)
    return {entry.address.identity: Claim(entry, former[0], Tie.FORMER)} if former else {}


def _of_objects(claims: Mapping[Identity, Claim]) -> dict[ObjectId, tuple[Claim, ...]]:
    by_object: dict[ObjectId, tuple[Claim, ...]] = {}
    for claim in sorted(claims.values(), key=lambda claim: str(claim.entry.address)):
        key = (claim.existing.address.kind, claim.existing.id)
        by_object[key] = (*by_object.get(key, ()), claim)
    return by_object
