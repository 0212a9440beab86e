"""Writes to a LiveAgent account: one method for each operation of a step."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import TargetError
from provisioner.documents.files.attachments import Attachment
from provisioner.execution.steps import Operation, Step
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.liveagent.account_index import AccountIndex
from provisioner.liveagent.conflict_checks import ConflictChecks
from provisioner.liveagent.creation import ObjectCreator
from provisioner.liveagent.creation_values import CreationValues
from provisioner.liveagent.hours_writer import HoursWriter
from provisioner.liveagent.http.client import API_ROOT, Client, quoted
from provisioner.liveagent.learning import Learning
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.codec import write
from provisioner.liveagent.rows.device_hours import web_devices
from provisioner.liveagent.rows.lists import read_pages
from provisioner.liveagent.rows.row_checks import Row, checked, record


class LiveAgentWriter:
    """Implements `provisioner.execution.run_control.Writer` for LiveAgent.

    Attributes:
        batch_size: rows of one batch call.
    """

    def __init__(
        self,
        client: Client,
        live: LiveState,
        role_ids: Mapping[str, str],
        photos: Mapping[str, Attachment],
    ) -> None:
        """Make a writer.

        `role_ids` maps folded names to ids, for roles that the API does not list.
        """
        self._client = client
        self.batch_size: int = client.capabilities["batch_size"]
        self._index = AccountIndex(live, role_ids)
        self._learning = Learning(self._index.role_ids().values())
        self._creator = ObjectCreator(client, self._learning)
        self._conflicts = ConflictChecks(client, live.hours_form)
        self._hours = HoursWriter(client, live.hours_form)
        self._given = CreationValues(live, client.capabilities)
        self._photos = photos
        self._uploaded: dict[str, str] = {}
        self._uploading = threading.Lock()
        self._waited: set[str] = set()

    @property
    def facts(self) -> RecordedFacts:
        """Facts about the account from the answers so far."""
        return self._learning.facts

    @property
    def restored(self) -> Mapping[str, str]:
        """Folded email to id of the deleted agents whom creations restored so far."""
        return self._learning.restored

    def write(self, step: Step) -> None:
        """Do one step."""
        if step.operation.batched:
            self.write_batch([step])
        else:
            self._until_found([step], lambda: _OPERATIONS[step.operation](self, step))

    def write_batch(self, steps: Sequence[Step]) -> None:
        """Set the services of many memberships with one call."""
        body = {"DeviceDepartments": [self._service_row(step) for step in steps]}
        path = "/devices/departments/update"
        self._until_found(steps, lambda: self._client.call("PUT", path, body=body))

    def _until_found(self, steps: Sequence[Step], write: Callable[[], object]) -> None:
        """Write to objects; new ones that are not found yet are waited for, once for each step."""
        waiting = {step.id for step in steps if self._index.is_new(step)} - self._waited
        if not waiting:
            write()
            return
        try:
            self._client.retries.until_found(", ".join(sorted(waiting)[:1]), write)
        except TargetError:
            self._waited.update(waiting)
            raise

    def _service_row(self, step: Step) -> dict[str, Any]:
        address, department = _address(step), self._index.department_id(step)
        if step.checked:
            agent_id, before = self._index.id(address), step.values["before"]
            self._conflicts.check_service(
                address, agent_id, department, step.service, before=before, wanted=step.value
            )
        device = self._index.device(address, step.service)
        return codecs.device_department(device, department, wanted=step.value is True)

    def create_role(self, step: Step) -> None:
        """Create a custom role."""
        self._index.add(_address(step), self._creator.create_role(step.values))

    def create_department(self, step: Step) -> None:
        """Create a department."""
        self._index.add(_address(step), self._creator.create_department(step.values))

    def create_agent(self, step: Step) -> None:
        """Create an agent, or restore the deleted account that holds the email."""
        fields = self._agent_fields(step)
        self._index.add_agent(_address(step), self._creator.create_agent(fields))

    def restore_agent(self, step: Step) -> None:
        """Undelete the deleted account with the id of the plan, and update it."""
        row = self._creator.restore_agent(self._agent_fields(step), str(step.value))
        self._index.add_agent(_address(step), row)

    def update_agent(self, step: Step) -> None:
        """Send an agent whole, with the new values: a PUT may reset omitted fields (I)."""
        fields = self._agent_fields(step)
        role_id = self._index.role_id(_address(step))
        self._learning.learn_role(fields, self._put_whole(step, fields, role_id), role_id)

    def _agent_fields(self, step: Step) -> dict[str, Any]:
        role_ids = {**self.facts.role_ids, **self._index.role_ids()}
        return codecs.agent_fields(step.values, role_ids)

    def update(self, step: Step) -> None:
        """Send a role or a department whole, with the new values."""
        self._put_whole(step, step.values)

    def _put_whole(self, step: Step, fields: Mapping[str, Any], role_id: str = "") -> Any:
        """Send an object with other fields, and return the content of the answer.

        Args:
            step: the step.
            fields: the fields to write.
            role_id: the id of an agent's role. A row without it would lose a custom role (I).
        """
        address, path = _address(step), self._path(step)
        row = self._conflicts.current_row(address, path, self._index.row(address), fields)
        if role_id and not row.get("roleId"):
            row = {**row, "roleId": role_id}
        return self._client.call("PUT", path, body=codecs.body({**row, **fields})).content

    def delete(self, step: Step) -> None:
        """Delete an object; an object that is already gone is no error."""
        address, path = _address(step), self._path(step)
        if not self._conflicts.is_gone(address, path, self._index.row(address)):
            self._client.delete(path)

    def read_agent_settings(self, step: Step) -> None:
        """Read an agent's settings again, right before they are overwritten."""
        agent_id = self._index.id(_address(step))
        self._conflicts.read_agent_settings(self._settings_path(step), agent_id)

    def read_services(self, _step: Step) -> None:
        """Read the services of all memberships again, right before some are overwritten."""
        self._conflicts.read_services()

    def put_member(self, step: Step) -> None:
        """Make an agent a member of a department, or change what the member may do there."""
        body = write(step.values, codecs.MEMBERSHIP)
        self._check_membership(step, body)
        self._client.call("PUT", self._membership(step), body=body)

    def remove_member(self, step: Step) -> None:
        """End a membership."""
        self._check_membership(step, None)
        self._client.delete(self._membership(step))

    def _check_membership(self, step: Step, wanted: Mapping[str, Any] | None) -> None:
        if step.checked:
            address = _address(step)
            agent_id, department = self._index.id(address), self._index.department_id(step)
            before = self._index.agent_settings(address)
            self._conflicts.check_membership(address, agent_id, before, department, wanted)

    def read_devices(self, _step: Step) -> None:
        """Read the devices that LiveAgent has created with new agents."""
        self._index.add_devices(
            self._client.retries.poll(
                "the devices of new agents",
                lambda: web_devices(read_pages(self._client, "/devices", "id", row_shapes.DEVICE)),
                self._index.has_all_new,
            )
        )

    def set_availability(self, step: Step) -> None:
        """Set an agent's availability for a service, unless the device already has it."""
        address, value = _address(step), str(step.value)
        device = self._index.device(address, step.service)
        path = f"/devices/{quoted(device['id'])}"
        if step.checked:
            preset = {"preset_status": codecs.device_fields(device, value)["preset_status"]}
            device = self._conflicts.current_row(address, path, device, preset, row_shapes.DEVICE)
        if not ((step.checked or step.fresh) and codecs.is_available(device, value)):
            body = codecs.body(codecs.device_fields(device, value))
            self._client.call("PUT", path, body=body)

    def update_agent_settings(self, step: Step) -> None:
        """Write agent settings, unless they are a new agent's own; a photo is uploaded first."""
        if self._given.include_settings(step):
            return
        address = _address(step)
        before = self._index.agent_settings(address) if step.checked else None
        fields = write(step.values, codecs.SETTINGS, before)
        if "photo" in step.values:
            fields["photo"] = None
        if before is not None:
            agent_id = self._index.id(address)
            self._conflicts.check_agent_settings(address, agent_id, before, fields)
        if photo := step.values.get("photo"):
            fields["photo"] = self._upload(photo)
        self._client.call("PUT", self._settings_path(step), body=fields)

    def _upload(self, digest: str) -> str:
        """Upload a photo once in a run, and return its file id."""
        with self._uploading:
            if digest not in self._uploaded:
                row = self._client.upload("/files", self._photos[digest]).content
                file = checked(f"POST {API_ROOT}/files", row, record(id=row_shapes.IDENTIFIER))
                self._uploaded[digest] = str(file["id"])
            return self._uploaded[digest]

    def set_voice(self, step: Step) -> None:
        """Set whether an agent can answer calls, unless the answer to a creation shows it."""
        address, path = _address(step), self._path(step)
        letter = codecs.VOICE.write(step.value)
        if step.checked:
            wanted = {"voice_status": letter}
            self._conflicts.current_row(address, path, self._index.row(address), wanted)
        elif self._index.row(address).get("voice_status") == letter:
            return
        params = {"voiceStatus": letter}
        self._client.call("POST", f"{path}/updateVoiceStatus", params=params, repeatable=True)

    def set_hours(self, step: Step) -> None:
        """Replace the planned hours of a service in a department; the API can't change a shift."""
        address, department = _address(step), self._index.department_id(step)
        device = self._index.device(address, step.service)
        before, after = step.values["before"], step.values["after"]
        current: Sequence[Row] = ()
        if step.checked:
            current = self._conflicts.check_hours(
                address, device, department, step.service, before, after
            )
        self._hours.replace_hours(device, department, after, current, is_planned=bool(before))

    def end_login(self, step: Step) -> None:
        """End a LivePhone login; a login that has already ended is no error."""
        self._client.delete(f"/apikeys/{quoted(step.login)}")

    def _path(self, step: Step) -> str:
        address = _address(step)
        return f"/{address.kind.plural}/{quoted(self._index.id(address))}"

    def _settings_path(self, step: Step) -> str:
        return f"{self._path(step)}/profile"

    def _membership(self, step: Step) -> str:
        department, agent = self._index.department_id(step), self._index.id(_address(step))
        return f"/departments/{quoted(department)}/{quoted(agent)}"


