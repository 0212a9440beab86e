"""Texts for single changes: effects on fields, values of new and deleted objects, places."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.planning.changes import (
    LOGINS,
    Action,
    Attribution,
    Change,
    Commit,
    FieldChange,
    Reason,
)
from provisioner.render import readable
from provisioner.render.sentences import Quoted, Sentence

COMMIT_DIGITS = 8
"""Hexadecimal digits of a commit's id that are shown."""

TITLES = {Attribution.BRANCH: "Changed by this branch", Attribution.DRIFT: "Earlier drift"}
"""Titles of the changes of an attribution."""

BY = {None: "", Attribution.BRANCH: " by this branch", Attribution.DRIFT: " by earlier drift"}
"""Suffixes that name the attribution of a change."""

FORMER_ROLE = "the former one, if LiveAgent keeps it"
"""The role of a restored agent if no file declares it."""

REASONS = {
    Reason.RENAMED: "renamed",
    Reason.RESTORED: "restored",
    Reason.SUSPENDED: "suspended",
    Reason.UNDECLARED: "not declared",
    Reason.UNDONE: "undone",
}
"""Reasons that are shown, since the sign of a change (+, ~, -) does not show them."""


def field_effect(field: FieldChange) -> Sentence:
    """Return what happens to a field: `joins Support (chats)`, `alias: (none) → Mia`."""
    match field.path:
        case ("departments", name) if field.before is None:
            return "joins ", Quoted(readable.membership(name, field.after))
        case ("departments", name) if field.after is None:
            return "leaves ", Quoted(readable.membership(name, field.before))
        case ("departments", name, part):
            return "in ", Quoted(name), ": ", Quoted(part), " ", *before_and_after(field)
        case (section, _) if section == LOGINS:
            return "ends the LivePhone login ", Quoted(readable.value(field.before))
        case _:
            return Quoted(field_name(field)), ": ", *before_and_after(field)


def is_event(field: FieldChange) -> bool:
    """Return whether a change of a field is shown as an event: joins, leaves, ends a login."""
    one_side = field.before is None or field.after is None
    return len(field.path) == 2 and (
        field.path[0] == LOGINS or (field.path[0] == "departments" and one_side)
    )


def field_name(field: FieldChange) -> str:
    """Return a field's name for people: `chat / max_load`, or `Support / chats` of a membership."""
    match field.path:
        case ("departments", _, _):
            return " / ".join(field.path[1:])
        case ("departments", _):
            return "departments"
        case (section, _) if section == LOGINS:
            return "LivePhone login"
        case _:
            return " / ".join(field.path)


def before_and_after(field: FieldChange) -> Sentence:
    """Return a field's two values as one sentence."""
    before, after = field_values(field)
    return Quoted(before), " → ", Quoted(after)


def field_values(field: FieldChange) -> tuple[str, str]:
    """Return a field's values before and after; of long texts only the parts that differ."""
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


def created_values(
    change: Change, by_hand: Mapping[str, Sequence[str]] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield field names and values of an object that is created, without its email and name.

    Args:
        change: any change; one that creates nothing yields nothing.
        by_hand: the role and departments that a person gives to the object in the panel.
    """
    if change.action is not Action.CREATE:
        return
    waiting = by_hand or {}
    if change.restores and "role" not in (change.after or {}):
        yield "role", FORMER_ROLE
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
                yield field, value_after(change, field, readable.value(content))
    for field, names in waiting.items():
        yield field, ", ".join(f"{readable.harmless(name)} (by hand)" for name in names)


def value_after(change: Change, field: str, value: str) -> str:
    """Return the value of a created object's field, marked if no file declares it."""
    return f"{value} (default)" if field in change.defaults else value


def deleted_values(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the role and the departments of an agent who is deleted."""
    before = change.before or {}
    if change.action is not Action.DELETE or change.address.kind is not Kind.AGENT:
        return
    if "role" in before:
        yield "role", readable.value(before["role"])
    if departments := before.get("departments"):
        joined_to = (readable.membership(*item) for item in readable.ordered(departments))
        yield "departments", ", ".join(joined_to)


class Place(str):
    """A place in the files as text.

    Attributes:
        source: the line, which a format may link; None where the text names no line or several.
    """

    __slots__ = ("source",)

    source: Span | None

    def __new__(cls, text: str = "", source: Span | None = None) -> Self:
        """Return a text with the line that it names."""
        place = super().__new__(cls, text)
        place.source = source
        return place


def source_text(source: Span | None, commit: Commit | None = None) -> Place:
    """Return a place in the files with the commit that last changed it: `team.yaml:4 1f0c2a9b`."""
    id_ = commit.id[:COMMIT_DIGITS] if commit else ""
    if source is None:
        return Place(f"commit {id_}" if id_ else "")
    return Place(f"{source.file}:{source.line} {id_}".rstrip(), source)


def declared_at(declared: Change | FieldChange) -> Place:
    """Return the place in the files that declares a change or a field."""
    return source_text(declared.source, declared.commit)


def common_place(declared: Iterable[Change | FieldChange]) -> Place:
    """Return the one place of several changes, or else their file with the number of places."""
    with_source = [one for one in declared if one.source]
    places = {declared_at(one) for one in with_source}
    files = {one.source.file for one in with_source if one.source}
    if len(places) <= 1:
        return next(iter(places), Place())
    if len(files) == 1:
        return Place(f"{files.pop()} ({len(places)} places)")
    return Place(f"{len(files)} files")
