"""Makes the OpenAPI documents of both surfaces from the list of operations.

`python -m provisioner.sandbox.openapi FOLDER` writes them, and a test keeps the written ones up to
date. The sandbox serves its document at /api/v3/openapi.json, which the real API does not have.
"""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

from provisioner.sandbox.call import Operation
from provisioner.sandbox.errors import (
    STATUS,
    NotAllowedError,
    SecondFactorNeededError,
    SecondFactorWrongError,
)
from provisioner.sandbox.fields import Field, JsonObject, Model
from provisioner.sandbox.openapi.schemas import (
    Component,
    component_schema,
    components,
    field_schema,
    reference,
    shape_schema,
)
from provisioner.sandbox.paging import CURSOR, NEXT_CURSOR, PAGE
from provisioner.sandbox.routes import EXTENDED, SURFACES, Surface, operations
from provisioner.sandbox.switches import Switches

_TITLES: dict[Surface, str] = {
    "v3": "LiveAgent API v3: agents, departments and devices",
    "full": "LiveAgent API v3, extended with what it cannot write",
}
_DESCRIPTION = (
    "What the sandbox of provisioner serves. It is not a document of the vendor: it describes the "
    "part of the API that manages agents, from the vendor's public documents and clients."
)
_ERROR = Model("ErrorResponse", (Field("message", help="The reason.", required=True),))
# Errors that only one operation answers.
_OPERATIONS = {
    NotAllowedError: "create_agent",
    SecondFactorNeededError: "log_in",
    SecondFactorWrongError: "log_in",
}
_NUMERIC_IDS = {"deviceId", "apikeyId"}
_SECURITY = {
    "apikey": {
        "type": "apiKey",
        "in": "header",
        "name": "apikey",
        "description": "A key of API v3. Its agent's role and its scopes limit what it may do.",
    }
}


def document(surface: Surface, switches: Switches) -> JsonObject:
    """Return the OpenAPI 3.1 document of a surface."""
    served = operations(surface, switches)
    paths: dict[str, JsonObject] = {}
    for operation in served:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    named = {part.name: part for operation in served for part in _components(operation)}
    named[_ERROR.name] = _ERROR
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLES[surface], "version": "3.0.0", "description": _DESCRIPTION},
        "servers": [{"url": "/api/v3"}],
        "security": [{"apikey": []}],
        "tags": _tag_objects({_tag(path) for path in paths}),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: component_schema(named[name]) for name in sorted(named)},
            "responses": _error_responses(),
            "securitySchemes": _SECURITY,
        },
    }


@functools.cache
def text(surface: Surface, switches: Switches = Switches()) -> str:  # noqa: B008 # frozen
    """Return a surface's document as the text of its file."""
    return json.dumps(document(surface, switches), indent=2) + "\n"


def write(folder: Path) -> None:
    """Write the documents of both surfaces into a folder."""
    for surface in SURFACES:
        (folder / f"{surface}.json").write_text(text(surface), encoding="utf-8")


def _operation(operation: Operation) -> JsonObject:
    described: JsonObject = {
        "operationId": operation.handler.__name__,
        "tags": [_tag(operation.path)],
        "summary": operation.title,
        "description": " ".join(_sentences(operation)),
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


def _sentences(operation: Operation) -> Iterator[str]:
    """Yield the description of an operation."""
    yield f"{operation.title}."
    if _is_paged(operation):
        yield "The answer is one page; an empty page is the end."
    if operation.query == CURSOR:
        yield f"The answer is one page; the header `{NEXT_CURSOR}` has the cursor of the next."
    if operation.body_optional:
        yield "The body may be left out."
    if operation.public:
        yield "It needs no key."
    if operation.scopes:
        scopes = " or ".join(f"`{scope}`" for scope in operation.scopes)
        yield f"The key needs the scope {scopes}."
    if operation in EXTENDED:
        yield "Only the extended surface has this call, LiveAgent does not."
    if operation.switch:
        yield f"The sandbox has this call only with the switch `{operation.switch}`."


def _is_paged(operation: Operation) -> bool:
    return operation.query[: len(PAGE)] == PAGE


def _path_parameters(path: str) -> Iterator[JsonObject]:
    for name in re.findall(r"{(\w+)}", path):
        thing = name.removesuffix("Id").replace("apikey", "API key")
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"The id of the {thing}.",
            "schema": {"type": "integer" if name in _NUMERIC_IDS else "string"},
        }


