"""What the acceptance tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import Account, account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running
