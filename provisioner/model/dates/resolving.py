"""The desired state on a day: agents who have not started left out, ends and temporary values.

The dates become ordinary layers, so that every value has a source: a temporary entry is laid over
the agent while it holds, and the end gives the agent a `state`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.dates.declared import ENDS, Dates, Temporary
from provisioner.model.desired import DesiredState, Resource, assembled
from provisioner.model.hours import ShiftCache
from provisioner.model.layers import Layer, merged

_NOTHING = object()


def on_day(state: DesiredState, day: date) -> DesiredState:
    """Return the desired state on a day.

    Args:
        state: the permanent state, as the files declare it without dates, or that of a day.
        day: the day in the account's time zone.

    Returns:
        The state. Agents who have not started are not in its resources.
    """
    dated = state.dated or [one for one in state.resources.values() if one.dates]
    if not dated:
        return replace(state, day=day)
    resources = dict(state.resources)
    waiting = []
    for resource in dated:
        today = _on_day(resource, day)
        if today is None:
            waiting.append(resource)
            del resources[resource.address.identity]
        else:
            resources[resource.address.identity] = today
    return replace(state, resources=resources, waiting=tuple(waiting), dated=tuple(dated), day=day)


def _on_day(resource: Resource, day: date) -> Resource | None:
    """Return an agent with dates on a day; None if the agent has not started."""
    dates = resource.dates
    if dates is None or dates.days.is_after(day):
        return None
    permanent = merged(resource.layers)
    lapsed = (
        reset
        for one in dates.temporary
        if one.days.is_before(day) and (reset := _reset(one, permanent))
    )
    holding = (one.layer for one in dates.temporary if one.days.holds(day))
    layers = [*resource.layers, *lapsed, *holding]
    if dates.days.is_before(day) and not resource.absent:
        layers.append(_end(dates))
    return assembled(resource.address, layers, ShiftCache(), dates)


def _reset(one: Temporary, permanent: Mapping[str, Any]) -> Layer | None:
    """Return the layer that resets the fields of an entry for which nothing else has a value."""
    fields = _without_value(one.layer.fields, permanent)
    return replace(one.layer, fields=fields) if fields else None


def _without_value(given: Mapping[str, Any], permanent: Mapping[str, Any]) -> dict[str, Any]:
    """Return null for each value that the permanent fields lack.

    A department of its own needs no null: the declared departments are the whole membership.
    """
    result: dict[str, Any] = {}
    for key, value in given.items():
        below = permanent.get(key, _NOTHING)
        if key == "departments" and isinstance(value, dict) and isinstance(below, dict):
            common = {name: value[name] for name in value if name in below}
            nested = _without_value(common, below)
        elif isinstance(value, dict) and isinstance(below, dict):
            nested = _without_value(value, below)
        elif isinstance(value, dict) and value and below is _NOTHING and key != "departments":
            nested = _without_value(value, {})
        else:
            if below is _NOTHING:
                result[key] = None
            continue
        if nested:
            result[key] = nested
    return result


def _end(dates: Dates) -> Layer:
    """Return the layer that ends an agent; its position is that of `ends`."""
    owner = dates.owners[ENDS]
    state = "absent" if dates.deletes else "suspended"
    return Layer({"state": state}, owner.document, (*owner.path, ENDS))


def versions(resource: Resource) -> Iterator[Resource]:
    """Yield an agent with each temporary entry alone, to check it before its first day."""
    for one in resource.dates.temporary if resource.dates else ():
        layers = [*resource.layers, one.layer]
        yield assembled(resource.address, layers, ShiftCache(), None)


def without_base(resource: Resource) -> Iterator[Diagnostic]:
    """Yield a finding for each temporary field of an agent that has no permanent value.

    Departments are an error: the declared ones are the whole membership, so the entry would take
    away all others.
    """
    permanent = merged(resource.layers)
    for one in resource.dates.temporary if resource.dates else ():
        if "departments" in one.layer.fields and "departments" not in permanent:
            yield Diagnostic(
                code="temporary-base",
                summary=f"{resource.declarer()}: temporary departments, and no permanent ones",
                span=one.layer.span("departments", key=True),
                hint="declare all permanent departments of the agent, too: the agent leaves every "
                "department that is not named",
            )
        for name in _without_value(one.layer.fields, permanent):
            if name != "departments":
                yield Diagnostic(
                    code="temporary-base",
                    summary=f"{resource.declarer()}: after {one.days.last} {name} is reset to "
                    "the account's default, since the agent declares no permanent value",
                    span=one.layer.span(name, key=True),
                    hint=f"declare `{name}` of the agent",
                    severity=Severity.WARNING,
                )
