"""Makes the OpenAPI documents of both surfaces from the list of operations.

`python -m provisioner.sandbox.openapi FOLDER` writes them, and a test keeps the written ones up to
date. The sandbox serves its document at /api/v3/openapi.json, which the real API does not have.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from provisioner.sandbox.call import Operation, Shape
from provisioner.sandbox.errors import STATUS
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.paging import CURSOR, NEXT_CURSOR, PAGE
from provisioner.sandbox.routes import SURFACES, Surface, operations
from provisioner.sandbox.switches import Switches

_TITLES: dict[Surface, str] = {
    "v3": "LiveAgent API v3: agents, departments and devices",
    "full": "LiveAgent API v3, extended with what it cannot write",
}
_ERROR = Model("ErrorResponse", (Field("message", required=True),))
_NUMERIC_IDS = {"deviceId", "apikeyId"}


def document(surface: Surface, switches: Switches) -> JsonObject:
    """Return the OpenAPI 3.1 document of a surface.

    Args:
        surface: `v3` or `full`.
        switches: some of them add or remove operations.
    """
    served = operations(surface, switches)
    paths: dict[str, JsonObject] = {}
    for operation in served:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    models = {model.name: model for operation in served for model in _models(operation)}
    models[_ERROR.name] = _ERROR
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLES[surface], "version": "3.0.0"},
        "servers": [{"url": "/api/v3"}],
        "security": [{"apikey": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: _model_schema(models[name]) for name in sorted(models)},
            "responses": _error_responses(),
            "securitySchemes": {"apikey": {"type": "apiKey", "in": "header", "name": "apikey"}},
        },
    }


def write(folder: Path) -> None:
    """Write the documents of both surfaces into a folder."""
    for surface in SURFACES:
        (folder / f"{surface}.json").write_text(text(surface), encoding="utf-8")


def text(surface: Surface) -> str:
    """Return a surface's document as the text of its file."""
    return json.dumps(document(surface, Switches()), indent=2) + "\n"


def _operation(operation: Operation) -> JsonObject:
    described: JsonObject = {
        "operationId": operation.handler.__name__,
        "summary": operation.title,
        "responses": _responses(operation),
    }
    parameters = [*_path_parameters(operation.path), *map(_query_parameter, operation.query)]
    if parameters:
        described["parameters"] = parameters
    content = _request_content(operation)
    if content:
        described["requestBody"] = {"required": not operation.body_optional, "content": content}
    if operation.public:
        described["security"] = []
    return described


def _path_parameters(path: str) -> Iterator[JsonObject]:
    for name in re.findall(r"{(\w+)}", path):
        kind = "integer" if name in _NUMERIC_IDS else "string"
        yield {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _query_parameter(field: Field) -> JsonObject:
    schema = _field_schema(field)
    parameter: JsonObject = {"name": field.name, "in": "query", "schema": schema}
    if field.required:
        parameter["required"] = True
    return parameter


def _request_content(operation: Operation) -> JsonObject:
    if operation.body:
        return {"application/json": {"schema": _reference(operation.body)}}
    if operation.form:
        files = any(field.kind == "file" for field in operation.form.fields)
        form = "multipart/form-data" if files else "application/x-www-form-urlencoded"
        return {form: {"schema": _reference(operation.form)}}
    return {}


def _responses(operation: Operation) -> JsonObject:
    is_file = isinstance(operation.answer, Field) and operation.answer.kind == "file"
    media_type = "*/*" if is_file else "application/json"
    answer: JsonObject = {
        "description": "Done",
        "content": {media_type: {"schema": _answer_schema(operation)}},
    }
    if operation.query == CURSOR:
        answer["headers"] = {
            NEXT_CURSOR: {"description": "Absent at the end.", "schema": {"type": "string"}}
        }
    responses = {str(operation.status): answer}
    if operation.query[: len(PAGE)] == PAGE:
        responses["206"] = answer
    for error, status in STATUS.items():
        responses[str(status)] = {"$ref": f"#/components/responses/{error.__name__}"}
    return responses


def _error_responses() -> JsonObject:
    content = {"application/json": {"schema": _reference(_ERROR)}}
    return {
        error.__name__: {
            "description": (error.__doc__ or "").partition("\n")[0],
            "content": content,
        }
        for error in STATUS
    }


def _answer_schema(operation: Operation) -> JsonObject:
    if isinstance(operation.answer, list):
        return {"type": "array", "items": _reference(operation.answer[0])}
    return _shape_schema(operation.answer)


def _shape_schema(shape: Shape) -> JsonObject:
    return _reference(shape) if isinstance(shape, Model) else _field_schema(shape)


def _reference(model: Model) -> JsonObject:
    return {"$ref": f"#/components/schemas/{model.name}"}


def _model_schema(model: Model) -> JsonObject:
    schema: JsonObject = {
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in model.fields},
    }
    required = [field.name for field in model.fields if field.required]
    return schema | {"required": required} if required else schema


def _field_schema(field: Field) -> JsonObject:
    if field.kind == "object" and isinstance(field.items, Model):
        reference = _reference(field.items)
        return {"anyOf": [reference, {"type": "null"}]} if field.nullable else reference
    if field.kind == "file":
        return {"type": "string", "format": "binary"}
    schema: JsonObject = {"type": [field.kind, "null"] if field.nullable else field.kind}
    if field.choices:
        schema["enum"] = [*field.choices, None] if field.nullable else list(field.choices)
    if field.items:
        inside = "items" if field.kind == "array" else "additionalProperties"
        schema[inside] = _shape_schema(field.items)
    described = {
        "description": field.help or None,
        "default": field.default,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "maxLength": field.max_length or None,
        "pattern": f"^{field.pattern}$" if field.pattern else None,
    }
    return schema | {name: value for name, value in described.items() if value is not None}


def _models(operation: Operation) -> Iterator[Model]:
    """Yield every model of an operation, including models inside other models."""
    answer = operation.answer[0] if isinstance(operation.answer, list) else operation.answer
    yield from _inside(shape for shape in (answer, operation.body, operation.form) if shape)


def _inside(shapes: Iterable[Shape]) -> Iterator[Model]:
    for shape in shapes:
        if isinstance(shape, Model):
            yield shape
            yield from _inside(shape.fields)
        elif shape.items:
            yield from _inside([shape.items])


if __name__ == "__main__":
    write(Path(sys.argv[1]))
