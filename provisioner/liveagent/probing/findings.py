"""What a probe has found out, and the questions that it asks a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Ask = Callable[[str, tuple[str, ...]], str | None]
"""Asks a person a question with a few answers; None if nobody can answer it."""


PROBE_NAME = "Provisioner Probe"
"""The name of every throwaway agent. An agent with another name is never changed."""

DEFAULTED, DEFAULT, OTHER = "gender", "X", "F"
"""An optional field of an Agent that a probe may change, its default (D), and another value."""


def new_agent(email: str) -> dict[str, str]:
    """Return the body that creates a throwaway agent."""
    return {"name": PROBE_NAME, "email": email, "role": "agent", DEFAULTED: DEFAULT}


@dataclass(slots=True)
class ProbeFindings:
    """The results of a probe, as far as it has come.

    Attributes:
        facts: the value of each assumption that was found out.
        unknown: assumption to the reason why it was not found out, and how to do it by hand.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def learn(self, **facts: Any) -> None:
        """Add facts; they replace earlier reasons."""
        self.facts |= facts
        for name in facts:
            self.unknown.pop(name, None)

    def give_up(self, reason: str, *names: str) -> None:
        """Note why assumptions were not found out."""
        self.unknown |= {name: reason for name in names if name not in self.facts}


@dataclass(frozen=True, slots=True)
class ProbedAgent:
    """The throwaway agent of a probe.

    Attributes:
        id: the id in the account.
        email: the email.
        is_new: whether this probe has created it; only a new agent shows the defaults.
    """

    id: str
    email: str
    is_new: bool

    def body(self, **changes: Any) -> Mapping[str, Any]:
        """Return the agent as a whole documented object."""
        return {"id": self.id, **new_agent(self.email), **changes}
