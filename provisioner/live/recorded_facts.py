"""Facts about an account that runs learn from its answers, and that its lists may not show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.live.state import LiveState, Surface
from provisioner.model.assumptions import AccountCapabilities
from provisioner.model.kinds import BUILT_IN_ROLES

DEFAULT_ROLE = BUILT_IN_ROLES[0]


@dataclass(frozen=True, slots=True)
class RecordedFacts:
    """Facts that the records of runs keep for later plans.

    Attributes:
        default_role_id: the id of the role of agents who are created with `role: agent`; "" if it
            is unknown, or the name of the role.
        creates_agents: whether `POST /agents` works; None if no run has tried it.
        deleted: folded email to id of the agents whom runs deleted.
        new_agents: folded email to `id`, `steps` and `asked` of the agents whom runs created.
            `steps` are the manual steps, such as `chat@3f2a9c01`, that nobody had to do, because
            LiveAgent gives these values to a new agent. `asked` are the fields with open steps.
            The id is "" until the agent exists.
        left_open: the manual steps that were open after the last apply; see `left_open`.
    """

    default_role_id: str = ""
    creates_agents: bool | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    new_agents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_open: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def role_ids(self) -> Mapping[str, str]:
        """The id of the default role by its name; empty if it is unknown."""
        return {DEFAULT_ROLE: self.default_role_id} if self.default_role_id else {}

    def creates(self, capabilities: AccountCapabilities) -> bool:
        """Return whether a plan may create agents; a confirmed capability precedes a record."""
        if capabilities.confirms("creates_agents") or self.creates_agents is None:
            return bool(capabilities["creates_agents"])
        return self.creates_agents

    def updated(self, later: "RecordedFacts") -> "RecordedFacts":
        """Return the facts with those of a later run, which does not know the deleted agents."""
        tried = later.creates_agents is not None
        created = {
            email: {**self.new_agents[email], "id": agent["id"]}
            for email, agent in later.new_agents.items()
            if email in self.new_agents
        }
        return replace(
            self,
            new_agents={**self.new_agents, **created},
            default_role_id=later.default_role_id or self.default_role_id,
            creates_agents=later.creates_agents if tried else self.creates_agents,
        )


NOTHING_RECORDED = RecordedFacts()


def with_deleted(live: LiveState, deleted: Mapping[str, str]) -> LiveState:
    """Return live state with deleted agents that API v3 may not list.

    An agent who is in the account by now, under any email, is left out.

    Args:
        live: the account. The extended surface lists deleted agents itself.
        deleted: folded email to id.
    """
    if live.surface is Surface.FULL or not deleted:
        return live
    existing = {one.id for one in live.objects.values()}
    more = {email: id_ for email, id_ in deleted.items() if id_ not in existing}
    return replace(live, deleted={**more, **live.deleted})
