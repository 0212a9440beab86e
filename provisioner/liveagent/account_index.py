"""Ids, rows and devices of an account's objects: from the plan's reading, and of new objects."""

from collections.abc import Mapping

from provisioner import address as addresses
from provisioner.address import Address, Identity, Kind
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.execution.steps import Step
from provisioner.live.state import LiveState, Surface
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row


class AccountIndex:
    """Finds ids, rows and devices by address; several threads read and extend it at once."""

    def __init__(self, live: LiveState, role_ids: Mapping[str, str]) -> None:
        """Index the objects of a reading.

        `role_ids` maps folded names to ids, for roles that the API does not list.
        """
        self._ids = {identity: existing.id for identity, existing in live.objects.items()}
        self._raw = {identity: existing.raw for identity, existing in live.objects.items()}
        agents = [raw for (kind, _), raw in self._raw.items() if kind is Kind.AGENT]
        self._devices: dict[str, Mapping[str, Row]] = {
            str(raw["agent"]["id"]): raw["devices"] for raw in agents
        }
        custom = frozenset(self._custom_roles().values()) if live.surface is Surface.FULL else None
        rows = [{**raw["agent"], "roleId": raw["role_id"]} for raw in agents]
        built_in = codecs.built_in_role_ids(rows, custom)
        self._given_roles = {**built_in, **role_ids}
        self._new_agents: set[str] = set()
        self._created: set[Identity] = set()

    def add_agent(self, address: Address, row: Row) -> None:
        """Add an agent who was created or restored, as the answer shows the agent."""
        self._raw[address.identity] = {"agent": row}
        self._new_agents.add(str(row["id"]))
        self.add(address, str(row["id"]))

    def add(self, address: Address, object_id: str) -> None:
        """Add an object that was created."""
        self._ids[address.identity] = object_id
        self._created.add(address.identity)

    def add_devices(self, devices: Mapping[str, Mapping[str, Row]]) -> None:
        """Add the devices of new agents: agent id to service to device."""
        self._devices = {**self._devices, **devices}

    def has_all_new(self, devices: Mapping[str, Mapping[str, Row]]) -> bool:
        """Return whether every new agent has devices for the services that others have them for."""
        services = {service for own in self._devices.values() for service in own}
        return all(services <= devices.get(agent_id, {}).keys() for agent_id in self._new_agents)

    def is_new(self, step: Step) -> bool:
        """Return whether a step writes a part of an object, or of a membership, of this run."""
        if step.address is None or step.operation.creates:
            return False
        identities = {step.address.identity}
        if step.department:
            identities.add(addresses.department(step.department).identity)
        return not step.checked or not identities.isdisjoint(self._created)

    def role_ids(self) -> dict[str, str]:
        """Return a mapping from folded role name to id, for every role with a known id."""
        return self._given_roles | self._custom_roles()

    def id(self, address: Address) -> str:
        """Return an object's id."""
        return self._ids[address.identity]

    def department_id(self, step: Step) -> str:
        """Return the id of a step's department."""
        return self.id(addresses.department(step.department))

    def row(self, address: Address) -> Row:
        """Return an object's row from the plan's reading, or from the answer to its creation."""
        raw = self._raw[address.identity]
        row: Row = raw["agent"] if address.kind is Kind.AGENT else dict(raw)
        return row

    def role_id(self, address: Address) -> str:
        """Return the id of an agent's role in the plan's reading; "" if no list shows it."""
        role_id: str = self._raw[address.identity]["role_id"]
        return role_id

    def agent_settings(self, address: Address) -> Row:
        """Return the row of an agent's settings from the plan's reading."""
        row: Row = self._raw[address.identity]["settings"]
        return row

    def device(self, address: Address, service: str) -> Row:
        """Return an agent's web device for a service.

        Raises:
            RejectedError: there is none; other steps of the same batch may succeed.
        """
        try:
            return self._devices[self.id(address)][service]
        except KeyError:
            raise RejectedError(
                Diagnostic(
                    code="no-device",
                    summary=f'agent "{address.key}" has no web device for {service}',
                    hint=f"check in the panel that {service} are part of the account's plan "
                    "and switched on",
                ),
                status=0,
            ) from None

    def _custom_roles(self) -> dict[str, str]:
        return {key: id_ for (kind, key), id_ in list(self._ids.items()) if kind is Kind.ROLE}
