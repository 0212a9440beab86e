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
from provisioner.sandbox.paging import Listing, by_cursor, count
from provisioner.sandbox.policy import DENIED, require_manager
from provisioner.sandbox.store import agents, identifiers, keys, scopes

# Every agent has this password and this two-factor code: the sandbox has no others.
PASSWORD = "sandbox"  # noqa: S105 # meant to be known
TWO_FACTOR_CODE = "123456"

_COLUMNS = {field.name: field.name for field in API_KEY.fields if field.name != "privileges"}


def list_keys(call: Call) -> Answer:
    """List API keys; agents see their own, admins and owners all."""
    select = keys.SELECT
    parameters: tuple[str, ...] = ()
    if call.caller["role"] == "agent" or not _has(call, "api.read"):
        select, parameters = f"{select} AND k.agent_id = ?", (call.caller["agent_id"],)
    rows, headers = by_cursor(call, Listing(select, _COLUMNS, "id"), parameters)
    return Answer([_without_privileges(row) for row in rows], headers=headers)


def get_key(call: Call) -> Row:
    """Read an API key."""
    return _public(_managed_key(call))


def create_key(call: Call) -> Row:
    """Create an API key, by default for the caller, and with the scopes of the caller's key."""
    agent_id = call.body.get("userid") or call.caller["agent_id"]
    agent = undeleted(call, agent_id)
    _require_key_manager(call, agent, "api.write")
    defaults = {"name": "", "privileges": call.caller["privileges"]}
    key_id = keys.add(call.database, defaults | _values(call) | {"agent_id": agent["id"]})
    return _read(call, key_id)


def update_key(call: Call) -> Row:
    """Change an API key, but neither its value nor its agent."""
    key = _managed_key(call)
    values = _values(call)
    if values:
        keys.change(call.database, key["id"], values)
    return _read(call, key["id"])


def delete_key(call: Call) -> JsonObject:
    """Delete an API key, and the device of a phone app that logged in with it."""
    keys.delete(call.database, _managed_key(call)["id"])
    return {}


def count_keys(call: Call) -> Row:
    """Count API keys."""
    listing = Listing(keys.SELECT, _COLUMNS, "id")
    return {"count": count(call, listing)}


def regenerate_key(call: Call) -> JsonObject:
    """Change the value of an API key; the old value no longer works."""
    keys.regenerate(call.database, _managed_key(call)["id"])
    return {}


def regenerate_v1_key(call: Call) -> Row:
    """Change the account's key of API v1, which the sandbox does not serve."""
    return _v1_key(call, keys.renew_account_key(call.database, keys.V1))


def get_api_info(call: Call) -> Row:
    """Read the address of an API version, v1 or v3, with its key."""
    version = call.path["apiVersion"]
    addresses = {"v1": "/api", "v3": "/api/v3"}
    if version not in addresses:
        raise MissingError(NO_ROW)
    key = (
        _v1_key(call, keys.account_key(call.database, keys.V1))
        if version == "v1"
        else _without_privileges(_stored_key(call, call.caller["id"]))
    )
    return {"url": addresses[version], "apikey": key}


def get_sso_key(call: Call) -> Row:
    """Read the account's key of single sign-on."""
    return {"key": keys.account_key(call.database, keys.SSO)}


def generate_sso_key(call: Call) -> Row:
    """Change the account's key of single sign-on."""
    return {"key": keys.renew_account_key(call.database, keys.SSO)}


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
    values = {"name": ""} | _values(call) | {"agent_id": agent["id"]}
    return Answer(_read(call, keys.add(call.database, values)), status=201)


def list_privileges(_call: Call) -> list[Row]:
    """List the scopes that a key can have."""
    return [
        {"object": name, "privileges": [*privileges]} for name, privileges in scopes.SCOPES.items()
    ]


def _values(call: Call) -> Row:
    """Return the columns that a body sets.

    Raises:
        InvalidError: a date is none.
        ForbiddenError: a scope is given that the caller's key does not have.
    """
    body = call.body
    names = ("name", "type", "installid", "whitelist")
    values = {name: body[name] for name in names if name in body}
    if "valid_to_date" in body:
        values["valid_to_date"] = _date(body["valid_to_date"])
    if "privileges" in body:
        if not scopes.from_rows(body["privileges"]) <= _scopes(call):
            raise ForbiddenError(DENIED)
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


def _scopes(call: Call) -> frozenset[str]:
    return scopes.from_json(call.caller["privileges"])


def _has(call: Call, scope: str) -> bool:
    return scope in _scopes(call)


def _stored_key(call: Call, key_id: int) -> Row:
    key = keys.read(call.database, key_id)
    if key is None:
        raise MissingError(NO_ROW)
    return key


def _require_key_manager(call: Call, agent: Row, scope: str = "") -> None:
    if call.caller["agent_id"] == agent["id"]:
        return
    if scope and not _has(call, scope):
        raise ForbiddenError(DENIED)
    require_manager(call, agent["role"])


def _v1_key(call: Call, value: str) -> Row:
    owner = agents.creator(call.database)
    return {"key": value, "type": "A", "name": "API v1", "userid": owner, "role": "owner"}


def _without_privileges(row: Row) -> Row:
    """Return a row of ApiKey, which has no privileges, unlike ApiKeyWithPrivileges (D)."""
    return {name: row[name] for name in _COLUMNS}


def _read(call: Call, key_id: int) -> Row:
    return _public(_stored_key(call, key_id))


def _public(row: Row) -> Row:
    return row | {"privileges": json.loads(row["privileges"])}
