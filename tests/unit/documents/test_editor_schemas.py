"""The schemas for editors: laws of every schema, the names of a project, and the bundle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provisioner.documents import load_project
from provisioner.documents.schema.editor_schemas import (
    BUNDLE,
    project_names,
    published_schemas,
)
from provisioner.documents.schema.json_schema import schemas
from tests.support import write_project

TEAM = """
    departments: [{name: support}, {name: Sales}, {name: Old, state: absent}, {nmae: Broken}]
    roles: [{name: Team lead, permissions: {manage_agents: grant}}]
    profiles: [{name: tier1, level: Expert, sounds: {new_chat: bells, new_ticket: null}}]
    agents:
      - {email: mia@acme.example, hours: [{days: [mon], from: "09:00", to: "10:00", timezone: UTC}]}
      - {email: gone@acme.example, state: absent}
      - {email: wrong}
"""
NAMES = {
    "agents": ["mia@acme.example"],
    "alerts": ["new_chat", "new_ticket"],
    "departments": ["Sales", "support"],
    "levels": ["Expert"],
    "permissions": ["manage_agents"],
    "profiles": ["tier1"],
    "roles": ["Team lead"],
    "sounds": ["bells"],
    "targets": ["production"],
    "timezones": ["UTC"],
}
TARGETS = """
    targets: {production: {url: "https://acme.ladesk.com", api_key: {env: KEY}}}
"""


def names_of(folder: Path) -> dict[str, list[str]]:
    project = load_project(folder)
    return project_names(project.config, project.documents)


def test_names_come_from_all_files_but_not_from_absent_or_invalid_entries(tmp_path: Path) -> None:
    assert names_of(write_project(tmp_path, provisioner=TARGETS, team=TEAM)) == NAMES


def test_an_unreadable_file_hides_only_its_own_names(tmp_path: Path) -> None:
    write_project(tmp_path, team=TEAM, other="departments: [{name: VIP}", shape="agents: 5")
    assert names_of(tmp_path) == {kind: names for kind, names in NAMES.items() if kind != "targets"}


def test_a_schema_with_names_has_no_sample_names() -> None:
    agent = published_schemas(NAMES)["agent"]["properties"]
    assert agent["role"]["examples"] == ["agent", "admin", "owner", "Team lead"]
    assert [*agent["departments"]["properties"]] == ["Sales", "support"]
    assert "examples" not in agent["email"]
    assert agent["email"]["markdownDescription"].endswith(" Such as `mia.chen@acme.example`.")
    assert published_schemas({})["agent"]["properties"]["extends"]["items"]["examples"] == []


def test_without_a_project_the_schemas_are_the_packaged_ones() -> None:
    every = published_schemas()
    bundle = every.pop(BUNDLE)
    assert every == schemas()
    assert {*bundle["$defs"]} == {*schemas()}


@pytest.mark.parametrize("names", [None, NAMES])
def test_each_schema_is_valid_and_has_an_identity(names: dict[str, list[str]] | None) -> None:
    for name, schema in published_schemas(names).items():
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"https://provisioner.example/schemas/{name}.schema.json"


DOCUMENTS: list[Any] = [
    {},
    {"agents": [{"email": "mia@acme.example", "role": "Other", "departments": {"VIP": {}}}]},
    {"agents": [{"email": "mia"}]},
    {"agents": [{"email": "mia@acme.example", "departments": {"Sales": {"ticket": True}}}]},
    {"roles": [{"name": "a", "permissions": {"other": "grant"}}], "profiles": [{"name": "b"}]},
    {"departments": [{"nmae": "Support"}]},
    {"targets": {}},
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_bundle_accepts_what_the_files_of_a_project_may_have(document: Any) -> None:
    from provisioner.documents.schema.json_schema import _quick_validator  # noqa: PLC0415

    for names in (None, NAMES):
        bundle = Draft202012Validator(published_schemas(names)[BUNDLE])
        assert bundle.is_valid(document) == _quick_validator("file").is_valid(document)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield each part of a schema that describes a value."""
    if isinstance(schema, dict):
        if "title" in schema or "pattern" in schema:
            yield schema
        for key, child in schema.items():
            if key not in {"examples", "x-examples", "defaultSnippets"}:
                yield from parts(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from parts(child)


@pytest.mark.parametrize("names", [None, NAMES])
def test_no_part_makes_an_editor_insert_a_value(names: dict[str, list[str]] | None) -> None:
    for part in parts(published_schemas(names)):
        assert "default" not in part
        examples = part.get("examples", [])
        assert not any(isinstance(example, dict | list) for example in examples)
        # Earlier language servers, such as 1.19, count no constant that is false.
        proposals = len(part.get("enum", ())) + bool(part.get("const")) + len(examples)
        assert proposals != 1, part
        # Without any proposal, the language server inserts a 0.
        assert proposals or "integer" not in part.get("type", ()), part


def test_each_pattern_has_words_for_what_does_not_match() -> None:
    for part in parts(schemas()):
        if "pattern" in part:
            assert part.keys() & {"errorMessage", "patternErrorMessage"}, part
