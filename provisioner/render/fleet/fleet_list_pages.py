"""Pages of a fleet that are lists: its drift, its apply, and who has access anywhere."""

from collections.abc import Iterator, Sequence

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.fleet.fleet_access import Row, summary
from provisioner.render.fleet.fleet_apply_texts import (
    OUTCOMES,
    by_outcome,
    next_command,
    outcomes_text,
    written_lines,
)
from provisioner.render.fleet.fleet_drift import PHRASES, TextOf
from provisioner.render.fleet.fleet_drift import summary as drift_summary
from provisioner.render.fleet.fleet_page import Data, account_entry, list_entry, list_parts
from provisioner.render.fleet.fleet_texts import FOLDED
from provisioner.render.html.page_entries import parts
from provisioner.render.sentences import Quoted, Sentence


def draw_drift(report: FleetReport, text_of: TextOf) -> Iterator[str]:
    """Return the parts of a page with the drift of each account; see `fleet_drift.as_text`."""
    groups = [
        _group(
            PHRASES[severity].capitalize(),
            # Drift needs somebody's attention, other than the changes of a plan.
            PlanSeverity.GAINS if severity is PlanSeverity.CHANGES else severity,
            [_drift(one, text_of(one.account.name, "text") or "") for one in results],
        )
        for severity, results in report.by_severity.items()
    ]
    data = {"command": "fleet drift", "verdict": drift_summary(report)}
    return list_parts(report.name, groups, data)


_COLOURS = {
    AccountOutcome.INCOMPLETE: PlanSeverity.FAILED,
    AccountOutcome.FAILED: PlanSeverity.FAILED,
    AccountOutcome.REFUSED: PlanSeverity.REFUSED,
    AccountOutcome.NOT_BEGUN: PlanSeverity.GAINS,
    AccountOutcome.DONE: PlanSeverity.CHANGES,
    AccountOutcome.NOTHING: PlanSeverity.UNCHANGED,
    AccountOutcome.UNTOUCHED: PlanSeverity.UNTOUCHED,
}
"""The severity of which the accounts of an outcome have the colour."""


def draw_apply(results: Sequence[ApplyResult], name: str, folder: str) -> Iterator[str]:
    """Return the parts of a page with the end of each account's apply.

    Args:
        results: one for each account, in the order of the fleet.
        name: the name of the fleet.
        folder: the fleet's folder as the user named it, for commands to copy.
    """
    outcomes = by_outcome(results)
    groups = [
        _group(OUTCOMES[outcome], _COLOURS[outcome], [_applied(one, folder) for one in group])
        for outcome, group in outcomes.items()
    ]
    return list_parts(name, groups, {"command": "fleet apply", "verdict": outcomes_text(outcomes)})


def _applied(result: ApplyResult, folder: str) -> Data:
    lines = [(label, parts(sentence)) for label, sentence in written_lines(result)]
    if result.reason:
        lines.append(("", parts((Quoted(result.reason),))))
    return {**account_entry(result), "lines": lines, "command": next_command(result, folder)}


def _drift(result: AccountResult, text: str) -> Data:
    return {**account_entry(result), "text": text.splitlines()}


def draw_access(report: FleetReport, people: list[list[Row]], total: int) -> Iterator[str]:
    """Return the parts of a page with each person over all accounts.

    Args:
        report: the results of the accounts.
        people: the rows of each person; see `fleet_access.by_person`.
        total: the number of accounts that were read.
    """
    failed = [one for one in report.results if one.errors]
    groups = [
        _group("Not read", PlanSeverity.FAILED, [account_entry(one) for one in failed]),
        _group("People", PlanSeverity.CHANGES, [_person(rows) for rows in people]),
    ]
    verdict = summary(people, total, [one.account.name for one in failed])
    data = {"command": "fleet access", "noun": "person", "verdict": verdict}
    return list_parts(report.name, [one for one in groups if one["accounts"]], data)


def _group(title: str, severity: PlanSeverity, entries: list[Data]) -> Data:
    return {
        "title": title,
        "id": title.lower().replace(" ", "-"),
        "severity": severity.value,
        "is_folded": severity in FOLDED,
        "accounts": entries,
    }


def _person(rows: list[Row]) -> Data:
    email = rows[0]["email"]
    name = next((row["name"] for row in rows if row["name"]), "")
    title: Sentence = (Quoted(name), f" {email}: ") if name else (Quoted(email), ": ")
    entry = list_entry(email, (*title, readable.count(len(rows), "account")))
    return {**entry, "lines": [line for row in rows for line in _access_lines(row)]}


def _access_lines(row: Row) -> Iterator[tuple[str, list[tuple[bool, str]]]]:
    texts = [text for text in (row["role"], row["departments"], row["declared"]) if text]
    yield row["account"], parts((Quoted(texts[0]), *(f", {text}" for text in texts[1:])))
    for note in row["notes"]:
        yield "", parts((note,))
