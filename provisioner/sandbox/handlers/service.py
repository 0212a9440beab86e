"""Handlers of the account itself: settings, Slack, files; and the models of their answers."""

import hashlib

from provisioner.sandbox.call import NO_ROW, Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import MissingError
from provisioner.sandbox.fields import Choices, Field, JsonObject, Model
from provisioner.sandbox.handlers.models import YES_NO
from provisioner.sandbox.handlers.profile_models import PROFILE_DEFAULTS
from provisioner.sandbox.paging import Listing, by_cursor
from provisioner.sandbox.store import agents, identifiers, profiles

# The other regional settings than TIMEZONE; no further settings can be read (D: vendor's clients).
_SETTINGS = {
    "dateformat": "yyyy-MM-dd",
    "timeformat": "HH:mm:ss",
    "thousandsseparator": " ",
    "decimalseparator": ".",
}
_SLACK_USERS = Listing("SELECT * FROM slack_users", {"id": "id", "name": "name"})
_SLACK_CONVERSATIONS = Listing("SELECT * FROM slack_conversations", {"id": "id", "name": "name"})

_FEATURES = Model("Features", (Field("chat", choices=YES_NO), Field("call", choices=YES_NO)))
_PLUGINS = Model(
    "Plugins", (Field("sounds", choices=YES_NO), Field("gamification", choices=YES_NO))
)

ACCOUNT = Model(
    "Account",
    (
        Field("plan"),
        Field("features", "object", items=_FEATURES),
        Field("plugins", "object", items=_PLUGINS),
        Field(
            "chat_routing",
            choices=Choices(
                "ChatRouting",
                (
                    *("random", "average_utilization", "max_utilization"),
                    *("ring_to_all", "priorities"),
                ),
            ),
        ),
        Field("max_custom_roles", "integer"),
        Field("timezone"),
        Field("key_agent_id", help="The agent of the used key."),
        Field("creator_id", help="The agent who created the account."),
        Field(
            "profile_defaults",
            "object",
            help="The settings of a new agent.",
            items=PROFILE_DEFAULTS,
        ),
        Field(
            "deleted_agents",
            "array",
            help="Accounts that can be undeleted.",
            items=Model("DeletedAgent", (Field("id"), Field("email"), Field("status"))),
        ),
    ),
)

NAMED_CHOICE = Model("NamedChoice", (Field("name", required=True), Field("title")))


def ping(_call: Call) -> JsonObject:
    """Confirm that the API works; the key is optional (C: phone app)."""
    return {}


def list_settings(call: Call) -> list[Row]:
    """List regional settings; unknown names are ignored."""
    settings = {"TIMEZONE": call.switches.account_timezone} | _SETTINGS
    wanted = call.query.get("settingsNames", "|".join(settings)).split("|")
    return [{"name": name, "value": settings[name]} for name in wanted if name in settings]


def get_account(call: Call) -> Row:
    """Read the facts of the account itself."""
    switches = call.switches
    return {
        "plan": switches.plan,
        "features": {"chat": _yes(switches.chat_feature), "call": _yes(switches.call_feature)},
        "plugins": {
            "sounds": _yes(switches.sounds_plugin),
            "gamification": _yes(switches.gamification_plugin),
        },
        "chat_routing": switches.chat_routing,
        "max_custom_roles": switches.max_custom_roles,
        "timezone": switches.account_timezone,
        "key_agent_id": call.caller["agent_id"],
        "deleted_agents": call.database.all(
            "SELECT id, email, status FROM agents WHERE status = 'X' ORDER BY position"
        ),
        "creator_id": agents.creator(call.database),
        "profile_defaults": profiles.DEFAULTS
        | {"photo_sha256": None, "twofactor_auth": "N", "plans": []},
    }


def grid_plugins(call: Call) -> list[Row]:
    """List the plugins."""
    plugins = {
        "SoundConfigurationPlugin": ("Sound configuration", call.switches.sounds_plugin),
        "GamificationPlugin": ("Gamification", call.switches.gamification_plugin),
    }
    return [
        {
            "code_name": code_name,
            "name": name if call.switches.plugin_rows == "panel" else code_name,
            "description": "",
            "active": active,
            "help": "",
            "multiple": False,
            "config_file": "",
            "price": 0,
        }
        for code_name, (name, active) in plugins.items()
    ]


def list_slack_users(call: Call) -> Answer:
    """List the users of the Slack workspace."""
    rows, headers = by_cursor(call, _SLACK_USERS)
    return Answer([_public(row) for row in rows], headers=headers)


def get_slack_user(call: Call) -> Row:
    """Read a user of the Slack workspace."""
    slack_user = call.database.one("SELECT * FROM slack_users WHERE id = ?", (call.path["userId"],))
    if slack_user is None:
        raise MissingError(NO_ROW)
    return _public(slack_user)


def list_slack_conversations(call: Call) -> Answer:
    """List the channels of the Slack workspace."""
    rows, headers = by_cursor(call, _SLACK_CONVERSATIONS)
    return Answer([_public(row) for row in rows], headers=headers)


def list_sounds(call: Call) -> list[Row]:
    """List the sounds that an alert can have."""
    return _named(call.switches.sounds)


def list_alerts(call: Call) -> list[Row]:
    """List the alerts that can have a sound."""
    return _named(call.switches.alerts)


def list_levels(call: Call) -> list[Row]:
    """List the levels of the gamification."""
    return _named(call.switches.levels)


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


def get_file(call: Call) -> Answer:
    """Read a file's content."""
    file = call.database.one("SELECT * FROM files WHERE id = ?", (call.path["fileId"],))
    if file is None:
        raise MissingError(NO_ROW)
    return Answer(file["content"], media_type=file["type"] or "application/octet-stream")


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _public(row: Row) -> Row:
    del row["position"]
    return row


def _named(names: str) -> list[Row]:
    return [{"name": name, "title": name.replace("_", " ")} for name in names.split(",")]
