"""What a person sees while writing the files of a project in an editor."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.documents.schema.json_schema import schemas
from tests.editor.language_server import CURSOR, Editor, running_editor
from tests.support import write_project

ODD_NAMES = [
    *("Großkunden & Co", 'It\'s "special"', "yes", "12", "# x", "${1:a}", "a: b", "}", "\\"),
    *("-", "null", "[x]", "*"),
]
PROJECT = {
    "provisioner": """
        targets:
          production: {url: "https://acme.ladesk.com", api_key: {env: KEY}}
    """,
    "team": """
        departments: [{name: Support}, {name: Sales}, {name: Old desk, state: absent}]
        roles: [{name: Team lead, permissions: {manage_agents: grant}}]
        profiles: [{name: tier1, level: Expert, sounds: {new_chat: bells}}]
        agents:
          - email: mia.chen@acme.example
            hours: [{days: [mon], from: "09:00", to: "17:00", timezone: Europe/Prague}]
    """,
}

AGENT = "agents:\n  - email: a@acme.example\n    "
ROLE = "roles:\n  - name: A\n    "


def schema_line(file: str) -> str:
    return f"# yaml-language-server: $schema={file}\n"


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a file in a project with the schemas of that project."""
    folder = write_project(tmp_path_factory.mktemp("team"), **PROJECT)
    result = CliRunner().invoke(main, ["schema", "--project", str(folder)])
    assert result.exit_code == 0, result.output
    return folder / "other.yaml"


FILES = ["file.schema.json", "bundle.schema.json"]
SETTINGS, ACKNOWLEDGED, CAPABILITIES = (
    [f"{name}.schema.json", f"bundle.schema.json#/$defs/{name}"]
    for name in ("provisioner", "acknowledged", "capabilities")
)

NAMES: list[tuple[list[str], str, set[str]]] = [
    (FILES, AGENT + "role: |", {"agent", "admin", "owner", "Team lead", "null"}),
    (FILES, AGENT + "departments:\n      |", {"Support", "Sales"}),
    (FILES, AGENT + "departments: {S|}", {"Support", "Sales"}),
    (FILES, AGENT + "extends: [|]", {"tier1"}),
    (FILES, AGENT + "extends:\n      - |", {"tier1"}),
    (FILES, AGENT + "hours:\n      - departments: [|]", {"Support", "Sales"}),
    (FILES, AGENT + "hours:\n      - timezone: |", {"Europe/Prague"}),
    (FILES, AGENT + "level: |", {"Expert", "null"}),
    (FILES, AGENT + "sounds:\n      |", {"new_chat"}),
    (FILES, AGENT + "sounds:\n      other: |", {"muted", "bells", "null"}),
    (FILES, ROLE + "permissions:\n      |", {"manage_agents"}),
    (
        FILES,
        "profiles:\n  - name: a\n    role: |",
        {"agent", "admin", "owner", "Team lead", "null"},
    ),
    (SETTINGS, "default_target: |", {"sandbox", "production"}),
    (SETTINGS, "protect:\n  agents:\n    - |", {"mia.chen@acme.example"}),
    (ACKNOWLEDGED, "- target: |", {"production"}),
    (ACKNOWLEDGED, "- for: [|]", {"mia.chen@acme.example"}),
    (CAPABILITIES, "targets:\n  |", {"production"}),
    (SETTINGS, "role_ids:\n  |", {"agent", "admin", "owner", "Team lead"}),
]


@pytest.mark.parametrize(
    ("schema", "text", "names"),
    [(schema, text, names) for every, text, names in NAMES for schema in every],
)
def test_names_of_the_project_are_completed(
    schema: str, text: str, names: set[str], editor: Editor, team: Path
) -> None:
    assert {*editor.completions(team, schema_line(f"schemas/{schema}") + text)} == names


@pytest.mark.parametrize("schema", FILES)
def test_other_names_are_no_problem(schema: str, editor: Editor, team: Path) -> None:
    text = (
        AGENT + "role: Night lead\n    extends: [tier9]\n    level: Master\n"
        "    departments: {VIP: {tickets: true}}\n"
    )
    assert editor.problems(team, schema_line(f"schemas/{schema}") + text) == []


