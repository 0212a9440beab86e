"""Findings as JUnit XML, which GitLab, Jenkins and others show as test results.

Each file of the project is a test case, so that a finding that was there before is told from a new
one, and a valid project is a list of passed tests: Jenkins takes a report without any for a fault.
GitLab shows the text of a failure and not its attribute `message`, so the text says everything.
"""

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from provisioner.diagnostics import Diagnostic, Severity, has_errors, in_order
from provisioner.render.diagnostics.places import joined
from provisioner.render.readable import harmless

_CLASS = "provisioner.validate"

_PROJECT = "(project)"
"""The test case for what concerns no single file."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, not even escaped."""


def as_junit(findings: Iterable[Diagnostic], *, prefix: str, files: Iterable[str]) -> str:
    """Return one test case for each file; those with an error have failed.

    Args:
        findings: what was found.
        prefix: the path of the project from the repository's root, put before each file.
        files: the names of the project's files.
    """
    cases: dict[str, list[Diagnostic]] = {"": [], **{file: [] for file in sorted(files)}}
    for finding in in_order(findings):
        cases.setdefault(finding.span.file if finding.span else "", []).append(finding)
    failed = sum(has_errors(case) for case in cases.values())
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": "0"}
    root = ET.Element("testsuites", {"name": "provisioner", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _CLASS, **counts, "skipped": "0"})
    for file, case in sorted(cases.items()):
        _test_case(suite, joined(prefix, file) if file else "", case, prefix)
    ET.indent(root)
    # In ASCII, so that it is the same file whatever the encoding of standard output is.
    xml = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _test_case(suite: ET.Element, path: str, case: list[Diagnostic], prefix: str) -> None:
    attributes: Mapping[str, str] = {"classname": _CLASS, "name": _text(path) or _PROJECT}
    if path:
        attributes = {**attributes, "file": _text(path)}
    element = ET.SubElement(suite, "testcase", {**attributes, "time": "0"})
    errors = [finding for finding in case if finding.severity is Severity.ERROR]
    if errors:
        failure = ET.SubElement(
            element, "failure", {"message": _text(errors[0].summary), "type": errors[0].code}
        )
        failure.text = _all(errors, prefix)
    if warnings := [finding for finding in case if finding not in errors]:
        ET.SubElement(element, "system-out").text = _all(warnings, prefix)


def _all(findings: Iterable[Diagnostic], prefix: str) -> str:
    return "\n".join(_said(finding, prefix) for finding in findings)


def _said(finding: Diagnostic, prefix: str) -> str:
    span = finding.span
    place = f"{joined(prefix, span.file)}:{span.line}:{span.column}: " if span else ""
    said = f"{_text(place)}{finding.severity.value}: {_text(finding.summary)} [{finding.code}]\n"
    return said + (f"  hint: {_text(finding.hint)}\n" if finding.hint else "")


def _text(text: str) -> str:
    return _NOT_XML.sub(lambda found: f"\\u{ord(found.group()):04x}", harmless(text))
