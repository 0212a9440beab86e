"""Checks for two entries that claim the same object, with the files alone.

A claim is the email or name of an entry, its `id` or its `previously`. Other contradictions need
the account; see `provisioner.planning.claims.claims`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS

Resources = Mapping[Identity, Resource]


def contradictions(resources: Resources) -> tuple[dict[Identity, Resource], list[Diagnostic]]:
    """Check the claims of all entries against each other.

    Returns:
        The entries, and the diagnostics. A circle of departments is only a warning, because an
        entry of a department has only a name, so no value can go to the wrong department. Such
        entries are returned without `previously`.
    """
    entries = sorted(resources.values(), key=lambda resource: str(resource.address))
    result = dict(resources)
    findings = [*_claimed_twice(entries)]
    for entry in entries:
        former = resources.get(_former(entry)) if entry.previously else None
        if former is entry:
            findings.append(_own_name(entry))
        elif former is not None and (former.absent or entry.absent):
            findings.append(_absent(entry, former))
    for circle in _circles(resources, entries):
        findings.append(_circle(circle))
        if circle[0].address.kind is Kind.DEPARTMENT:
            result |= {entry.address.identity: replace(entry, previously="") for entry in circle}
    return result, findings


def _former(entry: Resource) -> Identity:
    return entry.address.kind, fold(entry.previously)


def _claimed_twice(entries: list[Resource]) -> Iterator[Diagnostic]:
    """Yield an error for each entry with the `id` or `previously` of an earlier entry."""
    seen: dict[tuple[Kind, str, str], Resource] = {}
    for entry in entries:
        for key, value in (("id", entry.pinned_id), ("previously", fold(entry.previously))):
            if not value:
                continue
            first = seen.setdefault((entry.address.kind, key, value), entry)
            if first is not entry:
                yield Diagnostic(
                    code="claimed-twice",
                    summary=f'{entry.address.kind} "{entry.address.key}" and '
                    f'"{first.address.key}" have the same `{key}`: {value}',
                    span=entry.span(key),
                    hint=f"keep `{key}` in only one of the two entries",
                    related=(("the other entry", first.span(key)),),
                )


def _absent(entry: Resource, former: Resource) -> Diagnostic:
    """Return the error for an entry and its former name, of which one is declared absent."""
    kind, naming = entry.address.kind, KINDS[entry.address.kind].identity
    if former.absent:
        summary = (
            f'{kind} "{entry.address.key}" has the former {naming} "{former.address.key}", '
            "which is declared absent"
        )
        hint = f'to rename it, remove the entry "{former.address.key}"; to delete it, remove '
        hint += "`previously`"
    else:
        summary = (
            f'{kind} "{entry.address.key}" is declared absent with the former {naming} '
            f'"{former.address.key}", which another entry declares'
        )
        hint = "remove `previously`, or pin the object to delete by its `id`"
    return Diagnostic(
        code="claimed-twice",
        summary=summary,
        span=entry.span("previously"),
        hint=hint,
        related=(("the other entry", former.span("state")),),
    )


def _own_name(entry: Resource) -> Diagnostic:
    naming = KINDS[entry.address.kind].identity
    return Diagnostic(
        code="rename-circle",
        summary=f'{entry.address.kind} "{entry.address.key}": `previously` is its own {naming}',
        span=entry.span("previously"),
        hint="remove `previously`",
    )


def _circles(resources: Resources, entries: list[Resource]) -> Iterator[list[Resource]]:
    """Yield each circle of `previously` once, from an entry to its former name."""
    done: set[Identity] = set()
    for entry in entries:
        path: list[Resource] = []
        current: Resource | None = entry
        while current is not None and current.address.identity not in done:
            done.add(current.address.identity)
            path.append(current)
            current = None if not _follows(current) else resources.get(_former(current))
        if current is not None and current in path:
            circle = path[path.index(current) :]
            if len(circle) > 1:
                yield circle


def _follows(entry: Resource) -> bool:
    """Return whether an entry claims its object by `previously`."""
    return bool(entry.previously) and not entry.pinned_id and not entry.absent


def _circle(circle: list[Resource]) -> Diagnostic:
    first = circle[0]
    kind, naming = first.address.kind, KINDS[first.address.kind].identity
    names = " to ".join(f'"{entry.address.key}"' for entry in (*circle[::-1], circle[-1]))
    harmless = kind is Kind.DEPARTMENT
    return Diagnostic(
        code="rename-circle",
        summary=f"the {kind.plural} are renamed in a circle: {names}"
        + ("; none of them is renamed" if harmless else ""),
        span=first.span("previously"),
        hint=f"give one of them a temporary {naming} and apply, then the new one and apply again: "
        "while all names are in use, nothing shows which renames were applied",
        related=tuple(("part of the circle", entry.span("previously")) for entry in circle[1:]),
        severity=Severity.WARNING if harmless else Severity.ERROR,
    )