@pytest.mark.parametrize("place", ["role: |", "departments:\n      |"])
def test_any_name_is_inserted_as_that_name(place: str, editor: Editor, tmp_path: Path) -> None:
    declared = [{"name": name} for name in ODD_NAMES]
    content = yaml.safe_dump({"departments": declared, "roles": declared})
    (tmp_path / "names.yaml").write_text(content, encoding="utf-8")
    assert CliRunner().invoke(main, ["schema", "--project", str(tmp_path)]).exit_code == 0
    text = schema_line("schemas/file.schema.json") + AGENT + place
    found = editor.completions(tmp_path / "a.yaml", text)
    inserted = {typed(text).split("\n")[0].rstrip() for text in found.values()}
    read = [yaml.safe_load(text) for text in inserted]
    assert {*ODD_NAMES} <= {next(iter(one)) if isinstance(one, dict) else one for one in read}


def typed(snippet: str) -> str:
    """Return what an editor writes for a snippet, without its tab stops."""
    without_stops = re.sub(r"(?<!\\)\$(?:\d|\{\d(?::((?:\\.|[^}])*))?\})", r"\1", snippet)
    return re.sub(r"\\([\\$}])", r"\1", without_stops)


def places(name: str) -> Iterator[str]:
    """Yield a text for each mapping that a file may have, with the cursor in it."""

    def below(part: Mapping[str, Any], root: str, text: str, indent: str) -> Iterator[str]:
        part, root = resolved(part, root)
        if "properties" in part or "propertyNames" in part:
            yield f"{text}{indent}{CURSOR}"
            yield f"{text}{indent}a{CURSOR}"
        for key, value in part.get("properties", {}).items():
            yield from below(value, root, f"{text}{indent}{key}:\n", indent + "  ")
        if isinstance(entry := part.get("additionalProperties"), dict):
            yield from below(entry, root, f"{text}{indent}A:\n", indent + "  ")
        if "items" in part:
            yield f"{text}{indent}- {CURSOR}"
            yield from below(part["items"], root, f"{text}{indent}- zz: 1\n", indent + "  ")

    yield from below(schemas()[name], name, "", "")


def resolved(part: Mapping[str, Any], root: str) -> tuple[Mapping[str, Any], str]:
    """Return a part of a schema with what it refers to, and the name of the schema of that."""
    if "$ref" not in part:
        return part, root
    file, _, pointer = part["$ref"].partition("#")
    root = file.removesuffix(".schema.json") or root
    target: Any = schemas()[root]
    for step in filter(None, pointer.split("/")):
        target = target[step]
    return {**target, **part, "$ref": None}, root


STOP = r"[\"']?\$(?:\d|\{\d\})"
"""A place for the cursor, without a proposed value."""

VALUE = re.compile(rf":[ \t]+(?!{STOP})\S|^[ \t]*-[ \t]+(?!{STOP})[^:\n]+$", re.MULTILINE)
"""A value of a key, or an item of a list without keys."""


NUMBER_OF_KEYS = {"file": 150, "provisioner": 60, "acknowledged": 8, "capabilities": 30}


@pytest.mark.parametrize("name", NUMBER_OF_KEYS)
@pytest.mark.parametrize("where", ["packaged", "project"])
def test_completing_a_key_inserts_no_value(
    where: str, name: str, editor: Editor, team: Path, packaged: Path
) -> None:
    line = schema_line(f"{packaged if where == 'packaged' else 'schemas'}/{name}.schema.json")
    inserted = {
        (text, label): new
        for text in places(name)
        for label, new in editor.completions(team, line + text).items()
    }
    # A list of words, such as days, is completed by its words.
    keys = {at: new for at, new in inserted.items() if ":" in new}
    assert {at: new for at, new in keys.items() if VALUE.search(new)} == {}
    assert len(keys) > NUMBER_OF_KEYS[name]


PROBLEMS = [
    ("email: mia", "write an address such as mia.chen@acme.example"),
    ("email: 5", "write an address such as mia.chen@acme.example"),
    ("email:", "write an address such as mia.chen@acme.example"),
    ("name: ' Mia'", "write one line of text without blanks at its ends"),
    ("role: ' '", "write some text"),
    ("departments: {' ': {}}", "write some text"),
    ("hours: [{days: [mon], from: 9:00, to: '17:00'}]", "a time from 00:00 to 23:59"),
    ("nmae: Mia", "Property nmae is not allowed."),
]


