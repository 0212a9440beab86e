"""Combines the rows of an account's lists into live objects, and into facts of the account."""

from collections.abc import Collection, Iterable, Iterator

from provisioner import address as addresses
from provisioner.address import Kind, fold
from provisioner.live.state import AccountFacts, LiveObject
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.agent_objects import AgentObjects, ReadShifts
from provisioner.liveagent.rows.agreement import (
    Lists,
    Problem,
    UnreadParts,
    is_deleted,
    living_agents,
)
from provisioner.liveagent.rows.codec import Row, read
from provisioner.liveagent.rows.row_checks import MISSING, described
from provisioner.model.agent_rules import PLUGINS


def deleted_accounts(lists: Lists) -> dict[str, str]:
    """Return a mapping from folded email to id of the deleted accounts that the lists show.

    The `username` of a row of the grid is the email (C).
    """
    emails = [(row.get("email"), row["id"]) for row in lists.get("deleted", ())]
    emails += [
        (row.get("username"), row["agentid"])
        for row in lists["statuses"]
        if is_deleted(row.get("userstatus"))
    ]
    emails += [
        (row.get("email"), row["id"]) for row in lists["agents"] if is_deleted(row.get("status"))
    ]
    living = living_agents(lists)
    return {fold(email): str(id_) for email, id_ in emails if email and id_ not in living}


def deleted_voices(lists: Lists) -> dict[str, str]:
    """Return a mapping from folded email to voice status of the deleted agents in `/agents`."""
    rows = [read(row, codecs.AGENT) for row in lists["agents"] if is_deleted(row.get("status"))]
    return {
        fold(row["email"]): row["voice_status"]
        for row in rows
        if row.get("email") and "voice_status" in row
    }


def permission_needs(lists: Lists) -> dict[str, str]:
    """Return a mapping from permission to the permission that it requires."""
    rows = lists.get("permissions", ())
    return {row["name"]: row["requires"] for row in rows if row.get("requires")}


def objects_of(
    lists: Lists, shifts: ReadShifts, unreadable: Collection[str], unread: UnreadParts
) -> Iterator[LiveObject]:
    """Yield departments, roles and agents from the rows of all lists.

    `shifts` were read device by device. `unread` gets the parts that were not understood.
    """
    departments = [codecs.department(row) for row in lists["departments"]]
    roles = [codecs.role(row) for row in lists.get("roles", ())]
    for row in lists.get("roles", ()):
        if row.get("permissions") is None:
            text = f"is {described(row.get('permissions', MISSING))}"
            path = ("permissions",)
            problem = Problem("/roles", "permissions", text, Kind.ROLE, path, is_documented=True)
            unread.add(problem, str(row["id"]))
    yield from departments
    yield from roles
    role_names = {live.id: live.address.key for live in roles} if "roles" in lists else None
    names = {live.id: live.address.key for live in departments}
    agents = AgentObjects(lists, shifts, names, role_names, unread)
    living = living_agents(lists)
    for row in lists["agents"]:
        if row["id"] in living and row["id"] not in unreadable and agents.is_identified(row):
            yield agents.object_of(row)


def account_facts(row: Row) -> AccountFacts:
    """Return the facts of the account from its row on the extended surface."""
    most, features = row.get("max_custom_roles"), row.get("features") or {}
    return AccountFacts(
        plan=row.get("plan"),
        features={
            service: features[name] == "Y"
            for service, name in (("chats", "chat"), ("calls", "call"))
            if features.get(name) is not None
        },
        plugins={
            name: value == "Y"
            for name, value in (row.get("plugins") or {}).items()
            if value is not None
        },
        chat_routing=row.get("chat_routing"),
        max_custom_roles=None if most is None else int(most),
        timezone=row.get("timezone"),
        key_agent=row.get("key_agent_id"),
        creator=row.get("creator_id"),
    )


def active_plugins(rows: Iterable[Row]) -> dict[str, bool]:
    """Return the plugins of `PLUGINS` to whether they are active, as far as the rows show it.

    Args:
        rows: of PluginRow (D). A plugin is found by its name in the panel (I).
    """
    names = {addresses.fold(plugin.name): plugin.key for plugin in PLUGINS}
    return {
        names[name]: active
        for row in rows
        if (name := addresses.fold(str(row.get("name")))) in names
        and isinstance(active := row.get("active"), bool)
    }
