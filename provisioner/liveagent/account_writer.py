"""Writes to a LiveAgent account: one method for each operation of a step."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from provisioner.diagnostics import RejectedError, TargetError
from provisioner.documents.files.attachments import Attachment
from provisioner.execution.operations import Operation
from provisioner.execution.steps import Step, address_of
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.liveagent.account_index import AccountIndex
from provisioner.liveagent.creation import ObjectCreator
from provisioner.liveagent.creation_values import CreationValues
from provisioner.liveagent.hours_writer import HoursWriter
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.learning import Learning
from provisioner.liveagent.looked_writer import LookedWriter
from provisioner.liveagent.row_sources import RowSources
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.codec import write
from provisioner.liveagent.rows.device_hours import web_devices
from provisioner.liveagent.rows.lists import read_pages
from provisioner.liveagent.rows.row_checks import checked, record


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
        self._sources = RowSources(self._index, live.surface)
        self._looked = LookedWriter(client, self._index, self._sources, live)
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
        path = "/devices/departments/update"
        body = {"DeviceDepartments": [self._service_row(step) for step in steps]}
        if steps[0].look:
            self._looked.set_services(steps, path, body)
        else:
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
        device = self._index.device(address_of(step), step.service)
        department = self._index.department_id(step)
        return codecs.device_department(device, department, wanted=step.value is True)

    def create_role(self, step: Step) -> None:
        """Create a custom role."""
        self._index.add(address_of(step), self._creator.create_role(step.values))

    def create_department(self, step: Step) -> None:
        """Create a department."""
        self._index.add(address_of(step), self._creator.create_department(step.values))

    def create_agent(self, step: Step) -> None:
        """Create an agent, or restore the deleted account that holds the email."""
        fields = self._agent_fields(step)
        self._index.add_agent(address_of(step), self._creator.create_agent(fields))

    def restore_agent(self, step: Step) -> None:
        """Undelete the deleted account with the id of the plan, and update it."""
        row = self._creator.restore_agent(self._agent_fields(step), str(step.value))
        self._index.add_agent(address_of(step), row)

    def update_agent(self, step: Step) -> None:
        """Send an agent whole, with the new values: a PUT may reset omitted fields (I)."""
        fields = self._agent_fields(step)
        role_id = self._index.role_id(address_of(step))
        self._learning.learn_role(fields, self._looked.put_whole(step, fields, role_id), role_id)

    def _agent_fields(self, step: Step) -> dict[str, Any]:
        role_ids = {**self.facts.role_ids, **self._index.role_ids()}
        return codecs.agent_fields(step.values, role_ids)

    def update(self, step: Step) -> None:
        """Send a role or a department whole, with the new values."""
        self._looked.put_whole(step, step.values)

    def delete(self, step: Step) -> None:
        """Delete an object; an object that is already gone is no error."""
        self._looked.delete(step)

    def read_page(self, step: Step) -> None:
        """Look at a page for the steps that rely on it."""
        self._looked.read_page(step)

    def read_agent_settings(self, step: Step) -> None:
        """Look at an agent's settings for the steps of the agent."""
        self._looked.read_alone(step, self._sources.settings(step))

    def put_member(self, step: Step) -> None:
        """Make an agent a member of a department, or change what the member may do there."""
        body, path = write(step.values, codecs.MEMBERSHIP), self._membership(step)
        if step.checked:
            self._looked.write_member(step, "PUT", path, body)
        else:
            self._client.call("PUT", path, body=body)

    def remove_member(self, step: Step) -> None:
        """End a membership; one that has already ended is no error."""
        try:
            self._looked.write_member(step, "DELETE", self._membership(step), None)
        except RejectedError as error:
            if error.status not in GONE:
                raise

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
        device, value = self._index.device(address_of(step), step.service), str(step.value)
        if step.checked:
            self._looked.set_availability(step, device, value)
        elif not (step.fresh and codecs.is_available(device, value)):
            body = codecs.body(codecs.device_fields(device, value))
            self._client.call("PUT", f"/devices/{quoted(device['id'])}", body=body)

    def update_agent_settings(self, step: Step) -> None:
        """Write agent settings, unless they are a new agent's own; a photo is uploaded first."""
        if self._given.include_settings(step):
            return
        before = self._index.agent_settings(address_of(step)) if step.checked else None
        fields = write(step.values, codecs.SETTINGS, before)
        if "photo" in step.values:
            photo = step.values["photo"]
            fields["photo"] = self._upload(photo) if photo else None
        if before is not None:
            self._looked.put_settings(step, before, fields)
        else:
            self._client.call("PUT", self._sources.settings(step).path, body=fields)

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
        letter, before = codecs.VOICE.write(step.value), self._index.row(address_of(step))
        path = f"{self._sources.own(step).path}/updateVoiceStatus"
        params = {"voiceStatus": letter}
        if step.checked:
            self._looked.post(step, path, before, {"voice_status": letter}, params)
        elif before.get("voice_status") != letter:
            self._client.call("POST", path, params=params, repeatable=True)

    def set_hours(self, step: Step) -> None:
        """Replace the planned hours of a service in a department; the API can't change a shift."""
        device = self._index.device(address_of(step), step.service)
        department = self._index.department_id(step)
        before, after = step.values["before"], step.values["after"]
        look = partial(self._looked.look_at_hours, step)
        self._hours.replace_hours(device, department, after, look, is_planned=bool(before))

    def end_login(self, step: Step) -> None:
        """End a LivePhone login; a login that has already ended is no error."""
        self._client.delete(f"/apikeys/{quoted(step.login)}")

    def _membership(self, step: Step) -> str:
        department, agent = self._index.department_id(step), self._index.id(address_of(step))
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
    Operation.READ_PAGE: LiveAgentWriter.read_page,
    Operation.READ_AGENT_SETTINGS: LiveAgentWriter.read_agent_settings,
    Operation.SET_AVAILABILITY: LiveAgentWriter.set_availability,
    Operation.END_LOGIN: LiveAgentWriter.end_login,
}
