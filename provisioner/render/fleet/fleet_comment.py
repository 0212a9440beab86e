"""The plan of a fleet as Markdown for one comment, on GitHub and GitLab alike.

`foreign_text` makes text from files and from accounts harmless. The comment counts what it has no
room for; the most severe accounts are left out last.
"""

from collections.abc import Iterator

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import (
    FOLDED,
    TITLES,
    account_title,
    accounts_text,
    alone_command,
    change_lines,
    error_lines,
    totals_text,
    untouched_text,
)
from provisioner.render.markdown.comment import LIMIT, marker
from provisioner.render.markdown.foreign_text import code, quoted
from provisioner.render.markdown.size_budget import Section, fit, size, within
from provisioner.render.sentences import to_text

FOR_ACCOUNT = 3_000
"""Bytes that one account may take."""

_SIGNS = {
    PlanSeverity.FAILED: "⛔",
    PlanSeverity.REFUSED: "⛔",
    PlanSeverity.GAINS: "⚠️",
    PlanSeverity.LOSES: "⚠️",
}

_SHARES = {
    PlanSeverity.FAILED: 10_000,
    PlanSeverity.REFUSED: 12_000,
    PlanSeverity.GAINS: 14_000,
    PlanSeverity.LOSES: 14_000,
    PlanSeverity.CHANGES: 10_000,
    PlanSeverity.UNCHANGED: 3_000,
    PlanSeverity.UNTOUCHED: 1_000,
}
"""Bytes of the accounts of each severity where there is no room for all of them."""

_LEFT_OUT = "\nAccounts left out here: {}.\n"


def draw(report: FleetReport, folder: str) -> str:
    """Return the report as a comment, which is always shorter than `LIMIT`.

    `folder` is the fleet's folder as the user named it, for commands to copy.
    """
    sign = next((_SIGNS[one] for one in report.by_severity if one in _SIGNS), "✅")
    title = f"Fleet {quoted(report.name)}: {to_text(accounts_text(report), quoted)}"
    totals = to_text(totals_text(report), quoted)
    head = f"{marker(report.name, 'fleet')}## {sign} {title}\n\n**Plan: {totals}**\n\n"
    foot = _foot(report, folder)
    sections = [
        _folded(report, severity, results) if severity in FOLDED else _listed(severity, results)
        for severity, results in report.by_severity.items()
    ]
    return f"{head}{fit(sections, LIMIT - size(head + foot))}{foot}"


def _listed(severity: PlanSeverity, results: tuple[AccountResult, ...]) -> Section:
    head = f"### {TITLES[severity]} ({len(results)})\n\n"
    return Section(_SHARES[severity], head, tuple(map(_account, results)), more=_LEFT_OUT)


def _folded(
    report: FleetReport, severity: PlanSeverity, results: tuple[AccountResult, ...]
) -> Section:
    """Return the names of accounts with nothing to review, which a click shows."""
    title = f"{TITLES[severity]} ({len(results)})"
    if severity is PlanSeverity.UNTOUCHED:
        title = to_text(untouched_text(report, len(results)), quoted)
    return Section(
        _SHARES[severity],
        f"<details><summary>{title}</summary>\n\n",
        tuple(f"- {quoted(result.account.name)}\n" for result in results),
        "\n</details>\n",
        _LEFT_OUT,
    )


def _account(result: AccountResult) -> str:
    lines = [*_lines(result)]
    shown = within(lines, FOR_ACCOUNT)
    more = len(lines) - len(shown)
    counted = f"  - and {readable.count(more, 'more line')}\n" if more else ""
    return f"- **{to_text(account_title(result), quoted)}**\n{''.join(shown)}{counted}"


def _lines(result: AccountResult) -> Iterator[str]:
    for error in error_lines(result):
        yield f"  - ⛔ {to_text(error, _whole)}\n"
    for label, sentence in change_lines(result):
        yield f"  - {f'{label}: ' if label else ''}{to_text(sentence, quoted)}\n"


def _whole(text: str) -> str:
    return quoted(text, readable.LONGEST)


def _foot(report: FleetReport, folder: str) -> str:
    """Return the command that shows all of an account, for the most severe one with a plan."""
    first = next((result for result in report.results if result.digest), None)
    if first is None:
        return ""
    command = code(alone_command(first, folder), readable.LONGEST)
    return f"---\n\nThe whole plan of one account, for example: {command}\n"
