"""The schemas describe each key for editors and the reference page, and agree with the model."""

import re
from pathlib import Path

import pytest

from provisioner.address import Kind
from provisioner.documents.schema.json_schema import schemas
from provisioner.documents.schema.wording import examples_in
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS
from provisioner.model.kinds import KINDS, PROJECT_KEYS
from provisioner.planning.manual.manual_step import PANEL
from provisioner.render.reference import SURFACES, SchemaKey, fields, reference

ROOT = Path(__file__).parents[2]
OWN = [
    (page, field)
    for page, schema in schemas().items()
    for field in fields(schema)
    if set(field.schema) != {"$ref"}
]
AGENT = {field.path: field.schema for page, field in OWN if page == "agent"}


each_key = pytest.mark.parametrize(
    ("page", "field"), OWN, ids=[f"{page}: {field.path}" for page, field in OWN]
)


def test_the_page_is_current() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == reference(schemas()), "run `make reference`"


def test_every_page_is_in_it() -> None:
    page = reference(schemas())
    assert [
        schema["title"] for schema in schemas().values() if f"## {schema['title']}" in page
    ] == [schema["title"] for schema in schemas().values()]


@each_key
def test_every_key_explains_itself_in_an_editor(page: str, field: SchemaKey) -> None:
    assert page in schemas()
    schema = field.schema
    assert schema["title"][0].isupper()
    assert schema["description"].endswith(".")
    assert examples_in(schema)
    if "null" in schema.get("type", ()) or None in schema.get("enum", ()):
        assert "null" in schema["description"], "describe the meaning of null"


@each_key
def test_every_key_says_how_it_gets_to_an_account_and_since_when(
    page: str, field: SchemaKey
) -> None:
    sent = page not in {"file", "provisioner", "capabilities", "acknowledged", "rule-test", "fleet"}
    assert field.schema.get("x-surface") in (SURFACES if sent else {None}), "correct x-surface"
    assert re.fullmatch(r"\d+\.\d+", field.schema.get("x-since", "")), "add x-since"


def test_the_documented_api_writes_no_settings_of_agents_and_memberships() -> None:
    assert AGENT_SETTINGS == (
        "alias",
        "photo",
        "to_solve_only",
        "notifications",
        "signature",
        "chat",
        "panel",
        "level",
        "sounds",
        "two_factor",
    )
    assert MEMBERSHIP_SETTINGS == ("role", "change_own_status", "signature")


@pytest.mark.parametrize("section", PANEL)
def test_every_manual_step_names_a_place_in_the_panel(section: str) -> None:
    assert PANEL[section].startswith("Configuration > ")


@pytest.mark.parametrize("kind", Kind)
def test_the_keys_are_those_of_the_model(kind: Kind) -> None:
    row = KINDS[kind]
    declared = schemas()[kind.value]["properties"].keys() - PROJECT_KEYS
    assert declared == row.shape.fields.keys() | {row.identity}
