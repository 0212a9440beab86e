"""The drift of all accounts of a fleet, as text and as one comment."""

from collections.abc import Callable, Iterator

from provisioner.fleet.account_task import AccountResult, PlanSeverity
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import account_title, error_lines, name_list_text
from provisioner.render.markdown.comment import LIMIT, marker
from provisioner.render.markdown.foreign_text import quoted
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.sentences import to_text
from provisioner.render.terminal.rows import plain

SHOWN = 20
"""The names of accounts without drift that are shown."""

PHRASES = {
    PlanSeverity.FAILED: "not compared",
    PlanSeverity.REFUSED: "against a rule",
    PlanSeverity.CHANGES: "with drift",
    PlanSeverity.UNCHANGED: "without drift",
}

TextOf = Callable[[str, str], str | None]
"""Returns a document of an account, by the names of the account and of the format."""


def as_text(report: FleetReport, text_of: TextOf) -> Iterator[str]:
    """Yield the drift of each account for reading in a terminal, and their number."""
    for result in report.results:
        if result.severity is PlanSeverity.UNCHANGED:
            continue
        yield f"{plain(account_title(result))}\n"
        for error in error_lines(result):
            yield f"  ! {plain(error)}\n"
        text = text_of(result.account.name, "text") or ""
        yield "".join(f"  {line}".rstrip() + "\n" for line in text.splitlines())
        yield "\n"
    if same := report.by_severity.get(PlanSeverity.UNCHANGED):
        names = [result.account.name for result in same]
        yield f"Without drift ({len(same)}): {plain(name_list_text(names, SHOWN))}\n\n"
    yield f"Fleet: {summary(report)}.\n"


def summary(report: FleetReport) -> str:
    """Return the number of accounts with drift, and of the others."""
    parts = [f"{len(group)} {PHRASES[one]}" for one, group in report.by_severity.items()]
    return f"{readable.count(len(report.results), 'account')}: {', '.join(parts)}"


def as_markdown(report: FleetReport, text_of: TextOf) -> str:
    """Return a line for each account with drift, as a comment shorter than `LIMIT`."""
    has_drift = any(one is not PlanSeverity.UNCHANGED for one in report.by_severity)
    title = f"## {'⚠️' if has_drift else '✅'} Fleet {quoted(report.name)}: {summary(report)}\n\n"
    head = marker(report.name, "fleet-drift") + title
    sections = [
        Section(
            20_000,
            f"### {PHRASES[severity].capitalize()} ({len(results)})\n\n",
            tuple(_row(result, text_of) for result in results),
            more="\nAccounts left out here: {}.\n",
        )
        for severity, results in report.by_severity.items()
    ]
    return f"{head}{fit(sections, LIMIT - size(head))}"


def _row(result: AccountResult, text_of: TextOf) -> str:
    headline = text_of(result.account.name, "headline")
    texts = [quoted(headline, 2 * readable.LONGEST)] if headline else []
    texts += [to_text(error, quoted) for error in [*error_lines(result)][:5]]
    return f"- **{quoted(result.account.name)}**: {'; '.join(texts)}\n"
