"""Decides which manual steps are acknowledged, and which acknowledgements no step needs.

An acknowledgement holds for one value of one object in one account. Where there are several for
different values, the latest one holds: the others were replaced in the panel since.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.acknowledgements import Acknowledgement
from provisioner.planning.changes import Action, Change
from provisioner.planning.manual.manual_step import (
    CREATION,
    MEMBERSHIP,
    SETTINGS_OF_MEMBERSHIP,
    ManualStep,
)


@dataclass(frozen=True, slots=True)
class Stale:
    """An acknowledgement that no step needs.

    Attributes:
        acknowledgement: the acknowledgement.
        reason: the reason, with {} for its step.
        hint: what to know before it is removed; "" for nothing.
    """

    acknowledgement: Acknowledgement
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Manual steps with their acknowledgements.

    Attributes:
        steps: the steps.
        stale: the acknowledgements for the target that no step needs.
    """

    steps: tuple[ManualStep, ...]
    stale: tuple[Stale, ...]


def agents_to_create(changes: Iterable[Change], steps: Iterable[ManualStep]) -> frozenset[Identity]:
    """Return the agents that are not in the account yet: nobody can set anything for them."""
    created = [one.address for one in changes if one.action is Action.CREATE]
    created += [one.address for one in steps if one.section == CREATION]
    return frozenset(one.identity for one in created if one.kind is Kind.AGENT)


def too_early(steps: Collection[ManualStep], new: Collection[Identity]) -> frozenset[str]:
    """Return the ids of steps that nobody can have done yet.

    They are those of new agents, and those of memberships that are to be added in the panel first.
    """
    joins = {
        step.address: {*map(fold, step.values["join"])}
        for step in steps
        if step.section == MEMBERSHIP
    }

    def is_too_early(step: ManualStep) -> bool:
        if step.address.identity in new or step.section != SETTINGS_OF_MEMBERSHIP:
            return step.address.identity in new
        return not joins.get(step.address, set()).isdisjoint(map(fold, step.values))

    return frozenset(step.id for step in steps if is_too_early(step))


def acknowledge(
    steps: Collection[ManualStep],
    acknowledged: Iterable[Acknowledgement],
    target: str,
    *,
    new: Collection[Identity] = (),
    without_steps: Collection[str] | None = (),
) -> Acknowledged:
    """Return manual steps with the acknowledgements that hold for them.

    A step that the API can show is never acknowledged, and neither is one of a new agent or of a
    new membership.

    Args:
        steps: the steps of a plan.
        acknowledged: the acknowledgements of the project.
        target: the target of the plan.
        new: the agents that are not in the account yet.
        without_steps: the beginnings of ids of steps that the plan leaves out; None for most steps.
            What only these need is not stale.
    """
    entries = [entry for entry in acknowledged if entry.target in {"", target}]
    valid = _latest(entries)
    early, marked, used = too_early(steps, new), [], set[int]()
    for step in steps:
        entry = valid.get(step.id)
        if entry is None or step.verifiable or step.id in early:
            marked.append(step)
            continue
        used.add(id(entry))
        marked.append(replace(step, acknowledged=entry))
    by_id = {step.id: step for step in marked}
    unplanned = tuple(without_steps or ())
    stale = [
        _stale(entry, by_id, valid)
        for entry in entries
        if without_steps is not None
        and id(entry) not in used
        and not entry.step.startswith(unplanned)
    ]
    return Acknowledged(tuple(marked), tuple(stale))


def _latest(entries: Iterable[Acknowledgement]) -> dict[str, Acknowledgement]:
    """Return the acknowledgements that hold, by the id of their steps.

    Two of one day for different values show no order, so neither of them holds, unless only one of
    them names the target.
    """
    by_subject: dict[str, list[Acknowledgement]] = defaultdict(list)
    for entry in entries:
        by_subject[entry.subject].append(entry)
    latest = {}
    for own in by_subject.values():
        day, named = max((entry.on, bool(entry.target)) for entry in own)
        last = [entry for entry in own if (entry.on, bool(entry.target)) == (day, named)]
        if len({entry.step for entry in last}) == 1:
            latest[last[0].step] = last[0]
    return latest


def _stale(
    entry: Acknowledgement,
    steps: Mapping[str, ManualStep],
    valid: Mapping[str, Acknowledgement],
) -> Stale:
    """Return why no step needs an acknowledgement."""
    step, other = steps.get(entry.step), valid.get(entry.step)
    if step is None:
        return Stale(entry, "no manual step {} is waiting to be acknowledged")
    if step.verifiable:
        hint = "the plan ticks the step off once it is done"
        return Stale(entry, "the API itself shows whether {} is done", hint)
    if other is None:
        reason = "{} is acknowledged, and so is another value, on the same day or later"
        return Stale(entry, reason, "look in the panel which value it has")
    if other is not entry:
        return Stale(entry, "{} is acknowledged twice")
    reason = "{} was acknowledged for an account or a membership that is gone"
    return Stale(entry, reason, "it would cover the new one, too")


def stale_findings(stale: Iterable[Stale]) -> Iterator[Diagnostic]:
    """Yield a warning for each entry that has acknowledgements that no step needs."""
    groups: dict[tuple[object, ...], list[Stale]] = defaultdict(list)
    for one in stale:
        entry = one.acknowledgement
        place = entry.path[:-2] if entry.email else entry.path
        groups[entry.span and entry.span.file, place, one.reason].append(one)
    for group in groups.values():
        first, number = group[0].acknowledgement, len(group)
        what = f'"{first.step}"' if number == 1 else f'"{first.entry}" of {number} agents'
        yield Diagnostic(
            code="stale-acknowledgement",
            summary=group[0].reason.format(what),
            span=first.span,
            hint="; ".join(filter(None, ("remove it: provisioner manual prune", group[0].hint))),
            severity=Severity.WARNING,
        )
