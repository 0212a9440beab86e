"""Which steps a change takes, what must come first, and what they cost."""

from typing import Any

from provisioner import address as addresses
from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, RejectedError
from provisioner.execution.executor import execute
from provisioner.execution.looks import LookRules
from provisioner.execution.report import Status
from provisioner.execution.step_graph import build_graph
from provisioner.live.state import LiveState
from provisioner.liveagent.costs import step_requests
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.field_changes import field_changes
from tests.unit.execution.test_executor import Diary


def create(address: Address, **after: Any) -> Change:
    return Change(address, address.key, Action.CREATE, Reason.DECLARED_MISSING, None, after)


def update(address: Address, before: dict[str, Any], after: dict[str, Any]) -> Change:
    fields = field_changes(before, after)
    return Change(
        address, address.key, Action.UPDATE, Reason.DIFFERS, before, after, fields, id="x"
    )


def delete(address: Address, **before: Any) -> Change:
    return Change(address, address.key, Action.DELETE, Reason.DECLARED_ABSENT, before, None, id="x")


MIA, BOB = addresses.agent("mia@acme.example"), addresses.agent("bob@acme.example")
SUPPORT = addresses.department("Support")
BATCH_SIZE: int = ASSUMPTIONS["batch_size"].default


def order(*changes: Change) -> list[str]:
    """Return the operations in the order in which a run with one thread does them."""
    diary = Diary()
    execute(build_graph(changes), diary, concurrency=1)
    return [
        step_id.split("#")[-1 if "#" not in step_id else 1]
        for call in diary.calls
        for step_id in call
    ]


def test_a_new_agent_comes_behind_its_role_and_before_its_memberships() -> None:
    agent = create(
        MIA,
        name="Mia",
        role="Lead",
        availability={"tickets": "online"},
        departments={"Support": {"chats": True, "role": "reader"}},
        alias="M",
    )
    done = order(
        agent, create(SUPPORT, name="Support"), create(addresses.role("Lead"), name="Lead")
    )
    assert done.index("create-role") < done.index("create-agent") < done.index("add-member")
    assert done.index("create-department") < done.index("add-member") < done.index("set-service")
    assert done.index("add-member") < done.index("set-availability")
    assert done.count("read-devices") == 0 or done.index("create-agent") < done.index(
        "read-devices"
    )
    assert "update-profile" in done


def test_new_owners_may_take_the_emails_of_two_owners() -> None:
    leaving = [
        update(
            addresses.agent(f"old-{name}"),
            {"email": name, "role": "owner"},
            {"email": f"old-{name}", "role": "agent"},
        )
        for name in ("mia", "bob")
    ]
    coming = [create(addresses.agent(name), email=name, role="owner") for name in ("mia", "bob")]
    done = order(*leaving, *coming)
    assert sorted(done) == ["create-agent", "create-agent", "update-agent", "update-agent"]


def test_devices_are_read_when_nobody_comes_or_goes() -> None:
    with_device = create(BOB, name="Bob", availability={"tickets": "online"})
    others = [create(MIA, name="Mia"), delete(addresses.agent("li@acme.example"), name="Li")]
    done = order(with_device, *others)
    assert done[:3] == ["create-agent", "create-agent", "read-devices"]


def test_deletions_come_last() -> None:
    done = order(
        delete(SUPPORT, name="Support"),
        delete(addresses.role("Lead"), name="Lead"),
        update(
            MIA,
            {"role": "Lead", "departments": {"Support": {}}},
            {"role": "agent", "departments": {}},
        ),
    )
    assert sorted(done[-2:]) == ["delete-department", "delete-role"]


def test_an_owner_who_goes_waits_for_the_one_who_comes() -> None:
    old = update(MIA, {"role": "owner"}, {"role": "agent"})
    new = update(BOB, {"role": "agent"}, {"role": "owner"})
    finding = Diagnostic(code="target-error", summary="no")
    outcomes = execute(
        build_graph([old, new]),
        Diary(lambda step: RejectedError(finding, 400) if step.address == BOB else None),
    ).outcomes
    assert outcomes[f"{MIA}#update-agent"].status is Status.SKIPPED


def test_a_batch_counts_as_one_request() -> None:
    departments = {f"D{number}": {"tickets": False} for number in range(BATCH_SIZE)}
    wanted = {name: {"tickets": True} for name in departments}
    change = update(MIA, {"departments": departments}, {"departments": wanted})
    graph = build_graph([change], LookRules(lambda _step, _agent_id: None, batch_size=BATCH_SIZE))
    assert step_requests(graph, 1, LiveState({})) == {"read-page": 1, "set-service": 1}
    assert len(graph.nodes) == BATCH_SIZE + 1


def test_what_is_read_right_before_it_is_written_counts_twice() -> None:
    graph = build_graph([update(MIA, {"name": "Mia"}, {"name": "Mia Chen"})])
    assert step_requests(graph, 1, LiveState({})) == {"update-agent": 2}


def test_hours_are_written_for_each_service_of_a_department_that_differs() -> None:
    before = {
        "departments": {"Support": {}, "Sales": {}},
        "hours": {"Sales": {"chats": {"mon": "a-b"}}},
    }
    after = {
        "departments": {"Support": {}},
        "hours": {"Support": {"chats": {"mon": "09:00-10:00"}}},
    }
    graph = build_graph([update(MIA, before, after)])
    assert [step.id.split("#")[1:] for step in graph.nodes.values() if step.service] == [
        ["set-hours", "Support", "chats"]
    ]


def test_steps_that_wait_for_the_same_share_one_set() -> None:
    """Otherwise the sets are most of the memory of a large plan."""
    availability = dict.fromkeys(("tickets", "chats", "calls"), "online")
    services = dict.fromkeys(("tickets", "chats", "calls"), True)
    graph = build_graph(
        [
            create(agent, name="N", availability=availability, departments={"Support": services})
            for agent in (MIA, BOB)
        ]
    )
    waiting = [*graph.needs.values(), *graph.after.values()]
    assert len(waiting) >= len(graph.nodes) == 2 * 8 + 1
    assert len({id(others) for others in waiting}) <= len(waiting) / 2
    assert all(waiting)
