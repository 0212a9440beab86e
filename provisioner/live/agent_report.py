"""The report of one agent: live values, performance figures of a period, and LivePhone logins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from provisioner.live.state import LiveObject


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days; None leaves an end open.

    Attributes:
        since: the first day.
        until: the last day.
    """

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """A login of a LivePhone app.

    Attributes:
        id: id of the API key that the app uses.
        name: name of the phone.
        valid_until: end of the login, in the account's format; "" for no end.
    """

    id: str
    name: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class AgentReport:
    """Everything that the account shows about one agent.

    Attributes:
        target: name of the account.
        agent: the agent with every section that the API shows.
        period: days of the performance report.
        performance: column of the performance report to value; None if not available.
        logins: logins of LivePhone apps; None if not available.
        unavailable: field, `report` or `logins` to the reason why the account does not show it.
    """

    target: str
    agent: LiveObject
    period: Period
    performance: Mapping[str, int] | None
    logins: tuple[Login, ...] | None
    unavailable: Mapping[str, str]


class AgentReportReader(Protocol):
    """Reads reports and logins of agents, and ends logins. Every method may raise TargetError."""

    def emails(self) -> Mapping[str, str]:
        """Return a mapping from folded email to id of all agents."""
        ...

    def report(self, agent_id: str, period: Period) -> Mapping[str, int] | None:
        """Return the columns of an agent's performance report; None if the account shows none."""
        ...

    def logins(self, agent_id: str) -> tuple[Login, ...]:
        """Return the LivePhone logins of an agent."""
        ...

    def disconnect(self, login: Login) -> None:
        """End a login."""
        ...
