"""Reads the API keys, LivePhone logins and active tickets of agents, for those who leave."""

from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.live.leaving import AgentKey, LeavingFacts
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.rows import row_shapes
from provisioner.liveagent.rows.lists import Row, read_cursor, read_pages

PHONE_KEY = "P"
"""ApiKey.type of the key of a LivePhone login (C: phone app)."""


_SEES_ALL = frozenset({"admin", "owner"})
"""The roles that see the keys of all agents (I)."""


def read_leaving(client: Client, *, tickets: bool, proof: bool) -> LeavingFacts:
    """Read what an account shows about agents who leave.

    Args:
        client: the account.
        tickets: whether to read the active tickets, too.
        proof: whether a list without keys of other agents must be proved to be complete.

    Raises:
        TargetError: the account can't be reached, or a list has an unexpected value.
    """
    before = client.requests
    try:
        rows: list[Row] | None = read_cursor(client, "/apikeys", "id", row_shapes.API_KEY)
    except RejectedError:
        rows = None
    key_requests = client.requests - before
    if rows is not None and proof and not _shows_all(client, rows):
        rows = None
    keys_read = client.requests
    active = _tickets(client) if tickets else {}
    return LeavingFacts(
        keys=None if rows is None else tuple(map(_key, rows)),
        tickets=active,
        key_requests=key_requests,
        ticket_requests=client.requests - keys_read,
        requests=client.requests - before,
    )


def _shows_all(client: Client, rows: list[Row]) -> bool:
    """Return whether a list has the keys of all agents.

    A key with api.read_own sees those of its own agent only (I). The list does not show which
    privileges a key has, but a key that is read alone does (D: models).
    """
    if len({row.get("userid") for row in rows}) > 1:
        return True
    own = next((row for row in rows if client.is_own_key(row.get("key"))), None)
    if own is None or own.get("role") not in _SEES_ALL:
        return False
    try:
        alone = client.call("GET", f"/apikeys/{quoted(own['id'])}").content
    except RejectedError:
        return False
    entries = alone.get("privileges") if isinstance(alone, dict) else None
    return any(
        isinstance(entry, dict)
        and entry.get("object") == "api"
        and "read" in (entry.get("privileges") or ())
        for entry in entries or ()
    )


def _key(row: Row) -> AgentKey:
    return AgentKey(
        id=str(row["id"]),
        agent_id=str(row.get("userid") or ""),
        name=str(row.get("name") or ""),
        is_login=row.get("type") == PHONE_KEY,
    )


def _tickets(client: Client) -> dict[str, int]:
    """Return the number of active tickets of the agents who are online (D).

    The form of a ticket is unknown (U), so tickets are only counted. A list that the key may not
    read, or of another form, shows nothing.
    """
    try:
        rows = read_pages(client, "/agents/activity", "id", row_shapes.ACTIVITY)
    except RejectedError:
        return {}
    counted: dict[str, Any] = {str(row["id"]): row.get("active_tickets") for row in rows}
    return {agent_id: len(own) for agent_id, own in counted.items() if isinstance(own, list)}
