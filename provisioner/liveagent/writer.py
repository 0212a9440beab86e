"""Writing to a LiveAgent account: one function for each operation of a step."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from provisioner import address as addresses
from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.documents.attachments import Attachment
from provisioner.execution.steps import Operation, Step
from provisioner.live.state import LiveState, Surface
from provisioner.liveagent import codecs, profiles
from provisioner.liveagent.http import Client, not_liveagent
from provisioner.liveagent.lists import Row, read_pages
from provisioner.liveagent.reader import web_devices

CONFLICT_STATUSES = {400, 409}
"""What a creation is declined with where a deleted account holds the email (I)."""

TAKEN = ("email", "exist", "delet")
"""One of these words is in the message then (I); another refusal must not bring an account back."""


class LiveAgentWriter:
    """Makes steps true; see `provisioner.execution.writer.Writer`.

    It starts from the reading that the plan was made from: ids and whole objects come from there,
    so that a change costs its write and nothing more.
    """

    def __init__(
        self,
        client: Client,
        live: LiveState,
        role_ids: Mapping[str, str],
        photos: Mapping[str, Attachment],
    ) -> None:
        """Make a writer.

        Args:
            client: the account.
            live: the reading that the plan was made from.
            role_ids: folded role name to id, for roles that the API does not list.
            photos: digest to file.
        """
        self._client = client
        self._photos = photos
        self._uploaded: dict[str, str] = {}
        self._uploading = threading.Lock()
        self._ids = {identity: existing.id for identity, existing in live.objects.items()}
        self._raw = {identity: existing.raw for identity, existing in live.objects.items()}
        rows = [raw["agent"] for (kind, _), raw in self._raw.items() if kind is Kind.AGENT]
        listed = frozenset(self._role_ids().values()) if live.surface is Surface.FULL else None
        self._known_roles = {**codecs.built_in_role_ids(rows, listed), **role_ids}
        self._devices: dict[str, Mapping[str, Row]] = {
            existing.id: existing.raw["devices"]
            for (kind, _), existing in live.objects.items()
            if kind is Kind.AGENT
        }

    def write(self, step: Step) -> None:
        """Do one step."""
        if step.operation.batched:
            self.write_batch([step])
        else:
            _OPERATIONS[step.operation](self, step)

    def write_batch(self, steps: Sequence[Step]) -> None:
        """Set services of departments, many with one call."""
        rows = [
            codecs.device_department(
                self._device(step), self._id_of_department(step), wanted=step.value is True
            )
            for step in steps
        ]
        self._client.call("PUT", "/devices/departments/update", body={"DeviceDepartments": rows})

    def create_role(self, step: Step) -> None:
        """Create a custom role."""
        self._created(step, self._client.call("POST", "/roles", body=step.values).content, "id")

    def update_role(self, step: Step) -> None:
        """Send a custom role whole, with the new values."""
        row = self._fresh(step, self._raw[_address(step).identity], step.values)
        self._client.call("PUT", self._path(step), body={**row, **step.values})

    def create_department(self, step: Step) -> None:
        """Create a department."""
        content = self._client.call("POST", "/departments", body=step.values).content
        self._created(step, content, "department_id")

    def update_department(self, step: Step) -> None:
        """Send a department whole, with the new name."""
        row = self._raw[_address(step).identity]
        self._client.call("PUT", self._path(step), body={**row, **step.values})

    def create_agent(self, step: Step) -> None:
        """Create an agent, or restore the deleted account that holds the email."""
        fields = codecs.agent_fields(step.values, self._known_roles | self._role_ids())
        try:
            row = self._client.call("POST", "/agents", body=fields).content
        except RejectedError as error:
            row = self._restore(fields, error)
        self._created(step, row, "id")

    def _restore(self, fields: Mapping[str, Any], refusal: RejectedError) -> Row:
        """Undelete the account of an email and update it; there is one account per email."""
        said = str(refusal).lower()
        if refusal.status not in CONFLICT_STATUSES or not any(word in said for word in TAKEN):
            raise refusal
        try:
            row = self._undelete({"email": fields["email"]})
        except RejectedError:
            raise refusal from None
        return self._put_restored(row, fields)

    def restore_agent(self, step: Step) -> None:
        """Undelete an account that is known to be deleted, and update it."""
        fields = codecs.agent_fields(step.values, self._known_roles | self._role_ids())
        row = self._undelete({"id": step.value, "email": fields["email"]})
        self._created(step, self._put_restored(row, fields), "id")

    def _undelete(self, key: Mapping[str, Any]) -> Row:
        row: Row = self._client.call("POST", "/agents/undelete", body=key).content
        return row

    def _put_restored(self, row: Row, fields: Mapping[str, Any]) -> Row:
        self._client.call("PUT", f"/agents/{_quoted(row['id'])}", body={**row, **fields})
        return row

    def update_agent(self, step: Step) -> None:
        """Send an agent whole, with the new values: what a PUT leaves out may be reset (I)."""
        fields = codecs.agent_fields(step.values, self._known_roles | self._role_ids())
        row = self._fresh(step, self._raw[_address(step).identity]["agent"], fields)
        self._client.call("PUT", self._path(step), body={**row, **fields})

    def _fresh(self, step: Step, before: Mapping[str, Any], fields: Mapping[str, Any]) -> Row:
        """Return an object as it is right now, for sending it back whole.

        Raises:
            RejectedError: somebody changed what is to be written since the plan was made.
        """
        row: Row = self._client.call("GET", self._path(step)).content
        changed = sorted(name for name in fields if row.get(name) != before.get(name))
        if changed:
            raise RejectedError(
                Diagnostic(
                    code="changed-meanwhile",
                    summary=f"{step.address}: {', '.join(changed)} changed since the plan was made",
                    hint="run plan again and look at what would be undone",
                ),
                status=0,
            )
        return row

    def delete(self, step: Step) -> None:
        """Delete an object."""
        self._client.call("DELETE", self._path(step))

    def put_member(self, step: Step) -> None:
        """Make an agent a member of a department, or change what the member may do there."""
        body = profiles.membership_fields(step.values)
        self._client.call("PUT", self._membership(step), body=body)

    def remove_member(self, step: Step) -> None:
        """End a membership."""
        self._client.call("DELETE", self._membership(step))

    def read_devices(self, _step: Step) -> None:
        """Learn the devices that LiveAgent has made with new agents."""
        self._devices |= web_devices(read_pages(self._client, "/devices", "id"))

    def set_availability(self, step: Step) -> None:
        """Set an agent's availability for a service, unless it is so from the start."""
        device, value = self._device(step), str(step.value)
        if not codecs.is_available(device, value):
            path = f"/devices/{_quoted(device['id'])}"
            self._client.call("PUT", path, body=codecs.device_fields(device, value))

    def update_profile(self, step: Step) -> None:
        """Write sections of an agent's profile; a photo is uploaded first."""
        fields = profiles.profile_fields(step.values)
        photo = step.values.get("photo")
        if photo is not None:
            fields["photo"] = self._upload(photo) if photo else None
        self._client.call("PUT", f"{self._path(step)}/profile", body=fields)

    def _upload(self, digest: str) -> str:
        """Upload a photo and return its file id; the same photo is uploaded once in a run."""
        with self._uploading:
            if digest not in self._uploaded:
                row = self._client.upload("/files", self._photos[digest]).content
                self._uploaded[digest] = str(row["id"])
            return self._uploaded[digest]

    def set_voice(self, step: Step) -> None:
        """Set whether an agent can take calls or only make them."""
        params = {"voiceStatus": codecs.voice_letter(str(step.value))}
        self._client.call("POST", f"{self._path(step)}/updateVoiceStatus", params=params)

    def set_hours(self, step: Step) -> None:
        """Replace the planned hours of a service in a department: the API can't change one."""
        device = self._device(step)
        department = self._id_of_department(step)
        path = f"/devices/{_quoted(device['id'])}/departments/{_quoted(department)}/plans"
        if step.values["before"]:
            self._client.call("DELETE", path)
        if step.values["after"]:
            rows = profiles.plan_rows(step.values["after"], device["id"], department)
            self._client.call("POST", path, body={"DeviceDepartments": rows})

    def _created(self, step: Step, row: Any, identity: str) -> None:
        if not isinstance(row, dict) or not row.get(identity):
            raise TargetError(not_liveagent(step.id, f"the answer has no {identity}"))
        self._ids[_address(step).identity] = str(row[identity])

    def _role_ids(self) -> dict[str, str]:
        """Return folded name to id of the custom roles, those just created among them."""
        return {key: id_ for (kind, key), id_ in list(self._ids.items()) if kind is Kind.ROLE}

    def _id(self, address: Address) -> str:
        return self._ids[address.identity]

    def _id_of_department(self, step: Step) -> str:
        return self._id(addresses.department(step.department))

    def _path(self, step: Step) -> str:
        address = _address(step)
        return f"/{address.kind.plural}/{_quoted(self._id(address))}"

    def _membership(self, step: Step) -> str:
        department, agent = self._id_of_department(step), self._id(_address(step))
        return f"/departments/{_quoted(department)}/{_quoted(agent)}"

    def _device(self, step: Step) -> Row:
        """Return the agent's web device for the step's service."""
        address = _address(step)
        try:
            return self._devices[self._id(address)][step.service]
        except KeyError:
            # As one that concerns this step alone: others of its batch may be fine.
            raise RejectedError(
                Diagnostic(
                    code="no-device",
                    summary=f'agent "{address.key}" has no web device for {step.service}',
                    hint=f"check in the panel that {step.service} are part of the account's plan "
                    "and switched on",
                ),
                status=0,
            ) from None