_OPERATIONS: Mapping[Operation, Callable[[LiveAgentWriter, Step], None]] = {
    Operation.CREATE_ROLE: LiveAgentWriter.create_role,
    Operation.UPDATE_ROLE: LiveAgentWriter.update,
    Operation.DELETE_ROLE: LiveAgentWriter.delete,
    Operation.CREATE_DEPARTMENT: LiveAgentWriter.create_department,
    Operation.UPDATE_DEPARTMENT: LiveAgentWriter.update,
    Operation.DELETE_DEPARTMENT: LiveAgentWriter.delete,
    Operation.CREATE_AGENT: LiveAgentWriter.create_agent,
    Operation.RESTORE_AGENT: LiveAgentWriter.restore_agent,
    Operation.UPDATE_AGENT: LiveAgentWriter.update_agent,
    Operation.DELETE_AGENT: LiveAgentWriter.delete,
    Operation.ADD_MEMBER: LiveAgentWriter.put_member,
    Operation.SET_MEMBERSHIP: LiveAgentWriter.put_member,
    Operation.UPDATE_AGENT_SETTINGS: LiveAgentWriter.update_agent_settings,
    Operation.SET_VOICE: LiveAgentWriter.set_voice,
    Operation.SET_HOURS: LiveAgentWriter.set_hours,
    Operation.REMOVE_MEMBER: LiveAgentWriter.remove_member,
    Operation.READ_DEVICES: LiveAgentWriter.read_devices,
    Operation.READ_AGENT_SETTINGS: LiveAgentWriter.read_agent_settings,
    Operation.READ_SERVICES: LiveAgentWriter.read_services,
    Operation.SET_AVAILABILITY: LiveAgentWriter.set_availability,
    Operation.END_LOGIN: LiveAgentWriter.end_login,
}


def _address(step: Step) -> Address:
    if step.address is None:
        raise ValueError(f"step {step.id} has no object")
    return step.address
