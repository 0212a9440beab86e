"""Combines the rows of each agent into a live object, and reports what they leave unknown."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from provisioner.live.state import LiveObject
from provisioner.live.unread import ANY_ENTRY
from provisioner.liveagent.rows import codecs, device_hours
from provisioner.liveagent.rows.agreement import (
    AGENTS_LIST,
    PATHS,
    SETTINGS_LIST,
    Lists,
    Problem,
    UnreadParts,
    is_deleted,
)
from provisioner.liveagent.rows.codec import Codec, Report, read, without_defaults
from provisioner.liveagent.rows.device_hours import SERVICE_OF, repeated_devices, web_devices
from provisioner.liveagent.rows.row_checks import MISSING, Row, described
from provisioner.model.fields import FieldPath
from provisioner.model.hours_form import HoursForm
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES

AgentShifts = dict[str, list[tuple[str, Row]]]
"""Agent id to the shifts of the agent's devices, each with its service."""


class ReadShifts(NamedTuple):
    """Planned hours as they were read.

    Attributes:
        by_agent: the shifts that were read device by device.
        form: the form of all hours of the account.
    """

    by_agent: AgentShifts
    form: HoursForm


STATUS_LETTERS = frozenset("RMTP")
"""The letters of AgentStatus: read, message, chat and phone (D)."""


