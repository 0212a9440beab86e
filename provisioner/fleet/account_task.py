"""The task of one account, and its result: both are pickled on the way to a worker and back.

A task names a project and a target, and never holds a key: the worker resolves the key from its
own environment or command. A result holds what the report of a fleet needs, and no plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from provisioner.diagnostics import Diagnostic
from provisioner.fleet.fleet_file import FleetAccount

CHANGES = "changes"
"""The format of a plan that is only the digest of what it would write."""


@dataclass(frozen=True, slots=True)
class AccountTask:
    """The plan of one account.

    Attributes:
        account: the account.
        folder: the folder of the fleet, on the machine of the worker.
        formats: the formats in which the result needs the whole plan, such as `json`.
        detailed: whether changes have an exit code of their own.
        at: the day of the values; None for today.
        base: the branch that this one is to be merged into; None for none.
        snapshot: a file of `provisioner snapshot` that replaces the account; "" for none.
        verbose: whether notes are kept that only a verbose run shows.
        allowed: allowance to its number, such as `deletes` to 3, and `freeze` to a reason.
    """

    account: FleetAccount
    folder: str
    formats: tuple[str, ...] = ()
    detailed: bool = False
    at: date | None = None
    base: str | None = None
    snapshot: str = ""
    verbose: bool = False
    allowed: Mapping[str, int | str] = field(default_factory=dict)


class PlanSeverity(StrEnum):
    """How much a plan needs the eyes of a reviewer, the most severe first."""

    FAILED = "failed"
    REFUSED = "refused"
    GAINS = "power-gained"
    LOSES = "access-lost"
    CHANGES = "changed"
    UNCHANGED = "unchanged"
    UNTOUCHED = "not-touched"


SEVERITIES = tuple(PlanSeverity)
"""All severities; the report of a fleet lists accounts in this order."""


@dataclass(frozen=True, slots=True)
class PlanDigest:
    """A plan, reduced to what the report of a fleet shows. Sentences are those of `render`.

    Attributes:
        title: the account that was planned for.
        verdict: the plan in one phrase.
        counts: the number of objects by action, in words.
        gains: a sentence for each person or role that gains power, the most powerful first.
        losses: a sentence for each loss of access, the most severe first.
        more_gains: the number of gains that are not among `gains`.
        more_losses: the number of losses that are not among `losses`.
        notes: sentences about access that the files do not own, and about when it may be applied.
        numbers: name of a total to the number in this plan, such as `create` to 3.
    """

    title: tuple[str, ...]
    verdict: tuple[str, ...]
    counts: tuple[str, ...]
    gains: tuple[tuple[str, ...], ...] = ()
    losses: tuple[tuple[str, ...], ...] = ()
    more_gains: int = 0
    more_losses: int = 0
    notes: tuple[tuple[str, ...], ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountResult:
    """The result of the plan of one account.

    Attributes:
        account: the account.
        severity: how much it needs the eyes of a reviewer.
        exit_code: the exit code of the same plan alone.
        digest: the plan in short; None if there is none.
        errors: why there is no plan, or why it may not be applied.
        warnings: problems that do not prevent the plan.
        messages: what the run of the account would have written to standard error.
        documents: format to the whole plan in it.
    """

    account: FleetAccount
    severity: PlanSeverity
    exit_code: int
    digest: PlanDigest | None = None
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    messages: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict, repr=False)


def untouched_account(account: FleetAccount) -> AccountResult:
    """Return the result of an account that was not planned, since no change can touch it."""
    return AccountResult(account, PlanSeverity.UNTOUCHED, exit_code=0)


def failed_account(account: FleetAccount, *errors: Diagnostic, exit_code: int = 1) -> AccountResult:
    """Return the result of an account without a plan."""
    return AccountResult(account, PlanSeverity.FAILED, exit_code, errors=errors)
