"""The plan of a fleet as one HTML page: a list of accounts, with the report of each behind it.

The report of an account is its own page, in a frame: so no id is there twice, and a search in it
concerns that account. Style and script are the same for all: the script of the page adds them when
a report is unfolded. Until then a report is text in a `noscript`, which costs a browser nothing.
Without scripts the reports are there, without style.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from markupsafe import Markup

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import (
    FOLDED,
    TITLES,
    AccountEntry,
    account_title,
    accounts_text,
    alone_command,
    change_lines,
    error_lines,
    totals_text,
    untouched_text,
)
from provisioner.render.html.html_page import page_assets, page_parts
from provisioner.render.html.page_entries import parts
from provisioner.render.sentences import Sentence, to_text

Data = dict[str, Any]

_PLAIN: Data = {"totals": "", "has_reports": False, "report_of": lambda _name: None}
"""What a page without reports has."""


def draw(report: FleetReport, folder: str, text_of: Callable[[str], str | None]) -> Iterator[str]:
    """Yield the parts of the page; the reports of a large fleet would fill the memory.

    Args:
        report: the results of all accounts.
        folder: the fleet's folder as the user named it, for commands to copy.
        text_of: returns the report of the account with a name; None for none.
    """

    def report_of(name: str) -> Markup | None:
        text = text_of(name)
        return None if text is None else Markup.escape(text)

    groups = [
        {
            "title": TITLES[severity],
            "id": severity.value,
            "severity": severity.value,
            "note": _note(report, severity, len(results)),
            "is_folded": severity in FOLDED,
            "accounts": [_account(result, folder) for result in results],
        }
        for severity, results in report.by_severity.items()
    ]
    data = {
        "command": "fleet plan",
        "verdict": to_text(accounts_text(report), readable.harmless),
        "totals": f"Plan: {to_text(totals_text(report), readable.harmless)}",
        **page_assets("report", "plan", ("plan.css",)),
        "has_reports": True,
        "report_of": report_of,
    }
    yield from list_parts(report.name, groups, data)


def list_parts(name: str, groups: Sequence[Data], data: Data) -> Iterator[str]:
    """Return the parts of a page with groups of entries, which a search filters.

    Args:
        name: the name of the fleet.
        groups: title, id, severity (the colour), whether it is folded, and entries of each one.
        data: the command, the verdict, and what the page has besides.
    """
    total = sum(len(group["accounts"]) for group in groups)
    counted = [{"note": "", **group, "count": len(group["accounts"])} for group in groups]
    page = {"name": name, "groups": counted, "total": total, "noun": "account", **_PLAIN, **data}
    # The style of the reports is that of the page, too, and is in it only once.
    styles = ("fleet.css",) if page["has_reports"] else ("plan.css", "fleet.css")
    return page_parts("fleet", styles, page)


def _note(report: FleetReport, severity: PlanSeverity, number: int) -> str:
    if severity is PlanSeverity.UNTOUCHED:
        return to_text(untouched_text(report, number), readable.harmless)
    return ""


def account_entry(result: AccountEntry) -> Data:
    """Return the entry of an account: its name, and why there is no plan or it was not applied."""
    account = result.account
    words = (account.project, account.target, *account.tags)
    shown = list_entry(account.name, account_title(result), words)
    return {**shown, "errors": [parts(error) for error in error_lines(result)]}


def list_entry(name: str, title: Sentence, words: Iterable[str] = ()) -> Data:
    """Return an entry of a page that has no more than a title; a search also finds the words."""
    shown = {"errors": [], "lines": [], "text": [], "command": ""}
    return {"name": name, "title": parts(title), "words": " ".join(filter(None, words)), **shown}


def _account(result: AccountResult, folder: str) -> Data:
    return {
        **account_entry(result),
        "lines": [(label, parts(sentence)) for label, sentence in change_lines(result)],
        "command": alone_command(result, folder) if result.digest else "",
    }
