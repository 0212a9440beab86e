"""The report of a fleet's plan as text for a terminal."""

from collections.abc import Iterator

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render.fleet.fleet_texts import (
    FOLDED,
    TITLES,
    account_title,
    accounts_text,
    alone_command,
    change_lines,
    error_lines,
    name_list_text,
    totals_text,
    untouched_text,
)
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.rows import plain

SHOWN_UNCHANGED = 20
"""The names of unchanged accounts that are shown, unless the run is verbose."""

_STYLES = {
    PlanSeverity.FAILED: "bold red",
    PlanSeverity.REFUSED: "bold red",
    PlanSeverity.GAINS: "bold yellow",
    PlanSeverity.LOSES: "bold red",
    PlanSeverity.CHANGES: "bold",
    PlanSeverity.UNCHANGED: "bold green",
    PlanSeverity.UNTOUCHED: "bold",
}


def draw(
    report: FleetReport,
    folder: str,
    *,
    color: bool = False,
    width: int | None = None,
    verbose: bool = False,
) -> str:
    """Return the report for reading in a terminal.

    Args:
        report: the results of all accounts.
        folder: the fleet's folder as the user named it, for commands to copy.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
        verbose: whether to list the names of all unchanged accounts.
    """
    return rendered(_lines(report, folder, verbose=verbose), color=color, width=width)


def _lines(report: FleetReport, folder: str, *, verbose: bool) -> Iterator[Line]:
    for severity, results in report.by_severity.items():
        if severity in FOLDED:
            names = [result.account.name for result in results]
            listed = name_list_text(names, len(names) if verbose else SHOWN_UNCHANGED)
            title = f"{TITLES[severity]} ({len(results)})"
            if severity is PlanSeverity.UNTOUCHED:
                title = plain(untouched_text(report, len(results)))
            yield f"{title}: {plain(listed)}", _STYLES[severity]
        else:
            yield f"{TITLES[severity]} ({len(results)}):", _STYLES[severity]
            for result in results:
                yield from _account(result, folder)
        yield "", ""
    yield f"Fleet: {plain(accounts_text(report))}.", "bold"
    yield f"Plan: {plain(totals_text(report))}.", "bold"


def _account(result: AccountResult, folder: str) -> Iterator[Line]:
    yield f"  {plain(account_title(result))}", "bold"
    for error in error_lines(result):
        yield f"    ! {plain(error)}", "red"
    for label, sentence in change_lines(result):
        yield f"    {label}: {plain(sentence)}" if label else f"    {plain(sentence)}", ""
    if result.digest:
        yield f"    {alone_command(result, folder)}", "dim"
