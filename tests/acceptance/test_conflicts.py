"""What somebody changes between a plan and its apply is not overwritten unseen, field by field."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from provisioner.app.apply_plan import ExecutablePlan, Provider, apply_plan
from provisioner.app.make_plan import Planned, PlanOptions, make_plan
from provisioner.app.open_project import open_project
from provisioner.execution.report import Report, Status
from provisioner.execution.run_control import UNCONTROLLED
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.account_writer import LiveAgentWriter
from provisioner.liveagent.costs import apply_cost
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.page_looks import look_rules
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import KEY, Account, account, changes, write_project

MIA = """
      - email: mia@acme.example
        name: Mia
        alias: M
        voice_status: both
        availability: {chats: offline}
        departments: {Support: {tickets: true, chats: false, role: solver}}
        hours: [{days: [mon], from: "09:00", to: "17:00", services: [tickets]}]"""

START = f"""
    departments: [{{name: Support}}, {{name: Sales}}, {{name: Old}}]
    roles: [{{name: Lead, permissions: {{}}}}]
    agents:{MIA}
      - {{email: bob@acme.example, name: Bob}}
"""

WITH_LIKE_MIA = START.replace(MIA, MIA + MIA.replace("mia@", "ann@") + MIA.replace("mia@", "li@"))
"""Two more people with Mia's settings: one look at a page serves for all three."""

Meanwhile = Callable[[Account, str, str], object]


def planned_and_applied(live: Account, project: Path, meanwhile: Callable[[], object]) -> Report:
    """Plan, let something happen, and apply what was planned."""
    client = Client(live.server.url, KEY, pacer=Pacer(0))
    reader = LiveAgentReader(client)
    rules = partial(look_rules, capabilities=client.capabilities, per_minute=0)
    planned: Planned = make_plan(
        open_project(project), reader, PlanOptions("environment", apply_cost, rules)
    )
    meanwhile()
    writer = LiveAgentWriter(client, planned.live, {}, {})
    executable = ExecutablePlan.of(planned, planned.live)
    report = apply_plan(executable, Provider(reader, writer), UNCONTROLLED)
    client.close()
    return report


def membership(live: Account, mia: str, support: str, **fields: Any) -> object:
    return live.call("PUT", f"/departments/{support}/{mia}", fields)


def service(live: Account, mia: str, support: str) -> object:
    devices = live.everything("/devices")
    device = next(d for d in devices if d["agent_id"] == mia and d["service_type"] == "T")
    row = {
        "device_id": device["id"],
        "department_id": support,
        "user_id": mia,
        "online_status": "N",
        "preset_status": "N",
        "work_allocation_allowed": True,
    }
    return live.call("PUT", "/devices/departments/update", {"DeviceDepartments": [row]})


def availability(live: Account, mia: str, _support: str) -> object:
    devices = live.everything("/devices")
    device = next(d for d in devices if d["agent_id"] == mia and d["service_type"] == "T")
    fields = {"preset_status": "N", "online_status": "N"}
    return live.call("PUT", f"/devices/{device['id']}", {**device, **fields})


def hours(live: Account, mia: str, support: str) -> object:
    devices = live.everything("/devices")
    device = next(d for d in devices if d["agent_id"] == mia and d["service_type"] == "M")
    return live.call("DELETE", f"/devices/{device['id']}/departments/{support}/plans")


MEMBERSHIP_AND_HOURS = """\
departments: {Support: {tickets: true, chats: false, role: solver}}
        hours: [{days: [mon], from: "09:00", to: "17:00", services: [tickets]}]"""

