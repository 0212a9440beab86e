"""The report of an apply of a fleet as text for a terminal: every account, and how it has ended."""

from collections.abc import Iterator, Sequence

from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.render import readable
from provisioner.render.fleet.fleet_apply_texts import (
    OUTCOMES,
    WITHOUT_RUN,
    Groups,
    by_outcome,
    by_reason,
    next_command,
    next_step,
    outcomes_text,
    written_lines,
)
from provisioner.render.fleet.fleet_texts import account_title, error_lines, name_list_text
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.rows import plain

SHOWN_NAMES = 20
"""The names of accounts without an apply that are shown, unless the run is verbose."""

SHOWN_ERRORS = 10
"""The errors of one account that are shown; more are counted."""

_STYLES = {
    AccountOutcome.INCOMPLETE: "bold red",
    AccountOutcome.FAILED: "bold red",
    AccountOutcome.REFUSED: "bold red",
    AccountOutcome.NOT_BEGUN: "bold yellow",
    AccountOutcome.DONE: "bold green",
    AccountOutcome.NOTHING: "bold green",
    AccountOutcome.UNTOUCHED: "bold",
}


def draw(
    results: Sequence[ApplyResult],
    folder: str,
    *,
    unfit: bool = False,
    color: bool = False,
    width: int | None = None,
    verbose: bool = False,
) -> str:
    """Return the report for reading in a terminal.

    Args:
        results: one for each account, in the order of the fleet.
        folder: the fleet's folder as the user named it, for commands to copy.
        unfit: whether no account has begun, because the files of some can't be applied.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
        verbose: whether to list all names.
    """
    groups = by_outcome(results)
    lines = [*_lines(groups, folder, verbose=verbose)]
    if step := next_step(groups, unfit=unfit):
        lines.append((step, ""))
    return rendered(lines, color=color, width=width)


def _lines(groups: Groups, folder: str, *, verbose: bool) -> Iterator[Line]:
    for outcome, group in groups.items():
        title, style = f"{OUTCOMES[outcome]} ({len(group)})", _STYLES[outcome]
        if outcome is AccountOutcome.NOTHING:
            names = [result.account.name for result in group]
            yield f"{title}: {_names(names, verbose=verbose)}", style
        elif outcome in WITHOUT_RUN:
            yield f"{title}:", style
            for reason, names in by_reason(group).items():
                yield f"  {_names(names, verbose=verbose)}", ""
                yield f"    {readable.harmless(reason)}", ""
        else:
            yield f"{title}:", style
            for result in group:
                yield from _account(result, folder)
        yield "", ""
    yield f"Fleet: {outcomes_text(groups)}.", "bold"


def _names(names: list[str], *, verbose: bool) -> str:
    return plain(name_list_text(names, len(names) if verbose else SHOWN_NAMES))


def _account(result: ApplyResult, folder: str) -> Iterator[Line]:
    yield f"  {plain(account_title(result))}", "bold"
    errors = [plain(error) for error in error_lines(result)]
    for error in errors[:SHOWN_ERRORS]:
        yield f"    ! {error}", "red"
    if len(errors) > SHOWN_ERRORS:
        yield f"    ! and {len(errors) - SHOWN_ERRORS} more", "red"
    for label, sentence in written_lines(result):
        yield f"    {f'{label}: ' if label else ''}{plain(sentence)}", ""
    if command := next_command(result, folder):
        yield f"    {command}", "dim"
