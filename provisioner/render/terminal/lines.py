"""Lines with a style, folded for a terminal."""

from collections.abc import Callable, Iterable
from io import StringIO

HANGING = 4
"""Columns by which the rest of a folded line is indented further."""

NARROWEST = 20
"""Minimum width of the rest of a folded line; narrower terminals reduce the indent."""

UNFOLDED = 80
"""Width of a page where no line is folded; any number works."""

PAGE = 25
"""Height of a page; no text is cut by it."""

Part = tuple[str, str]
"""A part of a line and its style."""

Line = Part | tuple[Part, ...]
"""A line and its style, or a line of several parts."""


def rendered(lines: Iterable[Line], *, color: bool, width: int | None = None) -> str:
    """Return lines as text for a terminal.

    Args:
        lines: the lines.
        color: whether to add colours.
        width: the number of columns of a line. Longer lines are folded, and their rest is indented
            further. None folds no line.
    """
    out = StringIO()
    printer: Callable[[Line], None] | None = None
    for line in lines:
        text = "".join(part for part, _ in parts_of(line))
        if not color and text.isprintable() and (width is None or _fits(text, width)):
            out.write(f"{text}\n")
            continue
        printer = printer or _printer(out, color=color, width=width)
        printer(line)
    return out.getvalue()


def _fits(text: str, width: int) -> bool:
    """Return whether a text certainly needs no folding; other characters may take two columns."""
    return text.isascii() and len(text) <= width


def _printer(out: StringIO, *, color: bool, width: int | None) -> Callable[[Line], None]:
    """Return a function that writes a line with colours, folded to a width."""
    # Imported here: rich is slow to load, and most lines without colours do not need it.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(
        file=out,
        force_terminal=color,
        # Decided by TERM: a dumb terminal gets no codes.
        color_system="auto" if color else None,
        highlight=False,
        soft_wrap=True,
        # Both are given, so that COLUMNS and LINES of the environment have no effect.
        width=UNFOLDED if width is None else width,
        height=PAGE,
    )

    def write(line: Line) -> None:
        text = Text.assemble(*parts_of(line))
        if width is None or text.cell_len <= width:
            console.print(text)
            return
        indent = len(text.plain) - len(text.plain.lstrip()) + HANGING
        indent = max(0, min(indent, width - NARROWEST))
        first, *_ = text.wrap(console, width)
        rest = text[len(first) + 1 :] if text.plain[len(first)] == " " else text[len(first) :]
        for part in (
            first,
            *(Text(" " * indent) + row for row in rest.wrap(console, width - indent)),
        ):
            part.rstrip()
            console.print(part)

    return write


def parts_of(line: Line) -> tuple[Part, ...]:
    """Return the parts of a line."""
    match line:
        case (str(text), str(style)):
            return ((text, style),)
        case _:
            return line


def width_of(text: str) -> int:
    """Return the number of columns that a text takes in a terminal."""
    if text.isascii() and text.isprintable():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  as above

    return cell_len(text)
