"""Handlers of API keys: the caller's own keys, and keys of agents whom the caller manages."""

import json
import secrets
from datetime import UTC, datetime

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import (
    ForbiddenError,
    InvalidError,
    MissingError,
    SecondFactorNeededError,
    SecondFactorWrongError,
)
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.handlers.agents import undeleted
from provisioner.sandbox.handlers.user_models import API_KEY
from provisioner.sandbox.paging import Listing, by_cursor
from provisioner.sandbox.policy import require_manager
from provisioner.sandbox.store import agents, identifiers, keys

# Every agent has this password and this two-factor code: the sandbox has no others.
PASSWORD = "sandbox"  # noqa: S105 # meant to be known
TWO_FACTOR_CODE = "123456"

_COLUMNS = {field.name: field.name for field in API_KEY.fields if field.name != "privileges"}


def list_keys(call: Call) -> Answer:
    """List API keys; agents see their own, admins and owners all."""
    select = keys.SELECT
    parameters: tuple[str, ...] = ()
    if call.caller["role"] == "agent":
        select, parameters = f"{select} AND k.agent_id = ?", (call.caller["agent_id"],)
    rows, headers = by_cursor(call, Listing(select, _COLUMNS, "id"), parameters)
    return Answer([_public(row) for row in rows], headers=headers)


def get_key(call: Call) -> Row:
    """Read an API key."""
    return _public(_managed_key(call))


def create_key(call: Call) -> Row:
    """Create an API key, by default for the caller."""
    agent_id = call.body.get("userid") or call.caller["agent_id"]
    agent = undeleted(call, agent_id)
    _require_key_manager(call, agent)
    key_id = keys.add(call.database, {"name": ""} | _values(call.body) | {"agent_id": agent["id"]})
    return _read(call, key_id)


def update_key(call: Call) -> Row:
    """Change an API key, but neither its value nor its agent."""
    key = _managed_key(call)
    values = _values(call.body)
    if values:
        keys.change(call.database, key["id"], values)
    return _read(call, key["id"])


def delete_key(call: Call) -> JsonObject:
    """Delete an API key, and the device of a phone app that logged in with it."""
    keys.delete(call.database, _managed_key(call)["id"])
    return {}


def regenerate_key(call: Call) -> Row:
    """Change the value of an API key; the old value no longer works."""
    key = _managed_key(call)
    keys.regenerate(call.database, key["id"])
    return _read(call, key["id"])


def regenerate_v1_key(call: Call) -> Row:
    """Change the key for API v1, which the sandbox does not have; the v3 key is not changed."""
    return _public(_managed_key(call))


def log_in(call: Call) -> Answer:
    """Create an API key from login and password, as the phone app does."""
    agent = agents.by_email(call.database, call.body["login"])
    is_correct = secrets.compare_digest(call.body["password"].encode(), PASSWORD.encode())
    if agent is None or agent["status"] == "X" or not is_correct:
        raise ForbiddenError("Wrong credentials")
    if agent["twofactor_auth"] == "Y":
        code = call.body.get("two_factor_token")
        if not code:
            raise SecondFactorNeededError("Two-factor authentication required.")  # C: phone app
        if code != TWO_FACTOR_CODE:
            raise SecondFactorWrongError("Invalid two-factor authentication code")
    values = {"name": ""} | _values(call.body) | {"agent_id": agent["id"]}
    return Answer(_read(call, keys.add(call.database, values)), status=201)


def list_privileges(_call: Call) -> list[Row]:
    """List the scopes that a key can have."""
    return [
        {"object": name, "privileges": privileges.split()} for name, privileges in _SCOPES.items()
    ]


def _values(body: JsonObject) -> Row:
    """Return the columns that a body sets."""
    names = ("name", "type", "installid", "whitelist")
    values = {name: body[name] for name in names if name in body}
    if "valid_to_date" in body:
        values["valid_to_date"] = _date(body["valid_to_date"])
    if "privileges" in body:
        values["privileges"] = json.dumps(body["privileges"])
    return values


def _date(text: str | None) -> str | None:
    """Return a date of either accepted format in the format of answers."""
    if text is None:
        return None
    try:
        date = datetime.fromisoformat(text)
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError("Invalid value for 'valid_to_date', must be a date") from error
    return date.strftime(identifiers.DATE_FORMAT)


def _managed_key(call: Call) -> Row:
    key = _stored_key(call, call.number("apikeyId"))
    _require_key_manager(call, {"id": key["userid"], "role": key["role"]})
    return key


def _stored_key(call: Call, key_id: int) -> Row:
    key = keys.read(call.database, key_id)
    if key is None:
        raise MissingError(NO_ROW)
    return key


def _require_key_manager(call: Call, agent: Row) -> None:
    if call.caller["agent_id"] != agent["id"]:
        require_manager(call, agent["role"])


def _read(call: Call, key_id: int) -> Row:
    return _public(_stored_key(call, key_id))


def _public(row: Row) -> Row:
    return row | {"privileges": json.loads(row["privileges"])}


# D: vendor's README, as far as it concerns agents and their devices.
_SCOPES = {
    "agent": "own read manage",
    "agent_status": "read own manage",
    "device": "own manage",
    "phone": "read write own",
    "user": "read write",
    "file": "add",
    "hosting": "login",
    "api": "read read_own write write_own delete",
    "settings": "read write",
    "eventlogs": "read",
}
