"""Plans as text for people. It shows what the data says and decides nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.live.state import Surface
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import (
    LOSSES,
    Action,
    Change,
    FieldChange,
    Origin,
    Reason,
    Risk,
)
from provisioner.planning.plan import Plan, Requests
from provisioner.render import words
from provisioner.render.lines import Line, checklist, count_steps, rendered

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_STYLES = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
_SHOWN_UNDECLARED = 10


Cause = tuple[str, Span, tuple[str, ...]]
"""A profile's name, the place of one of its values, and the field that has it."""


def plan(content: Plan, *, color: bool = False) -> str:
    """Return a plan for reading in a terminal.

    Args:
        content: the plan.
        color: whether to add colours.
    """
    lines: list[Line] = [*_losses(content)]
    causes = _causes(content)
    told = {
        (change.address, field.path) for told_of in causes.values() for change, field in told_of
    }
    for (profile, source, path), effects in causes.items():
        lines += [*_cause(profile, source, path, effects), ("", "")]
    for change in content.effective:
        fields = tuple(f for f in change.fields if (change.address, f.path) not in told)
        if fields or not change.fields:
            lines += [*_change(replace(change, fields=fields)), ("", "")]
    lines += checklist(content.open_steps)
    lines += _undeclared(content)
    lines += _summary(content)
    if content.taken:
        since = "What has changed in the account since is not in it."
        lines.append(
            (f"Made from the snapshot of {words.harmless(content.taken)}. {since}", "yellow")
        )
    return rendered(lines, color=color)


_REASONS = {
    Reason.RENAMED: "renamed",
    Reason.RESTORED: "restored",
    Reason.SUSPENDED: "suspended",
    Reason.UNDECLARED: "not declared",
}
"""Reasons that a sign alone does not tell."""


def _losses(content: Plan) -> Iterator[Line]:
    """Yield who can do less than before: it comes first, whatever else the plan says."""
    losing = [change for change in content.effective if LOSSES & set(change.risk)]
    if not losing:
        return
    yield "Who loses access:", "bold red"
    for change in losing:
        said = ", ".join(_lost(change))
        yield f"    {words.harmless(str(change.address))}: {said}", "red"
    yield "", ""


def _lost(change: Change) -> Iterator[str]:
    """Yield what somebody can't do any more, in words."""
    before, after = change.before or {}, change.after or {}
    if change.action is Action.DELETE:
        yield "is deleted"
        return
    if Risk.LOWERS_RIGHTS in change.risk:
        old, new = before.get("role"), after.get("role")
        yield f"role {words.value(old)} → {words.value(new)}" if old != new else "grants less"
    left = after.get("departments", {})
    for name, entry in before.get("departments", {}).items():
        if name not in left:
            yield f"leaves {words.harmless(name)}"
            continue
        lost = [s for s in SERVICES if entry.get(s) and not left[name].get(s)]
        if lost:
            yield f"no {' and '.join(lost)} from {words.harmless(name)}"


def _causes(content: Plan) -> dict[Cause, list[tuple[Change, FieldChange]]]:
    """Return the values of profiles that change several objects, each with its effects."""
    found: dict[Cause, list[tuple[Change, FieldChange]]] = {}
    for change in content.effective:
        for field in change.fields:
            if field.profile and field.source:
                cause = (field.profile, field.source, field.path)
                found.setdefault(cause, []).append((change, field))
    return {cause: effects for cause, effects in found.items() if len(effects) > 1}


def _cause(
    profile: str, source: Span, path: tuple[str, ...], effects: list[tuple[Change, FieldChange]]
) -> Iterator[Line]:
    number = words.count(len(effects), "agent")
    field = words.harmless(" / ".join(path))
    title = f"~ profile/{words.harmless(profile)}  {field} of {number}"
    yield f"{title}  {words.harmless(f'{source.file}:{source.line}')}", "bold yellow"
    alike: dict[str, list[str]] = {}
    for change, effect in effects:
        said = f"{words.value(effect.before)} → {words.value(effect.after)}"
        alike.setdefault(said, []).append(words.harmless(change.name))
    for said, names in alike.items():
        yield f"    {said}: {', '.join(names)}", ""


def _change(change: Change) -> Iterator[Line]:
    where = f"  {change.source.file}:{change.source.line}" if change.source else ""
    title = f"{_SIGNS[change.action]} {words.harmless(str(change.address))}"
    name = (change.after or change.before or {}).get("name")
    if change.address.kind is Kind.AGENT and name:
        title += f"  {words.harmless(name)}"
    if said := _REASONS.get(change.reason):
        title += f" ({said})"
    yield f"{title}{words.harmless(where)}", f"bold {_STYLES[change.action]}"
    if change.action is Action.CREATE:
        yield from _created(change.after or {}, change.address.kind)
    elif change.action is Action.UPDATE:
        yield from (_field(part) for part in change.fields)
    else:
        yield from _deleted(change)


