"""The route table has the documented calls about agents, devices, keys, plugins and reports."""

import re

from provisioner.sandbox.routes import SURFACES
from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start

# D: vendor's client of 2025-08, docs/*Api.md, with the model of the answer; [] for an array.
DOCUMENTED = """
GET /agents [Agent]
GET /agents/activity [AgentActivity]
POST /agents/undelete Agent
POST /agents/convert Agent
GET /agents/{} Agent
PUT /agents/{} Agent
DELETE /agents/{} OkResponse
GET /agents/{}/status [AgentStatus]
POST /agents/{}/_logout OkResponse
POST /agents/{}/_pause OkResponse
POST /agents/{}/updateVoiceStatus OkResponse
GET /agents/{}/login_key LoginKey
GET /agent_phone/{} PhoneDevice
PUT /agent_phone/{} OkResponse
GET /departments [Department]
GET /departments/{} Department
GET /departments/{}/{} -
GET /users/{} [User]
GET /devices [Device]
POST /devices Device
GET /devices/_app_ [Device]
GET /devices/{} Device
PUT /devices/{} Device
DELETE /devices/{} OkResponse
GET /devices/{}/departments [DeviceDepartment]
GET /devices/{}/departments/{} DeviceDepartment
PUT /devices/{}/departments/{} DeviceDepartment
GET /devices/departments/{} [DeviceDepartment]
PUT /devices/departments/update [DeviceDepartment]
GET /devices/{}/plans [IndexedDeviceDepartmentPlans]
POST /devices/{}/departments/{}/plans [DeviceDepartmentPlan]
DELETE /devices/{}/departments/{}/plans OkResponse
GET /grid/agents [AgentRow]
GET /grid/agents/count Count
GET /grid/departments [DepartmentRow]
GET /grid/departments/count Count
GET /grid/{}/invite/agents [InviteAgentRow]
GET /grid/eventlogs [EventLogRow]
GET /grid/eventlogs/count Count
GET /grid/reports/time [TimeReportRow]
GET /grid/reports/time/count Count
GET /apikeys [ApiKey]
POST /apikeys ApiKeyWithPrivileges
POST /apikeys/_login ApiKeyWithPrivileges
POST /apikeys/regenerateApiV1 ApiKeyWithPrivileges
POST /apikeys/regenerateApiV3/{} OkResponse
GET /apikeys/{} ApiKeyWithPrivileges
PUT /apikeys/{} ApiKeyWithPrivileges
DELETE /apikeys/{} OkResponse
GET /api/privileges [ApiPrivilege]
GET /api/info/{} ApiInfo
GET /api/v3/count Count
GET /sso SSOKey
POST /sso SSOKey
"""


def test_the_documented_calls_exist_with_the_documented_answers() -> None:
    served = set()
    for operation in SURFACES["v3"]:
        answer = operation.answer
        name = f"[{answer[0].name}]" if isinstance(answer, list) else answer.name
        served.add(f"{operation.method} {re.sub('{[^}]*}', '{}', operation.path)} {name}")
    missing = {*DOCUMENTED.strip().replace("/{} -", "/{} member").splitlines()} - served
    assert not missing


def test_the_system_log_and_the_reported_times(api: Api) -> None:
    (entry,) = api.get("/grid/eventlogs")
    assert entry["message"] == "Account created"
    assert api.get("/grid/eventlogs/count") == {"count": 1}
    assert api.get("/grid/reports/time") == []
    assert api.get("/grid/reports/time/count") == {"count": 0}


def test_the_keys_of_the_account(api: Api) -> None:
    first, second = (api.post("/apikeys/regenerateApiV1")["key"] for _ in range(2))
    assert first != second
    assert api.get("/api/info/v1")["apikey"]["key"] == second
    assert api.get("/api/info/v3")["apikey"]["key"] == api.key
    assert api.refusal("GET", "/api/info/v2")[0] == 404
    assert api.get("/api/v3/count") == {"count": 1}
    new = api.post("/sso")
    assert api.get("/sso") == new != api.post("/sso")


def test_unknown_properties_can_be_refused(start: Start) -> None:
    api = start(switches=Switches(unknown_properties="refused"))
    mia = api.agent("Mia")
    assert api.put(f"/agents/{mia['id']}", mia) == mia
    assert api.refusal("PUT", f"/agents/{mia['id']}", body=mia | {"alias": "M"}) == (
        400,
        "Unknown property 'alias'",
    )
    row = {"device_id": 1, "department_id": "default", "online_status": "N", "phone": "x"}
    assert api.refusal("PUT", "/devices/departments/update", body={"DeviceDepartments": [row]}) == (
        400,
        "Unknown property 'phone'",
    )
