"""The built-in rule `locked`: findings about agents and profiles that change a locked field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.address import Kind
from provisioner.diagnostics import Span
from provisioner.model.dates.resolving import versions
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.layers import Layer, sources
from provisioner.model.team.locks import Lock, broken
from provisioner.model.team.minimums import LOCKED
from provisioner.model.team_rules import Level
from provisioner.planning.rules.judging import RuleFinding


def lock_findings(desired: DesiredState) -> Iterator[RuleFinding]:
    """Yield the profiles that change a locked field, and the agents who do it themselves.

    Temporary values count on each day. A profile is one finding, without the agents that extend it.
    """
    if not desired.locks.locks:
        return
    reported: set[Span | None] = set()
    for layers in desired.locks.heirs:
        for lock in desired.locks.of(layers):
            for path in broken(lock, layers):
                span = _place(layers, path)
                if span not in reported:
                    reported.add(span)
                    text = f'profile "{layers[-1].profile}": {_text(lock, path)}'
                    yield RuleFinding(LOCKED, None, text, Level.ERROR, span, lock.span)
    seen: set[RuleFinding] = set()
    for agent in (*desired.of(Kind.AGENT), *desired.waiting):
        for finding in _of_agent(agent, desired):
            if finding.span not in reported and finding not in seen:
                seen.add(finding)
                yield finding


def _of_agent(agent: Resource, desired: DesiredState) -> Iterator[RuleFinding]:
    locks = desired.locks.of(agent.layers)
    if not locks or agent.absent:
        return
    for one in (agent, *versions(agent)):
        for lock in locks:
            for path in broken(lock, one.layers):
                span = _place(one.layers, path)
                yield RuleFinding(
                    LOCKED, agent.address, _text(lock, path), Level.ERROR, span, lock.span
                )


def _text(lock: Lock, path: FieldPath) -> str:
    return f'{".".join(path)} differs from profile "{lock.profile}", which locks {lock.word}'


def _place(layers: Sequence[Layer], path: FieldPath) -> Span:
    """Return the place of the effective value at a path: also of null for a mapping around it."""
    for layer in reversed(layers):
        fields: Any = layer.fields
        for depth, key in enumerate(path, 1):
            if not isinstance(fields, Mapping) or key not in fields:
                break
            fields = fields[key]
            if depth == len(path) or not isinstance(fields, Mapping):
                return layer.span(*path[:depth])
    weaker = sources(layers, path)
    return weaker[-1].span if weaker else layers[-1].span()
