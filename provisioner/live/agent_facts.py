"""What the product shows of an agent beyond what can be declared: the report and the logins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from provisioner.live.state import LiveObject


@dataclass(frozen=True, slots=True)
class Period:
    """Days; None is no bound.

    Attributes:
        since: the first.
        until: the last.
    """

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """A LivePhone app that is logged in.

    Attributes:
        id: of the key that it uses.
        name: of the phone.
        valid_until: when the login ends, as the account writes it; "" is never.
    """

    id: str
    name: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """All that the account tells of an agent.

    Attributes:
        target: the account's name.
        agent: the agent with every section that the target shows.
        period: the days of the report.
        report: column to value; None where it can't be had.
        logins: the authorised applications; None where they can't be had.
        untold: field, `report` or `logins` to why the target does not tell it.
    """

    target: str
    agent: LiveObject
    period: Period
    report: Mapping[str, int] | None
    logins: tuple[Login, ...] | None
    untold: Mapping[str, str]


class Facts(Protocol):
    """Reads facts about agents, and ends logins. Each call raises TargetError if it failed."""

    def emails(self) -> Mapping[str, str]:
        """Return folded email to id of the agents."""
        ...

    def report(self, agent_id: str, period: Period) -> Mapping[str, int] | None:
        """Return the columns of an agent's report, or None if the account shows none."""
        ...

    def logins(self, agent_id: str) -> tuple[Login, ...]:
        """Return the apps that an agent is logged in with."""
        ...

    def disconnect(self, login: Login) -> None:
        """End a login."""
        ...
