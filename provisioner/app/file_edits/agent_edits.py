"""`agent`: edits that add, move, rename, suspend and remove agents."""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address, Kind, agent, fold
from provisioner.app.file_edits.field_edits import (
    at_layer,
    declares,
    own_layers,
    raw_fields,
    schema_at,
    section_of,
    set_field,
    set_in_layer,
)
from provisioner.app.file_edits.project_edits import (
    FileEdit,
    Rewrite,
    declared_agent,
    not_declared,
    refused,
)
from provisioner.documents import Document
from provisioner.documents.editing import AppendItem, RemoveEntry, RenameKey, SetValue
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.layers import Layer
from provisioner.model.settings import Settings


def add_agent(desired: DesiredState, email: str, name: str, like: str) -> Rewrite:
    """Return the edits that declare a new agent with the settings of another one.

    The new entry is put at the end of the list that holds the other one.

    Raises:
        UsageError: no file declares the other agent.
        InvalidProjectError: the new agent is declared already, or the other one is leaving.
    """
    model = declared_agent(desired, like)
    if existing := desired.find(Kind.AGENT, email):
        raise refused(
            f"agent {email} is declared already",
            existing.span(),
            "remove `state: absent` to let the agent return" if existing.absent else "",
        )
    if model.suspended:
        raise refused(f"agent {like} is suspended", model.span("state"), "name another agent")
    layer = model.own
    entry = {"email": email, "name": name, **_impersonal(raw_fields(layer), ())}
    edit = AppendItem(section_of(layer), entry)
    notes = []
    role = model.attributes.get("role")
    if role not in {None, "agent"}:
        notes.append(f"{email} gets the role {role}, as {model.address.key} has it.")
    if len(own_layers(model)) > 1:
        overlay = own_layers(model)[-1]
        notes.append(f"{overlay.span()} has more for {model.address.key}, which is not copied.")
    return Rewrite((at_layer(layer, edit),), tuple(notes), (agent(email),))


