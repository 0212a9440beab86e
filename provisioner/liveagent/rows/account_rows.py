"""Returns the rows of a whole account from a snapshot, the reverse of `live_objects`.

A sandbox that is seeded with them reads as the snapshot. What the snapshot does not have is left
out, so that the sandbox fills in its defaults.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.account_names import NameList
from provisioner.live.snapshot_file import Snapshot
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.codec import Row, write
from provisioner.liveagent.rows.device_hours import shift_rows
from provisioner.model.desired import DesiredState

_AGENT = tuple(replace(one, writable=lambda _: True) for one in codecs.AGENT)
_SETTINGS = tuple(
    replace(one, writable=lambda _: True)
    for one in codecs.SETTINGS
    if one.keys != ("twofactor_auth",)
)
_CREATORS = ("owner", "admin")


def account_rows(stored: Snapshot, desired: DesiredState) -> dict[str, Any]:
    """Return the rows of an account, in the form that a sandbox is seeded with.

    Slack users whom the snapshot does not list are those that agents name.

    Raises:
        TargetError: no agent of the snapshot could have created the account.
    """
    live = stored.live
    agents = _of(live, Kind.AGENT)
    roles = {one.address.key: one.id for one in _of(live, Kind.ROLE)}
    unnamed = {one.attributes["role"]: id_of_unnamed_role(one.attributes["role"]) for one in agents}
    roles |= {name: role_id for name, role_id in unnamed.items() if role_id}
    departments = {one.address.key: one.id for one in _of(live, Kind.DEPARTMENT)}
    creator = _creator(live, agents)
    return {
        "departments": [{"id": id_, "name": name} for name, id_ in departments.items()],
        "roles": [
            {"id": role_id, "name": name, "permissions": _permissions(live, name)}
            for name, role_id in roles.items()
        ],
        "agents": [
            *(_agent(one, live, roles, departments) for one in agents),
            *_deleted(live),
        ],
        "slack_users": _slack_users(stored, agents, desired),
        "creator": creator,
        "key_agent": live.account.key_agent or creator,
    }


def sandbox_switches(stored: Snapshot) -> dict[str, Any]:
    """Return the switches with which a sandbox behaves as the account of a snapshot."""
    live, account, form = stored.live, stored.live.account, stored.live.hours_form
    labels = stored.names.labels
    known = {
        "plan": account.plan,
        "chat_routing": account.chat_routing,
        "account_timezone": account.timezone,
        "chat_feature": account.features.get("chats"),
        "call_feature": account.features.get("calls"),
        "sounds_plugin": account.plugins.get("sounds"),
        "gamification_plugin": account.plugins.get("gamification"),
    }
    return {
        **{name: value for name, value in known.items() if value is not None},
        # An account without such a list accepts any name.
        "sounds": ",".join(labels.get(NameList.SOUND, ())),
        "alerts": ",".join(labels.get(NameList.ALERT, ())),
        "levels": ",".join(labels.get(NameList.LEVEL, ())),
        "list_deleted_agents": bool(live.deleted),
        "plan_first_day": form.first_day,
        "plan_day_base": form.first_number,
        "plan_time_format": form.times,
        "plan_midnight": form.midnight,
    }


def _of(live: LiveState, kind: Kind) -> list[LiveObject]:
    return [one for one in live.objects.values() if one.address.kind is kind]


def _creator(live: LiveState, agents: Iterable[LiveObject]) -> str:
    ids = {one.id for one in agents}
    known = [one for one in (live.account.creator, live.account.key_agent) if one in ids]
    known += [one.id for role in _CREATORS for one in agents if one.attributes["role"] == role]
    for agent_id in known:
        if agent_id:
            return agent_id
    raise TargetError(
        Diagnostic(
            code="snapshot-file",
            summary="the snapshot has no owner and no admin, so no account can be made from it",
            hint="take it with the key of an owner or an admin: provisioner snapshot --out FILE",
        )
    )


def _permissions(live: LiveState, role: str) -> dict[str, str]:
    """Return the permissions of a role that differ from the defaults; none if it is not shown."""
    found = live.find(Kind.ROLE, role)
    permissions = found.attributes["permissions"] if found else {}
    return {
        name: value for name, value in permissions.items() if live.permissions.get(name) != value
    }


def _agent(
    live_agent: LiveObject,
    live: LiveState,
    roles: Mapping[str, str],
    departments: Mapping[str, str],
) -> Row:
    values = live_agent.attributes
    name = values["role"]
    row = {
        **write(values, _AGENT),
        "id": live_agent.id,
        "role": codecs.CUSTOM_ROLE if name in roles else name,
        "role_id": roles.get(name),
        "presets": {
            codecs.SERVICE_LETTERS[service]: codecs.PRESETS[word]
            for service, word in values["availability"].items()
        },
        "memberships": [
            {
                "department_id": departments[department],
                "services": "".join(
                    letter
                    for service, letter in codecs.SERVICE_LETTERS.items()
                    if entry.get(service)
                ),
                **write(entry, codecs.MEMBERSHIP),
            }
            for department, entry in values["departments"].items()
        ],
        "plans": [
            {**shift, "service_type": codecs.SERVICE_LETTERS[service]}
            for department, services in values.get("hours", {}).items()
            for service, days in services.items()
            for shift in shift_rows(days, 0, departments[department], live.hours_form)
        ],
    }
    settings = write(values, _SETTINGS)
    if "photo_sha256" in settings:
        settings["photo_sha256"] = settings["photo_sha256"].removeprefix("sha256:")
    return {**row, "settings": settings} if settings else row


def _deleted(live: LiveState) -> Iterator[Row]:
    for email, agent_id in live.deleted.items():
        voice = live.deleted_voices.get(email)
        yield {
            "id": agent_id,
            "email": email,
            "name": email,
            "role": codecs.CUSTOM_ROLE,
            "role_id": None,
            "status": codecs.DELETED,
            **write({"voice_status": voice} if voice else {}, _AGENT),
        }


def _slack_users(
    stored: Snapshot, agents: Iterable[LiveObject], desired: DesiredState
) -> dict[str, str]:
    listed = stored.names.labels.get(NameList.SLACK_USER)
    if listed is not None:
        return dict(listed)
    values = [one.attributes for one in agents]
    values += [one.attributes for one in desired.of(Kind.AGENT)]
    notifications = (one.get("notifications") or {} for one in values)
    users = {(channels.get("slack") or {}).get("user") for channels in notifications}
    return {user: user for user in sorted(filter(None, users))}
