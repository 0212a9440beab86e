"""The report of an apply: an outcome for each step, and counts made from the outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.execution.steps import Step
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.changes import Action, Change

CONFLICT = "changed-meanwhile"
"""The code of a value that somebody has changed since the plan, so that a step was not done."""


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
        error: the error of a failed step.
        because: for a skipped step, the id of the failed step that it needs; "" if the run stopped.
        uncertain: whether a failed step may have taken effect.
    """

    step: Step
    status: Status
    error: Diagnostic | None = None
    because: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A value that LiveAgent accepted and that the account does not show afterwards.

    Attributes:
        address: the object.
        diagnostic: names the field, the written value and the value that the account shows.
    """

    address: Address
    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class RequestStatistics:
    """The requests that a command has sent, from its first reading to its last.

    Attributes:
        sent: all requests, with retries.
        waits: how many times the run had to wait for a limit, its own or the account's (429).
        waited_seconds: the time of these waits.
        retries: the requests that were sent again, after a 429 or without a usable answer.
        per_minute: the limit of requests a minute; 0 for none.
        windows: the minutes in which requests were sent; a request after one opens the next.
    """

    sent: int
    waits: int
    waited_seconds: int
    retries: int
    per_minute: int
    windows: int

    @property
    def limit_used(self) -> float | None:
        """The requests sent as a share of those that the limit allows in `windows` minutes."""
        allowed = self.per_minute * self.windows
        return min(1.0, round(self.sent / allowed, 3)) if allowed else None

    def as_data(self) -> dict[str, Any]:
        """Return the statistics as JSON data."""
        return {
            "sent": self.sent,
            "waits": self.waits,
            "waited_seconds": self.waited_seconds,
            "retries": self.retries,
            "per_minute": self.per_minute,
            "limit_used": self.limit_used,
        }


@dataclass(frozen=True)
class Report:
    """The result of an apply.

    Attributes:
        changes: the changes of the plan that do something.
        outcomes: mapping from step id to outcome, in the order in which the steps ended.
        stopped: why the run stopped starting steps; None if it tried all of them.
        not_applied: written values that the account does not show.
        unverified: why the account could not be read back; None if it could.
        unrecorded: why the record of the run is incomplete; None if it is complete.
        facts: facts about the account from the answers to the writes.
        warnings: what nothing confirms about the written values.
        requests: what the command has sent to the account; None if that was not measured.
    """

    changes: tuple[Change, ...]
    outcomes: Mapping[str, Outcome]
    stopped: Diagnostic | None = None
    not_applied: tuple[NotApplied, ...] = ()
    unverified: Diagnostic | None = None
    unrecorded: Diagnostic | None = None
    facts: RecordedFacts = field(default_factory=RecordedFacts)
    warnings: tuple[Diagnostic, ...] = ()
    requests: RequestStatistics | None = None

    @property
    def complete(self) -> bool:
        """Whether every step was applied, verified and recorded."""
        return (
            not self.not_applied
            and self.unverified is None
            and self.unrecorded is None
            and all(outcome.status is Status.APPLIED for outcome in self.outcomes.values())
        )

    @property
    def untouched(self) -> bool:
        """Whether the run ended before its first step."""
        return bool(self.outcomes) and all(
            outcome.status is Status.SKIPPED for outcome in self.outcomes.values()
        )

    @cached_property
    def _by_address(self) -> Mapping[Address | None, list[Outcome]]:
        outcomes: dict[Address | None, list[Outcome]] = {}
        for outcome in self.outcomes.values():
            outcomes.setdefault(outcome.step.address, []).append(outcome)
        return outcomes

    def took_effect(self, change: Change) -> bool:
        """Return whether all steps of a change were applied."""
        outcomes = self._by_address.get(change.address, [])
        return all(outcome.status is Status.APPLIED for outcome in outcomes)

    def with_status(self, status: Status) -> list[Outcome]:
        """Return the outcomes with a status, sorted by the ids of their steps."""
        outcomes = (outcome for outcome in self.outcomes.values() if outcome.status is status)
        return sorted(outcomes, key=lambda outcome: outcome.step.id)

    def applied(self, action: Action, *, restores: bool = False) -> int:
        """Return how many changes of an action were applied with all of their values.

        With `restores`, only restorations of deleted agents count; without, all other changes.
        """
        not_applied = {value.address for value in self.not_applied}
        return sum(
            change.action is action
            and change.restores is restores
            and change.address not in not_applied
            and self.took_effect(change)
            for change in self.changes
        )
