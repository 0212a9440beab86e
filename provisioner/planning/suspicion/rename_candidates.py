"""Pairs what goes with what comes, and keeps the pairs that are probably renames."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from provisioner.address import Address, Kind, fold
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.suspicion.likeness import (
    SAME_PLACE,
    DeclaredBefore,
    Evidence,
    Likeness,
    group_evidence,
    users_of,
)
from provisioner.planning.suspicion.people_likeness import (
    crowd_of,
    mailbox,
    mailbox_start,
    name_words,
    people_evidence,
    personal_values,
)
from provisioner.planning.suspicion.suspected_renames import SuspectedRename

MOST_SHARED = 30
"""A word that more agents who go have in common does not pair them: it would take too long."""

MOST_GROUPS = 2500
"""If there are more pairs of departments and roles, only those with a common user are compared."""

Candidate = tuple[LiveObject, Resource, Iterable[Evidence]]

Rated = tuple[LiveObject, Resource, Likeness]

MOST_PARTNERS = 2
"""An object that is like more others is like anybody: many people are in one department."""

NOTHING_BEFORE = DeclaredBefore()


def suspected_renames(
    desired: DesiredState,
    live: LiveState,
    created: Collection[Address],
    deleted: Collection[Address] = (),
    before: DeclaredBefore = NOTHING_BEFORE,
) -> tuple[SuspectedRename, ...]:
    """Return the creations that are probably renames, sorted by address.

    Each object is in one pair at most: the one with the most points. Pairs of agents for which a
    guard refuses the plan are left out.

    `created` are the objects that the plan or a person creates, `before` those of earlier files.
    """
    coming = [
        entry
        for entry in desired.resources.values()
        if entry.address in created
        and entry.address.identity not in live.objects
        and not (entry.address.kind is Kind.AGENT and entry.address.identity[1] in live.deleted)
    ]
    if not coming:
        return ()
    going = [*_going(desired, live)]
    rated = [
        (old, new, likeness)
        for old, new, evidence in (
            *_people(going, coming, live, deleted),
            *_groups(going, coming, desired, live, before),
        )
        if (likeness := _likeness(old, new, evidence, before)).likely
    ]
    return _one_for_each(_without_anybody(rated), before)


def _without_anybody(rated: Sequence[Rated]) -> list[Rated]:
    """Return the pairs without the objects that are like too many others."""
    partners = Counter(
        end for old, new, _ in rated for end in ((old.address.kind, old.id), new.address)
    )
    return [
        (old, new, likeness)
        for old, new, likeness in rated
        if max(partners[old.address.kind, old.id], partners[new.address]) <= MOST_PARTNERS
    ]


def is_refused_pair(old: Mapping[str, object], new: Mapping[str, object], *, deleted: bool) -> bool:
    """Return whether two agents are so alike that a guard refuses the plan.

    Two people may share a name, so an undeclared agent needs the same mailbox: then the domain has
    changed, most likely by a typing error.
    """
    if mailbox(old) == mailbox(new):
        return True
    return deleted and fold(str(old.get("name") or "")) == fold(str(new.get("name") or ""))


def _going(desired: DesiredState, live: LiveState) -> Iterator[LiveObject]:
    """Yield the live objects that no entry declares, or that are declared absent."""
    for identity, existing in live.objects.items():
        entry = desired.resources.get(identity)
        if entry is None or entry.absent:
            yield existing


def _likeness(
    old: LiveObject, new: Resource, evidence: Iterable[Evidence], before: DeclaredBefore
) -> Likeness:
    is_person = new.address.kind is Kind.AGENT
    found = [*evidence]
    if found and (history := before.evidence(old.address.identity, new)):
        found.append(history)
    ordered = sorted(found, key=lambda one: -one.points)
    return Likeness(tuple(ordered), is_person=is_person)


def _people(
    going: Iterable[LiveObject],
    coming: Iterable[Resource],
    live: LiveState,
    deleted: Collection[Address],
) -> Iterator[Candidate]:
    """Yield the pairs of agents with a word of the name, a mailbox or a setting in common."""
    leavers = [old for old in going if old.address.kind is Kind.AGENT]
    joiners = [new for new in coming if new.address.kind is Kind.AGENT]
    if not leavers or not joiners:
        return
    everybody = [one.attributes for (kind, _), one in live.objects.items() if kind is Kind.AGENT]
    crowd = crowd_of(everybody, (new.attributes for new in joiners))
    by_mark: dict[tuple[str, str], list[LiveObject]] = defaultdict(list)
    for old in leavers:
        for mark in _marks(old.attributes):
            by_mark[mark].append(old)
    for new in joiners:
        alike = {
            old.id: old
            for mark in _marks(new.attributes)
            if len(by_mark.get(mark, ())) <= MOST_SHARED
            for old in by_mark.get(mark, ())
        }
        for old in alike.values():
            is_deleted = old.address in deleted
            if not is_refused_pair(old.attributes, new.attributes, deleted=is_deleted):
                yield old, new, people_evidence(old, new, crowd)


def _marks(attributes: Mapping[str, object]) -> set[tuple[str, str]]:
    marks = {("word", word) for word in name_words(attributes)} | {*personal_values(attributes)}
    start = mailbox_start(attributes)
    return marks | {("mailbox", start)} if start else marks


def _groups(
    going: Iterable[LiveObject],
    coming: Iterable[Resource],
    desired: DesiredState,
    live: LiveState,
    before: DeclaredBefore,
) -> Iterator[Candidate]:
    """Yield the pairs of departments and the pairs of roles."""
    pairs = [
        (old, new)
        for old in going
        for new in coming
        if old.address.kind is new.address.kind is not Kind.AGENT
    ]
    if not pairs:
        return
    users = users_of(desired, live)
    for old, new in pairs:
        if len(pairs) <= MOST_GROUPS or users.in_common(old, new):
            evidence = [*group_evidence(old, new, live, users)]
            if before.same_place(old.address.identity, new):
                evidence.append(Evidence(SAME_PLACE, "the same place in the files"))
            yield old, new, evidence


def _one_for_each(rated: Iterable[Rated], before: DeclaredBefore) -> tuple[SuspectedRename, ...]:
    """Return the likeliest pairs, with each object in one of them."""
    taken: set[object] = set()
    found = []
    for old, new, likeness in sorted(
        rated, key=lambda pair: (-pair[2].score, str(pair[1].address), str(pair[0].address))
    ):
        ends = {(old.address.kind, old.id), new.address}
        if taken & ends:
            continue
        taken |= ends
        naming = KINDS[new.address.kind].identity
        found.append(
            SuspectedRename(
                address=new.address,
                former=old.address,
                former_name=str(old.attributes[naming]),
                score=likeness.score,
                reasons=likeness.reasons,
                was_declared=before.has(new.address.identity),
                entry=new,
                span=new.own.span("previously" if "previously" in new.own.fields else naming),
            )
        )
    return tuple(sorted(found, key=lambda one: str(one.address)))
