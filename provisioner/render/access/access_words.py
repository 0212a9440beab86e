"""Words for lists of access, shared by all formats."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.model.fields import FieldPath
from provisioner.planning.access.access_difference import AccessDifference, EntryChange, ValueChange
from provisioner.planning.access.access_fields import (
    DEPARTMENTS,
    MEMBERSHIP_ROLE,
    ROLE,
    access_default,
)
from provisioner.planning.access.access_list import (
    AccessList,
    AccessValue,
    AccountState,
    DeclaredAt,
    Mark,
    PersonAccess,
)
from provisioner.planning.changes import Commit
from provisioner.planning.plans.revision import Version
from provisioner.render import readable
from provisioner.render.review.change_texts import COMMIT_DIGITS

POWERFUL = ("owner", "admin")
"""The roles that come first in every list."""

NOT_DECLARED = "not in your files"
NOTHING = "-"
LEFT_OUT = "(left out)"
"""A field that the files leave out, so that the account decides."""

_STATES = {
    AccountState.SUSPENDED: "declared as suspended",
    AccountState.ABSENT: "declared as absent, and still in the account",
}

ENTRIES = {
    EntryChange.ADDED: "added",
    EntryChange.REMOVED: "removed from the files, the account stays as it is",
    EntryChange.ABSENT: "declared as absent",
    EntryChange.CHANGED: "changed",
}

MARKED = frozenset({Mark.UNMANAGED, Mark.UNDECLARED, Mark.DIFFERS, Mark.MISSING})
"""The marks of values that the files do not own, or that the account does not have."""


def is_powerful(person: PersonAccess) -> bool:
    """Return whether a person is owner or admin."""
    return person.role.shown in POWERFUL


def is_marked(person: PersonAccess) -> bool:
    """Return whether the files and the account differ about the access of a person."""
    return person.state in {AccountState.ABSENT, AccountState.MISSING} or any(
        value.mark in MARKED for value in person.values
    )


def role_text(person: PersonAccess) -> str:
    """Return the role; in capitals where it decides about the whole account."""
    role = person.role.shown
    if role is None:
        return NOTHING if person.role.mark is Mark.MISSING else LEFT_OUT
    return role.upper() if role in POWERFUL else readable.brief(role)


def membership_text(path: FieldPath, entry: Any) -> str:
    """Return a department with the services and the role there, which is left out if usual."""
    if not isinstance(entry, Mapping):
        return readable.brief(path[-1])
    usual = access_default((*path, MEMBERSHIP_ROLE), {})
    unusual = {
        part: value
        for part, value in entry.items()
        if not (part == MEMBERSHIP_ROLE and value == usual)
    }
    return readable.membership(path[-1], unusual)


def departments_text(person: PersonAccess) -> str:
    """Return the departments of a person with their services: `Support (tickets), Sales`."""
    texts = [
        LEFT_OUT if value.path == DEPARTMENTS else membership_text(value.path, value.shown)
        for value in person.memberships
        if value.mark is not Mark.MISSING
    ]
    return ", ".join(texts) or NOTHING


def value_text(path: FieldPath, value: Any) -> str:
    """Return the value of an access field, for a comparison of two."""
    if value is None:
        return NOTHING
    if path[:1] == DEPARTMENTS:
        entry = membership_text(path, value)
        return entry.partition(" (")[2].removesuffix(")") or "member"
    return readable.brief(str(value))


def sides_text(change: ValueChange) -> tuple[str, str]:
    """Return the values before and after; `left out` is access that the account keeps."""
    before = value_text(change.path, change.before)
    if change.is_left_out:
        return before, LEFT_OUT
    after = value_text(change.path, change.after)
    if isinstance(change.before, Mapping) and isinstance(change.after, Mapping):
        left_out = [
            part for part, value in change.before.items() if value and part not in change.after
        ]
        after += "".join(f", {part} {LEFT_OUT}" for part in left_out)
    return before, after


def field_text(path: FieldPath) -> str:
    """Return the name of an access field: `role`, or the department."""
    return readable.brief(path[-1])


def place_text(place: DeclaredAt | None) -> str:
    """Return the place of a declaration: `profile tier1, team.yaml:8`."""
    if place is None:
        return ""
    profile = f"profile {readable.brief(place.profile)}, " if place.profile else ""
    return f"{profile}{readable.harmless(place.span.file)}:{place.span.line}"


def protected_text(person: PersonAccess) -> str:
    """Return the line of `protect` that covers a person."""
    span = person.protected
    return f"protected by {readable.harmless(span.file)}:{span.line}" if span else ""


def since_text(commit: Commit | None) -> str:
    """Return a commit as `2026-03-02 9f8e7d6`; "" if it is not known."""
    if commit is None:
        return ""
    if not commit.id:
        return "not committed"
    return f"{commit.time[:10]} {commit.id[:COMMIT_DIGITS]}".lstrip()


def declared_text(place: DeclaredAt | None) -> str:
    """Return commit and place of a declaration: `2026-03-02 9f8e7d6 team.yaml:8`."""
    return f"{since_text(place.since if place else None)} {place_text(place)}".strip()


def notes(person: PersonAccess) -> Iterator[str]:
    """Yield where the files and the account differ about a person."""
    if person.role.mark is Mark.UNDECLARED:
        yield NOT_DECLARED + (f" ({person.exception})" if person.exception else "")
    if person.state in _STATES:
        yield _STATES[person.state]
    if person.state is AccountState.MISSING:
        yield f"not in the account; your files declare {_declared_words(person)}"
    if person.state in {AccountState.ABSENT, AccountState.MISSING}:
        return
    for value in person.values:
        yield from value_notes(value)


def _declared_words(person: PersonAccess) -> str:
    """Return the declared access of a person who is not in the account."""
    departments = [
        membership_text(value.path, value.declared)
        for value in person.memberships
        if value.declared is not None
    ]
    return ", ".join([value_text(ROLE, person.role.declared), *departments])


def value_notes(value: AccessValue) -> Iterator[str]:
    """Yield how a value of the account relates to the files, unless it is declared so."""
    field = field_text(value.path)
    match value.mark:
        case Mark.DIFFERS if value.declared is None:
            yield f"{field}: in the account, not in your files"
        case Mark.DIFFERS:
            yield f"{field}: your files declare {value_text(value.path, value.declared)}"
        case Mark.MISSING:
            yield f"{field}: in your files, not in the account"
        case Mark.UNMANAGED if value.path == ROLE:
            yield "role: no file declares it"
        case Mark.UNMANAGED:
            yield f"{field}: no file declares all of it"
        case Mark.NOT_LOOKED_AT:
            yield f"{field}: not compared"
        case _:
            pass


def version_text(version: Version) -> str:
    """Return a version of the files: `v1.0 (1a2b3c4d)`, or `your files`."""
    if not version.ref:
        return "your files"
    return f"{readable.brief(version.ref)} ({version.commit[:COMMIT_DIGITS]})"


def people_count(number: int) -> str:
    """Return a number of people: `1 person`, `3 people`."""
    return "1 person" if number == 1 else f"{number} people"


def title(report: AccessList) -> str:
    """Return the title of a list."""
    number = people_count(len(report.people))
    if not report.is_live:
        target = f" for {readable.brief(report.target)}" if report.target else ""
        return f"Access declared in {version_text(report.version)}{target}: {number}"
    url = f", {readable.brief(report.url)}" if report.url else ""
    surface = " (API v3)" if report.is_v3 else ""
    return f"Access on {readable.brief(report.target)}{url}{surface}: {number}"


def difference_title(report: AccessDifference) -> str:
    """Return the title of a difference."""
    versions = f"{version_text(report.before)} and {version_text(report.after)}"
    number = people_count(len(report.people)) if report.people else "none"
    return f"Difference in access between {versions}: {number}"


def outside_text(report: AccessList) -> str:
    """Return how much the list leaves out as outside of the scope; "" if nothing."""
    outside = report.outside_scope
    numbers = (
        people_count(outside.people) if outside.people else "",
        readable.count(outside.memberships, "membership") if outside.memberships else "",
    )
    parts = " and ".join(filter(None, numbers))
    return f"{parts} outside of the scope of this project: not listed." if parts else ""


def history_text(report: AccessList) -> str:
    """Return why commits are missing; "" if none is."""
    return (
        f"Since when: {readable.brief(report.unknown_history)}." if report.unknown_history else ""
    )
