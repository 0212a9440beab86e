"""The result of a rehearsal: applies of one plan to an embedded account, calm and with failures."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.planning.plans.plan_data import Plan

FORMAT_VERSION = "1.0"


class Failure(StrEnum):
    """What happens to an apply, in the order in which a rehearsal takes them."""

    KILL = "kill"
    LOST_ANSWER = "lost-answer"
    LIMIT = "429"
    FAULT = "500"


_KINDS = tuple(Failure)
_LONGEST_FAULT = 3
"""Tries of a request after which a run gives up on an answer 500."""


@dataclass(frozen=True, slots=True)
class Injection:
    """A failure at one point of an apply.

    Attributes:
        kind: the failure.
        write: the number of the writing request that fails first, counted from 1.
        times: how many writing requests in a row fail.
        lands: whether the request takes effect in spite of the failure.
    """

    kind: Failure
    write: int
    times: int = 1
    lands: bool = False


def injections(number: int, writes: int) -> list[Injection]:
    """Return failures at random points of an apply; the same for the same arguments.

    Args:
        number: how many; each kind comes in turn.
        writes: the writing requests of an apply without failures; at least 1.
    """
    chosen = []
    for index in range(number):
        chance = random.Random(index)  # noqa: S311  repeatable on purpose
        kind = _KINDS[index % len(_KINDS)]
        lands = {Failure.LIMIT: False, Failure.LOST_ANSWER: True}.get(kind, chance.random() < 0.5)
        times = chance.choice((1, _LONGEST_FAULT)) if kind is Failure.FAULT else 1
        chosen.append(Injection(kind, chance.randint(1, writes), times, lands))
    return chosen


@dataclass(frozen=True, slots=True)
class RehearsedRun:
    """One run of `apply`.

    Attributes:
        exit_code: its exit code; None for a run that was killed.
        requests: the requests that it sent.
    """

    exit_code: int | None
    requests: int


@dataclass(frozen=True, slots=True)
class Round:
    """The runs from the account of the snapshot to the end.

    Attributes:
        injection: the failure in the first run; None for the round without one.
        request: the request that failed, as method and path; "" if none did.
        runs: the runs, in order: an incomplete one is followed by another.
        problem: why the account did not end as declared; "" if it did.
    """

    injection: Injection | None
    request: str
    runs: Sequence[RehearsedRun]
    problem: str = ""

    @property
    def requests(self) -> int:
        """The requests of all runs."""
        return sum(run.requests for run in self.runs)

    def as_data(self) -> dict[str, Any]:
        """Return the round as JSON data."""
        failure = self.injection and {
            "kind": self.injection.kind.value,
            "write": self.injection.write,
            "times": self.injection.times,
            "took_effect": self.injection.lands,
            "request": self.request,
        }
        return {
            "failure": failure,
            "runs": [{"exit_code": run.exit_code, "requests": run.requests} for run in self.runs],
            "requests": self.requests,
            "converged": not self.problem,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A plan that was applied to embedded accounts.

    Attributes:
        plan: the plan.
        rounds: the round without a failure, and then one for each failure.
        asked: how many failures were asked for.
        later: the manual steps that are open after the apply; no run does them.
    """

    plan: Plan
    rounds: Sequence[Round]
    asked: int
    later: int = 0

    @property
    def converged(self) -> bool:
        """Whether every round ended as declared."""
        return not any(one.problem for one in self.rounds)

    @property
    def summary(self) -> Mapping[str, int]:
        """The number of changes of each action."""
        actions = [change.action.value for change in self.plan.effective]
        return {action: actions.count(action) for action in dict.fromkeys(actions)}

    def as_data(self) -> dict[str, Any]:
        """Return the rehearsal as JSON data."""
        return {
            "format_version": FORMAT_VERSION,
            "target": self.plan.target,
            "surface": self.plan.surface.value,
            "snapshot_time": self.plan.snapshot_time,
            "changes": [
                {"address": str(change.address), "action": change.action.value}
                for change in self.plan.effective
            ],
            "manual_steps": self.later,
            "faults": self.asked,
            "rounds": [one.as_data() for one in self.rounds],
            "converged": self.converged,
        }