def _created(after: Mapping[str, Any], kind: Kind) -> Iterator[Line]:
    for field, content in after.items():
        match kind, field:
            case Kind.AGENT, "departments":
                shown = ", ".join(words.membership(*item) for item in content.items()) or "(none)"
            case Kind.AGENT, "hours":
                shown = words.week(content)
            case Kind.ROLE, "permissions":
                granted = sorted(name for name, state in content.items() if state == "grant")
                shown = f"grants {', '.join(map(words.harmless, granted)) or 'nothing'}"
            case _, "name" | "email":
                continue
            case _:
                shown = words.value(content)
        yield f"    {field}: {shown}", ""


def _deleted(change: Change) -> Iterator[Line]:
    departments = (change.before or {}).get("departments")
    if departments:
        yield f"    leaves {', '.join(map(words.harmless, departments))}", ""


def _field(field: FieldChange) -> Line:
    match field.path:
        case ("departments", name) if field.before is None:
            return f"    joins {words.membership(name, field.after)}", "green"
        case ("departments", name) if field.after is None:
            return f"    leaves {words.membership(name, field.before)}", "red"
        case _:
            path = words.harmless(" / ".join(field.path))
            return f"    {path}: {words.value(field.before)} → {words.value(field.after)}", ""


def _undeclared(content: Plan) -> Iterator[Line]:
    if not content.undeclared:
        return
    number = len(content.undeclared)
    shown = [words.harmless(str(live.address)) for live in content.undeclared[:_SHOWN_UNDECLARED]]
    more = f" and {number - len(shown)} more" if number > len(shown) else ""
    yield f"Live but not declared, left alone: {', '.join(shown)}{more}", "dim"
    yield "", ""


def _summary(content: Plan) -> Iterator[Line]:
    account = f"{content.target} (API v3)" if content.surface is Surface.V3 else content.target
    if content.empty:
        managed = words.count(len(content.changes), "declared object")
        yield f"Nothing to change on {account}: {managed}, all as declared.", "bold green"
        if content.manual_steps:
            said = words.count(len(content.manual_steps), "manual step")
            yield f"{said} acknowledged by people, which the API can't show.", "yellow"
        return
    parts = [
        f"{number} to {action} ({_by_kind(content, action)})"
        for action in _SIGNS
        if (number := content.count(action))
    ]
    if content.open_steps:
        parts.append(f"{count_steps(content.open_steps)} left to people")
    yield f"Plan for {account}: {', '.join(parts)}.", "bold"
    yield from _origins(content)
    if content.effective:
        yield from _risks(content)
        if mails := content.registration_mails:
            sent = words.count(mails, "registration mail")
            yield f"LiveAgent sends {sent} with a link to set a password.", ""
        yield _cost(content.requests), ""
    else:
        yield "There is nothing that apply could do.", ""


def _origins(content: Plan) -> Iterator[Line]:
    """Yield how much of a plan the branch causes."""
    if content.base is None:
        return
    told = Counter(change.origin for change in content.effective)
    told.update(step.origin for step in content.open_steps)
    since = words.harmless(f"{content.base.ref} ({content.base.commit[:7]})")
    if told[None]:
        yield f"What of this is new since {since} is not known.", "yellow"
        return
    number = words.count(told[Origin.BRANCH], "change")
    yield f"This branch: {number} since {since}; earlier drift: {told[Origin.DRIFT]}.", "bold"


def _risks(content: Plan) -> Iterator[Line]:
    told = {
        Risk.RAISES_RIGHTS: "more rights for",
        Risk.LOWERS_RIGHTS: "fewer rights for",
        Risk.LOGS_OUT: "logs out",
    }
    said = [
        f"{phrase} {number}"
        for risk, phrase in told.items()
        if (number := sum(risk in change.risk for change in content.changes))
    ]
    if said:
        yield f"Risk: {', '.join(said)}.", "yellow"


def _cost(requests: Requests) -> str:
    parts = f"{requests.read} to read, {requests.write} to write, {requests.verify} to verify"
    cost = f"Apply takes about {words.count(requests.total, 'request')} ({parts})"
    if not requests.per_minute:
        return f"{cost}."
    limit = f"the limit of {requests.per_minute} a minute"
    if not requests.seconds:
        return f"{cost}, within {limit}."
    return f"{cost}, at least {words.duration(requests.seconds)} under {limit}."


def _by_kind(content: Plan, action: Action) -> str:
    return ", ".join(
        words.count(number, kind) for kind in Kind if (number := content.count(action, kind))
    )
