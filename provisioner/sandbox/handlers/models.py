"""The models of agents, departments, devices and roles (D: vendor's generated clients)."""

from provisioner.sandbox.fields import Choices, Field, Model
from provisioner.sandbox.permissions import GRANTS

ROLES = Choices("AgentRole", ("owner", "admin", "agent"))
ON_OFF = Choices("OnOff", ("N", "F"))
YES_NO = Choices("YesNo", ("Y", "N"))
SERVICE_TYPES = Choices("ServiceType", (*"MTP",))
DEPARTMENT_ROLES = Choices("DepartmentRole", ("reader", "solver", "supervisor", "manager"))
_GRANTS = Choices("Grant", GRANTS)
EMAIL_PATTERN = r"[^@\s]+@[^@\s]+\.[^@\s]+"

OK = Model("OkResponse", ())
COUNT = Model("Count", (Field("count", "number", required=True),))

AGENT = Model(
    "Agent",
    (
        Field("id"),
        Field("name", required=True, max_length=255, pattern=r"[\s\S]*\S[\s\S]*"),
        Field("email", required=True, max_length=255, pattern=EMAIL_PATTERN),
        Field("role", choices=ROLES, default="agent"),
        Field("roleId", help="Of a built-in or a custom role.", omissible=True),
        Field("avatar_url", nullable=True, omissible=True),
        Field(
            "online_status",
            help="Offline, online, paused, mobile.",
            choices=Choices("OnlineStatus", (*"FNPC",)),
            omissible=True,
        ),
        Field(
            "status",
            help="Active, deleted.",
            choices=Choices("AccountStatus", ("A", "X")),
            omissible=True,
        ),
        Field(
            "gender",
            help="Male, female, unspecified.",
            choices=Choices("Gender", (*"MFX",)),
            default="X",
            omissible=True,
        ),
        Field("last_pswd_change", nullable=True, omissible=True),
        Field("twofactor_auth", choices=YES_NO, default="N", omissible=True),
        Field(
            "voice_status", help="F can only call out, N both ways.", choices=ON_OFF, omissible=True
        ),
        Field("sip_phone_id", nullable=True, omissible=True),
        Field("api_phone_id", nullable=True, omissible=True),
    ),
)
AGENT_STATUS = Model(
    "AgentStatus",
    (
        Field("departmentid", required=True),
        Field("online_status", help="Letters R M T P: the services that are online now."),
        Field("preset_status", help="Letters R M T P: the services that are to be online."),
        Field("work_allocation_allowed", "boolean", omissible=True),
    ),
)
AGENT_ROW = Model(
    "AgentRow",
    (
        Field("agentid"),
        Field("firstname"),
        Field("lastname"),
        Field("system_name"),
        Field("username", help="The email."),
        Field("countrycode"),
        Field("avatar_url", nullable=True, omissible=True),
        Field("roleid", omissible=True),
        Field("departments_statuses", "array", items=AGENT_STATUS),
        Field("twofa", choices=Choices("TwoFactorState", ("Y", "N", "")), omissible=True),
        Field("last_pswd_change", nullable=True, omissible=True),
        Field("userstatus", omissible=True),
    ),
)

DEPARTMENT = Model(
    "Department",
    (
        Field("department_id"),
        Field("agent_count", "number"),
        Field("name"),
        Field("online_status", help="Letters R M T P: the services with an agent online now."),
        Field("agent_ids", "array", items=Field("agent_id")),
        Field("mailaccount_id", nullable=True),
    ),
)
DEPARTMENT_NAME = Model(
    "DepartmentName",
    (Field("name", required=True, max_length=255, pattern=r"[\s\S]*\S[\s\S]*"),),
)
DEPARTMENT_ROW = Model(
    "DepartmentRow", (Field("id"), Field("name"), Field("agent_count", "integer"))
)
MEMBER = Field("member", help="Y or N.")
MEMBERSHIP = Model(
    "Membership",
    (
        Field("department_id"),
        Field("agent_id"),
        Field("role", choices=DEPARTMENT_ROLES),
        Field("change_own_status", choices=YES_NO, default="N"),
        Field("signature", help="Null where the agent's own is used.", nullable=True),
    ),
)

DEVICE = Model(
    "Device",
    (
        Field("id", "number"),
        Field("agent_id", required=True),
        Field("phone_id", nullable=True),
        Field(
            "type",
            help="Web, mobile app, external.",
            choices=Choices("DeviceType", (*"WAE",)),
            required=True,
        ),
        Field("service_type", help="Messages, chat, phone.", choices=SERVICE_TYPES, required=True),
        Field("online_status", choices=ON_OFF, default="N"),
        Field("preset_status", choices=ON_OFF, required=True),
        Field("route_if_offline", choices=YES_NO, default="Y", omissible=True),
    ),
)
_DEVICE_DEPARTMENT = (
    Field("department_name", nullable=True),
    Field("online_status", choices=ON_OFF),
    Field("preset_status", choices=ON_OFF),
    Field("work_allocation_allowed", "boolean", omissible=True),
)
DEVICE_DEPARTMENT = Model(
    "DeviceDepartment",
    (
        Field("device_id", "number"),
        Field("department_id"),
        Field("user_id"),
        *_DEVICE_DEPARTMENT,
    ),
)
_DEVICE_DEPARTMENT_KEYED = Model(
    "DeviceDepartmentKeyed",
    (
        Field("device_id", "number", required=True),
        Field("department_id", required=True),
        Field("user_id"),
        *_DEVICE_DEPARTMENT,
    ),
)
DEVICE_DEPARTMENTS = Model(
    "DeviceDepartmentList",
    (Field("DeviceDepartments", "array", required=True, items=_DEVICE_DEPARTMENT_KEYED),),
)

_PERMISSION_MAP = Field(
    "permissions",
    "object",
    help="Permission → grant or revoke; omitted ones have their default.",
    items=Field("permission", choices=_GRANTS),
)
ROLE = Model(
    "Role",
    (
        Field("id"),
        Field("name", required=True, max_length=255, pattern=r"[\s\S]*\S[\s\S]*"),
        _PERMISSION_MAP,
    ),
)
PERMISSION = Model(
    "Permission",
    (
        Field("name", required=True),
        Field("title"),
        Field("group"),
        Field("default", choices=_GRANTS),
        Field("requires", nullable=True),
    ),
)