@pytest.mark.parametrize("schema", FILES)
@pytest.mark.parametrize(("line", "message"), PROBLEMS)
def test_a_wrong_value_shows_words_and_no_pattern(
    line: str, message: str, schema: str, editor: Editor, team: Path
) -> None:
    first = "" if line.startswith("email") else "email: a@acme.example, "
    text = f"agents:\n  - {{{first}{line}}}\n"
    assert editor.problems(team, schema_line(f"schemas/{schema}") + text) == [message]


def test_a_key_in_a_file_shows_where_the_key_comes_from_and_never_itself(
    editor: Editor, team: Path
) -> None:
    text = "targets: {p: {url: 'https://acme.ladesk.com', api_key: secret}}"
    [problem] = editor.problems(team, schema_line("schemas/provisioner.schema.json") + text)
    assert problem.startswith("name the source of the key, never the key itself")


@pytest.mark.parametrize("schema", FILES)
def test_a_key_is_explained_with_an_example(schema: str, editor: Editor, team: Path) -> None:
    line = schema_line(f"schemas/{schema}")
    shown = editor.help(team, line + "agents:\n  - em|ail: a@acme.example")
    assert "login and identity" in shown
    assert "Such as `mia.chen@acme.example`." in shown
    # A proposed sample would be taken by whoever types its first letter and the key Enter.
    assert editor.completions(team, line + "agents:\n  - email: m|") == {}


SNIPPETS: dict[str, dict[str, Any]] = {
    "agents": {
        "new agent": {"email": "x", "name": "x"},
        "agent who leaves": {"email": "x", "state": "x"},
    },
    "roles": {"new role": {"name": "x", "permissions": {"x": "x"}}},
    "departments": {"new department": {"name": None}},
    "profiles": {"new profile": {"name": None}},
}
"""The entry of each snippet, with x for the places of the cursor if there are several."""


@pytest.mark.parametrize("section", SNIPPETS)
def test_snippets_write_the_keys_of_an_entry(section: str, editor: Editor, team: Path) -> None:
    line = schema_line("schemas/bundle.schema.json")
    found = editor.completions(team, f"{line}{section}:\n  - |")
    entries = {
        label: yaml.safe_load(re.sub(r"\$\d", "x", f"  {found[label]}"))
        for label in SNIPPETS[section]
    }
    assert entries == SNIPPETS[section]


@pytest.mark.parametrize(
    ("schema", "text", "label", "inserted"),
    [
        (
            "bundle.schema.json",
            AGENT + "hours:\n      - |",
            "new shift",
            'days:\n    - $1\n  from: "$2"\n  to: "$3"',
        ),
        (
            "provisioner.schema.json",
            "targets:\n  production:\n    |",
            "new target",
            "url: $1\napi_key:\n  env: $2",
        ),
    ],
)
def test_snippets_write_the_keys_of_a_part(
    schema: str, text: str, label: str, inserted: str, editor: Editor, team: Path
) -> None:
    assert editor.completions(team, schema_line(f"schemas/{schema}") + text)[label] == inserted


@pytest.fixture(scope="session")
def configured(team: Path) -> Iterator[Editor]:
    """Return an editor with the settings of docs/editors.md, which needs no lines in the files."""
    page = (Path(__file__).parents[2] / "docs/editors.md").read_text(encoding="utf-8")
    [settings] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    patterns = json.loads(settings)["yaml.schemas"]
    with running_editor(team.parent, schemas=patterns) as running:
        while not running.problems(team.parent / "first.yaml", "zz: 1\n"):
            pass  # the server has not read the settings yet
        yield running


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("provisioner.yaml", "default_target"),
        ("acknowledged.yaml", "acknowledged"),
        ("capabilities.yaml", "targets"),
        ("team.yaml", "departments"),
        ("sub/folder/team.yaml", "departments"),
    ],
)
def test_the_settings_give_each_file_its_schema(
    file: str, key: str, configured: Editor, team: Path
) -> None:
    found = configured.completions(team.parent / file, "|")
    others = {"default_target", "acknowledged", "departments"} - {key}
    others -= {"acknowledged"} if file == "provisioner.yaml" else set()
    assert key in found
    assert others.isdisjoint(found)
