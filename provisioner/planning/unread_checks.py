"""Keeps declared values off live values that were not understood, and reports both.

An unknown live value may be one that somebody needs, so it is never overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping

from provisioner.address import Kind, fold
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.state import LiveState
from provisioner.live.unread import ANY_ENTRY, Unread
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath

_HINT = "look at it in the panel; if it is right there, send this message to LiveAgent's support"

_SHOWN_OBJECTS = 3


def unread_agents(desired: DesiredState, live: LiveState) -> Iterator[Diagnostic]:
    """Yield an error for each declared agent that the account shows in one list only.

    An absent agent that is not in the list of agents is gone, as declared.
    """
    for one in live.unread:
        if not one.whole:
            continue
        for entry in desired.of(Kind.AGENT):
            names = {entry.address.identity[1], fold(entry.previously or "")}
            is_same = bool(names & {*one.emails}) or entry.pinned_id in one.ids
            if is_same and not (entry.absent and one.field == GRID_ID):
                yield Diagnostic(
                    code="unread-agent",
                    summary=f'agent "{entry.address.key}" is declared, and can\'t be read: {one}',
                    span=entry.span(),
                    hint="look at the agent in the panel; a deleted account can be restored there, "
                    "and a bot or service user needs another email",
                )


GRID_ID = "agentid"
"""The field of rows that are in the grid of agents only."""


def unread_values(desired: DesiredState, live: LiveState) -> Iterator[Diagnostic]:
    """Yield a warning for each part of the account that was not understood.

    A value that the API may leave out matters only where it is declared.
    """
    if not live.unread:
        return
    by_id = {
        (existing.address.kind, existing.id): entry
        for identity, entry in desired.resources.items()
        if (existing := live.objects.get(identity))
    }
    for one in live.unread:
        entries = [by_id[one.kind, id_] for id_ in one.ids if (one.kind, id_) in by_id]
        declared = [entry for entry in entries if one.path and _declares(entry, one.path)]
        if declared or not one.is_documented:
            yield Diagnostic(
                code="not-read",
                summary=f"{one}; {_kept(one, declared)}",
                hint=_HINT,
                severity=Severity.WARNING,
            )


def _kept(one: Unread, declared: list[Resource]) -> str:
    if not declared:
        return "it is left as it is"
    names = ", ".join(str(entry.address) for entry in declared[:_SHOWN_OBJECTS])
    more = len(declared) - _SHOWN_OBJECTS
    of = f"{names} and {more} more" if more > 0 else names
    return f"{'.'.join(one.path)} of {of} is declared, and was not compared"


def _declares(entry: Resource, path: FieldPath) -> bool:
    """Return whether an entry declares a field, or a part of it."""
    values: Iterable[object] = [entry.attributes]
    for key in path:
        values = [
            part
            for value in values
            if isinstance(value, Mapping)
            for part in (
                value.values() if key == ANY_ENTRY else [value[key]] if key in value else ()
            )
        ]
    return bool([*values])
