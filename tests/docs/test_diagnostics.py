"""docs/diagnostics.md and the program name the same codes, and its examples are true."""

import re
from pathlib import Path

import pytest

from provisioner.app.open_project import validate
from provisioner.codes import CODES

PAGE = (Path(__file__).parents[2] / "docs/diagnostics.md").read_text("utf-8")
SECTION = re.compile(
    r"^### `(?P<code>[a-z-]+)`\n\n(?P<reason>[^\n]+)\n\n"
    r"```(?P<language>yaml|text)\n(?P<example>.*?)```\n\n(?P<advice>[^\n]+)$",
    re.DOTALL | re.MULTILINE,
)
SECTIONS = {found.group("code"): found for found in SECTION.finditer(PAGE)}
EXAMPLES = [code for code, found in SECTIONS.items() if found.group("language") == "yaml"]


def test_the_page_lists_each_code_once_in_the_program_s_order() -> None:
    assert re.findall(r"^### `(.*)`", PAGE, re.MULTILINE) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_its_reason_an_example_and_advice(code: str) -> None:
    assert SECTIONS[code].group("reason") == CODES[code]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_leads_to_its_finding(code: str, tmp_path: Path) -> None:
    text = SECTIONS[code].group("example")
    named = re.match(r"# (\S+\.yaml)\n", text)
    file = tmp_path / (named.group(1) if named else "agents.yaml")
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    if named:
        (tmp_path / "agents.yaml").write_text("agents: [{email: a@acme.example}]\n", "utf-8")
    assert [finding.code for finding in validate(tmp_path).findings] == [code]
