"""The report of an apply of a fleet as text for a terminal: every account, and how it has ended."""

from collections.abc import Iterator, Mapping, Sequence

from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.render import readable
from provisioner.render.fleet.fleet_texts import (
    account_title,
    alone_command,
    change_lines,
    error_lines,
    name_list_text,
)
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.rows import plain

SHOWN_NAMES = 20
"""The names of accounts with nothing to do, or that have not begun, unless the run is verbose."""

SHOWN_ERRORS = 10
"""The errors of one account that are shown; more are counted."""

TITLES = {
    AccountOutcome.INCOMPLETE: "Incomplete",
    AccountOutcome.FAILED: "Failed, nothing written",
    AccountOutcome.REFUSED: "Refused",
    AccountOutcome.NOT_BEGUN: "Not begun",
    AccountOutcome.DONE: "Done",
    AccountOutcome.NOTHING: "Nothing to do",
}
"""The title of the accounts of each outcome."""

_STYLES = {
    AccountOutcome.INCOMPLETE: "bold red",
    AccountOutcome.FAILED: "bold red",
    AccountOutcome.REFUSED: "bold red",
    AccountOutcome.NOT_BEGUN: "bold yellow",
    AccountOutcome.DONE: "bold green",
    AccountOutcome.NOTHING: "bold green",
}


def state(result: ApplyResult) -> str:
    """Return how the apply of an account has ended, in a few words."""
    return result.outcome.value.replace("-", " ")


def draw(
    results: Sequence[ApplyResult],
    folder: str,
    *,
    color: bool = False,
    width: int | None = None,
    verbose: bool = False,
) -> str:
    """Return the report for reading in a terminal.

    Args:
        results: one for each account, in the order of the fleet.
        folder: the fleet's folder as the user named it, for commands to copy.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
        verbose: whether to list all names.
    """
    return rendered(_lines(results, folder, verbose=verbose), color=color, width=width)


def _lines(results: Sequence[ApplyResult], folder: str, *, verbose: bool) -> Iterator[Line]:
    groups = {
        outcome: [one for one in results if one.outcome is outcome] for outcome in AccountOutcome
    }
    for outcome, group in groups.items():
        if not group:
            continue
        title, style = f"{TITLES[outcome]} ({len(group)})", _STYLES[outcome]
        if outcome is AccountOutcome.NOTHING:
            yield f"{title}: {_names(group, verbose=verbose)}", style
        elif outcome is AccountOutcome.NOT_BEGUN:
            yield f"{title}:", style
            yield from _not_begun(group, verbose=verbose)
        else:
            yield f"{title}:", style
            for result in group:
                yield from _account(result, folder)
        yield "", ""
    yield f"Fleet: {_totals(groups, len(results))}.", "bold"
    if any(group for outcome, group in groups.items() if not outcome.complete):
        yield "Run fleet apply again to do the rest.", ""


def _totals(groups: Mapping[AccountOutcome, Sequence[ApplyResult]], number: int) -> str:
    parts = [f"{len(group)} {state(group[0])}" for group in groups.values() if group]
    return f"{readable.count(number, 'account')}: {', '.join(parts)}"


def _names(group: Sequence[ApplyResult], *, verbose: bool) -> str:
    names = [result.account.name for result in group]
    return plain(name_list_text(names, len(names) if verbose else SHOWN_NAMES))


def _not_begun(group: Sequence[ApplyResult], *, verbose: bool) -> Iterator[Line]:
    """Yield the accounts of each reason."""
    for reason in dict.fromkeys(result.reason for result in group):
        names = _names([one for one in group if one.reason == reason], verbose=verbose)
        yield f"  {names}", ""
        yield f"    {readable.harmless(reason)}", ""


def _account(result: ApplyResult, folder: str) -> Iterator[Line]:
    yield f"  {plain(account_title(result))}", "bold"
    errors = [plain(error) for error in error_lines(result)]
    for error in errors[:SHOWN_ERRORS]:
        yield f"    ! {error}", "red"
    if len(errors) > SHOWN_ERRORS:
        yield f"    ! and {len(errors) - SHOWN_ERRORS} more", "red"
    if result.outcome in {AccountOutcome.DONE, AccountOutcome.REFUSED}:
        for label, sentence in change_lines(result):
            if label:
                yield f"    {label}: {plain(sentence)}", ""
    yield from _written(result)
    if result.outcome is AccountOutcome.INCOMPLETE and result.run:
        yield f"    {alone_command(result, folder, f'runs show {result.run}')}", "dim"
    elif result.outcome is not AccountOutcome.DONE:
        yield f"    {alone_command(result, folder)}", "dim"


def _written(result: ApplyResult) -> Iterator[Line]:
    done, steps = result.steps
    if result.outcome is AccountOutcome.INCOMPLETE and steps:
        yield f"    {done} of {readable.count(steps, 'step')} applied", ""
    if result.counts:
        written = ", ".join(f"{number} {word}" for word, number in result.counts.items())
        yield f"    {written}", ""
    manual = result.digest.numbers.get("manual_steps") if result.digest else 0
    if manual and result.outcome is AccountOutcome.DONE:
        yield f"    {readable.count(manual, 'manual step')} left to people", ""
