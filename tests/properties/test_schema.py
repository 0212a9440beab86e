"""The fast validator and the one that finds the words agree about every document."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.documents.schema.json_schema import SchemaName, _quick_validator, _validator
from tests.effort import examples
from tests.properties.strategies import Project, projects

TEXTS = st.text(max_size=3) | st.sampled_from(
    [
        "",
        " ",
        "a@acme.example",
        "a@acme.example\n",
        "a\u00a0@acme.example",
        "@acme.example",
        "\u1680",
        "\u180e",
        "\u2028",
        "\u3000x",
        "\ufeff",
        "x\x1c",
        "x\x85",
        "09:00",
        "24:00",
        "24:01",
        "09:00\n",
        "٠٩:00",
        "2026-11-22",
        "https://acme.ladesk.com",
        "https://acme.ladesk.com\u3000/",
        "U02ABC",
        "x" * 255,
        "\U0001d4b3" * 100,
        "e\u0301" * 60,
        "agent",
        "online",
        "absent",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, 1, -1, 1.0, 1.5, 10**18 - 1, 1e300]) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def ways(value: Any, *way: str | int) -> list[tuple[str | int, ...]]:
    """Return the ways to every value of a document."""
    parts: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    return [way, *(found for step, part in parts for found in ways(part, *way, step))]


def replaced(value: Any, way: tuple[str | int, ...], new: Any) -> Any:
    """Return a document with another value at the end of a way."""
    if not way:
        return new
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[way[0]] = replaced(value[way[0]], way[1:], new)
    return copy


CONFIG: dict[str, Any] = {
    "version": 1,
    "targets": {
        "production": {"url": "https://acme.ladesk.com", "api_key": {"env": "KEY"}},
    },
    "manage": {"agents": {"undeclared": "report"}},
    "protect": {"agents": ["owner@acme.example"]},
    "initial": ["agents.panel.theme"],
    "moves": [{"from": "@old.example", "to": "@acme.example"}],
    "acknowledged": [{"step": "x", "by": "mia", "on": "2026-11-22"}],
}


def check_agreement(schema: SchemaName, document: Any) -> None:
    errors = [error.message for error in _validator(schema).iter_errors(document)]
    assert _quick_validator(schema).is_valid(document) == (not errors), errors


@settings(max_examples=examples(50))
@given(project=projects(), data=st.data(), value=VALUES)
def test_about_any_project_with_one_value_replaced(
    project: Project, data: st.DataObject, value: Any
) -> None:
    check_agreement("file", project)
    way = data.draw(st.sampled_from(ways(project)))
    check_agreement("file", replaced(project, way, value))


@settings(max_examples=examples(50))
@given(data=st.data(), value=VALUES)
def test_about_any_configuration_with_one_value_replaced(data: st.DataObject, value: Any) -> None:
    way = data.draw(st.sampled_from(ways(CONFIG)))
    check_agreement("provisioner", replaced(CONFIG, way, value))


@pytest.mark.parametrize("field", ["email", "name", "alias", "role", "signature", "level"])
@given(text=TEXTS)
def test_about_any_text(field: str, text: str) -> None:
    agent = {"email": "mia@acme.example"} | {field: text}
    check_agreement("file", {"agents": [agent]})


@given(text=TEXTS)
def test_about_any_clock(text: str) -> None:
    block = {"days": ["mon"], "from": text, "to": text, "departments": ["Support"]}
    check_agreement("file", {"agents": [{"email": "mia@acme.example", "hours": [block]}]})
