"""Generators of clients can use the OpenAPI documents: names, types and descriptions."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from provisioner.sandbox.openapi import document as openapi
from provisioner.sandbox.routes import SURFACES
from provisioner.sandbox.switches import Switches

# With every operation that a switch adds.
ALL = Switches(agents_by_email=True, put_agent_status=True)

pytestmark = pytest.mark.parametrize(
    "content", [pytest.param(openapi.document(surface, ALL), id=surface) for surface in SURFACES]
)


def test_it_is_valid(content: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(content).iter_errors()) == []


def test_no_two_schemas_get_one_name(content: dict[str, Any]) -> None:
    names = Counter(re.sub(r"[^a-z0-9]", "", name.lower()) for name in _class_names(content))
    assert [name for name, times in names.items() if times > 1] == []


def test_enumerations_and_objects_are_components(content: dict[str, Any]) -> None:
    for path, schema in _schemas(content):
        if not re.fullmatch(r"components/schemas/\w+", path):
            assert "enum" not in schema, path
            assert "properties" not in schema, path


def test_every_schema_has_a_type_and_every_array_its_items(content: dict[str, Any]) -> None:
    for path, schema in _schemas(content):
        assert schema.keys() & {"type", "$ref", "allOf", "anyOf"}, path
        assert "array" not in schema.get("type", "") or "items" in schema, path


def test_nothing_is_beside_a_reference(content: dict[str, Any]) -> None:
    for path, schema in _schemas(content):
        assert "$ref" not in schema or len(schema) == 1, path


def test_every_operation_is_described(content: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in content["tags"] if tag["description"]}
    for name, operation in _operations(content):
        assert operation["summary"], name
        assert operation["description"], name
        assert len(operation["tags"]) == 1, name
        assert {*operation["tags"]} <= tags, name
    assert {tag for _, operation in _operations(content) for tag in operation["tags"]} == tags


def test_every_operation_has_an_id_of_its_own(content: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in _operations(content)]
    assert len({*ids}) == len(ids)


def test_every_parameter_is_described(content: dict[str, Any]) -> None:
    for name, operation in _operations(content):
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (name, parameter["name"])
            assert parameter["schema"], (name, parameter["name"])


def test_every_answer_is_described_and_has_a_schema(content: dict[str, Any]) -> None:
    shared = content["components"]["responses"]
    for name, operation in _operations(content):
        assert {"400", "403", "404", "429"} < operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            described = shared[response["$ref"].split("/")[-1]] if "$ref" in response else response
            assert described["description"], (name, status)
            assert all(media["schema"] for media in described["content"].values()), (name, status)


def test_an_error_of_one_operation_is_described_only_there(content: dict[str, Any]) -> None:
    operations = [operation for _, operation in _operations(content)]
    for status, name in {"405": "create_agent", "424": "log_in", "425": "log_in"}.items():
        ids = [entry["operationId"] for entry in operations if status in entry["responses"]]
        assert ids == [name]


def test_the_key_is_described(content: dict[str, Any]) -> None:
    (scheme,) = content["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "apikey")
    assert scheme["description"]
    assert content["security"] == [{"apikey": []}]


def _operations(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in content["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def _class_names(content: dict[str, Any]) -> Iterator[str]:
    """Yield the names that generators give: of components, and of parent and property for maps."""
    for name, schema in content["components"]["schemas"].items():
        yield name
        for property_name, value in schema.get("properties", {}).items():
            if "additionalProperties" in value or "enum" in value or "properties" in value:
                yield f"{name}{property_name}"


def _schemas(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of a document with its path."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _schemas(item, f"{path}/{index}")
    if not isinstance(node, dict):
        return
    parent, _, name = path.rpartition("/")
    last = parent.rpartition("/")[2]
    named = last in {"properties", "schemas"}
    if named or name in {"schema", "items", "additionalProperties"} or last in {"allOf", "anyOf"}:
        yield path, node
    for key, value in node.items():
        yield from _schemas(value, f"{path}/{key}" if path else key)
