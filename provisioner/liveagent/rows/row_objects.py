"""The rows of an account's lists as objects."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import fold
from provisioner.live.state import LiveObject
from provisioner.liveagent.http.client import API_ROOT
from provisioner.liveagent.rows import codecs, device_plans
from provisioner.liveagent.rows.codec import Codec, read
from provisioner.liveagent.rows.lists import Row
from provisioner.liveagent.rows.row_parts import OddValueError, unexpected

SERVICE_OF = {letter: service for service, letter in codecs.SERVICE_LETTERS.items()}

Plans = dict[str, list[tuple[str, Row]]]
"""Agent id to the agent's device plans, each with its service."""


AGENTS_LIST, SETTINGS_LIST = "/agents", "/agents/profiles"


def deleted_accounts(lists: Mapping[str, list[Row]]) -> dict[str, str]:
    """Return folded email to id of the deleted accounts that the lists show."""
    rows = [*lists.get("deleted", []), *lists["agents"]]
    return {
        fold(row["email"]): str(row["id"])
        for row in rows
        if row.get("status") == codecs.DELETED and row.get("email")
    }


def web_devices(rows: Iterable[Row]) -> dict[str, dict[str, Row]]:
    """Return agent id to service to the web device."""
    devices: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row["type"] == codecs.WEB_DEVICE and row["service_type"] in SERVICE_OF:
            devices[row["agent_id"]][SERVICE_OF[row["service_type"]]] = row
    return devices


def objects_of(lists: Mapping[str, list[Row]], plans: Plans) -> Iterator[LiveObject]:
    """Yield departments, roles and agents from the rows of all lists."""
    departments = [codecs.department(row) for row in lists["departments"]]
    roles = [codecs.role(row) for row in lists.get("roles", [])]
    yield from departments
    yield from roles
    role_names = {live.id: live.address.key for live in roles} if "roles" in lists else None
    names = {live.id: live.address.key for live in departments}
    own = {row["agent_id"]: row for row in lists.get("profiles", [])}
    shown = (device for profile in own.values() for device in profile["devices"])
    devices = web_devices(shown if own else lists["devices"])
    statuses = {row["agentid"]: row.get("departments_statuses") or () for row in lists["statuses"]}
    for row in lists["agents"]:
        agent_id = row["id"]
        if row.get("status") == codecs.DELETED or agent_id == codecs.SYSTEM_AGENT:
            continue
        more: dict[str, Any] = {}
        memberships: dict[str, Any] = {}
        if "profiles" in lists:
            profile = own[agent_id]
            more = read_fields(SETTINGS_LIST, agent_id, profile, codecs.SETTINGS)
            memberships = {
                entry["department_id"]: read_fields(
                    SETTINGS_LIST, agent_id, entry, codecs.MEMBERSHIP
                )
                for entry in profile["memberships"]
            }
            own_plans = [(SERVICE_OF[plan["service_type"]], plan) for plan in profile["plans"]]
            more["hours"] = device_plans.week(own_plans, names)
        elif agent_id in plans:
            more["hours"] = device_plans.week(plans[agent_id], names)
        live = codecs.agent(
            row,
            own=read_fields(AGENTS_LIST, agent_id, row, codecs.AGENT),
            roles=role_names,
            departments=names,
            statuses=statuses[agent_id],
            devices=devices.get(agent_id, {}),
            more=more,
            memberships=memberships,
        )
        yield replace(live, raw={**live.raw, "profile": own.get(agent_id)})


def read_fields(path: str, identity: object, row: Row, fields: Iterable[Codec]) -> dict[str, Any]:
    """Return the fields of a row; see `codec.read`.

    Raises:
        TargetError: a value has another type than documented.
    """
    try:
        return read(row, fields)
    except OddValueError as error:
        raise unexpected(f"GET {API_ROOT}{path}", error, identity) from error
