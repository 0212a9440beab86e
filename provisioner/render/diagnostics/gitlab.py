"""Diagnostics as GitLab's Code Quality report, which merge requests show beside the changes.

Source of the format: docs.gitlab.com, "Code Quality", "Code Quality report format".
"""

from collections.abc import Iterable

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.render.diagnostics.file_positions import folder_path, joined_path, with_marks
from provisioner.render.json_text import json_text
from provisioner.render.readable import harmless

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}
"""Severities that linters with two levels write, so that reports of several tools compare."""


def as_gitlab(diagnostics: Iterable[Diagnostic], *, prefix: str) -> str:
    """Return one entry for each diagnostic, sorted by place; a valid project has an empty list.

    `prefix` is the path of the project from the repository's root, put before each file. A
    diagnostic without a place is shown at the folder of the project, because GitLab requires one.
    """
    entries = [
        {
            "description": _description(diagnostic),
            "check_name": diagnostic.code,
            "fingerprint": mark,
            "severity": _SEVERITIES[diagnostic.severity],
            "location": {
                "path": harmless(
                    joined_path(prefix, diagnostic.span.file)
                    if diagnostic.span
                    else folder_path(prefix)
                ),
                "lines": {"begin": diagnostic.span.line if diagnostic.span else 1},
            },
        }
        for diagnostic, mark in with_marks(diagnostics, prefix)
    ]
    return json_text(entries, sort_keys=False)


def _description(diagnostic: Diagnostic) -> str:
    return harmless(diagnostic.summary) + (
        f"\nhint: {harmless(diagnostic.hint)}" if diagnostic.hint else ""
    )
