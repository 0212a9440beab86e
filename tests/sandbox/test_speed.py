"""The sandbox must not be what a test or a demo waits for."""

import time

import pytest

from tests.sandbox.api import Api


@pytest.mark.slow
def test_500_writes_a_second_and_a_page_of_500_in_50_ms(api: Api) -> None:
    count = 500
    before = time.perf_counter()
    agents = [api.agent(f"Agent {number}") for number in range(count)]
    assert count / (time.perf_counter() - before) >= 500
    for agent in agents:
        api.put(f"/departments/default/{agent['id']}")
    for path in ("/agents", "/grid/agents", "/devices"):
        took = []
        for _ in range(3):
            before = time.perf_counter()
            assert len(api.get(path, params={"_perPage": count})) == count
            took.append(time.perf_counter() - before)
        assert min(took) < 0.05, path
