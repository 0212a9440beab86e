"""The sandbox must not be what a test or a demo waits for."""

import time

import pytest

from tests.sandbox.api import Api


@pytest.mark.slow
def test_writes_and_pages_are_quick(api: Api) -> None:
    # Alone on two cores: over 900 writes a second and under 15 ms a page. The bounds leave room
    # for coverage and a busy machine, and still catch what is slow by its nature, such as waiting
    # 40 ms for each acknowledgement.
    count = 500
    before = time.perf_counter()
    agents = [api.agent(f"Agent {number}") for number in range(count)]
    assert count / (time.perf_counter() - before) >= 100
    for agent in agents:
        api.put(f"/departments/default/{agent['id']}")
    for path in ("/agents", "/grid/agents", "/devices"):
        took = []
        for _ in range(3):
            before = time.perf_counter()
            assert len(api.get(path, params={"_perPage": count})) == count
            took.append(time.perf_counter() - before)
        assert min(took) < 0.25, path
