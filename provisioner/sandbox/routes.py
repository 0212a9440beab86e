"""Lists all operations of the sandbox: the documented v3 surface and the extensions.

Where a fixed and a variable path both match, the fixed one must come first.
"""

from collections.abc import Mapping
from typing import Literal

from provisioner.sandbox.call import Operation
from provisioner.sandbox.handlers import account_models as am
from provisioner.sandbox.handlers import (
    agents,
    departments,
    devices,
    keys,
    phones,
    plans,
    profiles,
    reports,
    roles,
    service,
    sessions,
    statuses,
    users,
)
from provisioner.sandbox.handlers import models as m
from provisioner.sandbox.handlers import profile_models as pm
from provisioner.sandbox.handlers import user_models as um
from provisioner.sandbox.paging import CURSOR, FILTERS, PAGE, PER_PAGE_ONLY, SORT_FIELDS
from provisioner.sandbox.switches import Switches

Surface = Literal["v3", "full"]

COUNT = (FILTERS,)
DEVICE_DEPARTMENT_PATH = "/devices/{deviceId}/departments/{departmentId}"

# fmt: off
V3 = (
    Operation("GET", "/ping", service.ping, m.OK, public=True),

    # Agents
    Operation("GET", "/agents", agents.list_agents, [m.AGENT], query=PAGE),
    Operation("POST", "/agents", agents.create_agent, m.AGENT, m.AGENT),
    Operation("GET", "/agents/activity", sessions.list_activity, [um.AGENT_ACTIVITY], query=PAGE),
    Operation("POST", "/agents/undelete", agents.undelete_agent, m.AGENT, m.AGENT_KEY),
    Operation("POST", "/agents/convert", users.convert_visitor, m.AGENT, m.AGENT),
    Operation("POST", "/agents/_by_email", users.find_agent, m.AGENT, um.EMAIL_VALUE,
              switch="agents_by_email"),
    Operation("GET", "/agents/{agentId}", agents.get_agent, m.AGENT),
    Operation("PUT", "/agents/{agentId}", agents.update_agent, m.AGENT, m.AGENT,
              keeps_missing=True),
    Operation("DELETE", "/agents/{agentId}", agents.delete_agent, m.OK),
    Operation("GET", "/agents/{agentId}/status", statuses.get_status, [m.AGENT_STATUS]),
    Operation("PUT", "/agents/{agentId}/status", sessions.put_status, [m.AGENT_STATUS],
              um.AGENT_STATUSES, switch="put_agent_status"),
    Operation("POST", "/agents/{agentId}/_logout", sessions.logout_agent, m.OK),
    Operation("POST", "/agents/{agentId}/_pause", sessions.pause_agent, m.OK),
    Operation("POST", "/agents/{agentId}/updateVoiceStatus", sessions.update_voice_status, m.OK,
              query=(um.VOICE_STATUS,)),
    Operation("GET", "/agents/{agentId}/login_key", sessions.get_login_key, um.LOGIN_KEY),

    # Departments
    Operation("GET", "/departments", departments.list_departments, [m.DEPARTMENT], query=PAGE),
    Operation("GET", "/departments/{departmentId}", departments.get_department, m.DEPARTMENT),
    Operation("GET", "/departments/{departmentId}/{agentId}", departments.get_membership,
              m.MEMBER),

    # Users and grids
    Operation("GET", "/users/{userId}", users.get_user, [um.USER]),
    Operation("GET", "/grid/agents", statuses.grid_agents, [m.AGENT_ROW], query=CURSOR),
    Operation("GET", "/grid/agents/count", statuses.count_grid_agents, m.COUNT, query=COUNT),
    Operation("GET", "/grid/departments", statuses.grid_departments, [m.DEPARTMENT_ROW],
              query=CURSOR),
    Operation("GET", "/grid/departments/count", statuses.count_grid_departments, m.COUNT,
              query=COUNT),
    Operation("GET", "/grid/{departmentId}/invite/agents", users.list_invitable,
              [um.INVITE_ROW], query=PER_PAGE_ONLY),

    # Devices
    Operation("GET", "/devices", devices.list_devices, [m.DEVICE], query=PAGE),
    Operation("POST", "/devices", devices.create_device, m.DEVICE, m.DEVICE),
    Operation("GET", "/devices/_app_", phones.list_mobile_devices, [m.DEVICE], creates=True,
              answers_fully=True),
    Operation("PUT", "/devices/departments/update", devices.update_device_departments,
              [m.DEVICE_DEPARTMENT], m.DEVICE_DEPARTMENTS),
    Operation("GET", "/devices/departments/{departmentId}", devices.list_department_devices,
              [m.DEVICE_DEPARTMENT]),
    Operation("GET", "/devices/{deviceId}", devices.get_device, m.DEVICE),
    Operation("PUT", "/devices/{deviceId}", devices.update_device, m.DEVICE, m.DEVICE,
              keeps_missing=True),
    Operation("DELETE", "/devices/{deviceId}", devices.delete_device, m.OK),
    Operation("GET", "/devices/{deviceId}/departments", devices.list_device_departments,
              [m.DEVICE_DEPARTMENT], query=(*PAGE, SORT_FIELDS)),
    Operation("GET", DEVICE_DEPARTMENT_PATH, devices.get_device_department, m.DEVICE_DEPARTMENT),
    Operation("PUT", DEVICE_DEPARTMENT_PATH, devices.update_device_department,
              m.DEVICE_DEPARTMENT, m.DEVICE_DEPARTMENT),
    Operation("GET", "/devices/{deviceId}/plans", plans.list_plans, [um.INDEXED_PLANS]),
    Operation("POST", f"{DEVICE_DEPARTMENT_PATH}/plans", plans.create_plans, [um.PLAN], um.PLANS),
    Operation("DELETE", f"{DEVICE_DEPARTMENT_PATH}/plans", plans.delete_plans, m.OK),

    # Phones
    Operation("GET", "/agent_phone/{agentId}", phones.get_agent_phone, um.PHONE,
              query=(um.PHONE_TYPE,)),
    Operation("PUT", "/agent_phone/{agentId}", phones.put_agent_phone, m.OK, form=um.PHONE_FORM,
              query=(um.PHONE_ID,)),
    Operation("GET", "/phones", phones.list_phones, [um.PHONE], query=PAGE),
    Operation("GET", "/phones/{phoneId}", phones.get_phone, um.PHONE),
    Operation("GET", "/extensions", phones.list_extensions, [um.EXTENSION], query=CURSOR),
    Operation("GET", "/extensions/count", phones.count_extensions, m.COUNT, query=COUNT),
    Operation("GET", "/extensions/{extensionId}", phones.get_extension, um.EXTENSION),
    Operation("PUT", "/extensions/{extensionId}", phones.put_extension, um.EXTENSION,
              form=um.EXTENSION_FORM),

    # Account
    Operation("GET", "/settings", service.list_settings, [um.SETTING],
              query=(um.SETTINGS_NAMES,)),
    Operation("GET", "/slack/users", service.list_slack_users, [um.SLACK_USER], query=CURSOR),
    Operation("GET", "/slack/user/{userId}", service.get_slack_user, um.SLACK_USER),
    Operation("GET", "/slack/conversations", service.list_slack_conversations,
              [um.SLACK_CONVERSATION], query=CURSOR),
    Operation("POST", "/files", service.upload_file, um.FILE, form=um.FILE_FORM,
              answers_fully=True),

    # API keys
    Operation("GET", "/apikeys", keys.list_keys, [um.API_KEY], query=CURSOR),
    Operation("POST", "/apikeys", keys.create_key, um.API_KEY, um.API_KEY,
              answers_fully=True),
    Operation("POST", "/apikeys/_login", keys.log_in, um.API_KEY, um.LOGIN, status=201,
              public=True, answers_fully=True),
    Operation("POST", "/apikeys/regenerateApiV3/{apikeyId}", keys.regenerate_key, um.API_KEY,
              answers_fully=True),
    Operation("POST", "/apikeys/regenerateApiV1/{apikeyId}", keys.regenerate_v1_key, um.API_KEY,
              answers_fully=True),
    Operation("GET", "/apikeys/{apikeyId}", keys.get_key, um.API_KEY),
    Operation("PUT", "/apikeys/{apikeyId}", keys.update_key, um.API_KEY, um.API_KEY),
    Operation("DELETE", "/apikeys/{apikeyId}", keys.delete_key, m.OK),
    Operation("GET", "/api/privileges", keys.list_privileges, [um.PRIVILEGE],
              alias="/api/privileges"),
)

