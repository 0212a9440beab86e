"""The apply of one account of a fleet, and its result: both go to a worker and back.

As in a task of a plan, there is no key in either of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.fleet.account_task import PlanDigest
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.runs.record import Actor


@dataclass(frozen=True, slots=True)
class ApplyTask:
    """The apply of one account. An engine runs it once, and never repeats it.

    Attributes:
        account: the account.
        folder: the folder of the fleet, on the machine of the worker.
        confirmed: the digest of the changes that a person has confirmed, "" if no plan of the
            account was shown; None if any plan may be applied (`--yes`).
        reviewed: the plan that was reviewed, as JSON data; an account that would be written to in
            another way is refused. None if it need not be the same.
        allowed: allowance to its number, such as `deletes` to 3, and `freeze` to a reason.
        at: the day of the values; None for today.
        lock_timeout: the seconds to wait for another run on the account.
        timeout: the seconds after which the apply is stopped as by Ctrl-C; 0 for none.
        parallelism: how many requests to the account may run at a time.
        detailed: whether the result needs the whole document of the run, as JSON.
        verbose: whether notes are kept that only a verbose run shows.
        starter: who has started the run on another machine; None for the one of the worker.
    """

    account: FleetAccount
    folder: str
    confirmed: str | None = None
    reviewed: Mapping[str, Any] | None = field(default=None, repr=False)
    allowed: Mapping[str, int | str] = field(default_factory=dict)
    at: date | None = None
    lock_timeout: float = 0
    timeout: float = 0
    parallelism: int = 1
    detailed: bool = False
    verbose: bool = False
    starter: Actor | None = None


class AccountOutcome(StrEnum):
    """How the apply of an account has ended, the most severe first."""

    INCOMPLETE = "incomplete"
    FAILED = "failed"
    REFUSED = "refused"
    NOT_BEGUN = "not-begun"
    DONE = "done"
    NOTHING = "nothing-to-do"
    UNTOUCHED = "not-touched"

    @property
    def complete(self) -> bool:
        """Whether the run leaves nothing to do: what was written was also read back."""
        return self in {AccountOutcome.DONE, AccountOutcome.NOTHING, AccountOutcome.UNTOUCHED}


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """The result of the apply of one account.

    Attributes:
        account: the account.
        outcome: how it has ended.
        exit_code: the exit code of the same apply alone.
        digest: its plan in short; None if there is none.
        counts: what was created, restored, updated and deleted.
        steps: the number of applied steps, and of all steps; those that only read don't count.
        run: the id of the record; None without one.
        reason: why the apply has not begun, or was left out; "" for others.
        errors: why it was refused, has failed or is incomplete.
        warnings: problems that did not prevent it.
        messages: what the run of the account would have written to standard error.
        documents: format to the document of the run.
        interrupted: whether a signal has asked it to stop.
    """

    account: FleetAccount
    outcome: AccountOutcome
    exit_code: int
    digest: PlanDigest | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[int, int] = (0, 0)
    run: int | None = None
    reason: str = ""
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    messages: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict, repr=False)
    interrupted: bool = False
