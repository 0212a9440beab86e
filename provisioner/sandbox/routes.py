"""Lists all operations of the sandbox: the documented v3 surface and the extensions.

Where a fixed and a variable path both match, the fixed one must come first.
"""

from collections.abc import Mapping
from typing import Literal

from provisioner.sandbox.call import Operation
from provisioner.sandbox.handlers import (
    agents,
    departments,
    devices,
    keys,
    logs,
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
from provisioner.sandbox.store.scopes import (
    AGENT_MANAGE,
    AGENT_MANAGE_OR_OWN,
    AGENT_READ,
    AGENT_READ_OR_OWN,
    API_DELETE,
    API_READ,
    API_WRITE,
    DEVICE,
    DEVICE_OR_OWN,
    PHONE_READ,
    PHONE_WRITE,
    SETTINGS_READ,
    STATUS_MANAGE_OR_OWN,
    STATUS_READ,
    STATUS_READ_OR_OWN,
)
from provisioner.sandbox.switches import Switches

Surface = Literal["v3", "full"]

COUNT = (FILTERS,)
DEVICE_DEPARTMENT_PATH = "/devices/{deviceId}/departments/{departmentId}"

# fmt: off
V3 = (
    Operation("GET", "/ping", service.ping, m.OK, public=True),

    # Agents
    Operation("GET", "/agents", agents.list_agents, [m.AGENT], query=PAGE, scopes=AGENT_READ),
    Operation("POST", "/agents", agents.create_agent, m.AGENT, m.AGENT, scopes=AGENT_MANAGE),
    Operation("GET", "/agents/activity", sessions.list_activity, [um.AGENT_ACTIVITY], query=PAGE,
              scopes=STATUS_READ),
    Operation("POST", "/agents/undelete", agents.undelete_agent, m.AGENT, m.AGENT,
              scopes=AGENT_MANAGE),
    Operation("POST", "/agents/convert", users.convert_visitor, m.AGENT, m.AGENT,
              scopes=AGENT_MANAGE),
    Operation("POST", "/agents/_by_email", users.find_agent, m.AGENT, um.EMAIL_VALUE,
              switch="agents_by_email", scopes=AGENT_READ),
    Operation("GET", "/agents/{agentId}", agents.get_agent, m.AGENT, scopes=AGENT_READ_OR_OWN),
    Operation("PUT", "/agents/{agentId}", agents.update_agent, m.AGENT, m.AGENT,
              keeps_missing=True, scopes=AGENT_MANAGE_OR_OWN),
    Operation("DELETE", "/agents/{agentId}", agents.delete_agent, m.OK, scopes=AGENT_MANAGE),
    Operation("GET", "/agents/{agentId}/status", statuses.get_status, [m.AGENT_STATUS],
              scopes=STATUS_READ_OR_OWN),
    Operation("PUT", "/agents/{agentId}/status", sessions.put_status, [m.AGENT_STATUS],
              um.AGENT_STATUSES, switch="put_agent_status", scopes=STATUS_MANAGE_OR_OWN),
    Operation("POST", "/agents/{agentId}/_logout", sessions.logout_agent, m.OK,
              scopes=STATUS_MANAGE_OR_OWN),
    Operation("POST", "/agents/{agentId}/_pause", sessions.pause_agent, m.OK,
              scopes=STATUS_MANAGE_OR_OWN),
    Operation("POST", "/agents/{agentId}/updateVoiceStatus", sessions.update_voice_status, m.OK,
              query=(um.VOICE_STATUS,), scopes=AGENT_MANAGE_OR_OWN),
    Operation("GET", "/agents/{agentId}/login_key", sessions.get_login_key, um.LOGIN_KEY,
              scopes=("hosting.login",)),

    # Departments
    Operation("GET", "/departments", departments.list_departments, [m.DEPARTMENT], query=PAGE,
              scopes=AGENT_READ),
    Operation("GET", "/departments/{departmentId}", departments.get_department, m.DEPARTMENT,
              scopes=AGENT_READ),
    Operation("GET", "/departments/{departmentId}/{agentId}", departments.get_membership,
              m.MEMBER, scopes=AGENT_READ_OR_OWN),

    # Users and grids
    Operation("GET", "/users/{userId}", users.get_user, [um.USER], scopes=("user.read",)),
    Operation("GET", "/grid/agents", statuses.grid_agents, [m.AGENT_ROW], query=CURSOR,
              scopes=AGENT_READ),
    Operation("GET", "/grid/agents/count", statuses.count_grid_agents, m.COUNT, query=COUNT,
              scopes=AGENT_READ),
    Operation("GET", "/grid/departments", statuses.grid_departments, [m.DEPARTMENT_ROW],
              query=CURSOR, scopes=AGENT_READ),
    Operation("GET", "/grid/departments/count", statuses.count_grid_departments, m.COUNT,
              query=COUNT, scopes=AGENT_READ),
    Operation("GET", "/grid/eventlogs", logs.grid_event_logs, [logs.EVENT_LOG_ROW], query=CURSOR,
              scopes=("eventlogs.read",)),
    Operation("GET", "/grid/eventlogs/count", logs.count_grid_event_logs, m.COUNT, query=COUNT,
              scopes=("eventlogs.read",)),
    Operation("GET", "/grid/reports/time", logs.grid_time_reports, [logs.TIME_REPORT_ROW],
              query=CURSOR, scopes=("time_report.read",)),
    Operation("GET", "/grid/reports/time/count", logs.count_grid_time_reports, m.COUNT,
              query=COUNT, scopes=("time_report.read",)),
    Operation("GET", "/grid/plugins", service.grid_plugins, [logs.PLUGIN_ROW],
              query=(logs.PLUGIN_PURPOSE,), scopes=("plugin_settings.read",)),
    Operation("GET", "/grid/{departmentId}/invite/agents", users.list_invitable,
              [um.INVITE_ROW], query=PER_PAGE_ONLY, scopes=AGENT_READ),

    # Devices
    Operation("GET", "/devices", devices.list_devices, [m.DEVICE], query=PAGE, scopes=DEVICE),
    Operation("POST", "/devices", devices.create_device, m.DEVICE, m.DEVICE, scopes=DEVICE),
    Operation("GET", "/devices/_app_", phones.list_mobile_devices, [m.DEVICE], creates=True,
              answers_fully=True, scopes=DEVICE_OR_OWN),
    Operation("PUT", "/devices/departments/update", devices.update_device_departments,
              [m.DEVICE_DEPARTMENT], m.DEVICE_DEPARTMENTS, scopes=DEVICE),
    Operation("GET", "/devices/departments/{departmentId}", devices.list_department_devices,
              [m.DEVICE_DEPARTMENT], scopes=DEVICE),
    Operation("GET", "/devices/{deviceId}", devices.get_device, m.DEVICE, scopes=DEVICE_OR_OWN),
    Operation("PUT", "/devices/{deviceId}", devices.update_device, m.DEVICE, m.DEVICE,
              keeps_missing=True, scopes=DEVICE_OR_OWN),
    Operation("DELETE", "/devices/{deviceId}", devices.delete_device, m.OK, scopes=DEVICE_OR_OWN),
    Operation("GET", "/devices/{deviceId}/departments", devices.list_device_departments,
              [m.DEVICE_DEPARTMENT], query=(*PAGE, SORT_FIELDS), scopes=DEVICE_OR_OWN),
    Operation("GET", DEVICE_DEPARTMENT_PATH, devices.get_device_department, m.DEVICE_DEPARTMENT,
              scopes=DEVICE_OR_OWN),
    Operation("PUT", DEVICE_DEPARTMENT_PATH, devices.update_device_department,
              m.DEVICE_DEPARTMENT, m.DEVICE_DEPARTMENT, scopes=DEVICE_OR_OWN),
    Operation("GET", "/devices/{deviceId}/plans", plans.list_plans, [um.INDEXED_PLANS],
              scopes=DEVICE_OR_OWN),
    Operation("POST", f"{DEVICE_DEPARTMENT_PATH}/plans", plans.create_plans, [um.PLAN], um.PLANS,
              scopes=DEVICE_OR_OWN),
    Operation("DELETE", f"{DEVICE_DEPARTMENT_PATH}/plans", plans.delete_plans, m.OK,
              scopes=DEVICE_OR_OWN),

    # Phones
    Operation("GET", "/agent_phone/{agentId}", phones.get_agent_phone, um.PHONE,
              query=(um.PHONE_TYPE,), scopes=PHONE_READ),
    Operation("PUT", "/agent_phone/{agentId}", phones.put_agent_phone, m.OK, form=um.PHONE_FORM,
              query=(um.PHONE_ID,), scopes=PHONE_WRITE),
    Operation("GET", "/phones", phones.list_phones, [um.PHONE], query=PAGE, scopes=("phone.read",)),
    Operation("GET", "/phones/{phoneId}", phones.get_phone, um.PHONE, scopes=PHONE_READ),
    Operation("GET", "/extensions", phones.list_extensions, [um.EXTENSION], query=CURSOR,
              scopes=("phone.read",)),
    Operation("GET", "/extensions/count", phones.count_extensions, m.COUNT, query=COUNT,
              scopes=("phone.read",)),
    Operation("GET", "/extensions/{extensionId}", phones.get_extension, um.EXTENSION,
              scopes=("phone.read",)),
    Operation("PUT", "/extensions/{extensionId}", phones.put_extension, um.EXTENSION,
              form=um.EXTENSION_FORM, scopes=("phone.write",)),

    # Account
    Operation("GET", "/settings", service.list_settings, [um.SETTING],
              query=(um.SETTINGS_NAMES,), scopes=SETTINGS_READ),
    Operation("GET", "/slack/users", service.list_slack_users, [um.SLACK_USER], query=CURSOR,
              scopes=SETTINGS_READ),
    Operation("GET", "/slack/user/{userId}", service.get_slack_user, um.SLACK_USER,
              scopes=SETTINGS_READ),
    Operation("GET", "/slack/conversations", service.list_slack_conversations,
              [um.SLACK_CONVERSATION], query=CURSOR, scopes=SETTINGS_READ),
    Operation("POST", "/files", service.upload_file, um.FILE, form=um.FILE_FORM,
              answers_fully=True, scopes=("file.add",)),
    # `avatar_url` leads here; how LiveAgent serves its pictures is not documented (U).
    Operation("GET", "/files/{fileId}", service.get_file, um.FILE_CONTENT, scopes=AGENT_READ),

    # API keys
    Operation("GET", "/apikeys", keys.list_keys, [um.LISTED_API_KEY], query=CURSOR,
              scopes=API_READ),
    Operation("POST", "/apikeys", keys.create_key, um.API_KEY, um.API_KEY,
              answers_fully=True, scopes=API_WRITE),
    Operation("POST", "/apikeys/_login", keys.log_in, um.API_KEY, um.LOGIN, status=201,
              public=True, answers_fully=True),
    Operation("POST", "/apikeys/regenerateApiV3/{apikeyId}", keys.regenerate_key, m.OK,
              scopes=API_WRITE),
    Operation("POST", "/apikeys/regenerateApiV1", keys.regenerate_v1_key, um.API_KEY,
              answers_fully=True, scopes=("api.write",)),
    Operation("GET", "/apikeys/{apikeyId}", keys.get_key, um.API_KEY, scopes=API_READ),
    Operation("PUT", "/apikeys/{apikeyId}", keys.update_key, um.API_KEY, um.API_KEY,
              scopes=API_WRITE),
    Operation("DELETE", "/apikeys/{apikeyId}", keys.delete_key, m.OK, scopes=API_DELETE),
    Operation("GET", "/api/v3/count", keys.count_keys, m.COUNT, query=COUNT, scopes=("api.read",)),
    Operation("GET", "/api/info/{apiVersion}", keys.get_api_info, um.API_INFO,
              scopes=("api.read",)),
    Operation("GET", "/sso", keys.get_sso_key, um.SSO_KEY, scopes=("sso.read",)),
    Operation("POST", "/sso", keys.generate_sso_key, um.SSO_KEY, scopes=("sso.write",),
              answers_fully=True),
    Operation("GET", "/api/privileges", keys.list_privileges, [um.PRIVILEGE],
              alias="/api/privileges", scopes=API_READ),
)

EXTENDED = (
    # Account
    Operation("GET", "/account", service.get_account, service.ACCOUNT, scopes=SETTINGS_READ),
    Operation("GET", "/reports/agents", reports.list_agent_reports, [reports.AGENT_REPORT],
              query=(*PAGE, reports.DATE_FROM, reports.DATE_TO, reports.COLUMNS),
              scopes=AGENT_READ),

    # Names for agent settings
    Operation("GET", "/levels", service.list_levels, [service.NAMED_CHOICE], switch="levels",
              scopes=AGENT_READ),
    Operation("GET", "/sounds", service.list_sounds, [service.NAMED_CHOICE], switch="sounds",
              scopes=AGENT_READ),
    Operation("GET", "/sounds/alerts", service.list_alerts, [service.NAMED_CHOICE], switch="alerts",
              scopes=AGENT_READ),

    # Agent settings
    Operation("GET", "/agents/profiles", profiles.list_profiles, [pm.PROFILE], query=PAGE,
              scopes=AGENT_READ),
    Operation("GET", "/agents/{agentId}/profile", profiles.get_profile, pm.PROFILE,
              scopes=AGENT_READ_OR_OWN),
    Operation("PUT", "/agents/{agentId}/profile", profiles.put_profile, pm.PROFILE,
              pm.PROFILE_CHANGE, scopes=AGENT_MANAGE_OR_OWN),

    # Roles
    Operation("GET", "/roles", roles.list_roles, [m.ROLE], query=PAGE, scopes=AGENT_READ),
    Operation("POST", "/roles", roles.create_role, m.ROLE, m.ROLE, scopes=AGENT_MANAGE),
    Operation("GET", "/roles/permissions", roles.list_permissions, [m.PERMISSION],
              scopes=AGENT_READ),
    Operation("GET", "/roles/{roleId}", roles.get_role, m.ROLE, scopes=AGENT_READ),
    Operation("PUT", "/roles/{roleId}", roles.update_role, m.ROLE, m.ROLE, scopes=AGENT_MANAGE),
    Operation("DELETE", "/roles/{roleId}", roles.delete_role, m.OK, scopes=AGENT_MANAGE),

    # Departments and memberships
    Operation("POST", "/departments", departments.create_department, m.DEPARTMENT,
              m.DEPARTMENT_NAME, scopes=AGENT_MANAGE),
    Operation("PUT", "/departments/{departmentId}", departments.rename_department, m.DEPARTMENT,
              m.DEPARTMENT_NAME, scopes=AGENT_MANAGE),
    Operation("DELETE", "/departments/{departmentId}", departments.delete_department, m.OK,
              scopes=AGENT_MANAGE),
    Operation("PUT", "/departments/{departmentId}/{agentId}", departments.put_membership,
              m.MEMBERSHIP, m.MEMBERSHIP, body_optional=True, scopes=AGENT_MANAGE),
    Operation("DELETE", "/departments/{departmentId}/{agentId}", departments.delete_membership,
              m.OK, scopes=AGENT_MANAGE),
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
