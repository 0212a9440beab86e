"""Diagnostics as SARIF 2.1.0, which code scanning reads.

Source of the format: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from provisioner import __version__
from provisioner.codes import CODES
from provisioner.diagnostics import Diagnostic, Span, in_order
from provisioner.render.diagnostics.file_positions import (
    SourceLines,
    Sources,
    folder_path,
    joined_path,
    with_marks,
)
from provisioner.render.json_text import json_text
from provisioner.render.readable import harmless

_ROOT = "%SRCROOT%"
"""A variable that readers replace by the root of the repository."""


HOME = "https://pypi.org/project/liveagent-provisioner/"
"""The page of the distribution, which has each version and its documentation."""


def as_sarif(
    diagnostics: Iterable[Diagnostic], *, prefix: str, sources: Sources, docs_url: str = ""
) -> str:
    """Return diagnostics as one run, sorted by place; the run of a valid project has no results.

    Args:
        diagnostics: what to report.
        prefix: the path of the project from the repository's root, put before each file.
        sources: returns the text of a file.
        docs_url: where the team has published `make site`; without it, links lead to `HOME`.
    """
    ordered = in_order(diagnostics)
    reported = {diagnostic.code for diagnostic in ordered}
    codes = [code for code in CODES if code in reported]
    run = {
        "tool": {
            "driver": {
                "name": "provisioner",
                "informationUri": docs_url or HOME,
                "semanticVersion": __version__,
                "rules": [_rule(code, docs_url) for code in codes],
            }
        },
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the repository, or of where it ran."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [*_results(ordered, codes, prefix, SourceLines(sources))],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json_text(log, sort_keys=False)


def _rule(code: str, docs_url: str) -> dict[str, Any]:
    why = CODES[code]
    page = f"{docs_url.rstrip('/')}/diagnostics.html" if docs_url else f"{HOME}{__version__}/"
    return {
        "id": code,
        "shortDescription": {"text": code.replace("-", " ")},
        "fullDescription": {"text": why},
        "helpUri": f"{page}#{code}",
        "help": {
            "text": f"{why} An example and what to do: docs/diagnostics.md#{code}",
            "markdown": f"{why}\n\nAn example and what to do: `docs/diagnostics.md#{code}`",
        },
    }


def _results(
    diagnostics: Iterable[Diagnostic], codes: list[str], prefix: str, lines: SourceLines
) -> Iterator[dict[str, Any]]:
    for diagnostic, mark in with_marks(diagnostics, prefix):
        yield {
            "ruleId": diagnostic.code,
            "ruleIndex": codes.index(diagnostic.code),
            "level": diagnostic.severity.value,
            "message": {"text": _message(diagnostic)},
            "locations": [_location(diagnostic.span, prefix, lines)],
            "relatedLocations": [
                {
                    "id": number,
                    **_location(span, prefix, lines),
                    "message": {"text": _plain(role)},
                }
                for number, (role, span) in enumerate(diagnostic.related)
            ],
            "partialFingerprints": {"findingHash/v1": mark},
        }


def _location(span: Span | None, prefix: str, lines: SourceLines) -> dict[str, Any]:
    """Return a location; that of a diagnostic without a place is the folder of the project."""
    path = joined_path(prefix, span.file) if span else f"{folder_path(prefix)}/"
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(path.encode(errors="replace")), "uriBaseId": _ROOT}
    }
    if span:
        place["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.line,
            "endColumn": lines.end_column(span),
        }
    return {"physicalLocation": place}


def _message(diagnostic: Diagnostic) -> str:
    return _plain(diagnostic.summary) + (
        f"\nhint: {_plain(diagnostic.hint)}" if diagnostic.hint else ""
    )


def _plain(text: str) -> str:
    """Return text in which readers find no link: SARIF interprets [words](target) as one."""
    return harmless(text).replace("](", "\\](")
