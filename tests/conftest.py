"""What all tests share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes expected results anew, to be read before they are committed."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the expected files of tests/cases"
    )


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--update-golden"))
