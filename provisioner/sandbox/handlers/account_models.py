"""The models of the account itself, and of the report of agents (extended)."""

from provisioner.sandbox.fields import Choices, Field, Model
from provisioner.sandbox.handlers.models import YES_NO
from provisioner.sandbox.handlers.profile_models import PROFILE_DEFAULTS
from provisioner.sandbox.store import reports

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

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATE_FROM = Field("date_from", help="First day.", default="0001-01-01", pattern=_DAY)
DATE_TO = Field("date_to", help="Last day.", default="9999-12-31", pattern=_DAY)
COLUMNS = Field("columns", help="Columns joined by commas; all without it.")
IDENTITY = ("id", "contactid", "firstname", "lastname")
AGENT_REPORT = Model(
    "AgentReport",
    (
        *(Field(name) for name in IDENTITY),
        *(Field(name, "integer") for name in reports.COLUMNS),
    ),
)
