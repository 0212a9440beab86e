"""What the acceptance tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dask_cluster import Cluster, cluster
from tests.support import Account, account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running
