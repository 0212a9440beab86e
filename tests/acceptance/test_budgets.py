"""What runs may cost, as counts: requests over HTTP, and lines that the tool carries out.

The same numbers stand in docs/performance.md. Times are nobody's budget: machines differ.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmarks.accounts import TARGET, Layout, live_state, write_project
from benchmarks.server import endpoints
from provisioner.app.make_plan import PlanOptions, make_plan
from provisioner.app.open_project import open_project
from provisioner.diagnostics import Diagnostic
from provisioner.live.snapshot_file import Snapshot
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.costs import apply_cost
from provisioner.planning.checks.account_check import AccountCheck
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text
from provisioner.sandbox.switches import Switches
from tests.support import Account, account
from tests.support import write_project as write_files

READING = {
    "v3": {
        "GET /grid/agents": 2,
        "GET /grid/departments": 1,
        "GET /agents": 2,
        "GET /devices": 6,
        "GET /apikeys": 1,
    },
    "full": {
        "GET /grid/agents": 2,
        "GET /grid/departments": 1,
        "GET /agents": 2,
        "GET /agents/profiles": 2,
        "GET /roles": 2,
        "GET /roles/permissions": 1,
        "GET /account": 1,
    },
}
"""The requests of a reading: two full pages of agents in 20 departments, and a custom role."""


@pytest.fixture(params=["v3", "full"])
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Account, Path]]:
    """A hundred agents in pages of 50: to the client what 1,000 are in pages of 500."""
    departments = [{"name": f"Department {n}"} for n in range(20)]
    agents = [
        {
            "email": f"a{n}@acme.example",
            "name": f"A{n}",
            "departments": {f"Department {n % 20}": {}},
        }
        for n in range(99)
    ]
    team = {"departments": departments, "agents": agents, "roles": [{"name": "Lead"}]}
    project = write_files(tmp_path / "p", a=json.dumps(team))
    switches = Switches(per_page_cap=50)
    with account(tmp_path, switches=switches) as live:
        live.apply(project)
    with account(tmp_path, switches=switches, surface=request.param) as live:
        yield live, project


def check_reading(live: Account) -> None:
    """Hold the requests so far to the budget of one reading."""
    made = endpoints(live.server)
    assert made == READING["full" if made["GET /account"] else "v3"]


def test_a_reading_of_1000_agents_takes_at_most_12_requests(crowd: tuple[Account, Path]) -> None:
    live, project = crowd
    plan = live.plan(project)
    requests = plan["requests"]
    check_reading(live)
    assert requests["read"] == endpoints(live.server).total() <= 12
    assert requests["floor_by_operation"] == {}
    # Each list once: the account accepts pages of 500, although it sends 50 rows in each.
    assert requests["floor"] == {"v3": 5, "full": 7}[plan["surface"]]


def test_an_apply_without_changes_takes_nothing_but_the_reading(
    crowd: tuple[Account, Path],
) -> None:
    live, project = crowd
    live.apply(project)
    check_reading(live)


def test_the_budget_notices_a_request_for_each_agent(
    crowd: tuple[Account, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    live, project = crowd
    read = LiveAgentReader.read

    def curious(self: LiveAgentReader, **question: Any) -> Any:
        state = read(self, **question)
        for found in state.objects.values():
            if found.address.kind == "agent":
                self._client.call("GET", f"/agents/{found.id}")
        return state

    monkeypatch.setattr(LiveAgentReader, "read", curious)
    live.plan(project)
    with pytest.raises(AssertionError):
        check_reading(live)


BEFORE: dict[str, list[dict[str, Any]]] = {
    "departments": [{"name": "Support"}, {"name": "Sales"}],
    "roles": [{"name": "Lead"}],
    "agents": [
        {"email": "mia@acme.example", "name": "Mia", "departments": {"Support": {"tickets": True}}}
    ],
}


def agent(**fields: Any) -> dict[str, Any]:
    return {"agents": [{**BEFORE["agents"][0], **fields}]}


HOURS = {"days": ["mon"], "from": "09:00", "to": "17:00", "services": ["chats"]}
BOB = {"email": "bob@acme.example", "name": "Bob"}
CHANGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an agent's name, email, role or gender": (
        agent(name="Mia Chen", gender="female", role="Lead"),
        ["GET /agents/{id}", "PUT /agents/{id}"],
    ),
    "agent settings, any number of them": (
        agent(alias="Mia", chat={"max_load": 3}, signature="Mia"),
        ["GET /agents/{id}/profile", "PUT /agents/{id}/profile"],
    ),
    "an agent's voice status": (
        agent(voice_status="outgoing"),
        ["GET /agents/{id}", "POST /agents/{id}/updateVoiceStatus"],
    ),
    "availability for a service": (
        agent(availability={"chats": "online"}),
        ["GET /devices/{id}", "PUT /devices/{id}"],
    ),
    "services of departments, two hundred with one call": (
        agent(departments={"Support": {"tickets": True, "chats": True, "calls": True}}),
        ["GET /grid/agents", "PUT /devices/departments/update"],
    ),
    "joining a department": (
        agent(departments={"Support": {"tickets": True}, "Sales": {}}),
        ["GET /agents/{id}/profile", "PUT /departments/{id}/{id}"],
    ),
    "leaving a department": (
        agent(departments={}),
        ["GET /agents/{id}/profile", "DELETE /departments/{id}/{id}"],
    ),
    "settings of a membership": (
        agent(departments={"Support": {"tickets": True, "role": "manager"}}),
        ["GET /agents/{id}/profile", "PUT /departments/{id}/{id}"],
    ),
    "planned hours of a service in a department": (
        agent(hours=[HOURS]),
        ["GET /devices/{id}/plans", "POST /devices/{id}/departments/{id}/plans"],
    ),
    "a new agent": ({"agents": [*BEFORE["agents"], BOB]}, ["POST /agents"]),
    "deleting an agent": (
        {"agents": [{"email": "mia@acme.example", "state": "absent"}]},
        ["GET /agents/{id}", "DELETE /agents/{id}"],
    ),
    "a new department": (
        {"departments": [*BEFORE["departments"], {"name": "Returns"}]},
        ["POST /departments"],
    ),
    "renaming a department": (
        {"departments": [{"name": "Support"}, {"name": "Trade", "previously": "Sales"}]},
        ["GET /departments/{id}", "PUT /departments/{id}"],
    ),
    "deleting a department": (
        {"departments": [{"name": "Support"}, {"name": "Sales", "state": "absent"}]},
        ["GET /departments/{id}", "DELETE /departments/{id}"],
    ),
    "a new role": ({"roles": [{"name": "Lead"}, {"name": "Guide"}]}, ["POST /roles"]),
    "permissions or the name of a role": (
        {"roles": [{"name": "Lead", "permissions": {"manage_agents": "grant"}}]},
        ["GET /roles/{id}", "PUT /roles/{id}"],
    ),
    "deleting a role": (
        {"roles": [{"name": "Lead", "state": "absent"}]},
        ["GET /roles/{id}", "DELETE /roles/{id}"],
    ),
}
"""What each kind of change takes beside the readings: a look where something is overwritten."""


def floor(requests: list[str]) -> int:
    """Return how many of the requests write; the others look at what is overwritten."""
    return sum(not request.startswith("GET ") for request in requests)


@pytest.mark.parametrize(("after", "requests"), CHANGES.values(), ids=CHANGES)
def test_a_change_takes_the_smallest_number_of_requests(
    after: dict[str, Any], requests: list[str], tmp_path: Path
) -> None:
    with account(tmp_path) as live:
        live.apply(write_files(tmp_path / "p", a=json.dumps(BEFORE)))
        project = write_files(tmp_path / "p", a=json.dumps({**BEFORE, **after}))
        plan = live.plan(project)["requests"]
        live.server.requests.clear()
        live.apply(project)
        made = endpoints(live.server)
        assert made.total() == plan["total"]
        if "DELETE /agents/{id}" in requests:
            made -= LEAVING
        live.server.requests.clear()
        live.plan(project)
        reading = endpoints(live.server)
    assert plan["write"] == len(requests)
    assert sum(plan["floor_by_operation"].values()) == floor(requests)
    # Both readings of the apply may have a page more or less than one of the result.
    writing = {name: number for name, number in made.items() if name not in reading}
    assert writing == {name: 1 for name in requests if name not in reading}
    for name in set(requests) & reading.keys():
        assert made[name] == 2 * reading[name] + 1


LEAVING = Counter({"GET /apikeys": 1, "GET /apikeys/{id}": 1, "GET /agents/{id}": 1})
"""The reads of API keys and active tickets (/agents/activity), if somebody leaves."""


def test_the_page_lists_the_smallest_numbers() -> None:
    page = (Path(__file__).parents[2] / "docs/performance.md").read_text("utf-8")
    for change, (_, requests) in CHANGES.items():
        calls = ", ".join(f"`{request}`" for request in requests)
        assert f"| {change} | {len(requests)} | {floor(requests)} | {calls} |" in page


def lines_of(work: Callable[[], object]) -> Counter[str]:
    """Return how many lines each of the tool's own functions carries out, loops included."""
    counts: Counter[str] = Counter()

    def enter(frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        if "/provisioner/" not in code.co_filename:
            return None
        name = f"{Path(code.co_filename).name}:{code.co_qualname}"

        def line(_frame: FrameType, _event: str, _argument: object) -> Any:
            counts[name] += 1
            return line

        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        work()
    finally:
        sys.settrace(before)
    return counts


def planning(folder: Path, size: int, layout: Layout) -> Callable[[], object]:
    """Return a plan of an account of some size, from the files to the text."""
    write_project(folder / str(size), size, layout)
    stored = Snapshot(live_state(size), TARGET, "https://acme.ladesk.com/api/v3", "")

    def work() -> str:
        project = open_project(folder / str(size))
        return plan_text.draw(
            review_of(make_plan(project, stored, PlanOptions(TARGET, apply_cost)).plan)
        )

    return work


SIZE = 100


def check_growth(once: Counter[str], twice: Counter[str]) -> None:
    """Hold every function to at most twice the lines for twice the agents."""
    assert [name for name in twice if twice[name] > 2.1 * once[name] + 50] == []


@pytest.mark.parametrize("layout", Layout)
def test_the_work_of_a_plan_grows_no_faster_than_the_account(
    tmp_path: Path, layout: Layout
) -> None:
    planning(tmp_path / "first", SIZE, layout)()  # what is made once is made here
    once = lines_of(planning(tmp_path, SIZE, layout))
    twice = lines_of(planning(tmp_path, 2 * SIZE, layout))
    check_growth(once, twice)
    assert once.total() < 3_200 * SIZE


def test_a_look_at_everybody_for_each_change_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from provisioner.planning.checks import account_rules  # noqa: PLC0415

    def slow(check: AccountCheck) -> Iterator[Diagnostic]:
        for _written in check.written_agents():
            yield from account_rules.owners_made_by_owner(check)

    monkeypatch.setattr(account_rules, "ACCOUNT_RULES", (slow,))
    once = lines_of(planning(tmp_path, SIZE, Layout.ONE_FILE))
    twice = lines_of(planning(tmp_path, 2 * SIZE, Layout.ONE_FILE))
    with pytest.raises(AssertionError, match="owners_made_by_owner"):
        check_growth(once, twice)
