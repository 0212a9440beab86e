"""Who takes the work of each department, before and after a plan."""

from typing import Any

import pytest

from provisioner.address import Address, Kind, agent, department
from provisioner.live.state import AccountFacts, LiveObject, LiveState
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.coverage import (
    Cell,
    Coverage,
    Holder,
    cover,
)
from provisioner.planning.plans.coverage_json import coverage_data, read_coverage


def person(name: str, departments: dict[str, Any], **more: Any) -> LiveObject:
    attributes = {"name": name, "email": f"{name}@acme.example", "departments": departments, **more}
    return LiveObject(agent(attributes["email"]), name, attributes)


def place(name: str) -> LiveObject:
    return LiveObject(department(name), name, {"name": name})


def change(address: Address, action: Action, after: dict[str, Any] | None) -> Change:
    return Change(address, address.key, action, Reason.DIFFERS, None, after)


TICKETS = {"tickets": True, "chats": False}
ACCOUNT = LiveState.of(
    [
        place("Support"),
        person("mia", {"Support": {"tickets": True, "chats": True}}),
        person("bob", {"Support": TICKETS}),
        person("undeclared", {"Support": {"tickets": False, "chats": False, "calls": False}}),
    ],
    account=AccountFacts(timezone="Europe/Prague"),
)
MIA, BOB = agent("mia@acme.example"), agent("bob@acme.example")


def cells(content: Coverage) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    return {(c.department, c.service): (c.before, c.after) for c in content.cells}


def test_an_agent_counts_where_the_membership_lets_work_come_from() -> None:
    assert cells(cover(ACCOUNT, [])) == {
        ("Support", "tickets"): (2, 2),
        ("Support", "chats"): (1, 1),
        ("Support", "calls"): (0, 0),
    }


@pytest.mark.parametrize(
    "after",
    [None, {"name": "mia", "departments": {}}, {"name": "mia", "departments": {"Support": {}}}],
    ids=["deleted", "suspended", "without services"],
)
def test_who_leaves_does_not_count_any_more(after: dict[str, Any] | None) -> None:
    action = Action.UPDATE if after else Action.DELETE
    content = cover(ACCOUNT, [change(MIA, action, after)])
    assert content.falling == (
        Cell("Support", "chats", 1, 0),
        Cell("Support", "tickets", 2, 1, Holder(BOB, "bob")),
    )
    assert [cell.service for cell in content.single] == ["tickets"]


def test_new_agents_and_departments_count() -> None:
    new = [
        change(department("Sales"), Action.CREATE, {"name": "Sales"}),
        change(agent("zoe@acme.example"), Action.CREATE, {"departments": {"sales": TICKETS}}),
        change(agent("ann@acme.example"), Action.CREATE, {}),
    ]
    found = cells(cover(ACCOUNT, new))
    assert found["Sales", "tickets"] == (None, 1)
    assert found["Support", "tickets"] == (2, 2)


def test_a_department_that_is_deleted_needs_nobody() -> None:
    content = cover(ACCOUNT, [change(department("Support"), Action.DELETE, None)])
    assert set(cells(content).values()) == {(2, None), (1, None), (0, None)}
    assert content.falling == ()


def test_what_stays_alone_is_no_fall() -> None:
    content = cover(ACCOUNT, [])
    assert [cell.only and cell.only.name for cell in content.single] == ["mia"]
    assert content.falling == ()


def week(**days: str) -> dict[str, Any]:
    return {"Support": {"tickets": days}}


def test_an_hour_has_the_least_number_of_agents_at_any_moment_of_it() -> None:
    live = LiveState.of(
        [
            place("Support"),
            person("mia", {"Support": TICKETS}, hours=week(mon="09:00-10:30, 12:00-24:00")),
            person("bob", {"Support": TICKETS}, hours=week(mon="10:30-11:00", sun="23:00-24:00")),
            person("zoe", {"Support": {}}, hours=week(mon="00:00-24:00")),
        ]
    )
    content = cover(live, [change(MIA, Action.DELETE, None)])
    assert content.timezone == "UTC"
    (planned,) = content.hours
    assert (planned.department, planned.service) == ("Support", "tickets")
    monday, *_, sunday = planned.before
    assert monday == (*[0] * 9, 1, 1, 0, *[1] * 12)
    assert sunday == (*[0] * 23, 1)
    assert set(planned.after[0]) == {0}
    assert planned.after[-1] == sunday


def test_coverage_is_the_same_from_its_data() -> None:
    live = LiveState.of(
        [place("Support"), person("mia", {"Support": TICKETS}, hours=week(tue="08:00-09:00"))]
    )
    content = cover(live, [change(department("Sales"), Action.CREATE, {"name": "Sales"})])
    assert read_coverage(coverage_data(content)) == content
    assert {kind for kind, _ in live.objects} == {Kind.AGENT, Kind.DEPARTMENT}
