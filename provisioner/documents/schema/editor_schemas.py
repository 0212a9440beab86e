"""The JSON Schemas as editors get them: with the names of a project, or all in one file.

Annotations of the schemas that this module reads:

    x-names       the kind of names that the value, or each key of the mapping, may have, as in
                  `project_names`; with `built-in`, names that every project has
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.documents.document import Document
from provisioner.documents.schema.json_schema import ENDING, schemas
from provisioner.documents.schema.wording import examples_in

Schema = dict[str, Any]
Names = Mapping[str, Sequence[str]]
"""Mapping from a kind, such as `departments` or `timezones`, to names, sorted."""

BUNDLE = "bundle"
"""The name of the schema that contains all others."""

_UNCHANGED = ("examples", "x-examples", "defaultSnippets")


def published_schemas(names: Names | None = None) -> dict[str, Schema]:
    """Return every schema by its name, and the bundle of them.

    `names` are those of a project, to complete; None leaves the examples of the schemas.
    """
    every: dict[str, Schema] = schemas()
    if names is not None:
        every = {name: _with_names(schema, names) for name, schema in every.items()}
    return dict(sorted([*every.items(), (BUNDLE, _bundle(every))]))


def project_names(config: Document | None, documents: Sequence[Document]) -> dict[str, list[str]]:
    """Return the names that the files of a project declare or use; invalid entries are skipped."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for section, item in _items(document):
            for kind, name in _names_of(section, item):
                if isinstance(name, str) and name:
                    found[kind].add(name)
    targets = config.data.get("targets") if config else None
    if isinstance(targets, dict):
        found["targets"] = set(targets)
    return {
        kind: sorted(names, key=lambda name: (name.casefold(), name))
        for kind, names in found.items()
    }


def _items(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the section and the content of each valid object."""
    for section, items in document.data.items():
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and (section, index) not in document.invalid:
                yield section, item


def _names_of(section: str, item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names that an object declares or uses, each with its kind."""
    if item.get("state") != "absent":
        yield section, item.get("email" if section == "agents" else "name")
    yield "levels", item.get("level")
    yield from (("permissions", name) for name in item.get("permissions") or ())
    for alert, sound in (item.get("sounds") or {}).items():
        yield "alerts", alert
        yield "sounds", sound
    yield from (("timezones", shift.get("timezone")) for shift in item.get("hours") or ())


def _with_names(schema: Any, names: Names) -> Any:
    """Return a schema that proposes names of a project where it has samples of names."""
    if isinstance(schema, list):
        return [_with_names(part, names) for part in schema]
    if not isinstance(schema, dict):
        return schema
    part = {
        key: value if key in _UNCHANGED else _with_names(value, names)
        for key, value in schema.items()
    }
    if "x-names" in part:
        kind = part["x-names"]["of"]
        known = list(dict.fromkeys((*part["x-names"].get("built-in", ()), *names.get(kind, ()))))
        if "additionalProperties" in part:
            return part | {"properties": dict.fromkeys(known, part["additionalProperties"])}
        # The language server inserts the only example of a key together with the key.
        return part | {"examples": known * 2 if len(known) == 1 else known}
    if "string" in part.get("type", ()) and "examples" in part:
        sample = examples_in(part)[0]
        part["markdownDescription"] = f"{part['description']} Such as `{sample}`."
        del part["examples"]
    return part


def _bundle(every: Mapping[str, Schema]) -> Schema:
    """Return one schema with all others in `$defs`; by itself it describes a file with objects.

    A language server adds the keys of the bundle to those of a part that is named by its fragment,
    such as `#/$defs/provisioner`, if the part has no such keys. So every part has `allOf`, too.
    """
    dialect, identity = (every["file"][key] for key in ("$schema", "$id"))
    parts = {
        name: {"allOf": [{}]}
        | {
            key: _inside_bundle(value, name)
            for key, value in schema.items()
            if key not in {"$schema", "$id"}
        }
        for name, schema in every.items()
    }
    return {
        "$schema": dialect,
        "$id": identity.replace(f"file{ENDING}", f"{BUNDLE}{ENDING}"),
        "title": "Project",
        "description": "All schemas of a project. By itself: " + every["file"]["description"],
        "allOf": [{"$ref": "#/$defs/file"}],
        "$defs": parts,
    }


def _inside_bundle(schema: Any, name: str) -> Any:
    """Return a part of the schema with a name, with references to the parts of the bundle."""
    if isinstance(schema, list):
        return [_inside_bundle(part, name) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _bundle_reference(value, name) if key == "$ref" else _inside_bundle(value, name)
        for key, value in schema.items()
    }


def _bundle_reference(reference: str, name: str) -> str:
    file, _, pointer = reference.partition("#")
    return f"#/$defs/{file.removesuffix(ENDING) or name}{pointer}"
