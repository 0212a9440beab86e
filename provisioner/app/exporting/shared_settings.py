"""Finds settings that agents share, and lifts them into profiles.

The values that an agent gets from its profiles and its own entry are those of its entry without
profiles: an agent extends a profile only if its own entry has every setting of it, and a setting
with another value stays with the agent and overrides the profile. Access is never lifted, so that
each agent's entry shows all of it. Personal settings stay, too.

There are four rounds: one profile for most agents, one for most agents of each department, shifts,
and then any other that saves enough. Candidates are the settings that two agents have in common,
and the one that saves the most lines is chosen. Hours get profiles of their own, because people of
several departments work the same shifts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import combinations_with_replacement
from typing import Any

from provisioner.address import Kind
from provisioner.app.exporting.file_names import STANDARD, Slugs, content_name
from provisioner.app.file_edits.field_edits import schema_at
from provisioner.documents.schema.json_schema import schemas
from provisioner.model.fields import FIELDS, FieldPath
from provisioner.model.kinds import KINDS, Entries, FieldGroup
from provisioner.planning.access.access_fields import is_access

LEAST_AGENTS = 3
"""Agents that must share settings before these become a profile."""

LEAST_LINES = 2
"""Lines of a profile's settings: a name for a single line is no gain."""

LEAST_SAVED = 4
"""Lines that a profile must save, after its own and one for each `extends`."""

MOST = 0.5
"""A profile for most agents of the account, or of a department, is for more than this share."""

LEAST_AGREEMENT = 0.75
"""Share of a profile's lines that an agent must have with the same values."""

MOST_PROFILES = 12
"""Profiles of an account; a reader has to know them all."""

MOST_EXTENDED = 3
"""Profiles that one agent extends; more are hard to follow."""

MOST_SEEDS = 40
"""Different sets of settings that candidates are made of, the most frequent ones first."""

MOST_COMPARED = 400
"""Different sets of settings that candidates are compared with, the most frequent ones first."""

LINES_OF_SHIFT = 3
"""Lines of one entry of `hours`."""

_IDENTITY = frozenset({"email", "name"})

_SIGNATURE: FieldPath = ("signature",)
"""Personal in the schema; but a team's signature with variables is the same for all."""

_HOURS: FieldPath = ("hours",)

_ORDER = {path: place for place, path in enumerate(FIELDS[Kind.AGENT])}

Leaves = Mapping[FieldPath, str]
"""The path of each setting to its value as JSON."""


@dataclass(slots=True)
class Member:
    """An agent with settings that other agents may have, too.

    Attributes:
        item: the agent's entry in the form of the files.
        department: the agent's main department; "" for none.
        fixed: top-level fields that stay with the agent, such as those that a file can't declare.
        remaining: the settings that a profile may still get.
        extends: the names of the agent's profiles.
    """

    item: dict[str, Any]
    department: str
    fixed: frozenset[str] = frozenset()
    remaining: dict[FieldPath, str] = field(default_factory=dict)
    extends: list[str] = field(default_factory=list)


