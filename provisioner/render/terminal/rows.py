"""Rows of a terminal: columns that line up, with the place in the files at the end, or below."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.render.readable import brief
from provisioner.render.sentences import Quoted, Sentence, to_text
from provisioner.render.terminal.lines import Line, Part, width_of

INDENT = "  "
GAP = "  "
WIDEST = 32
"""Columns up to which a cell makes the cells of other rows wait; longer cells stand out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a section.

    Attributes:
        sign: `+`, `~`, `-` or `!`.
        style: the style of the sign.
        cells: columns that line up with those of the other rows, such as name and email.
        text: what happens, in parts with their styles.
        place: the place in the files; "" for none.
        below: lines under the row.
    """

    sign: str
    style: str
    cells: tuple[str, ...]
    text: tuple[Part, ...] = ()
    place: str = ""
    below: tuple[Line, ...] = ()


def row_lines(rows: Sequence[Row], width: int | None) -> Iterator[Line]:
    """Yield rows as lines; a place that finds no room at the end of its row goes below it.

    Args:
        rows: the rows of one section.
        width: the number of columns of a line; None for any.
    """
    columns = max((len(row.cells) for row in rows), default=0)
    widths = [_widest(row.cells[n] for row in rows if n < len(row.cells)) for n in range(columns)]
    bodies = [_body(row, widths) for row in rows]
    lengths = [sum(width_of(text) for text, _ in body) for body in bodies]
    fitting = [
        length
        for row, length in zip(rows, lengths, strict=True)
        if width is None or length + len(GAP) + width_of(row.place) <= width
    ]
    column = max(fitting, default=0)
    if width is not None:
        column = min(column, width - len(GAP) - max((width_of(r.place) for r in rows), default=0))
    for row, body, length in zip(rows, bodies, lengths, strict=True):
        place = brief(row.place)
        if not place:
            yield body
        elif width is None or length + len(GAP) + width_of(place) <= width:
            yield *body, (" " * max(0, column - length) + GAP, ""), (place, "dim")
        else:
            yield body
            yield (f"{INDENT}{GAP}{GAP}", ""), (place, "dim")
        yield from row.below


def _widest(cells: Iterable[str]) -> int:
    return max((size for cell in cells if (size := width_of(cell)) <= WIDEST), default=0)


def _body(row: Row, widths: Sequence[int]) -> tuple[Part, ...]:
    """Return the parts of a row without its place, and without spaces at its end."""
    parts: list[Part] = [(f"{INDENT}{row.sign} ", row.style)]
    last = len(row.cells) - 1
    for number, (cell, width) in enumerate(zip(row.cells, widths, strict=False)):
        fill = max(0, width - width_of(cell)) if row.text or number < last else 0
        parts.append((cell + " " * fill + (GAP if row.text or number < last else ""), ""))
    return (*parts, *row.text)


def plain(sentence: Sentence) -> str:
    """Return a sentence as the text of a line; the quoted parts are made harmless."""
    return to_text(sentence, brief)


def parts_of_sentence(sentence: Sentence, style: str = "") -> tuple[Part, ...]:
    """Return a sentence as parts of a line; the quoted ones are made harmless."""
    return tuple((brief(part) if isinstance(part, Quoted) else part, style) for part in sentence)
