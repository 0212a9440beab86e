"""Findings as workflow commands of GitHub Actions: annotations at the lines of a pull request.

GitHub shows the first ten errors and the first ten warnings of a step; the log has them all.
Source: docs.github.com, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, in_order
from provisioner.render.diagnostics.places import Sources, end_column, joined
from provisioner.render.readable import harmless


def as_github(findings: Iterable[Diagnostic], *, prefix: str, sources: Sources) -> str:
    """Return one workflow command for each finding, sorted by place.

    Args:
        findings: what was found.
        prefix: the path of the project from the repository's root, put before each file.
        sources: gives the text of a file.
    """
    return "".join(f"{_command(finding, prefix, sources)}\n" for finding in in_order(findings))


def _command(finding: Diagnostic, prefix: str, sources: Sources) -> str:
    properties = {"title": finding.code}
    if span := finding.span:
        properties = {
            "file": joined(prefix, span.file),
            "line": str(span.line),
            "col": str(span.column),
            "endColumn": str(end_column(span, sources)),
            **properties,
        }
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    # A level of the same name exists for each severity.
    return f"::{finding.severity.value} {said}::{_message(finding)}"


def _message(finding: Diagnostic) -> str:
    lines = [finding.summary, *([f"hint: {finding.hint}"] if finding.hint else [])]
    return _escaped("\n".join(map(harmless, lines)))


def _property(value: str) -> str:
    return _escaped(harmless(value)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    """Return text that the runner takes for one line, and turns back into this text."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