CONFLICTS: dict[str, tuple[str, str, Meanwhile, str]] = {
    "profile": (
        "alias: M",
        "alias: Mia",
        lambda live, mia, _support: live.call("PUT", f"/agents/{mia}/profile", {"alias": "X"}),
        "update-profile",
    ),
    "agent": (
        "name: Mia",
        "name: Mia Chen",
        lambda live, mia, _s: live.call(
            "PUT", f"/agents/{mia}", {**live.agent("mia@acme.example"), "name": "X"}
        ),
        "update-agent",
    ),
    "membership": (
        "role: solver",
        "role: reader",
        lambda live, mia, support: membership(live, mia, support, role="manager"),
        "set-membership#Support",
    ),
    "end of a membership": (
        MEMBERSHIP_AND_HOURS,
        "departments: {}",
        lambda live, mia, support: membership(live, mia, support, role="manager"),
        "remove-member#Support",
    ),
    "service": ("chats: false", "chats: true, calls: true", service, ""),
    "availability": ("{chats: offline}", "{chats: online}", availability, ""),
    "hours": ("17:00", "18:00", hours, "set-hours#Support#tickets"),
    "voice": (
        "voice_status: both",
        "voice_status: outgoing",
        lambda live, mia, _s: live.call("POST", f"/agents/{mia}/updateVoiceStatus?voiceStatus=F"),
        "",
    ),
    "department": (
        "{name: Old}",
        "{name: New, previously: Old}",
        lambda live, _mia, _support: live.call(
            "PUT", f"/departments/{department(live, 'Old')}", {"name": "Older"}
        ),
        "update-department",
    ),
    "role": (
        "permissions: {}",
        "permissions: {manage_agents: grant}",
        lambda live, _mia, _support: live.call(
            "PUT",
            f"/roles/{live.everything('/roles')[0]['id']}",
            {
                **live.everything("/roles")[0],
                "permissions": {
                    **live.everything("/roles")[0]["permissions"],
                    "view_reports": "grant",
                },
            },
        ),
        "update-role",
    ),
    "deletion": (
        "name: Bob}",
        "name: Bob, state: absent}",
        lambda live, _mia, _support: live.call(
            "PUT",
            f"/agents/{live.agent('bob@acme.example')['id']}",
            {**live.agent("bob@acme.example"), "role": "admin", "roleId": "admin"},
        ),
        "delete-agent",
    ),
}


def department(live: Account, name: str) -> str:
    rows = live.everything("/departments")
    return str(next(row["department_id"] for row in rows if row["name"] == name))


@pytest.mark.parametrize("start", [START, WITH_LIKE_MIA], ids=["alone", "on a page"])
@pytest.mark.parametrize("name", CONFLICTS)
def test_a_change_that_comes_between_refuses_that_step(
    name: str, start: str, live: Account, tmp_path: Path
) -> None:
    old, new, happens, step = CONFLICTS[name]
    assert old in start
    live.apply(write_project(tmp_path / "p", team=start))
    mia, support = live.agent("mia@acme.example")["id"], department(live, "Support")
    project = write_project(tmp_path / "p", team=start.replace(old, new))
    report = planned_and_applied(live, project, lambda: happens(live, mia, support))
    failed = report.with_status(Status.FAILED)
    if not step:
        assert report.complete  # somebody has set it as it is declared
        return
    assert [outcome.step.id.partition("#")[2] for outcome in failed] == [step]
    assert failed[0].error is not None
    assert failed[0].error.code == "changed-meanwhile"
    assert not report.complete


def test_what_is_deleted_already_is_deleted(live: Account, tmp_path: Path) -> None:
    live.apply(write_project(tmp_path / "p", team=START))
    project = write_project(
        tmp_path / "p", team=START.replace("name: Bob}", "name: Bob, state: absent}")
    )
    bob = live.agent("bob@acme.example")["id"]
    report = planned_and_applied(live, project, lambda: live.call("DELETE", f"/agents/{bob}"))
    assert report.complete


def test_a_deletion_whose_answer_is_lost_is_done(live: Account, tmp_path: Path) -> None:
    live.apply(write_project(tmp_path / "p", team=START))
    project = write_project(
        tmp_path / "p", team=START.replace("name: Bob}", "name: Bob, state: absent}")
    )
    live.server.faults.add(Fault("drop", method="DELETE", lands=True))
    live.apply(project)
    deletes = [path for method, path in live.writes() if method == "DELETE"]
    assert len(deletes) == 2


