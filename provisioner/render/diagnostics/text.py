"""Diagnostics as text for a terminal, and as JSON."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, Severity, Span, in_order
from provisioner.render.diagnostics.file_positions import SourceLines, Sources, joined_path
from provisioner.render.json_text import json_text
from provisioner.render.readable import harmless

_WITHHELD = re.compile(r"(.*/)?provisioner\.ya?ml", re.IGNORECASE)
"""Files of which no line is shown: a pasted API key must not reach terminals and logs."""

_STYLES = {"error": "bold red", "warning": "bold yellow", "label": "bold", "caret": "bold red"}
_TAB = 4


def as_text(
    diagnostics: Iterable[Diagnostic], *, prefix: str, sources: Sources, color: bool, width: int
) -> str:
    """Return diagnostics for people, sorted by place, each with its line of source.

    The reason why a code matters is shown once, at the first diagnostic with the code. A hint that
    several diagnostics about the account share is shown once, too, at the first of them.

    Args:
        diagnostics: the errors and warnings.
        prefix: the path of the project as the user typed it, put before each file so that
            terminals make the place a link.
        sources: returns the text of a file.
        color: whether the terminal shows colours.
        width: the number of characters in a line.

    Returns:
        Lines that end with a count, or nothing at all without diagnostics.
    """
    page = _Page(prefix, sources, color=color, width=width)
    ordered = in_order(diagnostics)
    blocks = [page.block(diagnostic) for diagnostic in ordered]
    return "\n".join([*blocks, f"{_count(ordered)}\n"]) if ordered else ""


def as_json(diagnostics: Iterable[Diagnostic], prefix: str) -> str:
    """Return diagnostics for programs: JSON with a stable order.

    `prefix` is the path of the project, put before each file.
    """
    ordered = in_order(diagnostics)
    errors, warnings = _totals(ordered)
    report = {
        "format_version": "1.0",
        "findings": [diagnostic_object(diagnostic, prefix) for diagnostic in ordered],
        "summary": {"errors": errors, "warnings": warnings},
    }
    return json_text(report, sort_keys=False)


class _Page:
    """Lays out diagnostics, and keeps the shown codes and hints."""

    def __init__(self, prefix: str, sources: Sources, *, color: bool, width: int) -> None:
        self._prefix = prefix
        self._sources = SourceLines(sources)
        self._color = color
        self._width = max(width, 40)
        self._explained: set[str] = set()
        self._hints: set[str] = set()

    def block(self, diagnostic: Diagnostic) -> str:
        severity = diagnostic.severity.value
        place = f"{_place(diagnostic.span, self._prefix)}: " if diagnostic.span else ""
        summary = f"{harmless(diagnostic.summary)} [{diagnostic.code}]"
        lines = [f"{harmless(place)}{self._styled(severity, severity)}: {summary}"]
        if diagnostic.span:
            lines += self._excerpt(diagnostic.span)
        if diagnostic.hint and (diagnostic.span or diagnostic.hint not in self._hints):
            self._hints.add(diagnostic.hint)
            lines += self._note("hint", diagnostic.hint)
        if diagnostic.code not in self._explained:
            self._explained.add(diagnostic.code)
            lines += self._note("why", diagnostic.why)
        for role, span in diagnostic.related:
            lines.append(f"  {self._styled('see', 'label')}: {_place(span, self._prefix)}: {role}")
        return "\n".join(lines) + "\n"

    def _note(self, label: str, text: str) -> list[str]:
        room = self._width - len(label) - 4
        first, *rest = textwrap.wrap(harmless(text), room, break_on_hyphens=False) or [""]
        indent = " " * (len(label) + 4)
        return [f"  {self._styled(label, 'label')}: {first}", *(indent + line for line in rest)]

    def _excerpt(self, span: Span) -> list[str]:
        """Return the line of source and a caret under the place."""
        line = "" if _WITHHELD.fullmatch(span.file) else self._sources.line(span)
        if not line.strip() or "\0" in line:
            return []
        gutter = f"{span.line:>5} | "
        at = span.column - 1  # of a long line only the visible part is cleaned
        before, after = _clean(line[max(0, at - self._width) : at]), line[at : at + self._width]
        before = "…" * (at > self._width) + before
        after = _clean(after) + "…" * (len(line) > at + self._width)
        before, after = _cut(before, after, self._width - len(gutter) - 1)
        caret = self._styled("^", "caret")
        return [
            f"{gutter}{before}{after}".rstrip(),
            f"{' ' * 5} | {' ' * _columns(before)}{caret}",
        ]

    def _styled(self, text: str, style: str) -> str:
        if not self._color:
            return text
        # Imported late: only terminals with colours need it.
        from rich.style import Style  # noqa: PLC0415

        return Style.parse(_STYLES[style]).render(text)


def diagnostic_object(diagnostic: Diagnostic, prefix: str = "") -> dict[str, object]:
    """Return a diagnostic as JSON data; `prefix` is put before each file."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        **({"accounts": [*diagnostic.accounts]} if diagnostic.accounts else {}),
        "summary": diagnostic.summary,
        "why": diagnostic.why,
        "hint": diagnostic.hint,
        **diagnostic.about_rule,
        **_location(diagnostic.span, prefix),
        "related": [
            {"summary": role, **_location(span, prefix)} for role, span in diagnostic.related
        ],
    }


def _location(span: Span | None, prefix: str) -> dict[str, object]:
    if span is None:
        return {"file": None, "line": None, "column": None}
    return {"file": joined_path(prefix, span.file), "line": span.line, "column": span.column}


def _place(span: Span, prefix: str) -> str:
    return f"{joined_path(prefix, span.file)}:{span.line}:{span.column}"


def _clean(text: str) -> str:
    return harmless(text.replace("\t", " " * _TAB))


def _cut(before: str, after: str, room: int) -> tuple[str, str]:
    """Return the parts of a line before and after a place, cut to the room with `…`."""
    if len(before) + len(after) <= room:
        return before, after
    left = max(room * 2 // 3, room - len(after))
    if len(before) > left:
        before = "…" + before[len(before) - left + 1 :]
    right = room - len(before)
    return before, after if len(after) <= right else after[: right - 1] + "…"


def _columns(text: str) -> int:
    """Return the width of a text in columns of a terminal."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def _totals(diagnostics: Iterable[Diagnostic]) -> tuple[int, int]:
    """Return the number of errors and of warnings, with those that one of them only counts."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += diagnostic.count
    return counts[Severity.ERROR], sum(counts.values()) - counts[Severity.ERROR]


def _count(diagnostics: list[Diagnostic]) -> str:
    errors, warnings = _totals(diagnostics)
    parts = [_number(errors, "error")] if errors else []
    if warnings:
        parts.append(_number(warnings, "warning"))
    files = {diagnostic.span.file for diagnostic in diagnostics if diagnostic.span}
    where = f" in {_number(len(files), 'file')}" if files else ""
    return ", ".join(parts) + where


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
