"""The report of an apply of a fleet as Markdown, for the summary of a pipeline or a comment."""

from collections.abc import Iterator, Sequence

from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.render import readable
from provisioner.render.fleet.fleet_apply_texts import (
    OUTCOMES,
    WITHOUT_RUN,
    by_outcome,
    by_reason,
    is_complete,
    next_command,
    next_step,
    outcomes_text,
    written_lines,
)
from provisioner.render.fleet.fleet_texts import account_title, error_lines
from provisioner.render.markdown.comment import LIMIT, marker
from provisioner.render.markdown.foreign_text import code, quoted
from provisioner.render.markdown.size_budget import Section, fit, size
from provisioner.render.sentences import to_text

SHARE = 10_000
"""Bytes of the accounts of each outcome where there is no room for all of them."""

SHOWN_ERRORS = 5
"""The errors of one account that are shown; more are counted."""


def draw(results: Sequence[ApplyResult], name: str, folder: str, *, unfit: bool = False) -> str:
    """Return the report as a comment, which is always shorter than `LIMIT`.

    Args:
        results: one for each account, in the order of the fleet.
        name: the name of the fleet.
        folder: the fleet's folder as the user named it, for commands to copy.
        unfit: whether no account has begun, because the files of some can't be applied.
    """
    groups = by_outcome(results)
    sign = "✅" if is_complete(groups) else "⛔"
    title = f"## {sign} Fleet {quoted(name)} applied: {outcomes_text(groups)}\n\n"
    head = marker(name, "fleet-apply") + title
    step = next_step(groups, unfit=unfit)
    foot = f"---\n\n{step}\n" if step else ""
    sections = [
        Section(
            SHARE,
            f"### {OUTCOMES[outcome]} ({len(group)})\n\n",
            tuple(_rows(outcome, group, folder)),
            more="\nAccounts left out here: {}.\n",
        )
        for outcome, group in groups.items()
    ]
    return f"{head}{fit(sections, LIMIT - size(head + foot))}{foot}"


def _rows(outcome: AccountOutcome, group: Sequence[ApplyResult], folder: str) -> Iterator[str]:
    if outcome in WITHOUT_RUN:
        for reason, names in by_reason(group).items():
            yield from (f"- **{quoted(name)}**: {quoted(reason)}\n" for name in names)
        return
    for result in group:
        yield f"- **{to_text(account_title(result), quoted)}**\n{''.join(_lines(result, folder))}"


def _lines(result: ApplyResult, folder: str) -> Iterator[str]:
    errors = [*error_lines(result)]
    for error in errors[:SHOWN_ERRORS]:
        yield f"  - ⛔ {to_text(error, quoted)}\n"
    if len(errors) > SHOWN_ERRORS:
        yield f"  - ⛔ and {len(errors) - SHOWN_ERRORS} more\n"
    for label, sentence in written_lines(result):
        yield f"  - {f'{label}: ' if label else ''}{to_text(sentence, quoted)}\n"
    if command := next_command(result, folder):
        yield f"  - {code(command, readable.LONGEST)}\n"
