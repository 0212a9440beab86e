"""What an account shows about agents who leave: their API keys, LivePhone logins and tickets.

It is read only if the files declare an agent with a live account absent or suspended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.documents.schema.shapes import flag, record, sequence, text


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
        requests: the number of all requests.
    """

    keys: tuple[AgentKey, ...] | None = None
    tickets: Mapping[str, int] = field(default_factory=dict)
    key_requests: int = 0
    requests: int = 0

    def logins_of(self, agent_id: str) -> dict[str, str]:
        """Return a mapping from id to name of the phone, for the logins of an agent."""
        return {
            key.id: key.name for key in self.keys or () if key.agent_id == agent_id and key.is_login
        }

    def keys_of(self, agent_id: str) -> tuple[str, ...]:
        """Return the names of the other API keys of an agent, sorted."""
        own = (key for key in self.keys or () if key.agent_id == agent_id and not key.is_login)
        return tuple(sorted(key.name or key.id for key in own))


KEYS = sequence(record({"id": text, "agent_id": text, "name": text, "is_login": flag}, closed=True))
"""The shape of API keys in a snapshot."""


def saved_keys(data: list[Mapping[str, Any]] | None) -> LeavingFacts:
    """Return the facts that a snapshot has: the keys, with the shape `KEYS`, or nothing."""
    return LeavingFacts(None if data is None else tuple(AgentKey(**entry) for entry in data))
