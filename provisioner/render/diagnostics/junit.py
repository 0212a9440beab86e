"""Diagnostics as JUnit XML, which GitLab, Jenkins and others show as test results.

Each file of the project is a test case. So readers can distinguish new failures from old ones, and
a valid project is a list of passed tests: Jenkins treats a report without tests as an error.
GitLab shows the text of a failure and not its attribute `message`, so the text has all details.
"""

import re
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from provisioner.diagnostics import Diagnostic, Severity, has_errors, in_order
from provisioner.render.diagnostics.file_positions import joined_path
from provisioner.render.readable import harmless

_CLASS = "provisioner.validate"

_PROJECT = "(project)"
"""The test case for diagnostics that concern no single file."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not permit, not even escaped."""


def as_junit(diagnostics: Iterable[Diagnostic], *, prefix: str, files: Iterable[str]) -> str:
    """Return one test case for each file; those with an error have failed.

    `prefix` is the path of the project from the repository's root, put before each file.
    """
    cases: dict[str, list[Diagnostic]] = {"": [], **{file: [] for file in sorted(files)}}
    for diagnostic in in_order(diagnostics):
        cases.setdefault(diagnostic.span.file if diagnostic.span else "", []).append(diagnostic)
    failed = sum(has_errors(case) for case in cases.values())
    counts = {"tests": str(len(cases)), "failures": str(failed), "errors": "0"}
    root = ET.Element("testsuites", {"name": "provisioner", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _CLASS, **counts, "skipped": "0"})
    for file, case in sorted(cases.items()):
        _test_case(suite, joined_path(prefix, file) if file else "", case, prefix)
    ET.indent(root)
    # In ASCII, so that the bytes do not depend on the encoding of standard output.
    xml = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _test_case(suite: ET.Element, path: str, case: list[Diagnostic], prefix: str) -> None:
    attributes: Mapping[str, str] = {"classname": _CLASS, "name": _text(path) or _PROJECT}
    if path:
        attributes = {**attributes, "file": _text(path)}
    element = ET.SubElement(suite, "testcase", {**attributes, "time": "0"})
    errors = [diagnostic for diagnostic in case if diagnostic.severity is Severity.ERROR]
    if errors:
        failure = ET.SubElement(
            element, "failure", {"message": _text(errors[0].summary), "type": errors[0].code}
        )
        failure.text = _paragraphs(errors, prefix)
    if warnings := [diagnostic for diagnostic in case if diagnostic not in errors]:
        ET.SubElement(element, "system-out").text = _paragraphs(warnings, prefix)


def _paragraphs(diagnostics: Iterable[Diagnostic], prefix: str) -> str:
    return "\n".join(_paragraph(diagnostic, prefix) for diagnostic in diagnostics)


def _paragraph(diagnostic: Diagnostic, prefix: str) -> str:
    span = diagnostic.span
    place = f"{joined_path(prefix, span.file)}:{span.line}:{span.column}: " if span else ""
    head = f"{_text(place)}{diagnostic.severity.value}: {_text(diagnostic.summary)}"
    return f"{head} [{diagnostic.code}]\n" + (
        f"  hint: {_text(diagnostic.hint)}\n" if diagnostic.hint else ""
    )


def _text(text: str) -> str:
    return _NOT_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", harmless(text))
