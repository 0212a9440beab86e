"""Plans as text for a terminal. It draws the review of a plan and decides nothing.

What matters most comes first: refusals, power that is gained, access that is lost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from provisioner.planning.changes import Attribution
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.readable import brief
from provisioner.render.review import change_texts, off_boarding
from provisioner.render.review.ownership_texts import OwnershipSection, exception_lines
from provisioner.render.review.review import UNDECLARED, Mood, Review
from provisioner.render.sentences import Sentence, to_text
from provisioner.render.terminal.change_lines import (
    domain_row,
    group_lines,
    section,
)
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.rows import plain, row_lines
from provisioner.render.terminal.urgent_sections import Section, urgent_sections
from provisioner.render.terminal.work_text import work_block

SCREEN = 45
"""Lines of the first screen: those of `--summary` are never more."""

_MOODS = {
    Mood.REFUSED: "bold red",
    Mood.LOSES: "bold red",
    Mood.CHANGES: "bold",
    Mood.NOTHING: "bold green",
}
_SHOWN_UNDECLARED = 10


def draw(
    review: Review,
    *,
    color: bool = False,
    width: int | None = None,
    verbose: bool = False,
    summary: bool = False,
) -> str:
    """Return a plan for reading in a terminal.

    Args:
        review: the review of the plan.
        color: whether to add colours.
        width: the number of columns of a line; None folds no line.
        verbose: whether to list all names of equal changes and all values.
        summary: whether to return the first screen only, of at most `SCREEN` lines.
    """
    urgent = [*urgent_sections(review, width, verbose=verbose)]
    if summary:
        return rendered(_first_screen(review, urgent, width), color=color, width=width)
    lines = [*_head(review)]
    for title, style, content in urgent:
        lines += section(title, content, style)
    for group in review.groups:
        lines += group_lines(group, width, verbose=verbose)
    lines += _sentences(off_boarding.TITLE, review.off_boarding)
    lines += _sentences(off_boarding.HELD_TITLE, review.held)
    lines += work_block(review.plan.work_list, review.plan.target)
    lines += _undeclared(review)
    lines += _notes(review)
    lines += _summary(review)
    return rendered(lines, color=color, width=width)


def _head(review: Review) -> Iterator[Line]:
    """Yield the account and the verdict, unless there is nothing to change."""
    if review.plan.settled:
        return
    title = to_text(review.title, brief)
    yield (f"{title}: ", "bold"), (plain(review.verdict), _MOODS[review.mood])
    yield "", ""


def _first_screen(review: Review, urgent: Sequence[Section], width: int | None) -> list[Line]:
    """Return the most urgent lines of each section, as many as one screen has room for.

    A line counts as often as the terminal folds it.
    """

    def height(lines: Iterable[Line]) -> int:
        return rendered(lines, color=False, width=width).count("\n")

    head, foot = [*_head(review)], [*_people(review), *_summary(review)]
    room = SCREEN - height(head) - height(foot)
    filled = [one for one in urgent if one[2]]
    most = max((len(content) for _, _, content in filled), default=0)
    shown = _shortened(filled, most)
    while most and height(shown) > room:
        most -= 1
        shown = _shortened(filled, most)
    return [*head, *shown, *foot]


def _shortened(sections: Iterable[Section], most: int) -> list[Line]:
    """Return sections with their first lines, and the number of the others; nothing for 0."""
    lines: list[Line] = []
    for title, style, content in sections if most else ():
        more = len(content) - most
        rest: tuple[Line, ...] = ((f"  and {more} more lines", "dim"),) if more > 0 else ()
        lines += section(title, (*content[:most], *rest), style)
    return lines


def _people(review: Review) -> Iterator[Line]:
    """Yield how many people join, move, change and leave."""
    for group in review.groups:
        moved = {change.address for entry in group.moves for change in entry.changes}
        changed = {change.address for entry in group.equal for change in entry.changes}
        numbers = (
            ("join", len(group.joiners)),
            ("move", len(moved)),
            ("change", len(changed)),
            ("leave", len(group.leavers)),
        )
        moves = (domain_row(entry, verbose=False) for entry in group.equal if entry.domain)
        yield from row_lines([replace(row, below=()) for row in moves], None)
        text = ", ".join(f"{number} {verb}" for verb, number in numbers if number)
        if text:
            yield f"People{change_texts.BY[group.attribution]}: {text}.", ""


def ownership_lines(sections: Iterable[OwnershipSection]) -> Iterator[Line]:
    """Yield the access that the files do not own: urgent sections, with a line for each entry."""
    for one in sections:
        if one.urgent:
            yield f"{one.title}:", "bold yellow"
            for sentence, place in one.lines:
                yield f"    {plain(sentence)}  {brief(place)}".rstrip(), ""
            yield "", ""


def exception_text(sections: Iterable[OwnershipSection]) -> Iterator[Line]:
    """Yield one line for each section about access that is no drift."""
    for sentence in exception_lines(sections):
        yield plain(sentence), "dim"
        yield "", ""


def _sentences(title: str, sentences: Sequence[Sentence]) -> Iterator[Line]:
    if sentences:
        yield f"{title}:", "bold"
        yield from ((f"    {plain(sentence)}", "") for sentence in sentences)
        yield "", ""


def _undeclared(review: Review) -> Iterator[Line]:
    yield from exception_text(review.ownership)
    if not review.undeclared:
        return
    shown = ", ".join(map(brief, review.undeclared[:_SHOWN_UNDECLARED]))
    more = len(review.undeclared) - _SHOWN_UNDECLARED
    yield f"{UNDECLARED}: {shown}{f' and {more} more' if more > 0 else ''}", "dim"
    yield "", ""


def _notes(review: Review) -> Iterator[Line]:
    if review.not_looked_at:
        yield plain(review.not_looked_at), "dim"
        yield "", ""
    for sentence in review.notes:
        yield plain(sentence), "yellow"
        yield "", ""


def _summary(review: Review) -> Iterator[Line]:
    plan = review.plan
    if plan.settled:
        urgent = any(section.urgent for section in review.ownership)
        style = "bold yellow" if urgent else "bold green"
        yield f"{to_text(review.settled_title, brief)}: {review.nothing}", style
        yield from _headlines(review)
        if number := sum(step.acknowledged is not None for step in plan.manual_steps):
            steps = readable.count(number, "manual step")
            yield f"{steps} acknowledged by people, which the API can't show.", "yellow"
        return
    yield f"{'Difference' if plan.versions else 'Plan'}: {plain(review.counts)}.", "bold"
    yield from _headlines(review)
    yield from _attributions(plan)
    yield from ((line, "yellow") for line in review.risks)
    yield from ((line, "") for line in (review.mails, review.cost, review.nothing) if line)
    if plan.snapshot_time:
        taken = readable.harmless(plan.snapshot_time)
        since = "It does not have later changes of the account."
        yield f"Made from the snapshot of {taken}. {since}", "yellow"


def _headlines(review: Review) -> Iterator[Line]:
    """Yield one line for each kind of access that the files do not own."""
    for headline in review.headlines:
        yield f"{plain(headline)}.", "yellow"


def _attributions(plan: Plan) -> Iterator[Line]:
    """Yield how many changes are of the branch; an object with changes of both counts twice."""
    if plan.base is None:
        return
    numbers = Counter(step.attribution for step in plan.open_steps)
    for change in plan.effective:
        numbers.update({change.attribution, *(field.attribution for field in change.fields)})
    commit = plan.base.commit[: change_texts.COMMIT_DIGITS]
    since = readable.harmless(f"{plan.base.ref} ({commit})")
    if numbers[None]:
        yield f"Which changes are new since {since} is not known.", "yellow"
        return
    number = readable.count(numbers[Attribution.BRANCH], "change")
    drift = numbers[Attribution.DRIFT]
    yield f"This branch: {number} since {since}; earlier drift: {drift}.", "bold"
