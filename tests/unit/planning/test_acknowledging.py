"""Which acknowledgements hold for a step, and which ones no step needs."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner import address
from provisioner.diagnostics import Span
from provisioner.model.acknowledgements import Acknowledgement
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.manual.acknowledging import acknowledge, agents_to_create, stale_findings
from provisioner.planning.manual.manual_step import CREATION, ManualStep
from provisioner.planning.manual.ticking import open_steps

EMAIL = "mia@acme.example"


def step(values: Any = 1, email: str = EMAIL, **other: Any) -> ManualStep:
    options = {"name": "Mia", "section": "alias", "todo": (), "verifiable": False, **other}
    return ManualStep(address=address.agent(email), values={"alias": values}, **options)


def done(
    values: Any = 1, on: str = "2026-11-22", email: str = EMAIL, **more: Any
) -> Acknowledgement:
    shown = step(values, email)
    span = Span("acknowledged.yaml", 3, 7)
    return Acknowledgement(
        shown.id, "Priya", on, span=span, entry=shown.shared_id, path=(0, "for", 0), **more
    )


def test_steps_of_agents_with_equal_values_share_an_id() -> None:
    one, other = step(), step(email="ben@acme.example")
    assert one.shared_id == other.shared_id != one.id
    assert one.shared_id.startswith("agent/*#alias@")
    assert step(2).shared_id != one.shared_id
    odd = step(email="agent/x#y@acme.example")
    assert odd.shared_id == one.shared_id


@pytest.mark.parametrize(
    ("steps", "entries", "new", "number", "reasons"),
    [
        ([step()], [], [], 1, []),
        ([step()], [done()], [], 0, []),
        ([step(2)], [done(1)], [], 1, ["no manual step"]),
        ([step()], [done(email="ben@acme.example")], [], 1, ["no manual step"]),
        ([step()], [done(target="production")], [], 0, []),
        ([step()], [done(target="staging")], [], 1, []),
        ([step(verifiable=True)], [done()], [], 1, ["the API itself shows"]),
        ([step()], [done()], [EMAIL], 1, ["an account or a membership that is gone"]),
        ([step()], [done(), done()], [], 0, ["is acknowledged twice"]),
        # The value was changed to 2 in the panel, and the files have 1 again.
        ([step(1)], [done(1), done(2, "2026-11-23")], [], 1, ["another value", "no manual step"]),
        ([step(2)], [done(1), done(2, "2026-11-23")], [], 0, ["no manual step"]),
        ([step(1)], [done(1), done(2)], [], 1, ["another value", "no manual step"]),
        # A later entry of another target is about another account.
        ([step(1)], [done(1), done(2, "2026-11-23", target="staging")], [], 0, []),
    ],
)
def test_what_holds(
    steps: list[ManualStep],
    entries: list[Acknowledgement],
    new: list[str],
    number: int,
    reasons: list[str],
) -> None:
    absent = frozenset(address.agent(email).identity for email in new)
    for order in permutations(entries):
        result = acknowledge(steps, order, "production", new=absent)
        assert sum(one.open for one in result.steps) == number
        found = [finding.summary for finding in stale_findings(result.stale)]
        assert len(found) == len(reasons)
        assert all(any(reason in text for text in found) for reason in reasons)


def test_settings_of_a_membership_wait_until_it_exists() -> None:
    """An agent who leaves a department and joins it again has the settings of a new membership."""
    settings = step(section="department-settings")
    settings = replace(settings, values={"Support": {"role": "manager"}})
    entry = replace(done(), step=settings.id)
    joins = replace(step(section="departments"), values={"join": ["support"], "leave": []})
    other = replace(joins, values={"join": ["Sales"], "leave": ["Support"]})
    for steps, is_open in (
        ([settings], False),
        ([settings, joins], True),
        ([settings, other], False),
    ):
        result = acknowledge(steps, [entry], "production")
        assert (result.steps[0].open, bool(result.stale)) == (is_open, is_open)
        assert open_steps(steps, []).too_early == ((settings,) if is_open else ())


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["2026-01-01", "2026-01-02"])), max_size=4
    ),
    st.integers(0, 2),
)
def test_only_the_latest_value_is_covered(entries: list[tuple[int, str]], value: int) -> None:
    """A step is acknowledged only if each entry of its latest day is for exactly its value."""
    (marked,) = acknowledge([step(value)], [done(*one) for one in entries], "production").steps
    latest = max((day for _, day in entries), default="")
    assert marked.open != ({one for one, day in entries if day == latest} == {value})


def test_an_entry_that_no_agent_needs_is_one_warning() -> None:
    entries = [
        replace(done(email=f"a{n}@acme.example"), path=(number // 2, "for", number % 2))
        for number, n in enumerate([1, 2, 3, 4])
    ]
    steps = [step(email="a4@acme.example")]
    warnings = [*stale_findings(acknowledge(steps, entries, "production").stale)]
    digest = step().id.rpartition("@")[2]
    assert [one.summary for one in warnings] == [
        f'no manual step "agent/*#alias@{digest}" of 2 agents is waiting to be acknowledged',
        f'no manual step "agent/a3@acme.example#alias@{digest}" is waiting to be acknowledged',
    ]
    assert {str(one.span) for one in warnings} == {"acknowledged.yaml:3:7"}


def test_new_agents_are_those_that_apply_or_a_person_creates() -> None:
    def change(kept: address.Address, action: Action) -> Change:
        return Change(kept, kept.key, action, Reason.DIFFERS, None, {})

    changes = [
        change(address.agent("a@acme.example"), Action.CREATE),
        change(address.department("Support"), Action.CREATE),
        change(address.agent("b@acme.example"), Action.UPDATE),
    ]
    by_hand = [step(email="c@acme.example", section=CREATION), step(email="d@acme.example")]
    assert {key for _, key in agents_to_create(changes, by_hand)} == {
        "a@acme.example",
        "c@acme.example",
    }
