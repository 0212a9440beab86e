"""Plans and reports as text for people. It shows what the data says and decides nothing."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.execution.report import Outcome, Report, Status
from provisioner.live.state import Surface
from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.planning.manual import ManualStep
from provisioner.planning.plan import Plan, Requests
from provisioner.render import words

_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
_STYLES = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
_SHOWN_UNDECLARED = 10

Line = tuple[str, str]
"""A line and its style."""

Cause = tuple[str, Span, tuple[str, ...]]
"""A profile's name, the place of one of its values, and the field that has it."""


def plan(content: Plan, *, color: bool = False) -> str:
    """Return a plan for reading in a terminal.

    Args:
        content: the plan.
        color: whether to add colours.
    """
    lines: list[Line] = []
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
    lines += _checklist(content.open_steps)
    lines += _undeclared(content)
    lines += _summary(content)
    return _render(lines, color=color)


def report(content: Report, open_steps: Sequence[ManualStep] = (), *, color: bool = False) -> str:
    """Return what an apply did: failures first, then what is left to people, then the counts.

    Args:
        content: the report.
        open_steps: the plan's manual steps that are not done.
        color: whether to add colours.
    """
    failed = content.with_status(Status.FAILED)
    skipped = content.with_status(Status.SKIPPED)
    applied = words.count(len(content.with_status(Status.APPLIED)), "step")
    lines: list[Line] = [line for outcome in failed for line in _failure(outcome)]
    lines += _skipped(skipped)
    for finding in content.not_taken:
        lines.append((f"  not taken  {words.harmless(finding.summary)}", "bold red"))
        lines.append((f"             hint: {finding.hint}", ""))
    if content.unverified:
        lines.append((f"  {words.harmless(content.unverified.summary)}", "bold red"))
        lines.append((f"             hint: {content.unverified.hint}", ""))
    if lines:
        lines.append(("", ""))
    lines += _checklist(open_steps)
    done = ", ".join(
        f"{number} {word}" for action, word in _DONE.items() if (number := content.applied(action))
    )
    if content.complete:
        lines.append((f"Applied and read back: {done} ({applied}).", "bold green"))
    else:
        said = (
            f"Incomplete: {done or 'no object'} done as planned; {applied} applied, "
            f"{len(failed)} failed, {len(skipped)} skipped, {len(content.not_taken)} not taken. "
            "Running apply again does what can be done."
        )
        lines.append((said, "bold red"))
    if open_steps:
        lines.append((f"{_steps(open_steps)} left to people, listed above.", "bold yellow"))
    return _render(lines, color=color)


_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}


def _render(lines: list[Line], *, color: bool) -> str:
    # Imported here: rich is not needed for machine formats, and takes its time to load.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = StringIO()
    console = Console(
        file=out,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        soft_wrap=True,
    )
    for line, style in lines:
        console.print(Text(line, style=style))
    return out.getvalue()


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
    for change, effect in effects:
        before, after = words.value(effect.before), words.value(effect.after)
        yield f"    {words.harmless(str(change.address))}: {before} → {after}", ""


def _change(change: Change) -> Iterator[Line]:
    where = f"  {change.source.file}:{change.source.line}" if change.source else ""
    title = f"{_SIGNS[change.action]} {words.harmless(str(change.address))}"
    name = (change.after or change.before or {}).get("name")
    if change.address.kind is Kind.AGENT and name:
        title += f"  {words.harmless(name)}"
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


def _skipped(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield the skipped steps, those of one cause together."""
    by_cause = Counter(outcome.because for outcome in outcomes)
    for cause, number in sorted(by_cause.items()):
        steps = words.count(number, "step")
        why = f"needed {words.harmless(cause)}" if cause else "not started, the run was interrupted"
        yield f"  skipped    {steps}: {why}", "yellow"


def _checklist(steps: Sequence[ManualStep]) -> Iterator[Line]:
    """Yield what the API can't do: where a person does it, and the exact values."""
    if not steps:
        return
    yield "To be done by hand, since the API of this account can't:", "bold yellow"
    yield "", ""
    for step in steps:
        where = f"  {step.source.file}:{step.source.line}" if step.source else ""
        yield f"[ ] {words.harmless(f'{step.address}  {step.panel}{where}')}", "bold yellow"
        for line in step.todo:
            yield f"    {words.harmless(line)}", ""
        for line in step.then:
            yield f"    then apply sets {words.harmless(line)}", "dim"
        if not step.verifiable:
            yield (
                "    The API can't show when it is done. Then acknowledge it in provisioner.yaml:",
                "dim",
            )
            step_id = words.harmless(json.dumps(step.id, ensure_ascii=False))
            yield f"      acknowledged: [{{step: {step_id}, by: EMAIL, on: YYYY-MM-DD}}]", "dim"
        if step.hint:
            yield f"    hint: {words.harmless(step.hint)}", "dim"
        yield "", ""


def _steps(steps: Sequence[ManualStep]) -> str:
    return words.count(len(steps), "manual step")


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
        parts.append(f"{_steps(content.open_steps)} left to people")
    yield f"Plan for {account}: {', '.join(parts)}.", "bold"
    if content.effective:
        if mails := content.registration_mails:
            sent = words.count(mails, "registration mail")
            yield f"LiveAgent sends {sent} with a link to set a password.", ""
        yield _cost(content.requests), ""
    else:
        yield "There is nothing that apply could do.", ""


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


def _failure(outcome: Outcome) -> Iterator[Line]:
    yield f"  failed     {words.harmless(outcome.step.id)}", "bold red"
    if outcome.error:
        yield f"             {words.harmless(outcome.error.summary)}", ""
        if outcome.error.hint:
            yield f"             hint: {words.harmless(outcome.error.hint)}", ""
