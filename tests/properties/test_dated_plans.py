"""A plan at a day is the plan of the project with the dates resolved by hand."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.support import Account, account

NUMBERS = count()
Data = dict[str, Any]

MONTH = 31
DAYS = st.integers(1, MONTH)
RANGES = st.tuples(DAYS, DAYS).map(sorted)
MEMBERSHIPS = st.dictionaries(
    st.sampled_from(["Support", "Sales"]),
    st.fixed_dictionaries({"tickets": st.booleans(), "chats": st.booleans()}),
)
BOTH = {"tickets": True, "chats": False}
VALUES = st.fixed_dictionaries(
    {"role": st.sampled_from(["agent", "admin"]), "chat": st.just({"max_load": 4})},
    optional={"departments": MEMBERSHIPS},
)
AGENTS = st.fixed_dictionaries(
    {
        "permanent": st.fixed_dictionaries(
            {
                "role": st.sampled_from(["agent", "owner"]),
                "chat": st.fixed_dictionaries({"max_load": st.integers(1, 3)}),
                "departments": st.sampled_from([{}, {"Support": BOTH}, {"Sales": BOTH}]),
            }
        ),
        "days": RANGES,
        "on_end": st.sampled_from(["suspend", "delete"]),
        # The first entry ends before the second begins.
        "turns": st.tuples(DAYS, DAYS, DAYS, DAYS).map(sorted),
        "temporary": st.tuples(VALUES, VALUES),
    }
)


def day(number: int) -> str:
    return date(2030, 1, number).isoformat()


def entries(agent: Data) -> list[tuple[int, int, Data]]:
    first, last, begins, ends = agent["turns"]
    one, two = agent["temporary"]
    return [(first, last, one), *([(begins, ends, two)] if begins > last else [])]


def dated(email: str, agent: Data) -> Data:
    """Return the entry of an agent, with its dates."""
    return {
        "email": email,
        "name": "A",
        **agent["permanent"],
        "starts": day(agent["days"][0]),
        "ends": day(agent["days"][1]),
        "on_end": agent["on_end"],
        "temporary": [
            {"from": day(first), "until": day(last), "reason": "x", **fields}
            for first, last, fields in entries(agent)
        ],
    }


def by_hand(email: str, agent: Data, today: int) -> Data | None:
    """Return the entry that a person would write for one day; None for no entry."""
    starts, ends = agent["days"]
    if today < starts:
        return None
    item = {"email": email, "name": "A", **agent["permanent"]}
    for first, last, fields in entries(agent):
        if first <= today <= last:
            more = fields.get("departments", {})
            own = item["departments"]
            merged = {name: {**own.get(name, {}), **more.get(name, {})} for name in {*own, *more}}
            item = {**item, **fields, "departments": merged}
    if today > ends:
        item["state"] = "absent" if agent["on_end"] == "delete" else "suspended"
    return item


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with some of the agents."""
    folder = tmp_path_factory.mktemp("account")
    with account(folder) as running:
        running.apply(project(folder / "before", [{"email": "a0@acme.example", "name": "A"}]))
        yield running


def project(folder: Path, agents: list[Data]) -> Path:
    folder.mkdir()
    departments = [{"name": "Support"}, {"name": "Sales"}]
    content = {"departments": departments, "agents": agents}
    (folder / "team.yaml").write_text(json.dumps(content), "utf-8")
    (folder / "provisioner.yaml").write_text("account: {timezone: Europe/Prague}\n", "utf-8")
    return folder


def content(plan: Data) -> Data:
    """Return a plan without its day, and without the places of values in the files."""
    left_out = {"at", "valid_from", "valid_until", "lapsed", "checksum"}
    text = json.dumps({key: value for key, value in plan.items() if key not in left_out})
    data = json.loads(text, object_hook=lambda one: {k: v for k, v in one.items() if k != "source"})
    assert isinstance(data, dict)
    return data


@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agents=st.lists(AGENTS, min_size=1, max_size=3), today=DAYS)
def test_a_plan_at_a_day_is_that_of_the_dates_resolved_by_hand(
    agents: list[Data], today: int, live: Account, tmp_path: Path
) -> None:
    named = [(f"a{number}@acme.example", agent) for number, agent in enumerate(agents)]
    folder = tmp_path / str(next(NUMBERS))
    with_dates = project(folder.with_suffix(".dated"), [dated(*one) for one in named])
    items = [item for one in named if (item := by_hand(*one, today))]
    without = project(folder.with_suffix(".by-hand"), items)
    plan = live.plan(with_dates, "--at", day(today))
    assert plan["at"] == day(today)
    assert content(plan) == content(live.plan(without))