_OPERATIONS: Mapping[Operation, Callable[[LiveAgentWriter, Step], None]] = {
    Operation.CREATE_ROLE: LiveAgentWriter.create_role,
    Operation.UPDATE_ROLE: LiveAgentWriter.update_role,
    Operation.DELETE_ROLE: LiveAgentWriter.delete,
    Operation.CREATE_DEPARTMENT: LiveAgentWriter.create_department,
    Operation.UPDATE_DEPARTMENT: LiveAgentWriter.update_department,
    Operation.DELETE_DEPARTMENT: LiveAgentWriter.delete,
    Operation.CREATE_AGENT: LiveAgentWriter.create_agent,
    Operation.RESTORE_AGENT: LiveAgentWriter.restore_agent,
    Operation.UPDATE_AGENT: LiveAgentWriter.update_agent,
    Operation.DELETE_AGENT: LiveAgentWriter.delete,
    Operation.ADD_MEMBER: LiveAgentWriter.put_member,
    Operation.SET_MEMBERSHIP: LiveAgentWriter.put_member,
    Operation.UPDATE_PROFILE: LiveAgentWriter.update_profile,
    Operation.SET_VOICE: LiveAgentWriter.set_voice,
    Operation.SET_HOURS: LiveAgentWriter.set_hours,
    Operation.REMOVE_MEMBER: LiveAgentWriter.remove_member,
    Operation.READ_DEVICES: LiveAgentWriter.read_devices,
    Operation.SET_AVAILABILITY: LiveAgentWriter.set_availability,
}


def _address(step: Step) -> Address:
    if step.address is None:
        raise ValueError(f"step {step.id} has no object")
    return step.address


def _quoted(part: object) -> str:
    return quote(str(part), safe="")
