"""The data files of a project in the form that rules get them."""

import re
from pathlib import Path
from typing import Any

from provisioner.address import fold
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.files.data_files import read_data_file
from provisioner.documents.files.project_files import CONFIG_NAME, NOTHING_UNSAVED, Unsaved
from provisioner.model.team_rules import DataFile, TeamRules

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def read_data(
    root: Path, team: TeamRules, unsaved: Unsaved = NOTHING_UNSAVED
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return the content of the files that rules read by name, and the errors of the others."""
    contents, findings = {}, []
    for name, file in team.files.items():
        span = file.span or Span(CONFIG_NAME, 1, 1)
        content = read_data_file(root, file.path, span, unsaved)
        if not isinstance(content, Diagnostic):
            content = rule_data(content, file, span)
        if isinstance(content, Diagnostic):
            findings.append(content)
        else:
            contents[name] = content
    return contents, findings


def rule_data(content: Any, file: DataFile, span: Span) -> Any | Diagnostic:
    """Return the content of a file with emails in one spelling, and its rows by key if it has one.

    Emails are compared in lower case, as those of agents are.
    """
    content = _folded(content)
    if not file.key:
        return content
    if not isinstance(content, list):
        return _unusable(file, "it is not a list, so it has no rows with a key", span)
    rows: dict[str, Any] = {}
    for number, row in enumerate(content, start=1):
        value = row.get(file.key) if isinstance(row, dict) else None
        if not isinstance(value, str) or not value:
            return _unusable(file, f'entry {number} has no text in "{file.key}"', span)
        if value in rows:
            return _unusable(file, f'two entries have "{value}" in "{file.key}"', span)
        rows[value] = row
    return rows


def _folded(value: Any) -> Any:
    match value:
        case dict():
            return {key: _folded(one) for key, one in value.items()}
        case list():
            return [_folded(one) for one in value]
        case str() if _EMAIL.fullmatch(value.strip()):
            return fold(value.strip())
        case _:
            return value


def _unusable(file: DataFile, reason: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="data-unusable",
        summary=f'the data file "{file.path}" can\'t be used: {reason}',
        span=span,
        hint="correct the file, or the key",
    )
