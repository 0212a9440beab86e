"""The waves of an apply: which accounts begin together, and when no further one begins."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from provisioner.diagnostics import Diagnostic, fault
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.fleet.fleet_file import FleetAccount, WaveSettings
from provisioner.fleet.stop_request import StopRequest

SHOWN_FAILURES = 3
"""The failed accounts that a reason names; more are counted."""

BY_SIGNAL = "the run was stopped by a signal"

Runner: TypeAlias = Callable[[Iterable[FleetAccount]], Iterator[ApplyResult]]
"""Applies accounts and yields their results; it takes the next account when it can begin it."""


class Stage(NamedTuple):
    """Accounts that may be applied at the same time.

    Attributes:
        title: its name, such as `wave 2`.
        accounts: the accounts, in the order of the fleet.
        is_canary: whether it goes before all others, so that one failure ends the run.
    """

    title: str
    accounts: tuple[FleetAccount, ...]
    is_canary: bool = False


def stages_of(accounts: Sequence[FleetAccount], canary: int) -> list[Stage]:
    """Return the stages of an apply: the canary accounts of the first wave, then the waves."""
    waves = sorted({account.wave for account in accounts})
    stages = [
        Stage(f"wave {wave}", tuple(one for one in accounts if one.wave == wave)) for wave in waves
    ]
    if canary and stages:
        title, first, _ = stages[0]
        stages[:1] = [
            Stage("canary", first[:canary], is_canary=True),
            *([Stage(title, first[canary:])] if first[canary:] else []),
        ]
    return stages


def run_waves(
    stages: Sequence[Stage],
    settings: WaveSettings,
    run: Runner,
    stop: StopRequest,
    announce: Callable[[str], object],
) -> Iterator[ApplyResult]:
    """Apply stage after stage, and yield a result for every account.

    A stage begins when every account of the one before has ended. An account that is not applied
    and verified counts as failed. After one failure in the canary, or `stop_after_failures` in the
    whole run, no account begins; those that are under way go on to their end.
    """
    progress = _Progress(settings.stop_after_failures, stop)
    for number, stage in enumerate(stages, start=1):
        begun, came = set[str](), set[str]()
        if not progress.reason:
            names = f"{stage.title} ({number} of {len(stages)})"
            announce(f"{names}: {len(stage.accounts)} to apply.")
        try:
            for result in run(progress.beginning(stage, begun)):
                came.add(result.account.name)
                progress.take(result, stage)
                yield result
        except Exception as error:  # noqa: BLE001  the report must have all accounts
            progress.fault = progress.fault or fault(error)
        for account in stage.accounts:
            if account.name not in begun:
                yield not_begun(account, progress.reason)
            elif account.name not in came and progress.fault:
                yield _unknown(account, progress.fault)


def not_begun(account: FleetAccount, reason: str) -> ApplyResult:
    """Return the result of an account that has not begun."""
    return ApplyResult(account, AccountOutcome.NOT_BEGUN, exit_code=1, reason=reason)


def left_out(account: FleetAccount, reason: str) -> ApplyResult:
    """Return the result of an account that is not applied, since no change can touch it."""
    reason = f"{reason}, not planned"
    return ApplyResult(account, AccountOutcome.UNTOUCHED, exit_code=0, reason=reason)


def named_accounts(names: Sequence[str]) -> str:
    """Return the first names, and the number of the others."""
    shown = ", ".join(names[:SHOWN_FAILURES])
    more = len(names) - SHOWN_FAILURES
    return f"{shown} and {more} more" if more > 0 else shown


def _unknown(account: FleetAccount, error: Diagnostic) -> ApplyResult:
    """Return the result of an account that has begun, and of which nothing is known."""
    return ApplyResult(account, AccountOutcome.INCOMPLETE, exit_code=4, errors=(error,))


class _Progress:
    """The failures so far, and why no further account begins."""

    def __init__(self, limit: int, stop: StopRequest) -> None:
        self._limit = limit
        self._stop = stop
        self._failed: list[str] = []
        self._canary_failed = False
        self.fault: Diagnostic | None = None

    @property
    def reason(self) -> str:
        """Why no further account begins; "" if they may."""
        if self._stop.asked:
            return BY_SIGNAL
        if self.fault:
            return f"the run has failed: {self.fault.summary}"
        if not (self._canary_failed or len(self._failed) >= self._limit):
            return ""
        names = named_accounts(self._failed)
        limit = "the canary" if self._canary_failed else f"stop_after_failures: {self._limit}"
        return f"not applied and verified: {names} ({limit})"

    def beginning(self, stage: Stage, begun: set[str]) -> Iterator[FleetAccount]:
        """Yield the accounts of a stage while they may begin, and add their names to `begun`."""
        for account in stage.accounts:
            if self.reason:
                return
            begun.add(account.name)
            yield account

    def take(self, result: ApplyResult, stage: Stage) -> None:
        """Count the result of an account."""
        if result.interrupted:
            self._stop.asked = True
        elif not result.outcome.complete:
            self._failed.append(result.account.name)
            self._canary_failed |= stage.is_canary
