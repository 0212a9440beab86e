"""Generates docs/reference.md, from the schemas that check a project's files, and assumptions.md.

The schemas have annotations for the page that editors do not show:

    x-surface     how a value of an object gets to an account: a key of `SURFACES`
    x-panel       the part of LiveAgent's panel that shows it; NAME is the agent's name
    x-since       the first version of provisioner that has it
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from provisioner.documents.schema.wording import examples_in, expected
from provisioner.model.assumptions import ASSUMPTIONS, Assumption

Schema = Mapping[str, Any]

SURFACES = {
    "v3": "written on every target",
    "v3-read": "written on the full surface; on v3 a manual step, which the API shows as done",
    "full": "written on the full surface; on v3 a manual step, which a person acknowledges",
    "project": "for provisioner alone: it controls how the project is read, and is sent nowhere",
}

PAGES = {
    "file": "One file may have all keys, and many files may have the same key.",
    "agent": "An entry of `agents:`.",
    "role": "An entry of `roles:`.",
    "department": "An entry of `departments:`.",
    "profile": "An entry of `profiles:`; see [profiles](profiles.md).",
    "provisioner": "It is in the root of the project.",
    "acknowledged": "It is in the root of the project; see [surfaces](surfaces.md#ticking-off).",
    "capabilities": "It is in the root of the project; see [assumptions](assumptions.md).",
    "rule-test": "A file in the folder `rule-tests`; see [rules](rules.md#tests).",
    "fleet": "It is above the projects of a fleet; see [fleets](fleets.md).",
}

_REFERENCED = {
    "agent": "an [agent](#agent)",
    "provisioner": "[provisioner.yaml](#provisioneryaml)",
}
"""Links to the pages of other schemas that keys refer to."""

_COLUMNS = ("Key", "Meaning", "Values")

_FIRST_VERSION = "0.1"
"""The version that keys have without a note."""

_INTRO = """\
<!-- Made from schemas/*.schema.json by `make reference`. -->
# Fields

Every key of a project's files. An editor shows the same while you type: see [editors](editors.md).

## Meaning of a value

| In a file | Means |
|---|---|
| it is **left out** | not managed: the live value stays; a new account has LiveAgent's default |
| it is **null** | reset to the default |
| it has **a value** | enforced: a live value that differs is a change |

This applies to each key separately: with `availability: {chats: online}`, tickets and calls are not
managed. null for a whole mapping resets all of its keys. Four keys differ from this rule:

- `departments` of an agent lists all memberships: the agent leaves departments that it does not
  list. Inside of an entry, keys that are left out are not managed.
- `hours` lists the whole week: time that it does not list is not planned.
- `permissions` of a role lists what differs: other permissions have the product's default.
- `sounds` manages the alerts that it lists: other alerts keep their sounds, and null for an alert
  resets it to the sound of the product.

Fields that `initial` or `ignore` of `provisioner.yaml` list are not changed nevertheless.

Where an account has its own defaults, null resets to those: the full surface shows them for the
settings of agents. Elsewhere null resets to the default on this page.

Profiles and overlays are merged before this: maps are merged, every other value replaces, and null
is a value that replaces, too. [Profiles](profiles.md) has the rules.

## How to read the tables

Each file and each kind of object has a table of its keys. A key with keys below it has a table of
its own after that, and its keys are written from there: `email.new_ticket` in the table of
`notifications` is `notifications.email.new_ticket`.

- *Key*: `NAME` stands for any name, `[]` for each item of a list.
- *Default*: the value that null resets to. In `provisioner.yaml`: the value where the key is left
  out.
- A path such as *Configuration > Agents > NAME* is the part of LiveAgent's panel that shows the
  value, for the agent called NAME.
- `v3`, `v3-read`, `full` and `project` are how a value gets to an account:

"""


class SchemaKey(NamedTuple):
    """A key of a page.

    Attributes:
        path: its keys from the outside in, such as `chat.max_load`.
        schema: the schema of its value; only a `$ref` where another section explains it.
        needed: whether it must not be left out.
        same: the key of the same section that has the same keys below it; "" for none.
        section: the heading above the keys below it; "" for none.
    """

    path: str
    schema: Schema
    needed: bool = False
    same: str = ""
    section: str = ""


def reference(schemas: Mapping[str, Schema]) -> str:
    """Return the page as Markdown."""
    surfaces = _table(("Mark", "Means"), [(f"`{name}`", SURFACES[name]) for name in SURFACES])
    note = f"\n[Surfaces](surfaces.md) has more. Every key exists since version {_FIRST_VERSION}"
    note += ", unless its meaning ends with another version.\n"
    return (
        _INTRO
        + surfaces
        + note
        + "".join(_page(schemas[page], about) for page, about in PAGES.items())
    )


def fields(page: Schema) -> Iterator[SchemaKey]:
    """Yield every key of a schema, with the keys of nested mappings."""
    shown: dict[str, str] = {}

    def below(node: Schema, path: str) -> Iterator[SchemaKey]:
        for field in _parts(node, path):
            target = field.schema.get("$ref", "")
            if not target.startswith("#"):
                yield field
                yield from below(field.schema, field.path)
                continue
            same = shown.get(target, "")
            whole = {**page["$defs"][target.removeprefix("#/$defs/")], **field.schema}
            yield field._replace(schema=whole, same=same)
            if not same:
                shown[target] = field.path
                yield from below(whole, field.path)

    yield from below(page, "")


def _parts(node: Schema, path: str) -> Iterator[SchemaKey]:
    """Yield the keys directly below a mapping or a list of mappings."""
    for name, part in node.get("properties", {}).items():
        yield SchemaKey(f"{path}.{name}".lstrip("."), part, name in node.get("required", ()))
    if isinstance(entry := node.get("additionalProperties"), dict):
        yield SchemaKey(f"{path}.NAME", entry)
    items = node.get("items", {})
    if items.get("$ref", "").startswith("#") or items.get("type") == "object":
        yield SchemaKey(f"{path}[]", items)


def _page(schema: Schema, about: str) -> str:
    title = schema["title"]
    explained = [field for field in fields(schema) if set(field.schema) != {"$ref"}]
    groups: dict[str, list[SchemaKey]] = {}
    for field in explained:
        groups.setdefault(re.split(r"[.\[]", field.path)[0], []).append(field)
    below = {name: f"{title}: {name}" for name, group in groups.items() if name and group[1:]}
    tops = [
        _cells(group[0]._replace(section=below.get(name, ""))) for name, group in groups.items()
    ]
    page = f"\n## {title}\n\n{schema['description']} {about}\n\n{_table(_COLUMNS, tops)}"
    for name, heading in below.items():
        rows = [
            _cells(field._replace(path=field.path.removeprefix(name).lstrip(".")))
            for field in groups[name][1:]
        ]
        page += f"\n### {heading}\n\n{_table(_COLUMNS, rows)}"
    for name, link in _REFERENCED.items():
        target = f"{name}.schema.json#"
        taken = [
            f"`{field.path}`"
            for field in fields(schema)
            if field not in explained and field.schema["$ref"].startswith(target)
        ]
        if taken:
            page += f"\nThese have the same meaning as in {link}: {', '.join(taken)}.\n"
    return page


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(field: SchemaKey) -> tuple[str, ...]:
    schema = field.schema
    meaning = f"**{schema['title']}.** {schema['description']}"
    if schema["x-since"] != _FIRST_VERSION:
        meaning += f" Since {schema['x-since']}."
    way = [f"`{schema['x-surface']}`"] if "x-surface" in schema else []
    if "x-panel" in schema:
        way.append(f"*{schema['x-panel']}*")
    values = f"a mapping with the keys of `{field.same}`" if field.same else _values(schema)
    if field.section:
        anchor = re.sub(r"[^\w -]", "", field.section.lower()).replace(" ", "-")
        link = f"[the keys below](#{anchor})"
        below = values.replace("the keys below", link)
        values = below if below != values else f"{values}; see {link}"
    return (
        f"`{field.path}`{'<br>needed' if field.needed else ''}",
        "<br>".join([meaning, *([", ".join(way)] if way else [])]),
        values + (f"<br>Default: `{_flow(schema['x-default'])}`" if "x-default" in schema else ""),
    )


def _values(schema: Schema) -> str:
    """Return the permitted values in words, with an example where the words have none."""
    if options := schema.get("enum", [schema["const"]] if "const" in schema else None):
        return _either([f"`{_flow(option)}`" for option in options])
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    null = ["null"] if "null" in types else []
    if types[0] == "object" and "properties" in schema:
        return _either(["a mapping with the keys below", *null])
    types_in_words = [
        f"{expected([name])}{_limits(schema, name)}" for name in types if name != "null"
    ]
    such = "" if types[0] == "boolean" else f", such as `{_flow(examples_in(schema)[0])}`"
    return _either([*types_in_words, *null]) + such


def _limits(schema: Schema, name: str) -> str:
    """Return the limits of the length or size of a value, in words."""
    match name:
        case "string" if "maxLength" in schema:
            return f" of at most {schema['maxLength']} characters"
        case "integer":
            return f" from {schema['minimum']} to {schema['maximum']}"
        case "array" if "enum" in schema["items"]:
            return f" of {_either([f'`{option}`' for option in schema['items']['enum']])}"
    return ""


def _either(choices: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(choices[:-1]), choices[-1]) if part)


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    match value:
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(part)}' for key, part in value.items())}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case str() if value and not value[0].isdigit():
            return value
    return json.dumps(value)


_ASSUMPTIONS_INTRO = """\
<!-- Made from schemas/capabilities.schema.json by `make reference`. -->
# Assumptions about an account

LiveAgent's documents leave parts of API v3 open. This page lists everything that provisioner
assumes there, and what it does if an account behaves differently. No assumption is used in silence
where it could change access: the plan, the report or an error names it.

`provisioner probe` finds out how an account behaves and writes `capabilities.yaml`. provisioner
reads that file and stops assuming. A fact can also be written by hand:

```yaml
# capabilities.yaml
targets:
  production:
    facts: {plan_day_base: 1}
```

| Column | Meaning |
|---|---|
| Name | the key in `capabilities.yaml`; its values are in the [reference](reference.md) |
| Mark | I: inferred from other facts; U: unknown |
| Switch | the [switch of the sandbox](sandbox.md#switches) that makes the assumption wrong |

"""

_ASSUMPTION_HEADS = ("Name", "Assumed", "Value", "Mark", "Source", "Switch", "If it is wrong")


def assumptions_page() -> str:
    """Return the page as Markdown."""
    cells = [_assumption_cells(one) for one in ASSUMPTIONS.values()]
    return _ASSUMPTIONS_INTRO + _table(_ASSUMPTION_HEADS, cells)


def _assumption_cells(one: Assumption) -> tuple[str, ...]:
    value = str(one.default).lower() if isinstance(one.default, bool) else str(one.default)
    name = f"`{one.name}`"
    return (name, one.text, f"`{value}`", one.mark, one.source, f"`{one.switch}`", one.when_wrong)
