"""`include:` and `exclude:`: which files of a folder are read, and what of the others is named."""

from pathlib import Path

import pytest

from provisioner.app.open_project import validate
from provisioner.diagnostics import Diagnostic
from provisioner.documents import file_names
from provisioner.documents.files.file_selection import FileSelection

AGENTS = "agents: [{email: mia@acme.example}]\n"
COMPOSE = "version: '3'\nservices:\n  web: {image: nginx}\n"

PATTERNS = [
    ("mkdocs.yml", ["mkdocs.yml"], ["docs/mkdocs.yml", "mkdocs.yaml"]),
    ("docs", ["docs/a.yaml", "docs/a/b.yaml"], ["a/docs/b.yaml", "docs.yaml"]),
    ("docs/", ["docs/a.yaml"], ["docs.yaml"]),
    ("docs/*", ["docs/a.yaml", "docs/a/b.yaml"], ["docs.yaml"]),
    ("*/values.yaml", ["a/values.yaml"], ["values.yaml", "a/b/values.yaml"]),
    ("**/values.yaml", ["values.yaml", "a/values.yaml", "a/b/values.yaml"], ["a/value.yaml"]),
    ("a/**/b", ["a/b/x.yaml", "a/1/2/b/x.yaml"], ["a/1/x.yaml"]),
    ("**", ["a.yaml", "a/b.yaml"], []),
    ("?.yaml", ["a.yaml"], ["ab.yaml"]),
    ("[a].yaml", ["[a].yaml"], ["a.yaml"]),
]


@pytest.mark.parametrize(("pattern", "matching", "others"), PATTERNS)
def test_patterns(pattern: str, matching: list[str], others: list[str]) -> None:
    names = [*matching, *others]
    assert [one for one in names if FileSelection((pattern,), ()).selects(one)] == matching
    assert [one for one in names if FileSelection((), (pattern,)).selects(one)] == others


def test_an_exclusion_is_stronger_than_an_inclusion() -> None:
    selection = FileSelection(("team/**",), ("team/old",))
    assert selection.selects("team/a.yaml")
    assert not selection.selects("team/old/a.yaml")
    assert not selection.selects("a.yaml")
    assert selection.selects_below("team")
    assert not selection.selects_below("team/old")
    assert not selection.selects_below("other")


def test_a_hostile_pattern_takes_no_time() -> None:
    pattern = "/".join(["**"] * 100) + "/" + "*a" * 30
    assert not FileSelection((pattern,)).selects("/".join(["a" * 40 + "b"] * 100))


def project(folder: Path, settings: str, **others: str) -> Path:
    folder.mkdir(exist_ok=True)
    files = {"provisioner.yaml": settings, "agents.yaml": AGENTS, **others}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def findings(root: Path) -> list[Diagnostic]:
    return list(validate(root).findings)


@pytest.mark.parametrize(
    "settings",
    ["exclude: [docker-compose.yml, mkdocs.yml, charts]", "include: [agents.yaml]"],
)
def test_files_of_other_tools_are_no_errors(settings: str, tmp_path: Path) -> None:
    """Not even where no YAML of ours could read them."""
    root = project(
        tmp_path,
        settings,
        **{
            "docker-compose.yml": COMPOSE,
            "mkdocs.yml": "nav: !!python/name:a.b\n",
            "charts/templates/a.yaml": "{{- if .Values.x }}\n",
            "charts/provisioner.yaml": "version: 1\n",
        },
    )
    assert findings(root) == []
    assert file_names(root) == ["agents.yaml", "provisioner.yaml"]


def test_a_link_out_of_the_project_is_an_error_only_where_it_would_be_read(tmp_path: Path) -> None:
    root = project(tmp_path / "p", "exclude: [vendor, x.yaml]")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.yaml").write_text(AGENTS)
    for name, target in {"vendor": "elsewhere", "x.yaml": "elsewhere/a.yaml"}.items():
        (root / name).symlink_to(tmp_path / target)
    assert findings(root) == []
    (root / "other").symlink_to(tmp_path / "elsewhere")
    assert [one.code for one in findings(root)] == ["link-outside"]


def test_an_excluded_file_that_declares_objects_is_named(tmp_path: Path) -> None:
    root = project(tmp_path, "exclude: [sales]", **{"sales/team.yaml": "# Sales\n" + AGENTS})
    [warning] = findings(root)
    assert (warning.code, warning.severity.value) == ("excluded-objects", "warning")
    assert warning.span is not None
    assert warning.span.file == "sales/team.yaml"


def test_files_with_a_name_of_their_own_are_always_read(tmp_path: Path) -> None:
    root = project(tmp_path, "include: [agents.yaml]\nexclude: ['**/p*']\nguards: {max_delete: 7}")
    assert validate(root).settings.guards.max_delete == 7


@pytest.mark.parametrize(
    "pattern", ["/etc/a.yaml", "../a.yaml", "a/../b.yaml", "./a.yaml", "!a", "a\\\\b", "", "a//b"]
)
def test_a_pattern_that_can_match_nothing_is_an_error(pattern: str, tmp_path: Path) -> None:
    root = project(tmp_path, f'exclude: ["{pattern}"]')
    [error] = findings(root)
    assert error.code in {"invalid-value", "invalid-length"}
    assert error.span is not None
    assert error.span.file == "provisioner.yaml"


@pytest.mark.parametrize(
    "text",
    [COMPOSE, "site_name: Team\nnav: []\n", "agent_pool: x\npipelines: []\n"],
)
def test_the_hint_for_a_file_without_any_known_key(text: str, tmp_path: Path) -> None:
    root = project(tmp_path, "", **{"other.yml": text})
    errors = [one for one in findings(root) if "no key of this file is known" in one.summary]
    assert [one.code for one in errors] == ["unknown-key"]
    assert 'exclude: ["other.yml"]' in errors[0].hint


@pytest.mark.parametrize("text", ["agent: []\n", "targets: {}\nversion: 1\n", AGENTS + "x: 1\n"])
def test_no_such_hint_for_a_file_of_the_project(text: str, tmp_path: Path) -> None:
    root = project(tmp_path, "", **{"agents.yaml": text})
    assert findings(root)
    assert not [one for one in findings(root) if "exclude" in one.hint]
