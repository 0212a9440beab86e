"""What all tests share."""

import pytest

from provisioner.app import applying
from provisioner.liveagent import retries


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests try again at once; how long is waited is tested by itself."""
    monkeypatch.setattr(retries, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(applying, "FIRST_WAIT_SECONDS", 0.0)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes expected results anew, to be read before they are committed."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the expected files of tests/cases"
    )


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))
