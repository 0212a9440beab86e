"""Combines the rows of an account's lists into live objects."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.address import fold
from provisioner.live.state import LiveObject
from provisioner.liveagent.http.client import API_ROOT
from provisioner.liveagent.rows import codecs, device_hours
from provisioner.liveagent.rows.codec import Codec, read
from provisioner.liveagent.rows.lists import Row
from provisioner.liveagent.rows.row_checks import OddValueError, unexpected
from provisioner.model.hours_form import HoursForm

AGENTS_LIST, SETTINGS_LIST = "/agents", "/agents/profiles"

SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}

Lists = Mapping[str, list[Row]]
"""The lists of an account by name: `agents`, `agent_settings`, `deleted`, `departments`,
`devices`, `permissions`, `roles` and `statuses`, as far as the surface has them."""

AgentShifts = dict[str, list[tuple[str, Row]]]
"""Agent id to the shifts of the agent's devices, each with its service."""


def deleted_accounts(lists: Lists) -> dict[str, str]:
    """Return a mapping from folded email to id of the deleted accounts that the lists show."""
    rows = [*lists.get("deleted", []), *lists["agents"]]
    return {
        fold(row["email"]): str(row["id"])
        for row in rows
        if row.get("status") == codecs.DELETED and row.get("email")
    }


def all_shifts(lists: Lists, shifts: AgentShifts) -> Iterator[Row]:
    """Yield the rows of all shifts that were read, on either surface."""
    for settings in lists.get("agent_settings", ()):
        yield from settings["plans"]
    for own in shifts.values():
        yield from (shift for _, shift in own)


def web_devices(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Return a mapping from agent id to a mapping from service to web device."""
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF:
            devices[row["agent_id"]][SERVICE_OF[row["service_type"]]] = row
    return devices


def objects_of(lists: Lists, shifts: AgentShifts, form: HoursForm) -> Iterator[LiveObject]:
    """Yield departments, roles and agents from the rows of all lists.

    Args:
        lists: the lists of the account.
        shifts: those that were read device by device, for agents with hours to read on API v3.
        form: the form of planned hours.
    """
    departments = [codecs.department(row) for row in lists["departments"]]
    roles = [codecs.role(row) for row in lists.get("roles", [])]
    yield from departments
    yield from roles
    role_names = {live.id: live.address.key for live in roles} if "roles" in lists else None
    names = {live.id: live.address.key for live in departments}
    all_settings = {row["agent_id"]: row for row in lists.get("agent_settings", [])}
    listed = (device for settings in all_settings.values() for device in settings["devices"])
    devices = web_devices(listed if all_settings else lists["devices"])
    statuses = {row["agentid"]: row.get("departments_statuses") or () for row in lists["statuses"]}
    for row in lists["agents"]:
        agent_id = row["id"]
        if row.get("status") == codecs.DELETED or agent_id == codecs.SYSTEM_AGENT:
            continue
        settings = all_settings[agent_id] if "agent_settings" in lists else None
        yield codecs.agent(
            row,
            fields=_agent_fields(row, settings, shifts.get(agent_id), names, form),
            roles=role_names,
            departments=names,
            statuses=statuses[agent_id],
            devices=devices.get(agent_id, {}),
            memberships=_membership_fields(settings),
            settings=settings,
        )


def _agent_fields(
    row: Row,
    settings: Row | None,
    shifts: Iterable[tuple[str, Row]] | None,
    departments: Mapping[str, str],
    form: HoursForm,
) -> dict[str, Any]:
    """Return the fields of an agent that one row alone holds, and the hours where they were read.

    Args:
        row: of Agent.
        settings: the agent's settings; None on API v3.
        shifts: the agent's shifts if they were read device by device.
        departments: mapping from department id to name.
        form: the form of the shifts.
    """
    fields = read_fields(AGENTS_LIST, row["id"], row, codecs.AGENT)
    if settings is not None:
        fields |= read_fields(SETTINGS_LIST, row["id"], settings, codecs.SETTINGS)
        shifts = [(SERVICE_OF[shift["service_type"]], shift) for shift in settings["plans"]]
    if shifts is not None:
        fields["hours"] = device_hours.week(shifts, departments, form)
    return fields


def _membership_fields(settings: Row | None) -> dict[str, dict[str, Any]]:
    """Return a mapping from department id to the membership's fields in the agent settings."""
    if settings is None:
        return {}
    return {
        entry["department_id"]: read_fields(
            SETTINGS_LIST, settings["agent_id"], entry, codecs.MEMBERSHIP
        )
        for entry in settings["memberships"]
    }


def read_fields(path: str, identity: object, row: Row, fields: Iterable[Codec]) -> dict[str, Any]:
    """Return the fields of a row in the YAML's words; see `codec.read`.

    Raises:
        TargetError: a value has another type than documented.
    """
    try:
        return read(row, fields)
    except OddValueError as error:
        raise unexpected(f"GET {API_ROOT}{path}", error, identity) from error
