"""What an apply did: one outcome for each step, and counts made from the outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.execution.steps import Step
from provisioner.planning.changes import Action, Change


class Status(StrEnum):
    """How a step ended."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step ended.

    Attributes:
        step: the step.
        status: how it ended.
        error: of a failed step, why.
        because: of a skipped step, the id of the failed step that it needed,
            or "" where nothing new was started any more.
        uncertain: of a failed step, whether it may have taken effect all the same.
    """

    step: Step
    status: Status
    error: Diagnostic | None = None
    because: str = ""
    uncertain: bool = False


Untaken = tuple[tuple[Address, Diagnostic], ...]
"""Objects with a finding for each field that did not take."""


@dataclass(frozen=True)
class Report:
    """How all steps ended.

    Attributes:
        changes: the changes that were to be applied.
        outcomes: step id to outcome, in the order in which they ended.
        stopped: why nothing new was started from some point on; None where all was tried.
        untaken: what was reported as written and reads back as something else, by object.
        unverified: why the account could not be read back, if it could not.
        unrecorded: why the record lacks the end of the run or a part of it, if it does.
    """

    changes: tuple[Change, ...]
    outcomes: Mapping[str, Outcome]
    stopped: Diagnostic | None = None
    untaken: Untaken = ()
    unverified: Diagnostic | None = None
    unrecorded: Diagnostic | None = None

    @property
    def complete(self) -> bool:
        """Whether every step was applied, read back as it was written, and recorded."""
        return (
            not self.untaken
            and self.unverified is None
            and self.unrecorded is None
            and all(outcome.status is Status.APPLIED for outcome in self.outcomes.values())
        )

    @property
    def untouched(self) -> bool:
        """Whether the run ended before its first call."""
        return bool(self.outcomes) and all(
            outcome.status is Status.SKIPPED for outcome in self.outcomes.values()
        )

    @property
    def not_taken(self) -> tuple[Diagnostic, ...]:
        """What did not take, by field."""
        return tuple(finding for _, finding in self.untaken)

    @cached_property
    def _by_address(self) -> Mapping[Address | None, list[Outcome]]:
        found: dict[Address | None, list[Outcome]] = {}
        for outcome in self.outcomes.values():
            found.setdefault(outcome.step.address, []).append(outcome)
        return found

    def took_effect(self, change: Change) -> bool:
        """Tell whether all steps of a change were applied."""
        outcomes = self._by_address.get(change.address, [])
        return all(outcome.status is Status.APPLIED for outcome in outcomes)

    def with_status(self, status: Status) -> list[Outcome]:
        """Return the outcomes that have a status, in the order of their ids."""
        found = (outcome for outcome in self.outcomes.values() if outcome.status is status)
        return sorted(found, key=lambda outcome: outcome.step.id)

    def applied(self, action: Action) -> int:
        """Return how many changes of an action took effect with all of their steps, and stay."""
        untaken = {address for address, _ in self.untaken}
        return sum(
            change.action is action and change.address not in untaken and self.took_effect(change)
            for change in self.changes
        )
