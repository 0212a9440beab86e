"""The plan of a fleet as one HTML page: a list of accounts, with the report of each behind it.

The report of an account is its own page, in a frame: so no id is there twice, and a search in it
concerns that account. Style and script are the same for all: the script of the page adds them when
a report is unfolded. Until then a report is text in a `noscript`, which costs a browser nothing.
Without scripts the reports are there, without style.
"""

from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from provisioner.fleet.account_task import AccountResult
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import (
    TITLES,
    account_title,
    accounts_text,
    alone_command,
    change_lines,
    error_lines,
    totals_text,
)
from provisioner.render.html.html_page import page_assets, page_parts
from provisioner.render.html.page_entries import parts
from provisioner.render.sentences import to_text

Data = dict[str, Any]


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

    yield from page_parts(
        "fleet",
        ("fleet.css",),
        {
            **page_assets("report", "plan", ("plan.css",)),
            "name": report.name,
            "accounts": to_text(accounts_text(report), readable.harmless),
            "totals": to_text(totals_text(report), readable.harmless),
            "total": len(report.results),
            "groups": [
                {
                    "title": TITLES[severity],
                    "severity": severity.value,
                    "count": len(results),
                    "accounts": [_account(result, folder) for result in results],
                }
                for severity, results in report.by_severity.items()
            ],
            "report_of": report_of,
        },
    )


def _account(result: AccountResult, folder: str) -> Data:
    account = result.account
    return {
        "name": account.name,
        "title": parts(account_title(result)),
        "words": " ".join((account.project, account.target, *account.tags)),
        "errors": [parts(error) for error in error_lines(result)],
        "lines": [(label, parts(sentence)) for label, sentence in change_lines(result)],
        "command": alone_command(result, folder) if result.digest else "",
    }
