"""A plan's count of requests is exact: an undisturbed apply makes as many, on both surfaces."""

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


def missing(live: Account) -> int:
    """Return how many requests found nothing since the log was cleared."""
    return sum(asked.status == MISSING for asked in live.server.requests.entries())


def applied(live: Account, project: Path) -> tuple[dict[str, Any], int, int]:
    """Apply a project.

    Returns:
        The requests of its plan, how many the apply made, and how many of them a plan can't count:
        after a missing page the end of a list with a full last page is checked, but only an
        account that has answered so before is known to do it.
    """
    live.server.requests.clear()
    planned: dict[str, Any] = live.plan(project)["requests"]
    is_known = missing(live) > 0
    live.server.requests.clear()
    live.apply(project)
    checks = 0 if is_known else missing(live) // 2
    return planned, len(live.server.requests.entries()), checks


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
        assert made - checks <= planned["total"] <= made, planned
