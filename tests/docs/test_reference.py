"""The schemas say enough for an editor and for the reference page, and agree with the model."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.address import Kind
from provisioner.documents.schema import schemas
from provisioner.model.kinds import (
    KINDS,
    MEMBERSHIP_FIELDS,
    PROFILE_FIELDS,
    Collection,
    Group,
    Scalar,
    Shape,
)
from provisioner.model.layers import NOT_FIELDS
from provisioner.planning.manual import PANEL, Section
from provisioner.render.reference import SURFACES, Field, fields, reference

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
def test_every_key_explains_itself_in_an_editor(page: str, field: Field) -> None:
    assert page in schemas()
    schema = field.schema
    assert schema["title"][0].isupper()
    assert schema["description"].endswith(".")
    assert schema["examples"]
    if "null" in schema.get("type", ()) or None in schema.get("enum", ()):
        assert "null" in schema["description"], "say what null means"


@each_key
def test_every_key_says_how_it_gets_to_an_account_and_since_when(page: str, field: Field) -> None:
    sent = page not in {"file", "provisioner"}
    assert field.schema.get("x-surface") in (SURFACES if sent else {None}), "correct x-surface"
    assert re.fullmatch(r"\d+\.\d+", field.schema.get("x-since", "")), "add x-since"


def test_what_the_documented_api_can_t_write_is_what_the_model_says() -> None:
    by_hand = {path for path, schema in AGENT.items() if schema["x-surface"] in {"full", "v3-read"}}
    assert {path for path in by_hand if "." not in path} == PROFILE_FIELDS | {"departments"}
    start = "departments.NAME."
    entries = {path.removeprefix(start) for path in by_hand if path.startswith(start)}
    assert {path for path in entries if "." not in path} == MEMBERSHIP_FIELDS


def test_the_panel_is_that_of_the_manual_steps() -> None:
    said = {path: schema.get("x-panel") for path, schema in AGENT.items()}
    wanted = {name: PANEL[Section(name)] for name in PROFILE_FIELDS | {"role"}}
    wanted["departments"] = PANEL[Section.MEMBERSHIP]
    wanted |= {
        f"departments.NAME.{name}": PANEL[Section.MEMBERSHIP_SETTINGS] for name in MEMBERSHIP_FIELDS
    }
    assert {path: said[path] for path in wanted} == {
        path: panel.format(name="NAME") for path, panel in wanted.items()
    }
    assert schemas()["role"]["properties"]["name"]["x-panel"] == PANEL[Section.ROLE_DEFINITION]
    assert schemas()["department"]["properties"]["name"]["x-panel"] == PANEL[Section.DEPARTMENT]


def scalars(shape: Shape, path: str = "") -> Iterator[tuple[str, Scalar]]:
    match shape:
        case Scalar():
            yield path, shape
        case Group():
            for name, part in shape.fields.items():
                yield from scalars(part, f"{path}.{name}".lstrip("."))
        case Collection():
            yield from scalars(shape.entry, f"{path}.NAME")


@pytest.mark.parametrize("kind", Kind)
def test_the_keys_are_those_of_the_model(kind: Kind) -> None:
    row = KINDS[kind]
    declared = schemas()[kind.value]["properties"].keys() - NOT_FIELDS
    assert declared == row.shape.fields.keys() | {row.identity}


def test_the_defaults_are_those_of_the_model() -> None:
    model = dict(scalars(KINDS[Kind.AGENT].shape))
    said = {path: schema["default"] for path, schema in AGENT.items() if "default" in schema}
    assert said == {path: model[path].default for path in said}
