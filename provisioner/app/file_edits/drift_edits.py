"""`drift --accept`: edits that give the files the values of the account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind
from provisioner.app.file_edits.field_edits import (
    NewEntries,
    declares,
    own_layers,
    remove_field,
    set_field,
)
from provisioner.app.file_edits.project_edits import FileEdit
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import ANY, FieldPath
from provisioner.model.hours import as_yaml
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS
from provisioner.planning.access.access_fields import memberships
from provisioner.planning.changes import Action, Change, FieldChange
from provisioner.planning.dates.lapses import is_ended, lapsed_entry

_MEMBERSHIP = ("departments", ANY)
"""The path of a whole membership."""


class NotAcceptableError(Exception):
    """A value of the account that the files can't be given; the text is the reason."""


@dataclass(slots=True)
class AcceptedValues:
    """Collects the edits that give the files the values of an account.

    Attributes:
        desired: the declared objects, under the names of the account's objects.
        live: the account, under the names of the files.
        edits: the edits so far.
        entries: new entries, and the files that they are put into.
        skipped: values that can't be accepted, each with the reason.
    """

    desired: DesiredState
    live: LiveState
    entries: NewEntries
    edits: list[FileEdit] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @contextmanager
    def skipping(self, what: str) -> Iterator[None]:
        """Note the reason why a value can't be accepted, and continue."""
        try:
            yield
        except NotAcceptableError as reason:
            self.skipped.append(f"{what}: {reason}")

    def accept_change(self, change: Change) -> None:
        """Accept what the account has in place of a declared object."""
        resource = self.desired.resources.get(change.address.identity)
        existing = self.live.objects.get(change.address.identity)
        if resource is None:
            if existing is not None:
                self.accept_object(existing)
            return
        if is_ended(resource, self.desired.day) and change.action is not Action.CREATE:
            raise NotAcceptableError("the agent's last day is over: apply that, or change `ends`")
        if change.action is Action.CREATE:
            self.edits.append(set_field(resource, ("state",), "absent"))
        elif change.action is Action.DELETE and existing is not None:
            self._return(resource, existing)
        elif resource.suspended:
            self.edits += remove_field(resource, ("state",))
        else:
            self._accept_fields(change, resource)

    def accept_value(self, address: Address, path: FieldPath, value: Any) -> None:
        """Accept the value of a field that no file declares."""
        resource = self.desired.resources[address.identity]
        existing = self.live.objects[address.identity]
        if path == ("departments",):
            value = memberships(existing.attributes)
        self._set(resource, path, value)

    def accept_object(self, existing: LiveObject) -> None:
        """Accept an object that no file declares: its access, and nothing else of it."""
        if any(existing.address == agent.address for agent in self.desired.waiting):
            raise NotAcceptableError("the agent has not started: change `starts`")
        if existing.address.identity in self.live.ambiguous:
            self.skipped.append(f"{existing.address}: several objects have this name")
            return
        entry = {KINDS[existing.address.kind].identity: _name(existing)}
        if existing.address.kind is Kind.AGENT:
            entry |= _access(existing)
            self._adopt_references(entry)
        self.entries.add(existing.address.kind, entry)

    def _return(self, resource: Resource, existing: LiveObject) -> None:
        """Accept that the account has an object that is declared as absent."""
        self.edits += remove_field(resource, ("state",))
        if existing.address.kind is Kind.AGENT:
            for name, value in _access(existing).items():
                self._set(resource, (name,), value)

    def _accept_fields(self, change: Change, resource: Resource) -> None:
        hours_done = False
        for one in change.fields:
            with self.skipping(f"{change.address} {'.'.join(one.path)}"):
                if one.path[0] != "hours":
                    self._accept_field(one, resource)
                elif not hours_done:
                    self._accept_hours(resource)
                    hours_done = True

    def _accept_field(self, one: FieldChange, resource: Resource) -> None:
        path = one.path
        if path == (KINDS[resource.address.kind].identity,):
            raise NotAcceptableError(
                "the files rename the object; apply that, or remove the rename"
            )
        if self.desired.day and (lapsed := lapsed_entry(resource, one, self.desired.day)):
            raise NotAcceptableError(
                f"the temporary value ended with {lapsed.days.last}: apply that, or change it"
            )
        if path == ("photo",):
            raise NotAcceptableError("a photo is a file; provisioner export --merge writes it")
        if one.before is not None:
            existing = self.live.objects[resource.address.identity]
            whole = memberships(existing.attributes).get(path[-1])
            self._set(resource, path, whole if _is_membership(path) else one.before)
            return
        inherited = [layer for layer in resource.layers if layer.profile and declares(layer, path)]
        if _is_membership(path) and inherited:
            raise NotAcceptableError(
                f'the membership comes from profile "{inherited[0].profile}" '
                f"({inherited[0].span(*path)}); change what the agent extends, or the profile"
            )
        if any(declares(layer, path) for layer in own_layers(resource)):
            self.edits += remove_field(resource, path)
        if inherited:
            self._set(resource, path, None)

    def _accept_hours(self, resource: Resource) -> None:
        existing = self.live.objects[resource.address.identity]
        self._set(resource, ("hours",), as_yaml(existing.attributes.get("hours") or {}))

    def _set(self, resource: Resource, path: FieldPath, value: Any) -> None:
        self._adopt_references({path[0]: value} if len(path) == 1 else {})
        if _is_membership(path):
            self._adopt_references({"departments": {path[1]: {}}})
        self.edits.append(set_field(resource, path, value))

    def _adopt_references(self, fields: Mapping[str, Any]) -> None:
        """Declare the role and the departments that accepted fields name."""
        role = fields.get("role")
        if isinstance(role, str) and role not in BUILT_IN_ROLES:
            if id_of_unnamed_role(role) is not None:
                raise NotAcceptableError(f"the account shows the role only as {role}: see role_ids")
            self._adopt(Kind.ROLE, role)
        for name in fields.get("departments") or ():
            self._adopt(Kind.DEPARTMENT, name)

    def _adopt(self, kind: Kind, name: str) -> None:
        if self.desired.find(kind, name) is None:
            self.entries.add(kind, {"name": name})


def _is_membership(path: FieldPath) -> bool:
    return len(path) == len(_MEMBERSHIP) and path[0] == _MEMBERSHIP[0]


def _name(existing: LiveObject) -> str:
    return str(existing.attributes[KINDS[existing.address.kind].identity])


def _access(existing: LiveObject) -> dict[str, Any]:
    """Return the name and the access of a live agent as fields of the files."""
    known = existing.attributes
    return {
        "name": known.get("name", ""),
        **({"role": known["role"]} if known.get("role") else {}),
        "departments": memberships(known),
    }
