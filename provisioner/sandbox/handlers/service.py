"""What belongs to the account as a whole: settings, Slack, files."""

import hashlib

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import MissingError
from provisioner.sandbox.fields import JsonObject
from provisioner.sandbox.paging import Listing, by_cursor
from provisioner.sandbox.store import identifiers

# Regional settings, the only ones that can be read (D: vendor's clients).
_SETTINGS = {
    "TIMEZONE": "UTC",
    "dateformat": "yyyy-MM-dd",
    "timeformat": "HH:mm:ss",
    "thousandsseparator": " ",
    "decimalseparator": ".",
}
_SLACK_USERS = Listing("SELECT * FROM slack_users", {"id": "id", "name": "name"})
_SLACK_CONVERSATIONS = Listing("SELECT * FROM slack_conversations", {"id": "id", "name": "name"})


def ping(_call: Call) -> JsonObject:
    """Tell that the API is alive; the key is optional (C: phone app)."""
    return {}


def list_settings(call: Call) -> list[Row]:
    """List regional settings; unknown names are left out."""
    wanted = call.query.get("settingsNames", "|".join(_SETTINGS)).split("|")
    return [{"name": name, "value": _SETTINGS[name]} for name in wanted if name in _SETTINGS]


def list_slack_users(call: Call) -> Answer:
    """List the users of the Slack workspace."""
    rows, headers = by_cursor(call, _SLACK_USERS)
    return Answer([_public(row) for row in rows], headers=headers)


def get_slack_user(call: Call) -> Row:
    """Read a user of the Slack workspace."""
    found = call.database.one("SELECT * FROM slack_users WHERE id = ?", (call.path["userId"],))
    if found is None:
        raise MissingError(NO_ROW)
    return _public(found)


def list_slack_conversations(call: Call) -> Answer:
    """List the channels of the Slack workspace."""
    rows, headers = by_cursor(call, _SLACK_CONVERSATIONS)
    return Answer([_public(row) for row in rows], headers=headers)


def upload_file(call: Call) -> Row:
    """Store a file."""
    file = call.body["file"]
    file_id = identifiers.agent_id()
    call.database.run(
        "INSERT INTO files (id, name, type, content, sha256) VALUES (?, ?, ?, ?, ?)",
        (
            file_id,
            file.name,
            file.media_type,
            file.content,
            hashlib.sha256(file.content).hexdigest(),
        ),
    )
    return {"id": file_id, "name": file.name, "type": file.media_type, "size": len(file.content)}


def _public(row: Row) -> Row:
    del row["position"]
    return row
