"""Reads the report of one agent, and ends the agent's LivePhone logins."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from provisioner.address import Kind, fold
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError, fault
from provisioner.live.agent_report import AgentReport, AgentReportReader, Login, Period
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import Surface
from provisioner.model.kinds import KINDS
from provisioner.planning.roles import name_roles
from provisioner.suggestions import did_you_mean

Value = TypeVar("Value")


def inspect_agent(
    email: str,
    period: Period,
    reader: Reader,
    report_reader: AgentReportReader,
    *,
    target: str,
    roles: Mapping[str, str],
) -> AgentReport:
    """Return everything that the account shows about an agent.

    The email may have any spelling. `roles` maps the ids of roles that the API does not list to
    names.

    Raises:
        TargetError: the account could not be read, or has no such agent.
    """
    live = name_roles(reader.read(hours_of={fold(email)}), roles)
    agent = live.find(Kind.AGENT, email)
    if agent is None:
        emails = [key for kind, key in live.objects if kind is Kind.AGENT]
        raise TargetError(_unknown_agent(email, emails))
    fields = KINDS[Kind.AGENT].shape.fields
    missing = [name for name in fields if name not in agent.attributes]
    unavailable = dict.fromkeys(missing, "not shown by API v3")

    performance = None
    if live.surface is Surface.V3:
        unavailable["report"] = "API v3 has no reports"
    else:
        performance = _read_optional(
            "report", lambda: report_reader.report(agent.id, period), unavailable
        )
    logins = _read_optional("logins", lambda: report_reader.logins(agent.id), unavailable)
    return AgentReport(target, agent, period, performance, logins, unavailable)


def _read_optional(
    name: str, read: Callable[[], Value | None], unavailable: dict[str, str]
) -> Value | None:
    """Return a value, or None with an entry in `unavailable`."""
    try:
        value = read()
    except RejectedError as error:
        unavailable[name] = str(error)
        return None
    if value is None:
        unavailable[name] = "not shown to this API key"
    return value


def logins_of(email: str, report_reader: AgentReportReader) -> tuple[Login, ...]:
    """Return the LivePhone logins of an agent.

    Raises:
        TargetError: the logins could not be read, or there is no such agent.
    """
    ids = report_reader.emails()
    if fold(email) not in ids:
        raise TargetError(_unknown_agent(email, ids))
    return report_reader.logins(ids[fold(email)])


def end_logins(
    logins: Iterable[Login], report_reader: AgentReportReader
) -> list[tuple[Login, Diagnostic | None]]:
    """End logins. After a failure the remaining logins are ended all the same.

    Returns:
        Each login with the error, or None.
    """
    outcomes: list[tuple[Login, Diagnostic | None]] = []
    for login in logins:
        try:
            report_reader.disconnect(login)
        except TargetError as error:
            outcomes.append((login, error.diagnostics[0]))
        except Exception as error:  # noqa: BLE001  logins that have ended must be reported
            outcomes.append((login, fault(error)))
        else:
            outcomes.append((login, None))
    return outcomes


def _unknown_agent(email: str, emails: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        code="unknown-agent",
        summary=f'the account has no agent "{email}"',
        hint=did_you_mean(email, emails),
    )
