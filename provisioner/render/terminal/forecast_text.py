"""The forecast for reading in a terminal: the events of each day, and what they do to the cover."""

from collections.abc import Iterator

from provisioner.planning.coverage import Coverage
from provisioner.planning.dates.upcoming import DayForecast, Event, Forecast, Turn
from provisioner.render.readable import brief, harmless
from provisioner.render.review.coverage_falls import fall_sentences
from provisioner.render.review.plan_notes import event_effect
from provisioner.render.sentences import to_text
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.rows import Row, row_lines

_SIGNS = {
    Turn.STARTS: ("+", "green"),
    Turn.ENDS: ("-", "red"),
    Turn.BEGINS: ("~", "yellow"),
    Turn.LAPSES: ("~", "yellow"),
}


def as_text(content: Forecast, prefix: str, *, color: bool) -> str:
    """Return a forecast as text.

    `prefix` makes a path inside the project one from the current folder.
    """
    days = f"{content.range.first} to {content.range.last} ({content.timezone})"
    if not content.days:
        return f"Nothing begins or lapses from {days}.\n"
    lines: list[Line] = [(f"Forecast from {days}", "bold")]
    for one in content.days:
        lines += [("", ""), (str(one.day), "bold"), *_day(one, prefix)]
    return rendered(lines, color=color)


def _day(content: DayForecast, prefix: str) -> Iterator[Line]:
    yield from row_lines([_row(event, prefix) for event in content.events], None)
    coverage = Coverage(content.cells)
    for sentence in fall_sentences(coverage, {}, ()):
        yield f"    {to_text(sentence, harmless)}", "red"
    falling = {(cell.department, cell.service) for cell in coverage.falling}
    others = [cell for cell in content.cells if (cell.department, cell.service) not in falling]
    if others:
        numbers = ", ".join(
            f"{cell.service} in {harmless(cell.department)} {cell.before} → {cell.after}"
            for cell in others
        )
        yield f"    Cover: {numbers}.", ""


def _row(event: Event, prefix: str) -> Row:
    sign, style = _SIGNS[event.turn]
    return Row(
        sign,
        style,
        (brief(event.name), brief(event.address.key)),
        ((to_text(event_effect(event), harmless), ""),),
        prefix + str(event.source),
    )
