"""A language server, and a project with the schemas for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.language_server import SERVER, Editor, running_editor


@pytest.fixture(scope="session", autouse=True)
def _server() -> None:
    if not SERVER.exists():
        why = "no language server is installed here: run `make editor`"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with running_editor(tmp_path_factory.mktemp("editor")) as running:
        yield running


@pytest.fixture(scope="session")
def packaged() -> Path:
    return Path(__file__).parents[2] / "schemas"
