"""What a plan does, in sentences, grouped as people think of it: who comes, changes and goes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioner.address import Address, Kind
from provisioner.diagnostics import Span
from provisioner.planning.attribution.parts import by_attribution
from provisioner.planning.changes import Action, Attribution, Change, Commit, FieldChange, Reason
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render import readable
from provisioner.render.review import hours_changes
from provisioner.render.sentences import Quoted, Sentence

COMMIT_DIGITS = 8
"""Hexadecimal digits of a commit's id that are shown."""


REASONS = {
    Reason.RENAMED: "renamed",
    Reason.RESTORED: "restored",
    Reason.SUSPENDED: "suspended",
    Reason.UNDECLARED: "not declared",
    Reason.UNDONE: "undone",
}
"""Reasons that a sign alone does not tell."""


ByHand = Mapping[Address, Mapping[str, tuple[str, ...]]]
"""The role and departments that agents get from a person."""


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The changes of one origin, as people think of them.

    Attributes:
        origin: whose they are; None where the plan was made without a base.
        joiners: agents that come.
        movers: agents that change.
        leavers: agents that go or are suspended.
        structure: departments and roles.
        by_hand: the role and departments that agents get from a person.
    """

    origin: Attribution | None
    joiners: tuple[Change, ...]
    movers: tuple[Change, ...]
    leavers: tuple[Change, ...]
    structure: tuple[Change, ...]
    by_hand: ByHand


@dataclass(frozen=True, slots=True)
class Cause:
    """A value of a profile that changes several agents.

    Attributes:
        field: the change of one of them, which tells the profile, the field and the place.
        effects: what happens, each with the names of those whom it happens to.
    """

    field: FieldChange
    effects: tuple[tuple[Sentence, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        """How many agents it changes."""
        return sum(len(names) for _, names in self.effects)


def causes(changes: Iterable[Change]) -> tuple[tuple[Cause, ...], tuple[Change, ...]]:
    """Tell together what one value of a profile does to several agents.

    Returns:
        The causes, and the changes without what they tell.
    """
    found: dict[tuple[str, Span, tuple[str, ...]], list[tuple[Change, FieldChange]]] = {}
    kept = tuple(changes)
    for change in kept:
        for field in change.fields:
            if field.profile and field.source:
                key = (field.profile, field.source, field.path)
                found.setdefault(key, []).append((change, field))
    shared = {key: parts for key, parts in found.items() if len(parts) > 1}
    told = {(change.address, field.path) for parts in shared.values() for change, field in parts}
    rest = (
        replace(
            change, fields=tuple(f for f in change.fields if (change.address, f.path) not in told)
        )
        for change in kept
    )
    return (
        tuple(_cause(parts) for parts in shared.values()),
        tuple(
            left
            for left, change in zip(rest, kept, strict=True)
            if left.fields or not change.fields
        ),
    )


def _cause(parts: list[tuple[Change, FieldChange]]) -> Cause:
    alike: dict[Sentence, list[str]] = {}
    for change, field in parts:
        alike.setdefault(before_and_after(field), []).append(change.name)
    return Cause(parts[0][1], tuple((said, tuple(names)) for said, names in alike.items()))


def groups(changes: Sequence[Change], steps: Iterable[ManualStep] = ()) -> tuple[ChangeGroup, ...]:
    """Return effective changes, those of the branch before what was already drifted.

    Args:
        changes: the changes.
        steps: the open manual steps.
    """
    kept = tuple(steps)
    return tuple(_group(origin, own, kept) for origin, own in by_attribution(changes))


def _group(
    origin: Attribution | None, changes: Iterable[Change], steps: Iterable[ManualStep]
) -> ChangeGroup:
    found: dict[str, list[Change]] = {}
    for change in changes:
        told = replace(change, fields=hours_changes.together(change.fields))
        found.setdefault(_part(change), []).append(told)
    joiners, movers, leavers, structure = (
        tuple(found.get(name, ())) for name in ("joiners", "movers", "leavers", "structure")
    )
    return ChangeGroup(origin, joiners, movers, leavers, structure, by_hand(steps))


def by_hand(steps: Iterable[ManualStep]) -> ByHand:
    """Return the role and departments that a person gives to each agent in the panel."""
    found: dict[Address, dict[str, tuple[str, ...]]] = {}
    for step in steps:
        own = found.setdefault(step.address, {})
        if step.section == manual_step.MEMBERSHIP:
            own["departments"] = tuple(step.values["join"])
        elif step.section == manual_step.ROLE:
            own["role"] = (step.values["role"],)
    return found


def _part(change: Change) -> str:
    if change.address.kind is not Kind.AGENT:
        return "structure"
    if change.action is Action.CREATE:
        return "joiners"
    gone = change.action is Action.DELETE or change.reason is Reason.SUSPENDED
    return "leavers" if gone else "movers"


def effect(field: FieldChange) -> Sentence:
    """Return what happens to a field."""
    match field.path:
        case ("departments", name) if field.before is None:
            return "joins ", Quoted(readable.membership(name, field.after))
        case ("departments", name) if field.after is None:
            return "leaves ", Quoted(readable.membership(name, field.before))
        case _:
            return Quoted(field_name(field)), ": ", *before_and_after(field)


def field_name(field: FieldChange) -> str:
    """Return how people call a field: `chat / max_load`, and `Support / chats` of a membership."""
    match field.path:
        case ("departments", _, _):
            return " / ".join(field.path[1:])
        case ("departments", _):
            return "departments"
        case _:
            return " / ".join(field.path)


def before_and_after(field: FieldChange) -> Sentence:
    """Return a field's two values as one sentence."""
    before, after = values(field)
    return Quoted(before), " → ", Quoted(after)


