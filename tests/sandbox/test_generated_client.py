"""A client that openapi-python-client generates from the served document works."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from provisioner.sandbox.routes import SURFACES, Surface
from tests.sandbox.api import Api, Start

PACKAGE = "generated_client"


class Client:
    """The generated package, connected to a sandbox."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.models: Any = importlib.import_module(f"{PACKAGE}.models")

    def call(self, name: str, *path: Any, **options: Any) -> Any:
        """Run an operation, such as `agents.list_agents`, and return the parsed answer."""
        operation = importlib.import_module(f"{PACKAGE}.api.{name}")
        return operation.sync(*path, client=self._connection, **options)


@pytest.fixture(params=SURFACES)
def api(request: pytest.FixtureRequest, start: Start) -> Api:
    surface: Surface = request.param
    return start(surface=surface)


@pytest.fixture
def package(api: Api, tmp_path: Path) -> Path:
    """Generate a client from the served document, without the formatters that run afterwards."""
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=f"{api.sandbox.url}/api/v3/openapi.json",
        file_encoding="utf-8",
        overwrite=False,
        output_path=tmp_path / PACKAGE,
    )
    assert generate(config=config) == []  # neither errors nor warnings
    return tmp_path / PACKAGE


@pytest.fixture
def client(api: Api, package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.syspath_prepend(package.parent)
    generated: Any = importlib.import_module(PACKAGE)
    with generated.AuthenticatedClient(
        base_url=f"{api.sandbox.url}/api/v3",
        token=api.key,
        prefix="",
        auth_header_name="apikey",
        raise_on_unexpected_status=True,
    ) as connection:
        yield Client(connection)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_it_lists_creates_and_updates_agents(client: Client, api: Api, package: Path) -> None:
    operations = [name for name in package.glob("api/*/*.py") if name.stem != "__init__"]
    assert len(operations) == sum(map(len, api.get("/openapi.json")["paths"].values()))

    models = client.models
    new = models.Agent(name="Mia Chen", email="mia.chen@acme.example", gender=models.Gender.F)
    created = client.call("agents.create_agent", body=new)
    assert (created.role, created.status) == (models.AgentRole.AGENT, models.AccountStatus.A)

    created.name = "Mia Lind"
    changed = client.call("agents.update_agent", created.id, body=created)
    assert (changed.id, changed.name) == (created.id, "Mia Lind")

    listed = client.call("agents.list_agents", field_per_page=100)
    assert [(agent.email, agent.name) for agent in listed] == [
        ("owner@acme.example", api.get("/agents")[0]["name"]),
        ("mia.chen@acme.example", "Mia Lind"),
    ]
    assert api.get(f"/agents/{created.id}")["gender"] == "F"

    missing = client.call("agents.get_agent", "nobody")
    assert isinstance(missing, models.ErrorResponse)
    assert missing.message
