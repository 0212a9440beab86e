"""Looks at lists of small pages: counts are exact, and moved rows are found, under any limit."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioner.execution.report import Report, Status
from provisioner.liveagent.current_rows import LOOK_SECONDS
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.transport import Transport
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.acceptance.test_look_ages import Network, applied
from tests.support import account, write_project

PAGE = 3
DEPARTMENTS = [{"name": "Support"}, {"name": "Sales"}]


class Listener(Network):
    """A network that measures only writes of services.

    Attributes:
        read_at: when a page with services was last read.
        oldest: the most seconds between such a reading and a write.
    """

    read_at = 0.0
    oldest = 0.0

    def request(self, transport: Transport, method: str, path: str, **more: Any) -> Answer:
        if path.endswith("/grid/agents"):
            self.read_at = self.now
        return super().request(transport, method, path, **more)

    def _note(self, _method: str, path: str, sent: float, _more: dict[str, Any]) -> None:
        if path.endswith("/departments/update"):
            self.oldest = max(self.oldest, sent - self.read_at)


def at_first(happens: Callable[[], object]) -> Callable[[int], str]:
    """Return a disturbance that lets something happen before the first request, and no more."""
    left = [happens]

    def disturb(_number: int) -> str:
        if left:
            left.pop()()
        return ""

    return disturb


QUIET = at_first(lambda: None)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Listener:
    monkeypatch.setattr("provisioner.liveagent.http.pacing.SMALLEST", PAGE)
    network = Listener(Transport.send, 0.001)
    monkeypatch.setattr(Transport, "send", lambda *args, **more: network.request(*args, **more))  # noqa: PLW0108
    return network


def agents(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "email": f"a{at}@acme.example",
            "name": "A",
            "departments": {"Support": {"tickets": True}},
            **fields,
        }
        for at in range(number)
    ]


def team(folder: Path, people: list[dict[str, Any]]) -> Path:
    return write_project(folder, team=json.dumps({"departments": DEPARTMENTS, "agents": people}))


def failures(report: Report) -> list[str]:
    return [str(outcome.error) for outcome in report.with_status(Status.FAILED)]


@pytest.mark.parametrize(
    "switches",
    [Switches(per_page_limit=PAGE), Switches(per_page_cap=PAGE)],
    ids=["limit", "cap"],
)
@pytest.mark.parametrize("per_minute", [0, 2, 10])
def test_the_count_is_exact(
    per_minute: int, switches: Switches, network: Listener, tmp_path: Path
) -> None:
    """People come and go, an owner gets services, and one agent takes more writes than a minute."""
    people = agents(8)
    people[6]["role"] = "owner"
    everywhere = {"Support": {"tickets": False, "role": "reader"}, "Sales": {"chats": True}}
    after = [
        {**people[0], "name": "B"},
        {**people[1], "state": "absent"},
        {**people[2], "departments": {"Support": {"tickets": False}}},
        {**people[3], "email": "b3@acme.example", "previously": people[3]["email"], "alias": "M"},
        {**people[4], "name": "B", "departments": everywhere, "alias": "M"},
        {**people[5], "departments": everywhere, "availability": {"tickets": "offline"}},
        {**people[6], "departments": {"Support": {"tickets": False}}},
        {**people[7], "voice_status": "outgoing", "signature": "A", "name": "B"},
        {**people[7], "email": "new@acme.example"},
    ]
    with account(tmp_path, switches=switches) as live:
        applied(live, team(tmp_path / "p", people), network, 0, QUIET)
        before = network.number
        folder = team(tmp_path / "p", after)
        report, planned = applied(live, folder, network, per_minute, QUIET)
    assert failures(report) == []
    assert network.number - before == planned


@pytest.mark.parametrize("surface", ["full", "v3"])
@pytest.mark.parametrize("per_minute", [2, 3, 30])
def test_services_that_have_moved_to_other_pages_are_found(
    per_minute: int, surface: str, network: Listener, tmp_path: Path
) -> None:
    """Somebody deletes agents after the plan, so all later ones move up."""
    start, switches = agents(7), Switches(per_page_limit=PAGE)
    with account(tmp_path, switches=switches) as live:
        applied(live, team(tmp_path / "p", start), network, 0, QUIET)
        first = live.call("GET", f"/agents?_perPage={PAGE}")
    gone = [row["id"] for row in first if row["email"] in {start[0]["email"], start[1]["email"]}]
    people = [*start[:2], *agents(7, departments={"Support": {"tickets": False}})[2:]]
    network.oldest = 0
    with account(tmp_path, switches=switches, surface=surface) as live:
        deletion = at_first(lambda: [live.call("DELETE", f"/agents/{one}") for one in gone])
        folder = team(tmp_path / "p", people)
        report, _ = applied(live, folder, network, per_minute, deletion)
    assert gone
    assert failures(report) == []
    assert 0 < network.oldest <= LOOK_SECONDS


def test_without_a_proof_no_row_of_a_list_is_sent_back(network: Listener, tmp_path: Path) -> None:
    """The look at the first page is refused, so nothing shows what later pages lack."""
    switches = Switches(per_page_limit=PAGE, agent_rows="short")
    with account(tmp_path, switches=switches) as live:
        applied(live, team(tmp_path / "p", agents(7)), network, 0, QUIET)
        folder = team(tmp_path / "p", agents(7, name="B"))
        refusal = Fault("status", method="GET", path="v3/agents$", times=1, status=403)
        live.server.requests.clear()
        faulty = at_first(lambda: live.server.faults.add(refusal))
        report, _ = applied(live, folder, network, 0, faulty)
    assert failures(report) == []
    alone = re.compile(r"/api/v3/agents/(?!profiles)\w+")
    paths = [one.path for one in live.server.requests.entries() if one.method == "GET"]
    assert len([path for path in paths if alone.fullmatch(path)]) == len(agents(7))