def _query_parameter(field: Field) -> JsonObject:
    schema = field_schema(field)
    description = schema.pop("description")
    if list(schema) == ["allOf"]:
        (schema,) = schema["allOf"]
    parameter: JsonObject = {
        "name": field.name,
        "in": "query",
        "description": description,
        "schema": schema,
    }
    if field.required:
        parameter["required"] = True
    return parameter


def _request_content(operation: Operation) -> JsonObject:
    if operation.body:
        return {"application/json": {"schema": reference(operation.body)}}
    if operation.form:
        files = any(field.kind == "file" for field in operation.form.fields)
        form = "multipart/form-data" if files else "application/x-www-form-urlencoded"
        return {form: {"schema": reference(operation.form)}}
    return {}


def _responses(operation: Operation) -> JsonObject:
    answer: JsonObject = {"description": "Done", "content": _answer_content(operation)}
    if operation.query == CURSOR:
        answer["headers"] = {
            NEXT_CURSOR: {"description": "Absent at the end.", "schema": {"type": "string"}}
        }
    responses = {str(operation.status): answer}
    if _is_paged(operation):
        responses["206"] = answer
    for error, status in STATUS.items():
        name = operation.handler.__name__
        if _OPERATIONS.get(error, name) == name:
            responses[str(status)] = {"$ref": f"#/components/responses/{error.__name__}"}
    return responses


def _answer_content(operation: Operation) -> JsonObject:
    if isinstance(operation.answer, list):
        schema: JsonObject = {"type": "array", "items": reference(operation.answer[0])}
        return {"application/json": {"schema": schema}}
    schema = shape_schema(operation.answer)
    is_file = isinstance(operation.answer, Field) and operation.answer.kind == "file"
    # A file has its own media type; without the first one, generators would omit the answer.
    media_types = ("application/octet-stream", "*/*") if is_file else ("application/json",)
    return {media_type: {"schema": schema} for media_type in media_types}


def _error_responses() -> JsonObject:
    content = {"application/json": {"schema": reference(_ERROR)}}
    return {
        error.__name__: {
            "description": (error.__doc__ or "").partition("\n")[0],
            "content": content,
        }
        for error in STATUS
    }


def _components(operation: Operation) -> Iterator[Component]:
    """Yield every model and enumeration of an operation."""
    answer = operation.answer[0] if isinstance(operation.answer, list) else operation.answer
    shapes = (answer, operation.body, operation.form, *operation.query)
    yield from components(shape for shape in shapes if shape)


_DESCRIPTIONS = {
    "Account": "The account: subscription, regional settings, and whether the API works.",
    "Agents": "Agent accounts, their status, their sessions, and the settings of each agent.",
    "API keys": "Keys of the API, their scopes, and the login of the phone app.",
    "Departments": "Departments and their members.",
    "Devices": "Web and phone devices of agents, their departments, and planned hours.",
    "Files": "Uploaded files, such as photos of agents.",
    "Grids": "The lists that the panel shows, read by cursor.",
    "Phones": "Phones and extensions.",
    "Reports": "The performance of agents.",
    "Roles": "Custom roles and their permissions.",
    "Slack": "Users and channels of the connected Slack workspace.",
    "Users": "Agents, visitors and the system user.",
}
_TAGS = {
    "account": "Account",
    "agent_phone": "Phones",
    "agents": "Agents",
    "api": "API keys",
    "apikeys": "API keys",
    "departments": "Departments",
    "devices": "Devices",
    "extensions": "Phones",
    "files": "Files",
    "grid": "Grids",
    "levels": "Agents",
    "phones": "Phones",
    "ping": "Account",
    "reports": "Reports",
    "roles": "Roles",
    "settings": "Account",
    "slack": "Slack",
    "sso": "API keys",
    "sounds": "Agents",
    "users": "Users",
}


def _tag(path: str) -> str:
    """Return the name of the group of a path, such as `/agents/{agentId}`."""
    return _TAGS[path.split("/")[1]]


def _tag_objects(names: set[str]) -> list[JsonObject]:
    """Return the tag objects of groups, in the order of their names."""
    return [{"name": name, "description": _DESCRIPTIONS[name]} for name in sorted(names)]
