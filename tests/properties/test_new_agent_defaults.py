"""A default of a new agent is never taken for another value, however files and runs follow."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from provisioner.address import Address, Kind
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.new_agents import mark_defaults, recorded_with

MIA = Address(Kind.AGENT, "mia@acme.example")
ID = "t84l1kx7"
LOADS = st.sampled_from([2, 3])


def plan(
    load: int, default: int, facts: RecordedFacts, *, exists: bool
) -> tuple[bool, RecordedFacts]:
    """Return whether a plan marks a value as the default, and the facts after its run."""
    before = {"email": MIA.key} if exists else None
    action = Action.NO_OP if exists else Action.CREATE
    change = Change(MIA, "Mia", action, Reason.DIFFERS, before, {}, id=ID if exists else None)
    step = ManualStep(MIA, "Mia", "chat", (), {"chat": {"max_load": load}}, verifiable=False)
    defaults = {"chat": {"max_load": default, "priority": 1}}
    [marked] = mark_defaults([step], [change], defaults, facts, ())
    after = recorded_with(facts, [change], [marked])
    made = RecordedFacts(new_agents={MIA.key: {"id": ID, "steps": []}})
    return marked.is_default, after if exists else after.updated(made)


@given(created=LOADS, default=LOADS, later=st.lists(st.tuples(LOADS, LOADS, st.booleans())))
def test_only_what_the_account_has_had_since_the_creation_is_a_default(
    created: int, default: int, later: list[tuple[int, int, bool]]
) -> None:
    is_default, facts = plan(created, default, RecordedFacts(), exists=False)
    assert is_default == (created == default)
    holds = is_default
    for load, known, applied in later:
        is_default, after = plan(load, known, facts, exists=True)
        assert is_default == (holds and load == created == known)
        if applied:
            facts = after
            holds = holds and load == created


@given(LOADS)
def test_a_creation_that_failed_proves_nothing(load: int) -> None:
    _, facts = plan(load, load, RecordedFacts(), exists=False)
    failed = replace(facts, new_agents={MIA.key: {**facts.new_agents[MIA.key], "id": ""}})
    assert plan(load, load, failed, exists=True)[0] is False
