"""Handlers of agents' sessions: activity, log out, pause, login key, phone direction."""

import secrets

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers import statuses
from provisioner.sandbox.handlers.agents import COLUMNS, log_out, undeleted
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import (
    require_device_manager,
    require_feature,
    require_status_manager,
)
from provisioner.sandbox.store import agents, devices
from provisioner.sandbox.store import statuses as letters


def list_activity(call: Call) -> Answer:
    """List the agents who are online, with as many active tickets as the switch gives them."""
    select = agents.select(call.switches.role_id_shape)
    listing = Listing(f"{select} WHERE status = 'A' AND online_status != 'F'", COLUMNS)
    rows = by_page(call, listing)
    tickets = [f"ticket-{number + 1}" for number in range(call.switches.active_tickets)]
    return listed(
        call, [{"id": row["id"], "agent_status": "A", "active_tickets": tickets} for row in rows]
    )


def logout_agent(call: Call) -> JsonObject:
    """Log an agent out."""
    agent = undeleted(call, call.path["agentId"])
    require_status_manager(call, agent["id"])
    log_out(call, agent["id"])
    return {}


def pause_agent(call: Call) -> JsonObject:
    """Pause an agent; the API cannot resume one."""
    agent = undeleted(call, call.path["agentId"])
    require_status_manager(call, agent["id"])
    agents.change(call.database, agent["id"], {"online_status": "P"})
    agents.note_event(call.database, agent["id"], "pause", call.caller["agent_id"])
    return {}


def update_voice_status(call: Call) -> JsonObject:
    """Set whether an agent can answer calls."""
    agent = undeleted(call, call.path["agentId"])
    require_device_manager(call, agent["id"])
    agents.change(call.database, agent["id"], {"voice_status": call.query["voiceStatus"]})
    return {}


def get_login_key(call: Call) -> Row:
    """Create a key that opens the panel for 10 seconds; the sandbox has no panel."""
    agent = undeleted(call, call.path["agentId"])
    require_status_manager(call, agent["id"])
    return {"login_key": secrets.token_hex(16)}


def put_status(call: Call) -> list[Row]:
    """Set an agent's services by letters, in some departments."""
    agent = undeleted(call, call.path["agentId"])
    require_device_manager(call, agent["id"])
    for wanted in call.body["departments"]:
        preset = wanted.get("preset_status", wanted.get("online_status", ""))
        if set(preset) - set(letters.LETTERS):
            raise InvalidError(
                f"Invalid value for 'preset_status', must be one of {', '.join(letters.LETTERS)}"
            )
        _put_letters(call, agent["id"], wanted["departmentid"], preset)
    return statuses.of_agents(call, [agent["id"]])[agent["id"]]


def _put_letters(call: Call, agent_id: str, department_id: str, preset: str) -> None:
    rows = devices.departments(
        call.database, "r.agent_id = ? AND r.department_id = ?", (agent_id, department_id)
    )
    if not rows:
        raise MissingError(NO_ROW)
    for row in rows:
        wanted = row["service_type"] in preset
        if wanted:
            require_feature(call, row["service_type"])
        devices.change_department(
            call.database,
            row["device_id"],
            department_id,
            {"preset_status": "N" if wanted else "F", "work_allocation_allowed": int(wanted)},
        )