EXTENDED = (
    # Account
    Operation("GET", "/account", service.get_account, am.ACCOUNT),
    Operation("GET", "/files/{fileId}", service.get_file, um.FILE_CONTENT),
    Operation("GET", "/reports/agents", reports.list_agent_reports, [am.AGENT_REPORT],
              query=(*PAGE, am.DATE_FROM, am.DATE_TO, am.COLUMNS)),

    # Agent settings
    Operation("GET", "/agents/profiles", profiles.list_profiles, [pm.PROFILE], query=PAGE),
    Operation("GET", "/agents/{agentId}/profile", profiles.get_profile, pm.PROFILE),
    Operation("PUT", "/agents/{agentId}/profile", profiles.put_profile, pm.PROFILE,
              pm.PROFILE_CHANGE),

    # Roles
    Operation("GET", "/roles", roles.list_roles, [m.ROLE], query=PAGE),
    Operation("POST", "/roles", roles.create_role, m.ROLE, m.ROLE),
    Operation("GET", "/roles/permissions", roles.list_permissions, [m.PERMISSION]),
    Operation("GET", "/roles/{roleId}", roles.get_role, m.ROLE),
    Operation("PUT", "/roles/{roleId}", roles.update_role, m.ROLE, m.ROLE),
    Operation("DELETE", "/roles/{roleId}", roles.delete_role, m.OK),

    # Departments and memberships
    Operation("POST", "/departments", departments.create_department, m.DEPARTMENT,
              m.DEPARTMENT_NAME),
    Operation("PUT", "/departments/{departmentId}", departments.rename_department, m.DEPARTMENT,
              m.DEPARTMENT_NAME),
    Operation("DELETE", "/departments/{departmentId}", departments.delete_department, m.OK),
    Operation("PUT", "/departments/{departmentId}/{agentId}", departments.put_membership,
              m.MEMBERSHIP, m.MEMBERSHIP, body_optional=True),
    Operation("DELETE", "/departments/{departmentId}/{agentId}", departments.delete_membership,
              m.OK),
)
# fmt: on

SURFACES: Mapping[Surface, tuple[Operation, ...]] = {"v3": V3, "full": (*EXTENDED, *V3)}


def operations(surface: Surface, switches: Switches) -> list[Operation]:
    """Return the operations of a surface that the switches do not remove."""
    return [
        operation
        for operation in SURFACES[surface]
        if not operation.switch or getattr(switches, operation.switch)
    ]