def values(field: FieldChange) -> tuple[str, str]:
    """Return a field's two values; of long texts that are much alike, where they differ."""
    match field.path:
        case ("departments", name):
            before, after = (
                readable.value(None) if entry is None else readable.membership(name, entry)
                for entry in (field.before, field.after)
            )
            return before, after
        case ("hours", _):
            return readable.services(field.before or {}), readable.services(field.after or {})
        case ("hours", _, _):
            return readable.days(field.before or {}), readable.days(field.after or {})
        case _:
            return readable.contrast(field.before, field.after)


def created(
    change: Change, by_hand: Mapping[str, Sequence[str]] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the values that an object comes with, but its names.

    Args:
        change: that creates it, or anything else, which has none.
        by_hand: the role and departments that it gets from a person.
    """
    if change.action is not Action.CREATE:
        return
    waiting = by_hand or {}
    for field, content in readable.ordered(change.after or {}):
        match change.address.kind, field:
            case _, "name" | "email":
                continue
            case Kind.AGENT, "departments":
                joins = [readable.membership(*item) for item in readable.ordered(content)]
                if "departments" not in waiting:
                    yield field, ", ".join(joins) or readable.value(None)
            case Kind.AGENT, "hours":
                yield field, readable.week(content)
            case Kind.ROLE, "permissions":
                granted = sorted(name for name, state in content.items() if state == "grant")
                yield field, f"grants {', '.join(map(readable.harmless, granted)) or 'nothing'}"
            case _:
                yield field, readable.value(content)
    for field, names in waiting.items():
        yield field, ", ".join(f"{readable.harmless(name)} (by hand)" for name in names)


def deleted(change: Change) -> Iterator[tuple[str, str]]:
    """Yield what an agent had that is deleted."""
    before = change.before or {}
    if change.action is not Action.DELETE or change.address.kind is not Kind.AGENT:
        return
    if "role" in before:
        yield "role", readable.value(before["role"])
    if departments := before.get("departments"):
        joined_to = (readable.membership(*item) for item in readable.ordered(departments))
        yield "departments", ", ".join(joined_to)


def place(source: Span | None, commit: Commit | None = None) -> str:
    """Return the place in the files, and what last changed it: `team.yaml:4 1f0c2a9b`."""
    id_ = commit.id[:COMMIT_DIGITS] if commit else ""
    if source is None:
        return f"commit {id_}" if id_ else ""
    return f"{source.file}:{source.line} {id_}".rstrip()
