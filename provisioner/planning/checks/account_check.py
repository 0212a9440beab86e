"""The input of account rules: the declared objects, the account, and the planned writes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Identity, Kind
from provisioner.diagnostics import Diagnostic
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.planning.changes import Action, Change


@dataclass(frozen=True, slots=True)
class WrittenAgent:
    """A declared agent whom the plan creates or updates.

    Attributes:
        agent: the declaration.
        change: the creation or update.
        existing: the live agent; None for a creation.
    """

    agent: Resource
    change: Change
    existing: LiveObject | None

    def writes(self, *path: str) -> bool:
        """Return whether the change writes a field, a part of it, or a mapping around it."""
        return self.change.action is Action.CREATE or any(
            all(ours == theirs for ours, theirs in zip(path, field.path, strict=False))
            for field in self.change.fields
        )


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """A project that is compared with an account.

    Attributes:
        desired: the declared objects.
        live: the account, completed by the section `account` of the project.
        changes: the changes of the plan, by identity.
    """

    desired: DesiredState
    live: LiveState
    changes: Mapping[Identity, Change]

    def written_agents(self) -> Iterator[WrittenAgent]:
        """Yield the declared agents whom the plan creates or updates."""
        for identity, change in self.changes.items():
            agent = self.desired.resources.get(identity)
            is_written = change.action in {Action.CREATE, Action.UPDATE}
            if agent is not None and identity[0] is Kind.AGENT and is_written:
                yield WrittenAgent(agent, change, self.live.objects.get(identity))


AccountRule = Callable[[AccountCheck], Iterator[Diagnostic]]
"""A check whether an account can hold what a project declares; yields what it can't hold."""