class AgentObjects:
    """Combines the rows of each agent."""

    def __init__(
        self,
        lists: Lists,
        shifts: ReadShifts,
        departments: Mapping[str, str],
        roles: Mapping[str, str] | None,
        unread: UnreadParts,
    ) -> None:
        """Prepare the lists.

        `shifts` are as for `objects_of`. `roles` is None if the API does not list them.
        """
        self._shifts, self._departments, self._roles = shifts, departments, roles
        self._unread = unread
        self._settings = {row["agent_id"]: row for row in lists.get("agent_settings", ())}
        self._statuses = {row["agentid"]: row for row in lists["statuses"]}
        rows = [device for row in self._settings.values() for device in row.get("devices") or ()]
        rows += lists.get("devices", ())
        self._devices = web_devices(rows)
        self._repeated = repeated_devices(rows)
        agents = [row for row in lists["agents"] if not is_deleted(row.get("status"))]
        sends_optional = any(
            row.get(name) is not None for row in agents for name in codecs.OPTIONAL_OF_AGENT
        )
        self._sends_optional = sends_optional
        self._agent_codecs = codecs.AGENT if sends_optional else without_defaults(codecs.AGENT)
        if self._settings:
            in_settings = {codec.path for codec in codecs.SETTINGS}
            self._agent_codecs = tuple(
                codec for codec in self._agent_codecs if codec.path not in in_settings
            )
        self._shows_roles = any(row.get("role") for row in agents)
        self._shows_services = _shows_services(lists["statuses"])
        self._shows_shifts = any(row.get("plans") is not None for row in self._settings.values())

    def is_identified(self, row: Row) -> bool:
        """Return whether a row has an email and a role: an agent without them can't be compared.

        A missing role is the default one, if the account shows any role: it has an owner.
        """
        required = ("email",) if self._shows_roles else ("email", "role")
        missing = [name for name in required if not row.get(name)]
        for name in missing[:1]:
            text = f"is {described(row.get(name, MISSING))}"
            problem = Problem(AGENTS_LIST, name, text, whole=True)
            self._unread.add(problem, row["id"], email=row["email"])
        return not missing

    def object_of(self, row: Row) -> LiveObject:
        """Return an agent from a row of `/agents`."""
        agent_id = row["id"]
        settings = self._settings.get(agent_id)
        devices = self._devices.get(agent_id, {})
        role_id = str(row.get("roleId") or self._statuses[agent_id].get("roleid") or "")
        self._check_status(row, self._statuses[agent_id])
        self._check_role(row, role_id)
        self._check_devices(agent_id, devices)
        return codecs.agent(
            row,
            role_id=role_id,
            fields=self._fields(row, settings),
            roles=self._roles,
            departments=self._departments,
            statuses=self._memberships_of(agent_id),
            devices=devices,
            memberships=self._membership_fields(agent_id, settings),
            settings=settings,
        )

    def _add(
        self,
        path_of_list: str,
        field: str,
        value: Any,
        expected: str,
        agent_id: str,
        *,
        path: FieldPath = (),
        label: Any = None,
    ) -> None:
        text = f"is {described(value)}; {expected} is expected"
        self._unread.add(Problem(path_of_list, field, text, path=path), agent_id, label=label)

    def _check_status(self, row: Row, status: Row) -> None:
        """Report a status that no document has."""
        agent_id = row["id"]
        for path, source, field in (
            (AGENTS_LIST, row, "status"),
            (PATHS["statuses"], status, "userstatus"),
        ):
            letter = source.get(field)
            if letter not in {None, "", codecs.ACTIVE, codecs.DELETED}:
                self._add(path, field, letter, "one of A, X", agent_id)

    def _check_role(self, row: Row, role_id: str) -> None:
        """Report a role that no document has, and one that may be a custom role.

        An account that never sends optional fields shows no ids of roles.
        """
        agent_id, role = row["id"], codecs.role_of(row)
        if not codecs.is_known_role(row, role_id, self._roles):
            expected = f"one of {', '.join(BUILT_IN_ROLES)}"
            self._add(AGENTS_LIST, "role", role, expected, agent_id, path=("role",))
        may_be_custom = role == codecs.CUSTOM_ROLE and self._roles != {}
        if may_be_custom and not role_id and not self._sends_optional:
            text = f"is {described(row.get('roleId', MISSING))}"
            problem = Problem(AGENTS_LIST, "roleId", text, path=("role",), is_documented=True)
            self._unread.add(problem, agent_id)

    def _check_devices(self, agent_id: str, devices: Mapping[str, Row]) -> None:
        """Report a service with an unknown availability: an odd status, or several devices."""
        for service, device in devices.items():
            path_of_list = SETTINGS_LIST if self._settings else "/devices"
            path = ("availability", service)
            if not codecs.is_readable(device):
                value = device.get("preset_status", MISSING)
                self._add(
                    path_of_list,
                    "preset_status",
                    value,
                    "one of N, F",
                    agent_id,
                    path=path,
                    label=device["id"],
                )
            for repeated in self._repeated.get((agent_id, service), ()):
                text = f'is "{device["service_type"]}" for a second web device of the agent'
                problem = Problem(path_of_list, "service_type", text, path=path)
                self._unread.add(problem, agent_id, label=repeated["id"])

    def _fields(self, row: Row, settings: Row | None) -> dict[str, Any]:
        """Return the fields of an agent that one row alone holds, and the hours if known."""
        agent_id = row["id"]
        shifts = self._shifts.by_agent.get(agent_id)
        fields = read(row, self._agent_codecs, self._report(AGENTS_LIST, agent_id))
        if settings is not None:
            report = self._report(SETTINGS_LIST, agent_id)
            fields |= read(settings, codecs.SETTINGS, report)
            rows = settings.get("plans")
            if rows is not None or self._shows_shifts:
                shifts = [(SERVICE_OF[shift["service_type"]], shift) for shift in rows or ()]
            elif shifts is None:
                text = f"is {described(settings.get('plans', MISSING))}"
                path = ("hours",)
                problem = Problem(SETTINGS_LIST, "plans", text, path=path, is_documented=True)
                self._unread.add(problem, agent_id)
        if shifts is not None:
            known = [one for one in shifts if one[1]["department_id"] in self._departments]
            fields["hours"] = device_hours.week(known, self._departments, self._shifts.form)
        return fields

    def _memberships_of(self, agent_id: str) -> list[Row]:
        """Return the rows of AgentStatus of an agent, of departments that exist."""
        statuses = []
        for status in self._statuses[agent_id]["departments_statuses"]:
            if status["departmentid"] not in self._departments:
                continue
            statuses.append(status)
            letters = status.get("preset_status")
            field = "departments_statuses.preset_status"
            if letters and not STATUS_LETTERS.issuperset(letters):
                expected = "letters of R, M, T, P"
                self._add(PATHS["statuses"], field, letters, expected, agent_id)
            if not self._shows_services:
                text = f"is {described(status.get('preset_status', MISSING))}"
                for service in SERVICES:
                    path = ("departments", ANY_ENTRY, service)
                    problem = Problem(PATHS["statuses"], field, text, path=path, is_documented=True)
                    self._unread.add(problem, agent_id)
        return statuses

    def _membership_fields(self, agent_id: str, settings: Row | None) -> dict[str, dict[str, Any]]:
        """Return a mapping from department id to the membership's fields in the settings."""
        fields = {}
        for row in (settings or {}).get("memberships", ()):
            if name := self._departments.get(row["department_id"]):
                report = self._report(
                    SETTINGS_LIST, agent_id, "memberships.", ("departments", name)
                )
                fields[row["department_id"]] = read(row, codecs.MEMBERSHIP, report)
        return fields

    def _report(
        self, path_of_list: str, agent_id: str, prefix: str = "", parents: FieldPath = ()
    ) -> Report:
        """Return the function that takes a field with an unknown value."""

        def report(codec: Codec, text: str, is_documented: bool) -> None:
            field = prefix + ".".join(codec.keys)
            path = (*parents, *codec.path)
            problem = Problem(path_of_list, field, text, path=path, is_documented=is_documented)
            self._unread.add(problem, agent_id)

        return report


def _shows_services(rows: Iterable[Row]) -> bool:
    """Return whether the rows of the grid show the services of memberships.

    A missing preset may be an empty one. If no row has one, that is unlikely for several members,
    and wrong where somebody is online.
    """
    members = [row for row in rows if row["departments_statuses"]]
    statuses = [status for row in members for status in row["departments_statuses"]]
    if any(status.get("preset_status") is not None for status in statuses):
        return True
    return len(members) <= 1 and not any(status.get("online_status") for status in statuses)


def all_shifts(lists: Lists, shifts: AgentShifts) -> Iterator[Row]:
    """Yield the rows of all shifts that were read, on either surface."""
    for settings in lists.get("agent_settings", ()):
        yield from settings.get("plans") or ()
    for own in shifts.values():
        yield from (shift for _, shift in own)
