"""What an account shows about agents who leave: their API keys, LivePhone logins and tickets.

It is read only if the files declare an agent with a live account absent or suspended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.documents.schema.shapes import (
    flag,
    mapping,
    number,
    optional,
    record,
    sequence,
    text,
)


@dataclass(frozen=True, slots=True)
class AgentKey:
    """An API key of an agent, without the key itself.

    Attributes:
        id: its id.
        agent_id: the id of the agent.
        name: its name; of a login, the name of the phone.
        is_login: whether a LivePhone app logged in with it.
    """

    id: str
    agent_id: str
    name: str
    is_login: bool


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """What an account shows about agents who leave.

    Attributes:
        keys: all API keys; None if the account does not show them to this key.
        tickets: id of each agent who is online to the number of active tickets.
        key_requests: the number of requests for reading the list of keys.
        ticket_requests: the number of requests for reading the active tickets.
        requests: the number of all requests.
    """

    keys: tuple[AgentKey, ...] | None = None
    tickets: Mapping[str, int] = field(default_factory=dict)
    key_requests: int = 0
    ticket_requests: int = 0
    requests: int = 0

    def without_tickets(self) -> "LeavingFacts":
        """Return what a reading without the active tickets would have returned."""
        requests = self.requests - self.ticket_requests
        return replace(self, tickets={}, ticket_requests=0, requests=requests)

    def logins_of(self, agent_id: str) -> dict[str, str]:
        """Return a mapping from id to name of the phone, for the logins of an agent."""
        return {
            key.id: key.name for key in self.keys or () if key.agent_id == agent_id and key.is_login
        }

    def keys_of(self, agent_id: str) -> tuple[str, ...]:
        """Return the names of the other API keys of an agent, sorted."""
        own = (key for key in self.keys or () if key.agent_id == agent_id and not key.is_login)
        return tuple(sorted(key.name or key.id for key in own))


LEAVING = record(
    {
        "keys": optional(
            sequence(
                record({"id": text, "agent_id": text, "name": text, "is_login": flag}, closed=True)
            )
        ),
        "tickets": mapping(number()),
        **dict.fromkeys(("key_requests", "ticket_requests", "requests"), number()),
    },
    closed=True,
)
"""The shape of the facts in a snapshot."""


def saved_leaving(data: Mapping[str, Any]) -> LeavingFacts:
    """Return the facts that a snapshot has, with the shape `LEAVING`."""
    keys = data["keys"]
    return LeavingFacts(
        **{**data, "keys": None if keys is None else tuple(AgentKey(**entry) for entry in keys)}
    )