def test_a_server_that_shows_writes_late_is_waited_for(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    live.server.faults.add(
        # What the plan reads is remembered, and answered again to the first reads after it.
        Fault("lag", method="GET", path="/devices$", skip=0, times=3),
        Fault("lag", method="GET", path="/agents/profiles", skip=2, times=2),
    )
    assert "Applied and read back" in live.apply(project)
    assert changes(live.plan(project)) == {}


def test_a_creation_whose_answer_is_lost_is_looked_up(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=START)
    for path in ("/agents$", "/departments$", "/roles$"):
        live.server.faults.add(Fault("drop", method="POST", path=path, lands=True))
        live.server.faults.add(Fault("status", method="POST", path=path, skip=1, status=503))
    live.apply(project)
    created = [path for method, path in live.writes() if method == "POST"]
    assert created.count("/agents") == 3
    assert changes(live.plan(project)) == {}


def test_a_creation_that_can_not_be_looked_up_is_not_repeated(
    live: Account, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", team="departments: [{name: Support}]")
    live.server.faults.add(Fault("drop", method="POST", lands=True))
    live.server.faults.add(Fault("drop", method="GET", path="/departments$", skip=2, times=0))
    report = live.apply(project, exit_code=4)
    assert "looking whether it took effect failed" in report
    assert [path for method, path in live.writes() if method == "POST"] == ["/departments"]
    live.server.faults.clear()
    assert "Nothing to change" in live.apply(project)


def read_alone(live: Account) -> int:
    """Return how often single agents were read since the log was cleared."""
    own = re.compile(r"/api/v3/agents/(?!profiles)\w+")
    return sum(
        asked.method == "GET" and own.fullmatch(asked.path) is not None
        for asked in live.server.requests.entries()
    )


def test_a_page_that_can_not_be_read_is_no_reason_to_fail(live: Account, tmp_path: Path) -> None:
    live.apply(write_project(tmp_path / "p", team=WITH_LIKE_MIA))
    project = write_project(tmp_path / "p", team=WITH_LIKE_MIA.replace("name: Mia", "name: Li"))
    live.server.requests.clear()
    look = Fault("status", method="GET", path="v3/agents$", skip=2, times=1, status=403)
    live.server.faults.add(look)
    live.apply(project)
    assert read_alone(live) == len(("mia", "ann", "li"))
    assert changes(live.plan(project)) == {}


def test_a_repeated_look_at_a_page_is_reported(live: Account, tmp_path: Path) -> None:
    live.apply(write_project(tmp_path / "p", team=WITH_LIKE_MIA))
    project = write_project(tmp_path / "p", team=WITH_LIKE_MIA.replace("name: Mia", "name: Li"))
    look = Fault("status", method="GET", path="v3/agents$", skip=2, status=503)
    live.server.faults.add(look)
    assert "1 retried" in live.apply(project)


def test_objects_of_a_list_with_fewer_fields_are_read_alone(tmp_path: Path) -> None:
    with account(tmp_path, switches=Switches(agent_rows="short")) as live:
        live.apply(write_project(tmp_path / "p", team=WITH_LIKE_MIA))
        project = write_project(tmp_path / "p", team=WITH_LIKE_MIA.replace("name: Mia", "name: Li"))
        live.server.requests.clear()
        live.apply(project)
        assert read_alone(live) == len(("the proof", "mia", "ann", "li"))


def test_a_capability_saves_the_look_at_a_page(tmp_path: Path) -> None:
    with account(tmp_path, switches=Switches(agent_rows="short")) as live:
        live.apply(write_project(tmp_path / "p", team=WITH_LIKE_MIA))
        new = WITH_LIKE_MIA.replace("name: Mia", "name: Mia Li")
        facts = "targets: {environment: {facts: {list_rows: short}}}"
        project = write_project(tmp_path / "p", team=new, capabilities=facts)
        planned = live.plan(project)["requests"]
        assert planned["by_operation"] == {"update-agent": 6}
        live.server.requests.clear()
        live.apply(project)
        assert len(live.server.requests.entries()) == planned["total"]
