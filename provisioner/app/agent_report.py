"""Looking at one live agent, and ending the agent's LivePhone logins."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from provisioner.address import Kind, fold
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError, fault
from provisioner.live.agent_facts import AgentFacts, Facts, Login, Period
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import Surface
from provisioner.model.kinds import KINDS
from provisioner.planning.roles import name_roles
from provisioner.suggestions import did_you_mean

Fact = TypeVar("Fact")


def look_at(
    email: str,
    period: Period,
    reader: Reader,
    facts: Facts,
    *,
    target: str,
    roles: Mapping[str, str],
) -> AgentFacts:
    """Read all that the account tells of an agent.

    Args:
        email: in any spelling.
        period: the days of the report.
        reader: of the account.
        facts: reads what is no part of a snapshot.
        target: the account's name.
        roles: role id to name, for roles that the API does not list.

    Raises:
        TargetError: the account could not be read, or has no such agent.
    """
    live = name_roles(reader.read(hours_of={fold(email)}), roles)
    agent = live.find(Kind.AGENT, email)
    if agent is None:
        emails = [key for kind, key in live.objects if kind is Kind.AGENT]
        raise TargetError(_unknown(email, emails))
    shown = agent.attributes
    fields = KINDS[Kind.AGENT].shape.fields
    untold = {name: "not shown by API v3" for name in fields if name not in shown}

    report = None
    if live.surface is Surface.V3:
        untold["report"] = "API v3 has no reports"
    else:
        report = _told("report", lambda: facts.report(agent.id, period), untold)
    logins = _told("logins", lambda: facts.logins(agent.id), untold)
    return AgentFacts(target, agent, period, report, logins, untold)


def _told(name: str, read: Callable[[], Fact | None], untold: dict[str, str]) -> Fact | None:
    """Return a fact, or None and note why there is none."""
    try:
        found = read()
    except RejectedError as error:
        untold[name] = str(error)
        return None
    if found is None:
        untold[name] = "not shown to this API key"
    return found


def logins_of(email: str, facts: Facts) -> tuple[Login, ...]:
    """Return the apps that an agent is logged in with.

    Raises:
        TargetError: they could not be read, or there is no such agent.
    """
    ids = facts.emails()
    if fold(email) not in ids:
        raise TargetError(_unknown(email, ids))
    return facts.logins(ids[fold(email)])


def disconnect(logins: Iterable[Login], facts: Facts) -> list[tuple[Login, Diagnostic | None]]:
    """End logins; one that can't be ended does not keep the others.

    Returns:
        Each login with what went wrong, or None.
    """
    outcomes: list[tuple[Login, Diagnostic | None]] = []
    for login in logins:
        try:
            facts.disconnect(login)
        except TargetError as error:
            outcomes.append((login, error.diagnostics[0]))
        except Exception as error:  # noqa: BLE001  the logins that were ended have to be reported
            outcomes.append((login, fault(error)))
        else:
            outcomes.append((login, None))
    return outcomes


def _unknown(email: str, emails: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        code="unknown-agent",
        summary=f'the account has no agent "{email}"',
        hint=did_you_mean(email, emails),
    )
