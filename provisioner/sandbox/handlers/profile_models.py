"""The models of agent settings: sections of the panel that API v3 does not have (extended)."""

from dataclasses import replace

from provisioner.sandbox.fields import Choices, Field, Model
from provisioner.sandbox.handlers.models import DEPARTMENT_ROLES, DEVICE, SERVICE_TYPES, YES_NO

EVENTS = ("ticket_assigned", "customer_reply", "new_ticket")

_EVENT_FIELDS = tuple(Field(name, choices=YES_NO, nullable=True) for name in EVENTS)
_NOTIFICATIONS = Model(
    "Notifications",
    (
        Field("email", "object", items=Model("EmailNotifications", _EVENT_FIELDS)),
        Field(
            "slack",
            "object",
            items=Model("SlackNotifications", (Field("user", nullable=True), *_EVENT_FIELDS)),
        ),
    ),
)
_MEMBERSHIP = Model(
    "ProfileMembership",
    (
        Field("department_id", required=True),
        Field("role", choices=DEPARTMENT_ROLES),
        Field("change_own_status", choices=YES_NO),
        Field("signature", help="Null where the agent's own is used.", nullable=True),
    ),
)
_SETTINGS = (
    Field("alias", help="The name that customers see."),
    Field("to_solve_only", choices=YES_NO),
    Field("notifications", "object", items=_NOTIFICATIONS),
    Field("signature", max_length=65535),
    Field("max_chat_load", "integer", help="Chats at once.", minimum=0, maximum=1000),
    Field("chat_priority", "integer", help="The lowest number is first.", minimum=1, maximum=100),
    Field("panel_theme", choices=Choices("PanelTheme", ("bright", "dark"))),
    Field("level", max_length=255),
    Field("sounds", "object", help="Alert → sound.", items=Field("sound", nullable=True)),
    Field("photo", help="The id of an uploaded file."),
)
_MEMBERSHIPS = Field(
    "memberships", "array", help="Only of the agent's departments.", items=_MEMBERSHIP
)

_PLAN = Model(
    "ProfilePlan",
    (
        Field("device_id", "number"),
        Field("service_type", choices=SERVICE_TYPES),
        Field("department_id"),
        Field("day", "number"),
        Field("start"),
        Field("end"),
        Field("title"),
    ),
)
_SHOWN = (
    *(replace(field, nullable=field.name in {"alias", "level", "photo"}) for field in _SETTINGS),
    Field("photo_sha256", help="Checksum of the photo's content.", nullable=True),
    Field("twofactor_auth", choices=YES_NO),
    Field("plans", "array", help="Of the agent's web devices.", items=_PLAN),
)

_DEVICES = Field("devices", "array", help="The agent's web devices.", items=DEVICE)

PROFILE = Model("Profile", (Field("agent_id"), *_SHOWN, _MEMBERSHIPS, _DEVICES))
PROFILE_DEFAULTS = Model("ProfileDefaults", _SHOWN)
PROFILE_CHANGE = Model(
    "ProfileChange",
    (
        *(replace(field, nullable=True) for field in _SETTINGS),
        Field(
            "twofactor_auth",
            help="Only the agent can switch it on.",
            choices=Choices("SwitchOff", ("N",)),
        ),
        _MEMBERSHIPS,
    ),
)
