"""Lines with a style, folded for a terminal, and the checklist of manual steps."""

import json
from collections.abc import Iterator, Sequence
from io import StringIO

from provisioner.planning.manual.manual_step import ManualStep
from provisioner.render import readable

HANGING = 4
"""Columns by which the rest of a folded line is indented further."""

NARROWEST = 20
"""Minimum width of the rest of a folded line; narrower terminals reduce the indent."""

UNFOLDED = 80
"""Width of a page where no line is folded; any number works."""

PAGE = 25
"""Height of a page; no text is cut by it."""

Line = tuple[str, str]
"""A line and its style."""


def rendered(lines: list[Line], *, color: bool, width: int | None = None) -> str:
    """Return lines as text for a terminal.

    Args:
        lines: the lines.
        color: whether to add colours.
        width: the number of columns of a line. Longer lines are folded, and their rest is indented
            further. None folds no line.
    """
    # Imported here: rich is slow to load, and machine formats do not need it.
    from rich.cells import cell_len  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = StringIO()
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
    for line, style in lines:
        if width is None or cell_len(line) <= width:
            console.print(Text(line, style=style))
            continue
        indent = len(line) - len(line.lstrip()) + HANGING
        indent = max(0, min(indent, width - NARROWEST))
        first, *_ = Text(line).wrap(console, width)
        rest = Text(line[len(first) :].lstrip()).wrap(console, width - indent)
        for part in (str(first), *(f"{'':{indent}}{part}" for part in rest)):
            console.print(Text(part.rstrip(), style=style))
    return out.getvalue()


def checklist(steps: Sequence[ManualStep]) -> Iterator[Line]:
    """Yield the manual steps: the part of the panel, and the exact values."""
    if not steps:
        return
    yield "To be done by hand, since the API of this account can't:", "bold yellow"
    yield "", ""
    for step in steps:
        where = f"  {step.source.file}:{step.source.line}" if step.source else ""
        yield f"[ ] {readable.harmless(f'{step.address}  {step.panel}{where}')}", "bold yellow"
        for line in step.todo:
            yield f"    {readable.harmless(line)}", ""
        for line in step.then:
            yield f"    then apply sets {readable.harmless(line)}", "dim"
        if not step.verifiable:
            yield (
                "    The API can't show when it is done. Then acknowledge it in provisioner.yaml:",
                "dim",
            )
            step_id = readable.harmless(json.dumps(step.id, ensure_ascii=False))
            yield f"      acknowledged: [{{step: {step_id}, by: EMAIL, on: YYYY-MM-DD}}]", "dim"
        if step.hint:
            yield f"    hint: {readable.harmless(step.hint)}", "dim"
        yield "", ""


def count_steps(steps: Sequence[ManualStep]) -> str:
    """Return the number of manual steps in words."""
    return readable.count(len(steps), "manual step")
