"""Splits changes into those that the target's API can make and manual steps.

A change that depends on a manual step waits: a later plan has it, once the API shows that the step
was done.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import Action, Change, Reason, at, renamed_away
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.capability import Capability, capability
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.step_texts import (
    agent_steps,
    creation_step,
    department_step,
    role_step,
    with_photo_file,
)

_ROLE_OF_NEW_AGENT = "agent"
"""The role of a new account until a person gives it its own role; a creation needs one (D)."""


def split(
    changes: Iterable[Change],
    desired: DesiredState,
    live: LiveState,
    role_ids: Mapping[str, str],
    *,
    creates_agents: bool = True,
) -> tuple[tuple[Change, ...], tuple[ManualStep, ...]]:
    """Split changes into those that the target's API can make and manual steps.

    Args:
        changes: the changes that lead to the declared state.
        desired: the declared objects.
        live: the account.
        role_ids: mapping from folded name to id of the custom roles with a known id.
        creates_agents: whether the API creates agents; if not, a person does.

    Returns:
        The changes of an apply, sorted by address, and the manual steps in the order of the work:
        departments, roles, agents.
    """
    changes = tuple(changes)
    is_full = live.surface is Surface.FULL
    remaining: list[Change] = []
    steps: list[ManualStep] = []
    for change in changes:
        match change.address.kind:
            case Kind.AGENT if _creates_agent(change) and not creates_agents:
                steps += _creation_by_hand(change, live.surface, role_ids)
            case _ if is_full:
                remaining.append(change)
            case Kind.DEPARTMENT if change.action is Action.NO_OP:
                remaining.append(change)
            case Kind.DEPARTMENT:
                steps.append(department_step(change))
            case Kind.AGENT:
                agent_change, own_steps = _split_agent(change, live.surface, role_ids)
                remaining.append(agent_change)
                steps += own_steps
    if not is_full:
        steps += (
            role_step(resource, role_ids)
            for resource in desired.of(Kind.ROLE)
            if resource.mode is None and not _is_complete(resource, role_ids)
        )
    named = (with_photo_file(step, desired.photos) for step in steps)
    return tuple(remaining), _in_order_of_work(named, _renames_before(changes, desired))


def _is_complete(role: Resource, role_ids: Mapping[str, str]) -> bool:
    """Return whether a role exists, as its known id shows, and only its name is declared."""
    is_plain = not (role.absent or role.previously or "permissions" in role.attributes)
    return is_plain and role.address.identity[1] in role_ids


def _creates_agent(change: Change) -> bool:
    return change.action is Action.CREATE and not change.restores


def _creation_by_hand(
    change: Change, surface: Surface, role_ids: Mapping[str, str]
) -> list[ManualStep]:
    """Return the steps of an agent whom a person creates: the creation, and what follows by hand.

    An apply sets everything else, once the account has the agent.
    """
    paths = _by_capability(change, surface, role_ids)
    by_hand = [path for path in paths[Capability.MANUAL] if path != ("role",)]
    automatic = {path[0]: (change.after or {})[path[0]] for path in paths[Capability.API]}
    steps = agent_steps(change, by_hand, paths[Capability.WAITS], role_ids)
    return [creation_step(change, surface, automatic), *steps]


def _in_order_of_work(
    steps: Iterable[ManualStep], renames_before: Callable[[Identity], int]
) -> tuple[ManualStep, ...]:
    """Return manual steps sorted so that each is after the steps that it depends on."""
    kinds, sections = (Kind.DEPARTMENT, Kind.ROLE, Kind.AGENT), tuple(manual_step.PANEL)

    def order(step: ManualStep) -> tuple[int, int, str, int, str]:
        address = step.address
        return (
            kinds.index(address.kind),
            renames_before(address.identity),
            str(address),
            sections.index(step.section),
            step.id,
        )

    return tuple(sorted(steps, key=order))


def _renames_before(changes: Iterable[Change], desired: DesiredState) -> Callable[[Identity], int]:
    """Return a function from identity to the number of renames that must come first.

    Renames of roles are known from the files only: the API lists no roles.
    """
    freed_by = {former: change.address.identity for former, change in renamed_away(changes).items()}
    for role in desired.of(Kind.ROLE):
        if role.previously and not role.absent:
            freed_by[Kind.ROLE, fold(role.previously)] = role.address.identity

    def rank(identity: Identity) -> int:
        chain = [identity]
        while (rename := freed_by.get(chain[-1])) is not None and rename not in chain:
            chain.append(rename)
        return len(chain) - 1

    return rank


def _split_agent(
    change: Change, surface: Surface, role_ids: Mapping[str, str]
) -> tuple[Change, list[ManualStep]]:
    """Return an agent's change without fields that the API can't write, and the steps for those."""
    if change.after is None or change.action is Action.DELETE:
        return change, []
    before = change.before or {}
    paths = _by_capability(change, surface, role_ids)
    if paths.keys() <= {Capability.API} and change.action is not Action.CREATE:
        return change, []
    steps = agent_steps(change, paths[Capability.MANUAL], paths[Capability.WAITS], role_ids)
    after = _restored(change, [*paths[Capability.MANUAL], *paths[Capability.WAITS]])
    if change.action is Action.CREATE:
        defaults = ("role",) if ("role",) in paths[Capability.MANUAL] else change.defaults
        return replace(change, after=after, defaults=defaults), steps
    fields = tuple(
        field
        for field in change.fields
        if capability(surface, change, field.path, role_ids) is Capability.API
    )
    if fields or change.action is Action.NO_OP:
        return replace(change, after=after, fields=fields), steps
    reason = Reason.WAITS_FOR_A_PERSON if change.fields else change.reason
    return replace(change, after=before, fields=(), action=Action.NO_OP, reason=reason), steps


def _by_capability(
    change: Change, surface: Surface, role_ids: Mapping[str, str]
) -> Mapping[Capability, list[FieldPath]]:
    """Return the paths that a change of an agent changes, by the way in which that is made."""
    paths: dict[Capability, list[FieldPath]] = defaultdict(list)
    for path in _differences(change.before or {}, change.after or {}):
        paths[capability(surface, change, path, role_ids)].append(path)
    return paths


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldPath]:
    """Yield the paths that differ: parts of memberships, hours by department, other fields."""
    for name, value in after.items():
        live_value = before.get(name)
        if name not in {"departments", "hours"}:
            if value != live_value:
                yield (name,)
            continue
        live_value = live_value or {}
        for department in sorted(value.keys() | live_value.keys()):
            entry, live = value.get(department), live_value.get(department)
            if name == "hours":
                if entry != live:
                    yield name, department
                continue
            if entry is None or live is None:
                yield name, department
            for key, part in (entry or {}).items():
                if part != (live or {}).get(key):
                    yield name, department, key


def _restored(change: Change, paths: Iterable[FieldPath]) -> dict[str, Any]:
    """Return the fields after a change in which the values at `paths` are those before it."""
    before = change.before or {}
    after = dict(change.after or {})
    for name in {"departments", "hours"} & after.keys():
        if change.action is Action.CREATE:
            del after[name]  # a new agent is not a member yet, so all fields of departments wait
        else:
            after[name] = {key: dict(entry) for key, entry in after[name].items()}
    for path in paths:
        parent: Any = after
        for key in path[:-1]:
            parent = parent.get(key) if isinstance(parent, dict) else None
        if parent is None:
            continue  # the membership itself is restored
        value = at(path, before)
        if value is not None:
            parent[path[-1]] = value
        elif path == ("role",):
            after["role"] = _ROLE_OF_NEW_AGENT
        else:
            parent.pop(path[-1], None)
    return after