def _impersonal(fields: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return fields without those that only one person can have."""
    result = {}
    for key, value in fields.items():
        inner = (*path, key)
        is_personal = (schema_at(Kind.AGENT, inner) or {}).get("x-personal", False)
        if is_personal or inner in {("email",), ("name",)}:
            continue
        rest = _impersonal(value, inner) if isinstance(value, Mapping) else value
        if rest or not value:
            result[key] = rest
    return result


def move_agent(desired: DesiredState, email: str, source: str, destination: str) -> Rewrite:
    """Return the edits that move an agent from one department to another one.

    The services, the role and the hours there move, too. Where the agent is in both departments,
    the membership of the destination stays as it is.

    Raises:
        UsageError: the agent or the destination is not declared.
        InvalidProjectError: the agent is not in the department, or a profile declares that.
    """
    resource = declared_agent(desired, email)
    target = desired.find(Kind.DEPARTMENT, destination)
    if target is None:
        raise not_declared(desired, Kind.DEPARTMENT, destination)
    new = str(target.attributes["name"])
    memberships = resource.attributes.get("departments") or {}
    old = next((name for name in memberships if fold(name) == fold(source)), None)
    if old is None:
        raise refused(
            f"{resource.address} is not declared in the department {source}",
            resource.span("departments", key=True),
            f"declared: {', '.join(memberships) or 'none'}",
        )
    layers = [layer for layer in own_layers(resource) if declares(layer, ("departments", old))]
    inherited = [
        layer
        for layer in resource.layers
        if layer.profile and declares(layer, ("departments", old))
    ]
    if inherited or not layers:
        layer = (inherited or [resource.own])[0]
        raise refused(
            f'the membership in {old} comes from profile "{layer.profile}"',
            layer.span("departments", old, key=True),
            f"change what {resource.address} extends, or the profile",
        )
    edits = [edit for layer in layers for edit in _moved(layer, old, new)]
    return Rewrite(tuple(edits), (), (resource.address,))


def _moved(layer: Layer, old: str, new: str) -> Iterator[FileEdit]:
    departments = raw_fields(layer)["departments"]
    path = (*layer.path, "departments", old)
    file, number = layer.document.file, layer.document.number
    is_member = any(fold(name) == fold(new) for name in departments)
    yield FileEdit(file, RemoveEntry(path) if is_member else RenameKey(path, new), number)
    hours = raw_fields(layer).get("hours")
    for index, shift in enumerate(hours if isinstance(hours, list) else ()):
        names = shift.get("departments", ()) if isinstance(shift, Mapping) else ()
        if old in names:
            moved = [*dict.fromkeys(new if name == old else name for name in names)]
            place = (*layer.path, "hours", index, "departments")
            yield FileEdit(file, SetValue(place, moved), number)


def rename_agent(
    desired: DesiredState,
    settings: Settings,
    email: str,
    new_email: str,
    name: str | None,
) -> Rewrite:
    """Return the edits that give an agent another email, so that the account is kept.

    `previously:` ties the entry to the account until it is renamed. Places of provisioner.yaml and
    acknowledged.yaml that name the agent are changed, too: a protection must not be lost, and what
    is done stays done.

    Raises:
        UsageError: no file declares the agent.
        InvalidProjectError: the new email is declared already, or the former rename is unfinished.
    """
    resource = declared_agent(desired, email)
    existing = desired.find(Kind.AGENT, new_email)
    if existing is not None and existing.address != resource.address:
        raise refused(f"agent {new_email} is declared already", existing.span())
    is_same = fold(email) == fold(new_email)
    if resource.previously and not is_same and fold(resource.previously) != fold(new_email):
        raise refused(
            f"{resource.address} has `previously: {resource.previously}` of an earlier rename",
            resource.span("previously"),
            "apply that rename, remove the line, and rename again",
        )
    edits = [
        set_in_layer(layer, Kind.AGENT, ("email",), new_email) for layer in own_layers(resource)
    ]
    old_email = str(resource.attributes["email"])
    if not is_same:
        edits.append(set_in_layer(resource.own, Kind.AGENT, ("previously",), old_email))
    if name is not None:
        edits.append(set_field(resource, ("name",), name))
    for document in filter(None, (settings.document, settings.acknowledgements)):
        edits += _references(document, old_email, new_email)
    note = "after the apply, `previously:` can go." if not is_same else ""
    return Rewrite(tuple(edits), (note,) if note else (), (agent(new_email),))


def _references(settings: Document, old: str, new: str) -> Iterator[FileEdit]:
    """Yield edits of the places in a file of settings that name exactly this agent.

    Who has done something is a record, and stays.
    """
    for path, text in _texts(settings.data, ()):
        before, _, section = text.partition("#")
        prefix = "agent/" if before.startswith("agent/") else ""
        is_agent = fold(before.removeprefix(prefix)) == fold(old)
        if is_agent and path[0] != "targets" and path[-1] != "by":
            value = f"{prefix}{new}{'#' if section else ''}{section}"
            yield FileEdit(settings.file, SetValue(path, value), settings.number)


def _texts(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping | list):
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, value in items:
            yield from _texts(value, (*path, key))


def suspend_agent(desired: DesiredState, email: str) -> Rewrite:
    """Return the edit that suspends an agent: the account stays, without access.

    Raises:
        UsageError: no file declares the agent.
        InvalidProjectError: the agent is suspended or absent already.
    """
    resource = declared_agent(desired, email)
    if resource.suspended:
        raise refused(f"{resource.address} is suspended already", resource.span("state"))
    key = resource.address.key
    note = (
        f"{key} can still sign in, without departments and services; "
        f"provisioner agent remove {key} ends that."
    )
    edit = set_in_layer(resource.own, Kind.AGENT, ("state",), "suspended")
    return Rewrite((edit,), (note,), (resource.address,))


def remove_agent(desired: DesiredState, email: str, *, entry: bool) -> Rewrite:
    """Return the edits that declare an agent as absent, or that take its absent entry away.

    With `entry`, the entry of an agent that is absent already is removed.

    Raises:
        UsageError: no file declares the agent.
        InvalidProjectError: with `entry` the agent is not absent; without it the agent is.
    """
    resource = desired.find(Kind.AGENT, email)
    if resource is None:
        raise not_declared(desired, Kind.AGENT, email)
    key = resource.address.key
    if entry:
        return _without_entry(resource)
    if resource.absent:
        raise refused(
            f"{resource.address} is declared as absent already",
            resource.span("state"),
            f"once an apply has deleted the account: provisioner agent remove {key} --entry",
        )
    note = (
        f"an apply deletes the account of {key}; then the entry can go: "
        f"provisioner agent remove {key} --entry"
    )
    edit = set_in_layer(resource.own, Kind.AGENT, ("state",), "absent")
    overlays = [layer for layer in own_layers(resource)[1:] if declares(layer, ("state",))]
    more = [set_in_layer(layer, Kind.AGENT, ("state",), "absent") for layer in overlays]
    return Rewrite((edit, *more), (note,), (resource.address,))


def _without_entry(resource: Resource) -> Rewrite:
    if not resource.absent:
        raise refused(
            f"{resource.address} is not declared as absent: without its entry the account would "
            "stay, and nobody would manage it",
            resource.span(),
            f"provisioner agent remove {resource.address.key}, and apply first",
        )
    edits = [at_layer(layer, RemoveEntry(layer.path)) for layer in own_layers(resource)]
    addresses: tuple[Address, ...] = ()
    return Rewrite(tuple(edits), (), addresses)
