"""The result of `guards prove`: what became of each mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.planning.proving.catalogue import KnownMistake

FORMAT_VERSION = "1.0"


class MistakeOutcome(StrEnum):
    """What became of a mistake.

    `HARMLESS` is one that would write nothing, though nothing refuses it.
    """

    STOPPED = "stopped"
    SLIPPED = "slipped"
    HARMLESS = "harmless"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason why a mistake is not applied.

    Attributes:
        code: the code of the diagnostic.
        summary: its first line.
        command: the command that refuses: validate, plan or apply.
        rule: the id of the rule of the team, or "".
    """

    code: str
    summary: str
    command: str
    rule: str = ""

    def as_data(self) -> dict[str, str]:
        """Return the reason as JSON data."""
        return {
            "code": self.code,
            "rule": self.rule,
            "summary": self.summary,
            "command": self.command,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mistake.

    Attributes:
        mistake: the mistake.
        outcome: what became of it.
        stops: why it is not applied, each code and rule once.
        changes: address and action of what an apply would write because of it.
        shown: what the plan shows besides: codes of warnings, `released`, `approvals`.
        reason: why it does not apply to the project.
        must_stop: whether the project demands that it is stopped.
    """

    mistake: KnownMistake
    outcome: MistakeOutcome
    stops: Sequence[Stop] = ()
    changes: Sequence[tuple[str, str]] = ()
    shown: Sequence[str] = ()
    reason: str = ""
    must_stop: bool = False

    @property
    def failed(self) -> bool:
        """Whether it slips through and must not."""
        return self.must_stop and self.outcome is MistakeOutcome.SLIPPED

    def as_data(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        return {
            "name": self.mistake.name,
            "title": self.mistake.title,
            "outcome": self.outcome.value,
            "must_stop": self.must_stop,
            "stopped_by": [stop.as_data() for stop in self.stops],
            "changes": [{"address": address, "action": action} for address, action in self.changes],
            "shown": list(self.shown),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class GuardProof:
    """What became of all mistakes.

    Attributes:
        target: the name of the account in the project.
        snapshot_time: the time of the snapshot; "" for an account seeded from the project.
        verdicts: one for each mistake, in the order of the catalogue.
    """

    target: str
    snapshot_time: str
    verdicts: Sequence[Verdict]

    @property
    def failed(self) -> list[Verdict]:
        """The mistakes that slip through and must not."""
        return [one for one in self.verdicts if one.failed]

    @property
    def counts(self) -> Mapping[MistakeOutcome, int]:
        """The number of mistakes of each outcome."""
        outcomes = [one.outcome for one in self.verdicts]
        return {outcome: outcomes.count(outcome) for outcome in MistakeOutcome}

    def as_data(self) -> dict[str, Any]:
        """Return the proof as JSON data."""
        return {
            "format_version": FORMAT_VERSION,
            "target": self.target,
            "account": "snapshot" if self.snapshot_time else "sandbox",
            "snapshot_time": self.snapshot_time,
            "summary": {outcome.value: number for outcome, number in self.counts.items()},
            "must_not_slip": [one.mistake.name for one in self.failed],
            "mistakes": [one.as_data() for one in self.verdicts],
        }
