"""A started sandbox over HTTP for each test."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from provisioner.sandbox.server import Sandbox
from tests.sandbox.api import KEY, Api, Rows, Start


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.db"


@pytest.fixture
def start(database: Path) -> Iterator[Start]:
    """Start sandboxes on the test's database; all are stopped at the end."""
    with ExitStack() as stack:
        session = stack.enter_context(requests.Session())

        def run(api_key: str = KEY, **options: Any) -> Api:
            sandbox = stack.enter_context(Sandbox(database, api_key=api_key, **options))
            return Api(sandbox, api_key, session)

        yield run


@pytest.fixture
def api(start: Start) -> Api:
    """Run the full surface with every switch at its default."""
    return start()


@pytest.fixture
def rows(database: Path) -> Rows:
    """Look into the database, and write to it what no request can."""

    def run(statement: str, *parameters: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database)) as connection, connection:
            return connection.execute(statement, parameters).fetchall()

    return run
