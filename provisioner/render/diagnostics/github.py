"""Diagnostics as workflow commands of GitHub Actions: annotations at the lines of a pull request.

GitHub shows the first ten errors and the first ten warnings of a step; the log has all of them.
Source: docs.github.com, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, in_order
from provisioner.render.diagnostics.file_positions import SourceLines, Sources, joined_path
from provisioner.render.readable import harmless


def as_github(diagnostics: Iterable[Diagnostic], *, prefix: str, sources: Sources) -> str:
    """Return one workflow command for each diagnostic, sorted by place.

    `prefix` is the path of the project from the repository's root, put before each file.
    """
    lines = SourceLines(sources)
    return "".join(
        f"{_command(diagnostic, prefix, lines)}\n" for diagnostic in in_order(diagnostics)
    )


def _command(diagnostic: Diagnostic, prefix: str, lines: SourceLines) -> str:
    properties = {"title": diagnostic.code}
    if span := diagnostic.span:
        properties = {
            "file": joined_path(prefix, span.file),
            "line": str(span.line),
            "col": str(span.column),
            "endColumn": str(lines.end_column(span)),
            **properties,
        }
    arguments = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    # A level of the same name exists for each severity.
    return f"::{diagnostic.severity.value} {arguments}::{_message(diagnostic)}"


def _message(diagnostic: Diagnostic) -> str:
    lines = [diagnostic.summary, *([f"hint: {diagnostic.hint}"] if diagnostic.hint else [])]
    return _escaped("\n".join(map(harmless, lines)))


def _property(value: str) -> str:
    return _escaped(harmless(value)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    """Return text escaped to one line, which the runner turns back into the text."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
