"""The section for signatures is plain text, so markup gets a warning with its place."""

import json
from pathlib import Path

import pytest

from provisioner.app.open_project import validate
from provisioner.diagnostics import Severity
from tests.support import write_project


def warnings_of(folder: Path, **files: str) -> list[tuple[str, int]]:
    project = validate(write_project(folder, **files))
    assert all(one.severity is Severity.WARNING for one in project.findings)
    return [
        (one.code, one.span.line) for one in project.findings if one.span and "<" in one.summary
    ]


@pytest.mark.parametrize(
    "text",
    ["<b>Mia</b>", "Mia<br>Support", "Mia<BR/>", "<a href='x'>Mia</a>", "<!-- Mia", "</p>",
     "<img src=cid:logo>", "<div\nclass=x>"],
)  # fmt: skip
def test_markup_is_found(text: str, tmp_path: Path) -> None:
    agent = f"agents:\n- email: mia@acme.example\n  name: Mia\n  signature: {json.dumps(text)}\n"
    assert warnings_of(tmp_path, a=agent) == [("signature-markup", 4)]


@pytest.mark.parametrize(
    "text",
    ["Mia <mia@acme.example>", "<https://acme.example/x>", "<Mia Chen>", "I <3 you", "a < b > c",
     "{$agentSignature}", "Q&A, R & D", "x <- y", "<body-builders>"],
)  # fmt: skip
def test_other_signs_are_no_markup(text: str, tmp_path: Path) -> None:
    agent = f"agents:\n- email: mia@acme.example\n  name: Mia\n  signature: {json.dumps(text)}\n"
    assert warnings_of(tmp_path, a=agent) == []


def test_files_profiles_and_departments_are_looked_at_once(tmp_path: Path) -> None:
    (tmp_path / "sig.txt").write_text("<i>Mia</i>", encoding="utf-8")
    team = """\
        departments: [{name: Support}]
        profiles:
        - name: tier1
          signature: {file: sig.txt}
        agents:
        - {email: mia@acme.example, name: Mia, extends: [tier1]}
        - {email: bob@acme.example, name: Bob, extends: [tier1]}
        - email: zoe@acme.example
          name: Zoe
          departments:
            Support:
              signature: "<b>Zoe</b>"
        - {email: gone@acme.example, state: absent}
    """
    assert warnings_of(tmp_path, a=team) == [("signature-markup", 4), ("signature-markup", 12)]
