"""What a plan does, in sentences, grouped as people think of it: who comes, changes and goes.

A sentence is a row of parts. What comes from files or the account is a `Quoted` part, and each
format has exactly one way to make those harmless; nothing of it may stand in any other part.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.planning.changes import Action, Change, Commit, FieldChange, Origin, Reason
from provisioner.render import words

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


class Quoted(str):
    """Text from files or from the account."""

    __slots__ = ()


Sentence = tuple[str, ...]
"""Parts of a sentence: the program's own words, and `Quoted` ones."""


def say(sentence: Iterable[str], quote: Callable[[str], str]) -> str:
    """Return a sentence as text.

    Args:
        sentence: its parts.
        quote: makes a quoted part harmless for the format.
    """
    return "".join(quote(part) if isinstance(part, Quoted) else part for part in sentence)


def joined(sentences: Iterable[Sentence], mark: str = ", ") -> Sentence:
    """Return several sentences as one."""
    parts: list[str] = []
    for sentence in sentences:
        parts += [mark, *sentence] if parts else sentence
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one origin, as people think of them.

    Attributes:
        origin: whose they are; None where the plan was made without a base.
        joiners: agents that come.
        movers: agents that change.
        leavers: agents that go or are suspended.
        structure: departments and roles.
    """

    origin: Origin | None
    joiners: tuple[Change, ...]
    movers: tuple[Change, ...]
    leavers: tuple[Change, ...]
    structure: tuple[Change, ...]


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


TITLES = {Origin.BRANCH: "Changed by this branch", Origin.DRIFT: "Was already drifted"}


def groups(changes: Sequence[Change]) -> tuple[Group, ...]:
    """Return effective changes, those of the branch before what was already drifted."""
    if all(change.origin is None for change in changes):
        return (_group(None, changes),) if changes else ()
    parts = [(origin, tuple(_of_origin(changes, origin))) for origin in Origin]
    return tuple(_group(origin, own) for origin, own in parts if own)


def _of_origin(changes: Iterable[Change], origin: Origin) -> Iterator[Change]:
    """Yield the changes of an origin; of an update that has both, the fields that are its own.

    What nobody says to be of the branch was there before.
    """
    for change in changes:
        if not change.fields:
            if (change.origin or Origin.DRIFT) is origin:
                yield change
        elif fields := tuple(
            f for f in change.fields if (f.origin or change.origin or Origin.DRIFT) is origin
        ):
            yield replace(change, fields=fields)


def _group(origin: Origin | None, changes: Iterable[Change]) -> Group:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(_part(change), []).append(change)
    names = ("joiners", "movers", "leavers", "structure")
    return Group(origin, *(tuple(found.get(name, ())) for name in names))


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
            return "joins ", Quoted(words.membership(name, field.after))
        case ("departments", name) if field.after is None:
            return "leaves ", Quoted(words.membership(name, field.before))
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
                words.value(None) if entry is None else words.membership(name, entry)
                for entry in (field.before, field.after)
            )
            return before, after
        case ("hours", _):
            return words.services(field.before or {}), words.services(field.after or {})
        case ("hours", _, _):
            return words.days(field.before or {}), words.days(field.after or {})
        case _:
            return words.contrast(field.before, field.after)


def created(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the values that an object comes with, but its names."""
    if change.action is not Action.CREATE:
        return
    for field, content in (change.after or {}).items():
        match change.address.kind, field:
            case _, "name" | "email":
                continue
            case Kind.AGENT, "departments":
                shown = ", ".join(words.membership(*item) for item in content.items())
                yield field, shown or words.value(None)
            case Kind.AGENT, "hours":
                yield field, words.week(content)
            case Kind.ROLE, "permissions":
                granted = sorted(name for name, state in content.items() if state == "grant")
                yield field, f"grants {', '.join(map(words.harmless, granted)) or 'nothing'}"
            case _:
                yield field, words.value(content)


def place(source: Span | None, commit: Commit | None = None) -> str:
    """Return the place in the files, and what last changed it: `team.yaml:4 1f0c2a9b`."""
    if source is None:
        return ""
    return f"{source.file}:{source.line}{f' {commit.id[:COMMIT_DIGITS]}' if commit else ''}"
