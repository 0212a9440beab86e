"""One live agent as text or JSON: every section of the account, the report, the logins."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.documents.schema.json_schema import schemas
from provisioner.live.agent_report import AgentReport, Login, Period
from provisioner.model.hours import as_yaml
from provisioner.model.kinds import KINDS
from provisioner.render import readable
from provisioner.render.json_text import json_text
from provisioner.render.terminal.lines import Line, rendered

TITLE_WIDTH = 22


def as_text(report: AgentReport, *, color: bool = False) -> str:
    """Return an agent's account for reading in a terminal."""
    agent = report.agent
    title = f"{agent.address}  {agent.attributes['name']}  (id {agent.id} on {report.target})"
    lines: list[Line] = [(readable.harmless(title), "bold"), ("", "")]
    properties = schemas()["agent"]["properties"]
    for name in KINDS[agent.address.kind].shape.fields:
        if name != "name":
            texts = _unavailable(report, name) or list(_section(name, agent.attributes[name]))
            lines += _entry(properties[name]["title"], texts)
    lines += [("", ""), (f"Performance report, {_period(report.period)}", "bold")]
    lines += _entries(_unavailable(report, "report"), report.performance or {})
    lines += [("", ""), ("Authorised applications", "bold")]
    logins = _unavailable(report, "logins") or [login_line(login) for login in report.logins or ()]
    lines += [(f"  {line}", "") for line in logins or ["(none)"]]
    return rendered(lines, color=color)


def as_json(report: AgentReport) -> str:
    """Return an agent's account as JSON."""
    period = report.period
    content = {
        "format_version": "1.0",
        "target": report.target,
        "address": str(report.agent.address),
        "id": report.agent.id,
        "attributes": report.agent.attributes,
        "since": period.since and period.since.isoformat(),
        "until": period.until and period.until.isoformat(),
        "report": report.performance,
        "logins": None
        if report.logins is None
        else [
            {"id": login.id, "name": login.name, "valid_until": login.valid_until}
            for login in report.logins
        ],
        "unavailable": report.unavailable,
    }
    return json_text(content)


def login_line(login: Login) -> str:
    """Return a login in words."""
    until = f", valid until {login.valid_until}" if login.valid_until else ""
    return readable.harmless(f"{login.name or 'an app without a name'}{until} (key {login.id})")


def outcome(login: Login, problem: Diagnostic | None) -> str:
    """Return whether a login was ended, and why not."""
    if problem is None:
        return f"disconnected  {login_line(login)}\n"
    lines = [problem.summary, f"hint: {problem.hint}"] if problem.hint else [problem.summary]
    details = "".join(f"              {readable.harmless(line)}\n" for line in lines)
    return f"failed        {login_line(login)}\n{details}"


def _unavailable(report: AgentReport, name: str) -> list[str]:
    """Return the reason why a part is missing; an empty list if it is available."""
    return (
        [f"({readable.harmless(report.unavailable[name])})"] if name in report.unavailable else []
    )


def _entry(title: str, texts: list[str]) -> Iterator[Line]:
    for number, line in enumerate(texts or ["(none)"]):
        yield f"  {title if number == 0 else '':{TITLE_WIDTH}}{line}".rstrip(), ""


def _entries(unavailable: list[str], columns: Mapping[str, int]) -> Iterator[Line]:
    """Yield the lines of the performance report; all columns that are 0 share one line."""
    for line in unavailable:
        yield f"  {line}", ""
    for column, value in columns.items():
        if value:
            yield from _entry(readable.harmless(column), [readable.value(value)])
    zero = ", ".join(readable.harmless(column) for column, value in columns.items() if not value)
    if zero:
        yield f"  0: {zero}", ""


def _section(name: str, value: Any) -> Iterator[str]:
    """Yield the lines of a section, one for each part."""
    match name:
        case "departments":
            for department, entry in sorted(value.items()):
                yield readable.membership(department, entry)
                yield from (f"  {line}" for line in _text(entry.get("signature", "")))
        case "notifications":
            for channel, settings in value.items():
                events = ", ".join(event for event, on in settings.items() if on is True)
                user = f" ({readable.harmless(settings['user'])})" if settings.get("user") else ""
                yield f"{channel}{user}: {events or '(none)'}"
        case "signature":
            yield from _text(value)
        case "hours":
            for block in as_yaml(value):
                span = f"{', '.join(block['days'])} {block['from']}-{block['to']}"
                where = ", ".join(map(readable.harmless, block["departments"]))
                yield f"{span}: {', '.join(block['services'])} in {where}"
        case "photo":
            yield "yes" if value else "(none)"
        case _:
            yield readable.value(value)


def _text(text: str) -> list[str]:
    return [readable.harmless(line) for line in text.splitlines()]


def _period(period: Period) -> str:
    since = f"from {period.since}" if period.since else ""
    until = f"until {period.until}" if period.until else ""
    return f"{since} {until}".strip() or "all days"
