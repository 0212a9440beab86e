"""The models of users and of their keys, phones, plans and files (D: vendor's clients)."""

from provisioner.sandbox.fields import Choices, Field, Model
from provisioner.sandbox.handlers.models import AGENT, AGENT_STATUS, DEPARTMENT, ON_OFF

# Query parameters
VOICE_STATUS = Field("voiceStatus", help="F outgoing only, N both.", choices=ON_OFF, required=True)
PHONE_ID = Field("phoneId", help="The new phone.", required=True)
_PHONE_TYPES = Choices("AgentPhoneType", ("I", "S"))
PHONE_TYPE = Field("type", help="API or SIP.", choices=_PHONE_TYPES, default="I")
SETTINGS_NAMES = Field("settingsNames", help="Names joined by a pipe; all without it.")

LOGIN_KEY = Model("LoginKey", (Field("login_key", required=True),))
AGENT_STATUSES = Model(
    "AgentStatuses", (Field("departments", "array", required=True, items=AGENT_STATUS),)
)
EMAIL_VALUE = Model("EmailValue", (Field("value", help="An email.", required=True),))
AGENT_ACTIVITY = Model(
    "AgentActivity",
    (
        Field("id"),
        Field("agent_status", help="Available, busy.", choices=Choices("Availability", ("A", "B"))),
        Field("active_tickets", "array", help="U: their form.", items=Field("ticket")),
    ),
)
USER = Model(
    "User",
    (
        Field("id"),
        Field("name"),
        Field("email"),
        Field(
            "role",
            choices=Choices(
                "UserRole",
                (
                    *("owner", "admin", "agent"),
                    *("visitor", "reg_visitor", "system", "unknown_role"),
                ),
            ),
        ),
        Field("avatar_url", nullable=True),
    ),
)
INVITE_ROW = Model(
    "InviteAgentRow",
    (
        Field("agentid"),
        Field("firstname"),
        Field("lastname"),
        Field("system_name"),
        Field("avatar_url", nullable=True),
        Field("chats", "number"),
    ),
)

PLAN = Model(
    "DeviceDepartmentPlan",
    (
        Field("device_id", "number"),
        Field("department_id"),
        Field("plan_id_start"),
        Field("plan_id_end"),
        Field("day", "number", required=True),
        Field("start", required=True),
        Field("end", required=True),
        Field("title", max_length=255),
    ),
)
PLANS = Model(
    "DeviceDepartmentPlanList",
    (Field("DeviceDepartments", "array", required=True, items=PLAN),),
)
INDEXED_PLANS = Model(
    "IndexedDeviceDepartmentPlans",
    (Field("department_id"), Field("plans", "array", items=PLAN)),
)

PHONE = Model(
    "PhoneDevice",
    (
        Field("id", required=True),
        Field(
            "type",
            help="App, SIP, PSTN, web, API, provider's extension.",
            choices=Choices("PhoneDeviceType", (*"ASEWIR",)),
            required=True,
        ),
        Field("number", nullable=True),
        Field("name"),
        Field("reg_status", choices=ON_OFF),
        Field("agent_id"),
    ),
)
PHONE_FORM = Model("PhoneType", (PHONE_TYPE,))
EXTENSION = Model(
    "Extension",
    (
        Field("id", required=True),
        Field("number"),
        Field(
            "status",
            help="Active, enabled, disabled.",
            choices=Choices("ExtensionState", ("A", "E", "D")),
        ),
        Field("agent", "object", nullable=True, items=AGENT),
        Field("department", "object", nullable=True, items=DEPARTMENT),
    ),
)
EXTENSION_FORM = Model(
    "ExtensionForm",
    (
        Field("number", pattern="[0-9]{1,10}"),
        Field("departmentId"),
        Field("status", help="Enabled, disabled.", choices=Choices("ExtensionSwitch", ("E", "D"))),
    ),
)

SETTING = Model("Setting", (Field("name"), Field("value")))
SLACK_USER = Model(
    "SlackUser",
    (
        Field("id"),
        Field("name"),
        Field("real_name"),
        Field("display_name"),
        Field("image"),
        Field("color"),
    ),
)
SLACK_CONVERSATION = Model("SlackConversation", (Field("id"), Field("name")))

PRIVILEGE = Model(
    "ApiPrivilege",
    (
        Field("object", required=True),
        Field("privileges", "array", required=True, items=Field("privilege")),
    ),
)
_KEY_TYPE = Field(
    "type",
    help="API, chat, phone, ticket, web panel.",
    choices=Choices("ApiKeyType", (*"ACPTW",)),
    default="A",
)
_KEY_FIELDS = (
    Field("id", "number"),
    Field("key"),
    Field("valid_to_date", help="Null: without end.", nullable=True),
    Field("role", help="The role of its agent."),
    Field("name", max_length=255),
    _KEY_TYPE,
    Field("installid", nullable=True),
    Field("userid", help="Its agent."),
    Field("whitelist", help="IP addresses, or * for any.", default="*"),
)
LISTED_API_KEY = Model("ApiKey", _KEY_FIELDS)
API_KEY = Model(
    "ApiKeyWithPrivileges", (*_KEY_FIELDS, Field("privileges", "array", items=PRIVILEGE))
)
API_INFO = Model("ApiInfo", (Field("url"), Field("apikey", "object", items=LISTED_API_KEY)))
SSO_KEY = Model("SSOKey", (Field("key"),))
LOGIN = Model(
    "ApiKeyLogin",
    (
        Field("login", required=True),
        Field("password", required=True),
        Field("two_factor_token", nullable=True),
        Field("valid_to_date", nullable=True),
        Field("name", max_length=255),
        _KEY_TYPE,
        Field("installid", nullable=True),
        Field("whitelist", default="*"),
    ),
)

FILE = Model(
    "StoredFile",
    (Field("id", required=True), Field("name"), Field("type"), Field("size", "number")),
)
FILE_FORM = Model("FileForm", (Field("file", "file", required=True),))
FILE_CONTENT = Field("content", "file")
