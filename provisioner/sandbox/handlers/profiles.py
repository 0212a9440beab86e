"""Handlers of agent settings (extended): what the panel shows beyond the v3 model, also in bulk.

In a PUT, omitted properties keep their values, and null resets a property to its default.
"""

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.agents import undeleted
from provisioner.sandbox.handlers.plans import number_of
from provisioner.sandbox.handlers.profile_models import EVENTS
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import require_manager
from provisioner.sandbox.store import agents, departments, devices, profiles

SILENCE = "muted"  # the sound of a silent alert (D: changelog 2016, the word U)

_LISTING = Listing(
    profiles.SELECT,
    {name: name for name in ("agent_id", "alias", "panel_theme", "level", "twofactor_auth")},
)


def list_profiles(call: Call) -> Answer:
    """List the settings of all agents."""
    return listed(call, _public(call, by_page(call, _LISTING)))


def get_profile(call: Call) -> Row:
    """Read an agent's settings."""
    return _read(call, undeleted(call, call.path["agentId"])["id"])


def put_profile(call: Call) -> Row:
    """Change an agent's settings; omitted ones keep their values, null resets to the default."""
    agent = undeleted(call, call.path["agentId"])
    require_manager(call, agent["role"])
    before = _read(call, agent["id"])
    given = call.body
    _check(call, agent, given)
    changed = {name: value for name, value in given.items() if name in profiles.DEFAULTS}
    if given.get("notifications") is not None:
        changed["notifications"] = _notifications(call, before, given["notifications"])
    if given.get("sounds") is not None:
        sounds = before["sounds"] | given["sounds"]
        changed["sounds"] = {alert: sound for alert, sound in sounds.items() if sound is not None}
    profiles.write(call.database, agent["id"], changed)
    for membership in given.get("memberships", []):
        _put_membership(call, agent["id"], membership)
    account = {name: given[name] for name in ("twofactor_auth",) if name in given}
    if "photo" in given:
        photo = given["photo"]
        account["avatar_url"] = f"/api/v3/files/{photo}" if photo else None
    if account:
        agents.change(call.database, agent["id"], account)
    return _read(call, agent["id"])


def _check(call: Call, agent: Row, given: JsonObject) -> None:
    """Check the body by the product's rules."""
    longest = call.switches.alias_max_length
    if given.get("alias") and len(given["alias"]) > longest:
        raise InvalidError(f"Invalid value for 'alias', must be at most {longest} characters long")
    if given.get("to_solve_only") == "Y" and agent["role"] != "agent":
        raise InvalidError("to_solve_only is only for the role agent")  # D: reseller's manual
    if given.get("sounds") and not call.switches.sounds_plugin:
        raise InvalidError("The plugin 'Sound configuration' is not active")
    _check_name("level", given.get("level"), call.switches.levels)
    stored = profiles.sounds(call.database, agent["id"])
    for alert, sound in (given.get("sounds") or {}).items():
        if sound is not None and sound != stored.get(alert):
            _check_name("alert", alert, call.switches.alerts)
            _check_name("sound", sound, call.switches.sounds)
    photo = given.get("photo")
    known = call.database.value("SELECT count(*) FROM files WHERE id = ?", (photo,))
    if photo is not None and not known:
        raise InvalidError(f"Invalid value for 'photo', there is no file '{photo}'")


def _check_name(noun: str, name: str | None, known: str) -> None:
    """Check a name; a switch without names accepts any."""
    is_known = name in known.split(",") or (noun == "sound" and name == SILENCE)
    if name and known and not is_known:
        raise InvalidError(f"Invalid value for '{noun}', there is no {noun} '{name}'")


def _notifications(call: Call, before: Row, given: JsonObject) -> JsonObject:
    defaults = profiles.DEFAULTS["notifications"]
    after = {
        channel: settings
        | {
            name: defaults[channel][name] if value is None else value
            for name, value in given.get(channel, {}).items()
        }
        for channel, settings in before["notifications"].items()
    }
    slack = after["slack"]
    user = slack["user"]
    if user is None and any(slack[event] == "Y" for event in EVENTS):
        raise InvalidError("Slack notifications need a Slack user")  # D: KB 419326
    known = call.database.value("SELECT count(*) FROM slack_users WHERE id = ?", (user,))
    if user is not None and not known:
        raise InvalidError(f"Invalid value for 'user', there is no Slack user '{user}'")
    return after


def _put_membership(call: Call, agent_id: str, given: JsonObject) -> None:
    before = departments.membership(call.database, given["department_id"], agent_id)
    if before is None:
        raise MissingError(f"{NO_ROW}: department '{given['department_id']}'")
    departments.put_membership(call.database, before | given, call.switches.new_membership_preset)


def _read(call: Call, agent_id: str) -> Row:
    rows = call.database.all(f"{profiles.SELECT} AND a.id = ?", (agent_id,))
    return _public(call, rows)[0]


def _public(call: Call, rows: list[Row]) -> list[Row]:
    ids = [row["agent_id"] for row in rows]
    memberships = profiles.memberships(call.database, ids)
    plans = profiles.plans(call.database, ids)
    web_devices = devices.of_agents(call.database, ids)
    return [
        profiles.read(row)
        | {
            "memberships": memberships[agent_id],
            "plans": [
                plan | {"day": number_of(plan["day"], call.switches)} for plan in plans[agent_id]
            ],
            "devices": web_devices[agent_id],
        }
        for agent_id, row in zip(ids, rows, strict=True)
    ]
