"""The scopes of API keys: which calls a key may make."""

from typing import Any

import pytest

from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.routes import SURFACES
from provisioner.sandbox.server import Sandbox
from provisioner.sandbox.store.scopes import NAMES
from provisioner.sandbox.switches import Switches
from tests.sandbox.api import Api, Start

DENIED = (403, "Insufficient privileges")
PRIVILEGES = [{"object": "agent", "privileges": ["read"]}]


@pytest.fixture
def reader(start: Start) -> Api:
    """Return an account with a key that may only read agents."""
    return start("k-reader", switches=Switches(key_scopes="agent.read"))


def agent_with(api: Api, scopes: str) -> tuple[str, Api]:
    """Return a new agent, and the API with a key of the agent that has these scopes."""
    agent_id = api.agent("Mia")["id"]
    names = (scope.split(".") for scope in scopes.split(","))
    privileges = [{"object": of, "privileges": [privilege]} for of, privilege in names]
    key = api.post("/apikeys", {"userid": agent_id, "privileges": privileges})["key"]
    return agent_id, api.with_key(key)


def test_a_key_that_reads_agents_changes_none(reader: Api) -> None:
    owner = reader.owner()
    assert reader.get(f"/agents/{owner['id']}") == owner
    assert len(reader.get("/grid/agents")) == 1
    for method, path, body in (
        ("PUT", f"/agents/{owner['id']}", owner),
        ("POST", "/agents", {"name": "Mia", "email": "mia@acme.example"}),
        ("POST", "/agents/undelete", owner),
        ("DELETE", f"/agents/{owner['id']}", None),
        ("PUT", f"/departments/default/{owner['id']}", None),
        ("GET", "/devices", None),
        ("POST", "/apikeys", {}),
    ):
        assert reader.refusal(method, path, body=body) == DENIED


def test_the_scope_is_checked_before_the_body(reader: Api) -> None:
    owner = reader.owner()["id"]
    assert reader.refusal("PUT", f"/agents/{owner}", data=b"no json") == DENIED


def test_every_operation_with_a_key_names_existing_scopes() -> None:
    for operation in SURFACES["full"]:
        assert {*operation.scopes} <= {*NAMES}
        assert operation.public or operation.scopes, f"{operation.method} {operation.path}"


def test_scopes_for_own_objects_reach_no_others(api: Api) -> None:
    agent_id, mia = agent_with(api, "agent.own,device.own,phone.own,api.read_own")
    own, others = api.devices(agent_id)["T"], api.devices(api.owner()["id"])["T"]
    own_path, path = f"/devices/{own['id']}", f"/devices/{others['id']}"
    assert mia.get(own_path) == own
    assert mia.refusal("GET", path) == DENIED
    assert mia.refusal("GET", "/devices/nothing") == DENIED
    assert mia.refusal("GET", "/agents") == DENIED
    assert mia.get(f"/agents/{agent_id}")["id"] == agent_id
    assert mia.refusal("GET", f"/agents/{api.owner()['id']}") == DENIED
    (phone,) = api.get("/phones", filters={"userId": agent_id})
    assert mia.get("/phones/_web_") == mia.get(f"/phones/{phone['id']}") == phone
    (key,) = mia.get("/apikeys")
    assert mia.get(f"/apikeys/{key['id']}")["key"] == mia.key
    assert mia.refusal("GET", "/apikeys/1") == DENIED


def test_a_key_gives_no_scope_that_it_does_not_have(start: Start) -> None:
    scopes = "agent.read,api.write_own,api.read_own"
    api = start("k-small", switches=Switches(key_scopes=scopes))
    made = api.post("/apikeys", {"name": "copy"})
    assert {entry["object"] for entry in made["privileges"]} == {"agent", "api"}
    assert api.post("/apikeys", {"privileges": PRIVILEGES})["privileges"] == PRIVILEGES
    more = [{"object": "agent", "privileges": ["manage"]}]
    assert api.refusal("POST", "/apikeys", body={"privileges": more}) == DENIED
    path = f"/apikeys/{made['id']}"
    assert api.refusal("PUT", path, body={"privileges": more}) == DENIED
    assert [row["name"] for row in api.get("/apikeys")] == ["Sandbox", "copy", ""]


def test_a_key_for_somebody_else_needs_the_scope_for_all_keys(start: Start) -> None:
    agent_id = start().agent("Mia")["id"]
    api = start("k-own", switches=Switches(key_scopes="api.write_own"))
    assert api.refusal("POST", "/apikeys", body={"userid": agent_id}) == DENIED


@pytest.mark.parametrize(
    ("scopes", "message"),
    [
        ("agent.raed", "API keys have no scope 'agent.raed'. Did you mean 'agent.read'?"),
        ("everything", "API keys have no scope 'everything'."),
    ],
)
def test_unknown_scopes_are_refused(tmp_path: Any, scopes: str, message: str) -> None:
    with pytest.raises(SandboxError) as refused:
        Sandbox(tmp_path / "x.db", api_key="k", switches=Switches(key_scopes=scopes))
    assert str(refused.value) == message


def test_a_restart_without_scopes_gives_the_key_all_of_them(start: Start) -> None:
    start("k", switches=Switches(key_scopes=""))
    api = start("k")
    (row,) = api.get("/apikeys")
    privileges = api.get(f"/apikeys/{row['id']}")["privileges"]
    assert privileges == api.get("/api/privileges")
