"""Manual steps that nobody has to do, because LiveAgent gives a new agent the same values.

API v3 does not show these values. They are known only of agents that provisioner creates: in the
plan that creates the agent, and later from the record of that run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Address, Kind
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.model.acknowledgements import Acknowledgement
from provisioner.model.fields import AGENT_SETTINGS, is_part
from provisioner.model.kinds import KINDS
from provisioner.planning.changes import Action, Change
from provisioner.planning.desired_on_account import Unfinished
from provisioner.planning.diff import merge_declared
from provisioner.planning.manual.manual_step import (
    MEMBERSHIP,
    SETTINGS_OF_MEMBERSHIP,
    ManualStep,
)

_EACH_DEPARTMENT = "each_department"


def mark_defaults(
    steps: Iterable[ManualStep],
    changes: Iterable[Change],
    defaults: Mapping[str, Any],
    recorded: RecordedFacts,
    acknowledged: Iterable[Acknowledgement],
) -> tuple[ManualStep, ...]:
    """Return manual steps, marked where they would set only the defaults of a new agent.

    A step of an existing agent is marked if the record of the agent's creation has it, the
    defaults are still known to be the same, and nothing shows that the section has had other
    values since: no applied plan and no acknowledgement.

    Args:
        steps: the manual steps.
        changes: the changes of an apply, no-ops included.
        defaults: what LiveAgent gives a new agent, in the form of an agent.
        recorded: facts about the account from earlier runs.
        acknowledged: the acknowledgements for the target.
    """
    values = _values(defaults)
    by_address = {change.address: change for change in changes}
    marks_of = {agent["id"]: agent["steps"] for agent in recorded.new_agents.values()}
    done = {(_section(entry.step), entry.step) for entry in acknowledged}

    def is_default(step: ManualStep) -> bool:
        if step.verifiable or step.address.kind is not Kind.AGENT or not _sets_only(step, values):
            return False
        change = by_address.get(step.address)
        if change is None or _creates(change):
            return change is not None
        others = {other for section, other in done if section == _section(step.id)} - {step.id}
        return _mark(step) in marks_of.get(change.id, ()) and not others

    return tuple(replace(step, is_default=True) if is_default(step) else step for step in steps)


def recorded_with(
    recorded: RecordedFacts, changes: Iterable[Change], steps: Iterable[ManualStep]
) -> RecordedFacts:
    """Return recorded facts with the agents that a plan creates, for the record of its run.

    A step of an earlier agent is left out if the plan has other values in its section: a later
    plan can't know which of the two the account has. A field that was asked is left out once the
    plan has no open step for it.

    Args:
        recorded: facts about the account from earlier runs.
        changes: the changes of the plan.
        steps: the manual steps of the plan.
    """
    by_agent: dict[Address, list[ManualStep]] = defaultdict(list)
    for step in steps:
        by_agent[step.address].append(step)
    changes = tuple(changes)
    addresses = {change.id: change.address for change in changes if change.id}
    new_agents: dict[str, Mapping[str, Any]] = {}
    for email, agent in recorded.new_agents.items():
        address = addresses.get(agent["id"])
        now = {step.section: _mark(step) for step in by_agent.get(address, ())} if address else {}
        steps_left = [mark for mark in agent["steps"] if now.get(_section(mark), mark) == mark]
        asked = agent.get("asked", [])
        if address:
            asked = [one for one in asked if one in _open_fields(by_agent[address])]
        if agent["id"] and (steps_left or asked):
            new_agents[email] = {"id": agent["id"], "steps": steps_left, "asked": asked}
    for change in filter(_creates, changes):
        own = by_agent[change.address]
        marks, asked = [_mark(step) for step in own if step.is_default], _open_fields(own)
        if marks or asked:
            new = {"id": "", "steps": marks, "asked": asked}
            new_agents[change.address.identity[1]] = new
    return replace(recorded, new_agents=new_agents)


def with_asked(unfinished: Unfinished, recorded: RecordedFacts, live: LiveState) -> Unfinished:
    """Return unfinished objects with the fields that people still have to set of new agents.

    Fields that `initial` sets at a creation are not compared later. Without this, a step for such
    a field would vanish with the creation, although nobody has done it.
    """
    asked = {agent["id"]: agent.get("asked", ()) for agent in recorded.new_agents.values()}
    by_hand = {
        one.address: unfinished.get(one.address, frozenset()) | {*asked[one.id]}
        for one in live.objects.values()
        if asked.get(one.id)
    }
    return {**unfinished, **by_hand}


def _open_fields(steps: Iterable[ManualStep]) -> list[str]:
    """Return the fields of an agent that open steps set."""
    of_member = {SETTINGS_OF_MEMBERSHIP: MEMBERSHIP}
    return sorted({of_member.get(step.section, step.section) for step in steps if step.open})


def _creates(change: Change) -> bool:
    """Return whether a change creates an agent; a restored one keeps its former settings."""
    is_new = change.action is Action.CREATE and not change.restores
    return is_new and change.address.kind is Kind.AGENT


def _values(defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return defaults in the form of an agent's values: null is LiveAgent's own default."""
    of_member = defaults.get(_EACH_DEPARTMENT)
    own = {name: value for name, value in defaults.items() if name != _EACH_DEPARTMENT}
    declared = {**own, "departments": {_EACH_DEPARTMENT: of_member}} if of_member else own
    values: Mapping[str, Any] = merge_declared(KINDS[Kind.AGENT].shape, None, declared)
    return values


def _sets_only(step: ManualStep, values: Mapping[str, Any]) -> bool:
    """Return whether a step sets no other values than these."""
    if step.section == SETTINGS_OF_MEMBERSHIP:
        of_member = values.get("departments", {}).get(_EACH_DEPARTMENT, {})
        return all(is_part(entry, of_member) for entry in step.values.values())
    return step.section in AGENT_SETTINGS and is_part(step.values, values)


def _mark(step: ManualStep) -> str:
    """Return the part of a step's id that is the same for every agent: section and digest."""
    return step.id.removeprefix(f"{step.address}#")


def _section(step_id: str) -> str:
    return step_id.rpartition("@")[0]
