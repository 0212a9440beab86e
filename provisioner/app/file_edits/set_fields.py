"""`set`: edits that give fields of declared objects a value."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from provisioner.address import Kind, fold
from provisioner.app.file_edits.field_edits import (
    key_order,
    schema_at,
    set_field,
    set_in_layer,
)
from provisioner.app.file_edits.project_edits import Rewrite, not_declared, refused
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.model.dates.declared import DATE_KEYS
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
from provisioner.model.policy import fits
from provisioner.planning.changes import at
from provisioner.planning.scope import MEMBER_OF
from provisioner.suggestions import did_you_mean

if TYPE_CHECKING:
    from provisioner.app.file_edits.project_edits import FileEdit
    from provisioner.model.layers import Layer

PROFILE = "profile/"
"""The prefix of a selector for one profile."""

Assignment = tuple[tuple[str, ...], Any]
"""The path of a field, and its new value."""

_NOT_COMPARED = DATE_KEYS | {"extends", "hours", "id", "photo", "previously", "signature", "state"}
"""Fields that the desired state has in another form than the files."""


def set_fields(desired: DesiredState, selector: str, assignments: Mapping[str, str]) -> Rewrite:
    """Return the edits of `set SELECTOR FIELD=VALUE...`.

    The selector is as for `--only`, or `profile/NAME`. Fields are dotted, and values are text.

    Raises:
        UsageError: nothing matches the selector, or a field or value is unknown.
        InvalidProjectError: a field can't be set like this.
    """
    if selector.startswith(PROFILE):
        return _set_in_profile(desired, selector.removeprefix(PROFILE), assignments)
    resources = _selected(desired, selector)
    edits: list[FileEdit] = []
    notes: list[str] = []
    for resource in resources:
        for path, value in parsed(desired, resource.address.kind, assignments):
            _check_identity(resource, path)
            edits.append(set_field(resource, path, value))
            notes += _notes(resource, path)
    addresses = tuple(resource.address for resource in resources)
    return Rewrite(tuple(edits), tuple(dict.fromkeys(notes)), addresses)


def check_effect(
    selector: str, rewrite: Rewrite, assignments: Mapping[str, str], desired: DesiredState
) -> None:
    """Refuse edits that a stronger layer takes the effect from; agents may override a profile.

    Raises:
        InvalidProjectError: an object has another value than the one that was set.
    """
    for address in () if selector.startswith(PROFILE) else rewrite.addresses:
        resource = desired.resources.get(address.identity)
        for path, value in parsed(desired, address.kind, assignments) if resource else ():
            if resource and path[0] not in _NOT_COMPARED and at(path, resource.attributes) != value:
                raise refused(
                    f"{address} would keep its {'.'.join(path)}: another entry overrides it",
                    hint=f"see provisioner explain {address} {'.'.join(path)}",
                )


def parsed(
    desired: DesiredState, kind: Kind, assignments: Mapping[str, str]
) -> Iterator[Assignment]:
    """Yield paths and values of assignments.

    Raises:
        UsageError: a field or value is unknown.
    """
    for field, text in assignments.items():
        path = _path(desired, kind, field)
        yield path, _value(kind, path, text)


def _selected(desired: DesiredState, selector: str) -> list[Resource]:
    exact = [one for one in desired.resources.values() if str(one.address) == selector]
    matching = exact or [
        resource
        for resource in desired.resources.values()
        if not resource.absent and _matches(resource, selector)
    ]
    if not matching:
        known = [
            str(address) for address in sorted(one.address for one in desired.resources.values())
        ]
        raise UsageError(
            Diagnostic(
                code="selector-without-object",
                summary=f'no declared object matches "{selector}"',
                hint=did_you_mean(selector, known)
                or "write an address such as agent/mia.chen@acme.example, also with * and ?, a "
                "kind (agents), member-of/DEPARTMENT, or profile/NAME",
            )
        )
    return sorted(matching, key=lambda resource: str(resource.address))


def _matches(resource: Resource, selector: str) -> bool:
    if selector in {kind.plural for kind in Kind}:
        return resource.address.kind.plural == selector
    if selector.startswith(MEMBER_OF):
        departments = resource.attributes.get("departments") or {}
        return any(fits(name, selector.removeprefix(MEMBER_OF)) for name in departments)
    return fits(str(resource.address), selector)


def _set_in_profile(desired: DesiredState, name: str, assignments: Mapping[str, str]) -> Rewrite:
    users: list[Resource] = []
    layers: dict[tuple[str, tuple[str | int, ...]], Layer] = {}
    for resource in desired.of(Kind.AGENT):
        own = [layer for layer in resource.layers if fold(layer.profile) == fold(name)]
        users += [resource] if own else []
        layers |= {(layer.document.file, layer.path): layer for layer in own}
    if not layers:
        known = {layer.profile for one in desired.of(Kind.AGENT) for layer in one.layers}
        raise UsageError(
            Diagnostic(
                code="selector-without-object",
                summary=f'no agent extends a profile "{name}"',
                hint=did_you_mean(name, sorted(known - {""})),
            )
        )
    layer = next(iter(layers.values()))
    edits = [
        set_in_layer(layer, Kind.AGENT, path, value)
        for path, value in parsed(desired, Kind.AGENT, assignments)
    ]
    note = f'profile "{layer.profile}" gives its values to {len(users)} agents.'
    return Rewrite(tuple(edits), (note,), tuple(resource.address for resource in users))


def _check_identity(resource: Resource, path: tuple[str, ...]) -> None:
    kind = resource.address.kind
    if path == (KINDS[kind].identity,):
        hint = (
            f"provisioner agent rename {resource.address.key} NEW_EMAIL"
            if kind is Kind.AGENT
            else f"change it in the file, with previously: {resource.address.key}"
        )
        raise refused(
            f"{'.'.join(path)} identifies {resource.address}: with another one it would be "
            "another object",
            resource.span(*path),
            hint,
        )


def _notes(resource: Resource, path: tuple[str, ...]) -> Iterator[str]:
    source = resource.source(*path)
    if source and source.layer.profile and source.field == path:
        name = source.layer.profile
        yield (
            f'{".".join(path)} of {resource.address} came from profile "{name}" and is now its '
            f"own; for all who extend the profile: provisioner set {PROFILE}{name} ..."
        )
    if path[0] == "departments" and len(path) > 1 and "departments" not in resource.attributes:
        yield (
            f"{resource.address} declared no departments: {path[1]} is now the only one, and an "
            "apply removes the others"
        )


def _path(desired: DesiredState, kind: Kind, field: str) -> tuple[str, ...]:
    """Return the path of a dotted field; names of departments may have dots, too."""
    first, _, rest = field.partition(".")
    names = [resource.attributes["name"] for resource in desired.of(Kind.DEPARTMENT)]
    path: tuple[str, ...] = tuple(field.split("."))
    if first == "departments" and rest:
        fitting = [
            name
            for name in names
            if fold(rest) == fold(name) or fold(rest).startswith(f"{fold(name)}.")
        ]
        if not fitting:
            raise not_declared(desired, Kind.DEPARTMENT, rest.partition(".")[0])
        name = max(fitting, key=len)
        inner = rest[len(name) + 1 :]
        path = (first, name, *(inner.split(".") if inner else ()))
    if schema_at(kind, path) is None:
        parent = next(at for at in range(len(path) + 1) if not schema_at(kind, path[: at + 1]))
        known = key_order(kind, path[:parent])
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f'{kind}s have no field "{field}"',
                hint=did_you_mean(path[parent], known) if known else "",
            )
        )
    return path


def _value(kind: Kind, path: tuple[str, ...], text: str) -> Any:
    """Return the value of a text: text for a text field, otherwise YAML."""
    schema = schema_at(kind, path) or {}
    types = {schema["type"]} if isinstance(schema.get("type"), str) else {*schema.get("type", ())}
    if any(isinstance(value, str) for value in schema.get("enum", ())):
        types.add("string")
    if not text:
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f"{'.'.join(path)} has no value",
                hint="write null to reset a field to the account's default",
            )
        )
    documents, findings = read_yaml(text.encode(errors="surrogatepass"), "")
    data = documents[0].data if documents and not findings else None
    if "string" not in types:
        if findings or len(documents) != 1:
            raise UsageError(
                Diagnostic(
                    code="usage",
                    summary=f"the value of {'.'.join(path)} is not valid YAML: {text}",
                    hint="write a value such as true, 3, [a, b] or {tickets: true}",
                )
            )
        return data
    is_yaml = (
        (text in {"null", "~"})
        or (text[0] in "'\"" and isinstance(data, str))
        or (text[0] == "{" and isinstance(data, dict) and "object" in types)
    )
    return data if is_yaml else text
