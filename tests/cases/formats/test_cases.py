"""Findings in the formats of pipelines, with the worst names that a project can hold.

Run with --update-golden, and read what came out as the platform's viewer would.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from click.testing import CliRunner, Result

from provisioner import __version__
from provisioner.cli.main import main
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.render.diagnostics.github import as_github
from provisioner.render.diagnostics.junit import as_junit
from provisioner.render.diagnostics.sarif import HOME, as_sarif

HERE = Path(__file__).parent
FORMATS = {
    "json": "json",
    "github": "txt",
    "gitlab": "gitlab.json",
    "sarif": "sarif",
    "junit": "xml",
}
SCHEMA = json.loads((HERE / "sarif-2.1.0-rtm.5.schema.json").read_text("utf-8"))

# docs.gitlab.com, "Code Quality report format"; paths are relative, and don't start with "./".
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

NAMES = [
    "a | b `code` **bold** <script>alert(1)</script> &amp; ]]> --> \"quoted\" 'too'",
    "@everyone @channel #1 [link](https://evil.example)",
    "\x1b[31mred\x1b[0m \x07 \u202egnp \u2066isolated\u2069 \u200bzero\ufeff \ufffe \U0010ffff",
    "50%, 100%25: ::error file=x::y\n::stop-commands::z\r\n##[error]w",
    "x" * 10_000,
    "佐藤 Größe 👩‍💻",
]


def quoted(name: str) -> str:
    """Return a name as YAML has it, with everything but plain characters spelt out."""
    plain = (
        char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}" for char in name
    )
    return f'"{"".join(plain)}"'


AGENTS = "".join(
    f"  - email: n{number}@acme.example\n    name: N\n    role: {quoted(name)}\n"
    # YAML has no keys of 10,000 characters.
    + (f"    departments: {{{quoted(name)}: {{}}}}\n" if len(name) < 500 else "")
    for number, name in enumerate(NAMES)
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a git repository that holds two projects in folders of their own."""
    (tmp_path / ".git").mkdir()
    broken = tmp_path / "help desk" / "team"
    broken.mkdir(parents=True)
    (broken / "agents.yaml").write_text(
        f"agents:\n{AGENTS}  - {{email: x@acme.example, to_solve_only: maybe}}\n", "utf-8"
    )
    (broken / "b,c%25;d'.yaml").write_text("roles:\n  - name: Lead\n    colour: red\n", "utf-8")
    (broken / "provisioner.yaml").write_text("default_target: sesame\n", "utf-8")
    (broken / "fine.yaml").write_text("departments: [{name: Support}]\n", "utf-8")
    (broken / "targets/nowhere").mkdir(parents=True)
    (broken / "targets/nowhere/a.yaml").write_text("departments: [{name: Support}]\n", "utf-8")
    good = tmp_path / "good"
    good.mkdir()
    (good / "team.yaml").write_text("departments: [{name: Support}]\n", "utf-8")
    return tmp_path


def run(path: Path | str, format_: str) -> Result:
    return CliRunner().invoke(main, ["validate", str(path), "--format", format_])


def masked(text: str) -> str:
    """Return a report without the version of the release, and with its longest name shortened."""
    text = text.replace(f'"semanticVersion": "{__version__}"', '"semanticVersion": "…"')
    text = text.replace(f"{HOME}{__version__}/", f"{HOME}…/")
    return text.replace("x" * 10_000, "(x, 10,000 times)")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("case", "folder"), [("hostile", "help desk/team"), ("valid", "good")])
def test_a_report_is_as_reviewed(
    repository: Path, case: str, folder: str, format_: str, *, update_golden: bool
) -> None:
    result = run(repository / folder, format_)
    assert result.exit_code == (1 if case == "hostile" else 0), result.output
    file = HERE / case / f"expected.{FORMATS[format_]}"
    if update_golden:
        file.write_text(masked(result.stdout), "utf-8")
    assert masked(result.stdout) == file.read_text("utf-8")
    assert result.stderr == ""


