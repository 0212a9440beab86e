"""A plan as the guards see it, and what is over the limit of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.policy import Guards, ManagedScope, Protection
from provisioner.planning.changes import Action, Change
from provisioner.planning.managed_scope import in_scope


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """A plan, and what decides whether it is refused.

    Attributes:
        changes: the changes of the plan.
        desired: the declared objects.
        live: the account.
        guards: the limits of the project.
        protection: the objects that are never deleted, demoted or stripped.
        allowed: allowance of a guard to the number that `--allow` gives it.
        scope: the part of the account that the project manages.
    """

    changes: Sequence[Change]
    desired: DesiredState
    live: LiveState
    guards: Guards
    protection: Protection
    allowed: Mapping[str, int]
    scope: ManagedScope = field(default_factory=ManagedScope)

    @property
    def managed(self) -> LiveState:
        """The part of the account that the project manages."""
        return in_scope(self.live, self.scope)

    def changed(self, kind: Kind, action: Action) -> list[Change]:
        """Return the changes of a kind with an action."""
        return [c for c in self.changes if c.address.kind is kind and c.action is action]

    def population(self, kind: Kind) -> int:
        """Return the number of live objects of a kind in the scope of the project."""
        return sum(live_kind is kind for live_kind, _ in self.managed.objects)


@dataclass(frozen=True, slots=True)
class Excess:
    """A count that is over the limit of a guard.

    Attributes:
        count: the number that a run must be allowed.
        summary: what the plan does.
        advice: what to do instead, and when to allow it.
        span: the place in the files that causes it, if there is one.
    """

    count: int
    summary: str
    advice: str
    span: Span | None = None
