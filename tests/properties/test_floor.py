"""Laws of the fewest requests, and the table of docs/performance.md that shows them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accounts import department_of, live_attributes, live_state
from provisioner import address as addresses
from provisioner.address import Kind
from provisioner.app.request_budget import request_budget
from provisioner.execution.step_graph import build_graph
from provisioner.live.state import LiveState, Paging, Surface
from provisioner.liveagent.costs import apply_cost
from provisioner.liveagent.page_looks import look_rules
from provisioner.model.assumptions import AccountCapabilities
from provisioner.planning.changes import Change
from provisioner.planning.plans.requests import RequestBudget, RequestFloor
from tests.plans import change

PAGE = Path(__file__).parents[2] / "docs/performance.md"
SHARED = {"set-service", "read-devices"}
"""The operations of which one request does the work of several agents."""

Agent = Mapping[str, Any]


def with_values(agent: Agent, **fields: Any) -> dict[str, Any]:
    return {**agent, **fields}


def with_membership(agent: Agent, **values: Any) -> dict[str, Any]:
    memberships = {name: {**entry, **values} for name, entry in agent["departments"].items()}
    return {**agent, "departments": memberships}


def on_chats(agent: Agent) -> dict[str, Any]:
    """Change the name, an availability and a service."""
    calls = {**agent["availability"], "calls": "online"}
    return with_membership(with_values(agent, name="New", availability=calls), calls=True)


def moved(agent: Agent) -> dict[str, Any]:
    (entry,) = agent["departments"].values()
    return {**agent, "departments": {"Other": entry}}


EDITS: dict[str, Callable[[Agent], dict[str, Any] | None]] = {
    "the name": partial(with_values, name="New"),
    "the voice status": partial(with_values, voice_status="outgoing"),
    "an availability": lambda agent: with_values(
        agent, availability={**agent["availability"], "calls": "online"}
    ),
    "a service in a department": partial(with_membership, calls=True),
    "name, availability and service": on_chats,
    "deleted": lambda _agent: None,
    "agent settings": partial(with_values, alias="New", chat={"max_load": 9, "priority": 1}),
    "the role in a department": partial(with_membership, role="manager"),
    "moved to another department": moved,
}
"""Kind of change to the agent after it."""

NOT_ON_V3 = {"agent settings", "the role in a department", "moved to another department"}


def edited(edit: Callable[[Agent], dict[str, Any] | None], number: int) -> Change:
    before = live_attributes(number)
    return change(addresses.agent(before["email"]), before, edit(before))


def created(number: int) -> Change:
    after = live_attributes(number)
    return change(addresses.agent(after["email"]), None, after)


def newcomer(number: int) -> Change:
    """Return the creation of an agent with values that API v3 can write."""
    written = ("email", "name", "role", "availability", "gender")
    values = {name: live_attributes(number)[name] for name in written}
    return change(addresses.agent(values["email"]), None, values)


@cache
def account(size: int, surface: Surface, page: int = 500) -> LiveState:
    live = live_state(size)
    objects = {
        identity: replace(
            one, attributes={key: one.attributes[key] for key in one.attributes if key != "hours"}
        )
        for identity, one in live.objects.items()
    }
    # As many requests as the client makes for the reading, or more.
    return replace(live, objects=objects, surface=surface, paging=Paging(size=page), requests=1000)


def budget(changes: Sequence[Change], live: LiveState) -> RequestBudget:
    changes = [
        replace(one, id=live.objects[one.address.identity].id) if one.before else one
        for one in changes
    ]
    graph = build_graph(changes, look_rules(live, AccountCapabilities(), 180))
    return request_budget(
        graph, tuple(changes), live, apply_cost, hours_of=frozenset(), names=0, per_minute=180
    )


def floor(changes: Sequence[Change], live: LiveState) -> RequestFloor:
    found = budget(changes, live).floor
    assert found is not None
    return found


SIZE = 12

some_changes = st.dictionaries(
    st.integers(0, SIZE - 1), st.sampled_from(sorted(EDITS)), max_size=SIZE
)


@given(
    some_changes,
    st.integers(0, 3),
    st.integers(0, SIZE),
    st.integers(1, 8),
    st.sampled_from(Surface),
)
def test_the_floor_is_a_bound_and_adds_up(
    kinds: dict[int, str], newcomers: int, split: int, page: int, surface: Surface
) -> None:
    live = account(SIZE, surface, page)
    changes = [edited(EDITS[kind], number) for number, kind in sorted(kinds.items())]
    changes += [created(SIZE + number) for number in range(newcomers)]
    whole = budget(changes, live)
    both = floor(changes, live)
    assert both.read <= whole.read
    assert both.total <= whole.total
    parts = [floor(part, live) for part in (changes[:split], changes[split:])]
    summed: Counter[str] = Counter()
    for part in parts:
        assert part.read == both.read
        summed.update(part.by_operation)
    assert summed.keys() == both.by_operation.keys()
    for operation, number in both.by_operation.items():
        if operation in SHARED:
            assert number <= summed[operation]
        else:
            assert number == summed[operation]


@given(st.integers(1, SIZE), st.integers(1, 8), st.sampled_from(Surface))
def test_no_change_needs_the_reading_only(size: int, page: int, surface: Surface) -> None:
    live = account(size, surface, page)
    counts = Counter(kind for kind, _ in live.objects)
    assert floor([], live) == RequestFloor(floor([], live).read, {})
    assert floor([], live).read >= 2 * -(-counts[Kind.AGENT] // page)


def test_a_step_counts_as_often_as_it_has_to_write() -> None:
    live = account(1, Surface.FULL)
    before = {**live_attributes(0), "hours": {department_of(0): {"chats": {"mon": "09:00-17:00"}}}}
    after = {**before, "hours": {department_of(0): {"chats": {"mon": "09:00-12:00"}}}}
    address = addresses.agent(before["email"])
    assert floor([change(address, before, after)], live).by_operation == {"set-hours": 2}
    none = {**before, "hours": {}}
    assert floor([change(address, none, after)], live).by_operation == {"set-hours": 1}


READING = {Surface.V3: 12, Surface.FULL: 10}
"""The requests of a reading of 1,000 agents."""


def rows() -> list[str]:
    """Return the rows of the table: 500 agents of 1,000, in pages of 500 rows."""
    lives = {
        surface: replace(account(999, surface), requests=number)
        for surface, number in READING.items()
    }
    only_owner = replace(account(0, Surface.V3), requests=6)
    work: list[tuple[str, Sequence[Change], LiveState]] = [
        *((f"nothing ({surface.value})", (), live) for surface, live in lives.items()),
        *(
            (
                f"500 agents: {kind} ({surface.value})",
                [edited(edit, number) for number in range(500)],
                lives[surface],
            )
            for kind, edit in EDITS.items()
            for surface in [Surface.FULL if kind in NOT_ON_V3 else Surface.V3]
        ),
        (
            "1,000 new agents, available for two services (v3)",
            [*map(newcomer, range(1000))],
            only_owner,
        ),
    ]
    budgets = [(name, budget(changes, live)) for name, changes, live in work]
    return [
        f"| {name} | {one.total:,} | {one.floor.total:,} |" for name, one in budgets if one.floor
    ]


START, END = "<!-- floor: start -->\n", "<!-- floor: end -->\n"


def test_the_page_has_planned_requests_and_floor(*, update_golden: bool) -> None:
    text = PAGE.read_text("utf-8")
    head, _, rest = text.partition(START)
    _, _, tail = rest.partition(END)
    table = ["| Change (surface) | Planned | Floor |", "|---|---:|---:|", *rows()]
    wanted = head + START + "\n".join(table) + "\n" + END + tail
    if update_golden:
        PAGE.write_text(wanted, "utf-8")
        return
    assert text == wanted, "run this test with --update-golden"


@pytest.mark.parametrize("surface", Surface)
def test_a_saved_plan_without_a_floor_has_none(surface: Surface) -> None:
    data = budget([], account(1, surface)).as_data()
    assert RequestBudget.of_data(data).as_data() == data
    del data["floor"], data["floor_by_operation"]
    assert RequestBudget.of_data(data).as_data() == data