@pytest.mark.parametrize("format_", FORMATS)
def test_files_are_named_from_the_repository_wherever_it_runs(
    repository: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = set()
    for here, path in (
        (repository, "help desk/team"),
        (repository / "help desk/team", "."),
        (repository / "good", "../help desk/team/"),
        (Path("/"), str(repository / "help desk" / "team")),
    ):
        monkeypatch.chdir(here)
        texts.add(run(path, format_).stdout)
    assert len(texts) == 1


@pytest.mark.parametrize("format_", FORMATS)
def test_without_a_repository_files_are_named_from_here(
    repository: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".git").rmdir()
    monkeypatch.chdir(repository / "help desk")
    report = run("team", format_).stdout
    assert "team/agents.yaml" in report
    assert "help" not in re.sub('"help(Uri)?": ', "", report)
    monkeypatch.chdir(repository / "good")
    assert re.search(
        r"\.\./help( |%20)desk/team/agents.yaml", run("../help desk/team", format_).stdout
    )


@pytest.mark.parametrize("path", ["help desk/team", "good", "missing"])
def test_sarif_fits_its_published_schema(repository: Path, path: str) -> None:
    log = json.loads(run(repository / path, "sarif").stdout)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    [result_run] = log["runs"]
    rules = result_run["tool"]["driver"]["rules"]
    assert [rules[found["ruleIndex"]]["id"] for found in result_run["results"]] == [
        found["ruleId"] for found in result_run["results"]
    ]
    assert all(found["locations"] for found in result_run["results"])


def test_links_of_sarif_lead_to_the_package_or_to_the_site_of_a_team(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def links() -> tuple[str, set[str]]:
        log = json.loads(run(repository / "help desk/team", "sarif").stdout)
        driver = log["runs"][0]["tool"]["driver"]
        return driver["informationUri"], {
            rule["helpUri"].removesuffix(f"#{rule['id']}") for rule in driver["rules"]
        }

    assert f"\nurl = {HOME}\n" in (Path(__file__).parents[3] / "setup.cfg").read_text("utf-8")
    assert links() == (HOME, {f"{HOME}{__version__}/"})
    for url in ("https://docs.acme.example/p", "https://docs.acme.example/p/"):
        monkeypatch.setenv("PROVISIONER_DOCS_URL", url)
        assert links() == (url, {"https://docs.acme.example/p/diagnostics.html"})
    for wrong in ("docs.acme.example", "https://a b", "javascript:x", "https://a#b"):
        monkeypatch.setenv("PROVISIONER_DOCS_URL", wrong)
        refused = run(repository / "good", "sarif")
        assert (refused.exit_code, refused.stdout) == (64, "")
        assert "PROVISIONER_DOCS_URL is no address" in refused.stderr


def regions(repository: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the file and place of each finding that SARIF has a place for."""
    [sarif] = json.loads(run(repository / "help desk/team", "sarif").stdout)["runs"]
    for found in sarif["results"]:
        place = found["locations"][0]["physicalLocation"]
        if "region" in place:
            yield place["artifactLocation"]["uri"], place["region"]


def test_a_place_covers_the_value_in_question(repository: Path) -> None:
    lines = (repository / "help desk/team/agents.yaml").read_text("utf-8").split("\n")
    covered = [
        lines[place["startLine"] - 1][place["startColumn"] - 1 : place["endColumn"] - 1]
        for file, place in regions(repository)
        if file.endswith("agents.yaml")
    ]
    for name in NAMES:
        if len(name) < 500:
            assert quoted(name) in covered


def marks(repository: Path, format_: str) -> list[str]:
    report = json.loads(run(repository / "help desk/team", format_).stdout)
    if format_ == "gitlab":
        return [found["fingerprint"] for found in report]
    return [
        found["partialFingerprints"]["findingHash/v1"] for found in report["runs"][0]["results"]
    ]


@pytest.mark.parametrize("format_", ["gitlab", "sarif"])
def test_marks_stay_when_lines_move_and_are_never_the_same(repository: Path, format_: str) -> None:
    file = repository / "help desk/team/agents.yaml"
    # The same mistake twice in one file.
    file.write_text(file.read_text("utf-8") + 2 * "  - {email: [], name: N}\n", "utf-8")
    before = marks(repository, format_)
    file.write_text("# a line above\n" + file.read_text("utf-8"), "utf-8")
    assert marks(repository, format_) == before
    assert len({*before}) == len(before)


@pytest.mark.parametrize("path", ["help desk/team", "good", "missing", "."])
def test_gitlab_gets_what_its_report_format_demands(repository: Path, path: str) -> None:
    report = json.loads(run(repository / path, "gitlab").stdout)
    jsonschema.Draft202012Validator(CODE_QUALITY).validate(report)
    assert (report == []) == (path == "good")
    for found in report:
        assert (repository / found["location"]["path"]).exists() or path == "missing"


def test_junit_is_xml_and_counts_files(repository: Path) -> None:
    root = ET.fromstring(run(repository / "help desk/team", "junit").stdout)  # noqa: S314  our own
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert len(cases) == int(root.attrib["tests"])
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert len(failed) == int(root.attrib["failures"])
    assert "help desk/team/fine.yaml" in cases.keys() - {*failed}


def test_a_warning_fails_no_test_and_is_no_error() -> None:
    warning = Diagnostic(
        code="usage", summary="odd", span=Span("a.yaml", 1, 2), severity=Severity.WARNING
    )
    root = ET.fromstring(as_junit([warning], prefix="/", files=["a.yaml"]))  # noqa: S314  our own
    [case] = [case for case in root.iter("testcase") if case.find("system-out") is not None]
    assert (case.attrib["name"], root.attrib["failures"]) == ("/a.yaml", "0")
    command = as_github([warning], prefix=".", sources=lambda _: None)
    assert command == "::warning file=a.yaml,line=1,col=2,endColumn=3,title=usage::odd\n"
    log = json.loads(as_sarif([warning], prefix=".", sources=lambda _: None))
    assert log["runs"][0]["results"][0]["level"] == "warning"


def unescape(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_github_reads_each_line_as_one_command_and_gets_the_file_s_name(repository: Path) -> None:
    files = set()
    for line in run(repository / "help desk/team", "github").stdout.splitlines():
        found = re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line)
        assert found, line
        properties = dict(part.split("=", 1) for part in found[2].split(","))
        files.add(unescape(properties.get("file", "")))
    assert "help desk/team/b,c%25;d'.yaml" in files


@pytest.mark.parametrize("format_", ["github", "gitlab", "sarif", "junit"])
def test_no_report_holds_a_character_that_moves_or_hides_text(
    repository: Path, format_: str
) -> None:
    """JSON may: its values are data, and whoever shows them has to take care."""
    text = run(repository / "help desk/team", format_).stdout
    # An emoji of two people or a job is one: its joiner hides nothing.
    text = text.replace("\U0001f469\u200d\U0001f4bb", "")
    hidden = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}}
    assert hidden <= {"\n"}
