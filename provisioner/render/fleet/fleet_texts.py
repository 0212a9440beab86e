"""What the report of a fleet is made of, in words: every format draws it."""

import posixpath
import shlex
from collections.abc import Iterator
from typing import Protocol

from provisioner.diagnostics import Diagnostic
from provisioner.fleet.account_task import PlanDigest, PlanSeverity
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.sentences import Quoted, Sentence, joined

TITLES = {
    PlanSeverity.FAILED: "Not planned",
    PlanSeverity.REFUSED: "Refused",
    PlanSeverity.GAINS: "Power gained",
    PlanSeverity.LOSES: "Access lost",
    PlanSeverity.CHANGES: "Changed",
    PlanSeverity.UNCHANGED: "Unchanged",
    PlanSeverity.UNTOUCHED: "Not touched",
}
"""The title of the accounts of each severity."""

FOLDED = frozenset({PlanSeverity.UNCHANGED, PlanSeverity.UNTOUCHED})
"""The severities of accounts that have nothing to review, so that only their names are shown."""

_PHRASES = {
    PlanSeverity.FAILED: "not planned",
    PlanSeverity.REFUSED: "refused",
    PlanSeverity.GAINS: "with power gained",
    PlanSeverity.LOSES: "with access lost",
    PlanSeverity.CHANGES: "changed",
    PlanSeverity.UNCHANGED: "unchanged",
    PlanSeverity.UNTOUCHED: "not touched",
}

_VERBS = ("create", "restore", "update", "delete")


def accounts_text(report: FleetReport) -> Sentence:
    """Return the number of accounts, in total and by severity."""
    parts = [f"{len(group)} {_PHRASES[one]}" for one, group in report.by_severity.items()]
    number = readable.count(len(report.results), "account")
    of_all = "" if len(report.results) == report.total else f" of {report.total}"
    return (f"{number}{of_all}: {', '.join(parts)}",) if parts else (f"{number}{of_all}",)


def untouched_text(report: FleetReport, number: int) -> Sentence:
    """Return why a number of accounts were not planned."""
    accounts = readable.count(number, "account")
    return (
        f"{TITLES[PlanSeverity.UNTOUCHED]} since ",
        Quoted(report.since),
        f": {accounts}, not planned",
    )


def totals_text(report: FleetReport) -> Sentence:
    """Return the sums of all plans; a phrase that nothing changes if so."""
    if all(result.severity is PlanSeverity.UNTOUCHED for result in report.results):
        return ("nothing planned",)
    if not any(result.digest for result in report.results):
        return ("no account could be planned",)
    numbers = report.numbers
    parts = [f"{numbers[verb]} to {verb}" for verb in _VERBS if numbers.get(verb)]
    if steps := numbers.get("manual_steps"):
        parts.append(f"{readable.count(steps, 'manual step')} left to people")
    if gains := numbers.get("gain_power"):
        parts.append(f"{gains} gain{'s' if gains == 1 else ''} power")
    if losses := numbers.get("lose_access"):
        parts.append(f"{losses} lose{'s' if losses == 1 else ''} access")
    if requests := numbers.get("requests"):
        parts.append(f"{readable.count(requests, 'request')} to apply")
    return (", ".join(parts),) if parts else ("nothing to change",)


class AccountEntry(Protocol):
    """What is shown of the plan or the apply of an account."""

    @property
    def account(self) -> FleetAccount:
        """The account."""

    @property
    def digest(self) -> PlanDigest | None:
        """Its plan in short."""

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Why there is no plan, or why it was not applied."""


def account_title(result: AccountEntry) -> Sentence:
    """Return the name of an account, with what the plan knows of it."""
    account = result.account
    if result.digest:
        return Quoted(account.name), ": ", *result.digest.title
    target = (", ", Quoted(account.target)) if account.target else ()
    return Quoted(account.name), ": ", Quoted(account.project), *target


def error_lines(result: AccountEntry) -> Iterator[Sentence]:
    """Yield the reasons why an account has no plan, or why it is refused."""
    for error in result.errors:
        place = (Quoted(str(error.span)), ": ") if error.span else ()
        yield *place, Quoted(error.summary), f" [{error.code}]"


def change_lines(result: AccountEntry) -> Iterator[tuple[str, Sentence]]:
    """Yield what a plan changes, as a label and a sentence; the label is "" for the counts."""
    digest = result.digest
    if digest is None:
        return
    for label, sentences, more in (
        ("Gains power", digest.gains, digest.more_gains),
        ("Loses access", digest.losses, digest.more_losses),
    ):
        for sentence in sentences:
            yield label, sentence
        if more:
            yield label, (f"and {more} more",)
    for note in digest.notes:
        yield "", note
    if digest.counts:
        yield "", digest.counts


def name_list_text(names: list[str], shown: int) -> Sentence:
    """Return the names of folded accounts; those after `shown` are counted."""
    listed = joined((Quoted(name),) for name in names[:shown])
    more = len(names) - shown
    return (*listed, f" and {more} more") if more > 0 else listed


def alone_command(result: AccountEntry, folder: str, command: str = "plan") -> str:
    """Return the command for an account alone; left out, the one that shows its whole plan.

    `folder` is the fleet's folder as the user named it.
    """
    path = posixpath.normpath(posixpath.join(folder, result.account.project))
    named = result.account.target and not command.startswith("runs")
    target = f" -t {shlex.quote(result.account.target)}" if named else ""
    return f"provisioner {command} {shlex.quote(path)}{target}"
