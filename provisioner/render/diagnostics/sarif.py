"""Findings as SARIF 2.1.0, which code scanning reads.

Source of the format: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from provisioner import __version__
from provisioner.codes import CODES
from provisioner.diagnostics import Diagnostic, Span, in_order
from provisioner.render.diagnostics.places import Sources, end_column, joined
from provisioner.render.readable import harmless

_ROOT = "%SRCROOT%"
"""What readers replace by the root of the repository."""


def as_sarif(findings: Iterable[Diagnostic], *, prefix: str, sources: Sources) -> str:
    """Return findings as one run, sorted by place; without findings it is a run without results.

    Args:
        findings: what was found.
        prefix: the path of the project from the repository's root, put before each file.
        sources: gives the text of a file.
    """
    ordered = in_order(findings)
    found = {finding.code for finding in ordered}
    codes = [code for code in CODES if code in found]
    run = {
        "tool": {
            "driver": {
                "name": "provisioner",
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the repository, or of where it ran."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [*_results(ordered, codes, prefix, sources)],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    why = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": code.replace("-", " ")},
        "fullDescription": {"text": why},
        "help": {
            "text": f"{why} An example and what to do: docs/diagnostics.md#{code}",
            "markdown": f"{why}\n\nAn example and what to do: `docs/diagnostics.md#{code}`",
        },
    }


def _results(
    findings: Iterable[Diagnostic], codes: list[str], prefix: str, sources: Sources
) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        mark = _mark(finding, prefix)
        seen[mark] += 1
        yield {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": finding.severity.value,
            "message": {"text": _message(finding)},
            "locations": [_location(finding.span, prefix, sources)],
            "relatedLocations": [
                {
                    "id": number,
                    **_location(span, prefix, sources),
                    "message": {"text": _plain(role)},
                }
                for number, (role, span) in enumerate(finding.related)
            ],
            "partialFingerprints": {"findingHash/v1": f"{mark}:{seen[mark]}"},
        }


def _mark(finding: Diagnostic, prefix: str) -> str:
    """Return what stays the same where lines are added above: no line is part of it."""
    file = joined(prefix, finding.span.file) if finding.span else ""
    return hashlib.sha256(f"{finding.code}\n{file}\n{finding.summary}".encode()).hexdigest()


def _location(span: Span | None, prefix: str, sources: Sources) -> dict[str, Any]:
    """Return a place; a finding without one is about the project's folder as a whole."""
    path = joined(prefix, span.file) if span else f"{prefix.strip('/') or '.'}/"
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(path.encode(errors="replace")), "uriBaseId": _ROOT}
    }
    if span:
        place["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.line,
            "endColumn": end_column(span, sources),
        }
    return {"physicalLocation": place}


def _message(finding: Diagnostic) -> str:
    return _plain(finding.summary) + (f"\nhint: {_plain(finding.hint)}" if finding.hint else "")


def _plain(text: str) -> str:
    """Return text in which readers find no link: SARIF reads [words](target) as one."""
    return harmless(text).replace("](", "\\](")