def lift_shared(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Return the profiles of agents, and replace the settings in them by `extends`.

    Args:
        members: the agents; their items are changed.
    """
    for one in members:
        one.remaining = {path: json.dumps(value) for path, value in _shareable(one)}
    names = Slugs()
    profiles: list[dict[str, Any]] = []
    for name, leaves, users in _rounds(members):
        profile_name = names.of(name)
        for one in users:
            one.extends.append(profile_name)
            for path, value in leaves.items():
                if one.remaining.pop(path) == value:
                    _remove(one.item, path)
        profiles.append(_profile(profile_name, leaves))
        if len(profiles) == MOST_PROFILES:
            break
    for one in members:
        _extend(one.item, one.extends)
    return profiles


def _rounds(members: Sequence[Member]) -> Iterator[tuple[str, Leaves, list[Member]]]:
    """Yield name, settings and agents of each profile. The caller lifts it before the next one."""
    teams: dict[str, list[Member]] = {}
    for one in members:
        teams.setdefault(one.department, []).append(one)
    named = [(department, team) for department, team in sorted(teams.items()) if department]
    for name, group in ((STANDARD, members), *named):
        leaves = _best(group, max(LEAST_AGENTS, int(MOST * len(group)) + 1))
        if leaves:
            yield name, leaves, [one for one in group if _can_extend(one, leaves)]
    for of_hours in (True, False):
        while leaves := _best(members, LEAST_AGENTS, of_hours=of_hours):
            users = [one for one in members if _can_extend(one, leaves)]
            yield content_name(leaves, {one.department for one in users}), leaves, users


def _shareable(member: Member) -> Iterator[tuple[FieldPath, Any]]:
    for path, value in _leaves(member.item):
        if not (path[0] in member.fixed or is_access(path[:1]) or _is_personal(path)):
            yield path, value


@cache
def _is_personal(path: FieldPath) -> bool:
    """Return whether a field is about one person."""
    parents = (schema_at(Kind.AGENT, path[: at + 1]) or {} for at in range(len(path)))
    is_marked = any(one.get("x-personal") for one in parents)
    return path[0] in _IDENTITY or (is_marked and path != _SIGNATURE)


def _leaves(item: Mapping[str, Any]) -> Iterator[tuple[FieldPath, Any]]:
    """Yield the path and the value of each setting that layers merge by itself."""
    waiting: list[tuple[FieldPath, Any, Any]] = [((), item, KINDS[Kind.AGENT].shape)]
    while waiting:
        path, value, shape = waiting.pop(0)
        if isinstance(value, dict) and isinstance(shape, FieldGroup | Entries):
            inner = shape.fields if isinstance(shape, FieldGroup) else {}
            waiting += [((*path, key), part, inner.get(key)) for key, part in value.items()]
        elif path:
            yield path, value


def _best(members: Iterable[Member], least_agents: int, *, of_hours: bool = False) -> Leaves:
    """Return the settings of the next profile; empty if no candidate saves enough.

    `of_hours` is whether it is for hours, or for the other settings.
    """
    counts = Counter(
        frozenset(leaf for leaf in one.remaining.items() if (leaf[0] == _HOURS) is of_hours)
        for one in members
        if len(one.extends) < MOST_EXTENDED
    )
    frequent = sorted(counts, key=lambda leaves: (-counts[leaves], sorted(leaves)))
    groups = [(dict(leaves), counts[leaves]) for leaves in frequent[:MOST_COMPARED]]
    pairs = combinations_with_replacement(frequent[:MOST_SEEDS], 2)
    best: tuple[int, int, list[tuple[FieldPath, str]]] | None = None
    for candidate in {one & other for one, other in pairs}:
        leaves = dict(candidate)
        lines = _lines(leaves)
        saved = _saved(leaves, groups, least_agents) if lines >= LEAST_LINES else 0
        rank = (-saved, -lines, sorted(candidate))
        if saved >= LEAST_SAVED and (best is None or rank < best):
            best = rank
    return dict(best[2]) if best else {}


def _saved(leaves: Leaves, groups: Sequence[tuple[Leaves, int]], least_agents: int) -> int:
    """Return the lines that a profile saves; 0 if too few agents can extend it.

    Args:
        leaves: the settings of the profile.
        groups: different settings of agents, each with the number of agents.
        least_agents: the agents that must be able to extend it.
    """
    agents = saved = 0
    for remaining, number in groups:
        if agreement := _agreement(remaining, leaves):
            agents += number
            saved += number * (agreement - 1)
    return saved - _lines(leaves) if agents >= least_agents else 0


def _can_extend(member: Member, leaves: Leaves) -> bool:
    return len(member.extends) < MOST_EXTENDED and _agreement(member.remaining, leaves) > 0


def _agreement(remaining: Leaves, leaves: Leaves) -> int:
    """Return how many lines an agent has in common with a profile; 0 if it can't extend it."""
    if not leaves.keys() <= remaining.keys():
        return 0
    lines = _lines({path: value for path, value in leaves.items() if remaining[path] == value})
    return lines if lines >= LEAST_AGREEMENT * _lines(leaves) else 0


def _lines(leaves: Leaves) -> int:
    """Return how many lines settings take; those of a short group are on one line."""
    rows = {path[:-1] if len(path) > 1 else path for path in leaves}
    return len(rows) + sum(_more_lines(value) for value in leaves.values())


@lru_cache(maxsize=4096)
def _more_lines(value: str) -> int:
    """Return how many lines a value takes below the line of its key."""
    content = json.loads(value)
    if isinstance(content, list):
        return LINES_OF_SHIFT * len(content)
    return content.count("\n") + 1 if isinstance(content, str) and "\n" in content else 0


def _remove(item: dict[str, Any], path: FieldPath) -> None:
    """Remove a setting, and the groups that become empty."""
    first, *rest = path
    if rest:
        _remove(item[first], tuple(rest))
    if not rest or not item[first]:
        del item[first]


def _profile(name: str, leaves: Leaves) -> dict[str, Any]:
    profile: dict[str, Any] = {"name": name}
    for path in sorted(leaves, key=lambda path: (_ORDER.get(path, _ORDER[path[:1]]), path)):
        inner = profile
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = json.loads(leaves[path])
    return profile


def _extend(item: dict[str, Any], names: Sequence[str]) -> None:
    """Put `extends` after the fields that the schema has before it."""
    if not names:
        return
    order = [*schemas()[Kind.AGENT]["properties"]]
    content = {**item, "extends": [*names]}
    item.clear()
    item.update(sorted(content.items(), key=lambda entry: order.index(entry[0])))
