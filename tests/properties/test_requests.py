"""A plan's count of requests is exact: an undisturbed apply makes as many, on both surfaces."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from provisioner.sandbox.switches import Switches
from tests.effort import examples
from tests.properties.strategies import Project, projects
from tests.properties.test_laws import write
from tests.support import Account, account

EXACT = settings(
    max_examples=examples(5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


PAGES: dict[str, dict[str, Any]] = {
    "one page": {"list_deleted_agents": True, "undelete_key": "id"},
    "pages of more than 3 refused, missing after the last": {
        "per_page_limit": 3,
        "page_past_end": "missing",
        "null_values": "refused",
        "empty_role_id": "refused",
    },
}

MISSING = 404


@pytest.fixture(params=PAGES)
def pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("provisioner.liveagent.http.pacing.SMALLEST", 3)
    return str(request.param)


@pytest.fixture(params=["full", "v3"])
def live(request: pytest.FixtureRequest, tmp_path: Path, pages: str) -> Iterator[Account]:
    switches = Switches(**PAGES[pages])
    with account(tmp_path, surface=request.param, switches=switches) as running:
        yield running


def missing(live: Account) -> tuple[int, int]:
    """Return how many pages were missing since the log was cleared, and how many ends were checked.

    After a missing page, the row that would come next is requested if the last page was full. So a
    check is the second missing answer in a row of one list.
    """
    found: Counter[bool] = Counter()
    last: dict[str, int] = {}
    for asked in live.server.requests.entries():
        if asked.method == "GET" and asked.status == MISSING:
            found[last.get(asked.path) == MISSING] += 1
        last[asked.path] = asked.status
    return found[False], found[True]


def floor_of_reading(planned: dict[str, Any]) -> int:
    """Return the fewest requests of the reading; none is below the lists of a small account."""
    read: int = planned["floor"] - sum(planned["floor_by_operation"].values())
    assert 5 <= read <= planned["read"], planned
    return read


def applied(live: Account, project: Path) -> tuple[dict[str, Any], int, int]:
    """Apply a project.

    Returns:
        The requests of its plan, how many the apply made, and how many of them a plan can't know:
        checks of the ends of lists, where the plan has met no missing page.
    """
    live.server.requests.clear()
    planned: dict[str, Any] = live.plan(project)["requests"]
    pages, _ = missing(live)
    live.server.requests.clear()
    live.apply(project)
    _, checks = missing(live)
    return planned, len(live.server.requests.entries()), 0 if pages else checks


@EXACT
@given(first=projects(), second=projects())
def test_an_apply_makes_the_requests_of_its_plan(
    first: Project, second: Project, live: Account, pages: str, tmp_path: Path
) -> None:
    for project in (first, second):
        if "list_deleted_agents" not in PAGES[pages]:
            # A deleted account that API v3 does not list is restored with two more requests.
            for agent in project["agents"]:
                agent.pop("state", None)
        planned, made, checks = applied(live, write(tmp_path / "project", project))
        assert made == planned["total"] + checks, planned
        assert floor_of_reading(planned) <= planned["floor"] <= planned["total"], planned
