"""Compares an agent who goes with one who comes: marriages, typing errors, other mailboxes."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from provisioner.address import fold
from provisioner.live.state import LiveObject
from provisioner.model.desired import Resource
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.suspicion import likeness
from provisioner.planning.suspicion.likeness import Evidence

COMMON_SHARE = 10
"""A first name of more than one in so many people is a common one."""

COMMON_NUMBER = 3
"""A first name of fewer other people is never a common one."""

SHORTEST_START = 3
"""Letters of the shortest beginning of a mailbox that means something."""

ALIKE = 0.85
"""The ratio of equal letters from which on two names are similar."""

CACHED_NAMES = 20_000
"""Names and mailboxes that are taken apart once: each is in many pairs."""

PERSONAL_FIELDS = ("alias", "photo")
"""Settings of a person, which a successor does not take over."""

_NO_SETTINGS = frozenset({"email", "name", "role", "departments", *PERSONAL_FIELDS})
"""Fields that are compared in another way."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people share a first name, the beginning of a mailbox, or a setting.

    Attributes:
        people: the number of people.
        first_names: first name to the number of people.
        starts: beginning of a mailbox to the number of people.
        settings: name and value of a field to the number of live agents who have it.
    """

    people: int
    first_names: Mapping[str, int]
    starts: Mapping[str, int]
    settings: Mapping[tuple[str, str], int]

    def is_common(self, word: str, counts: Mapping[str, int]) -> bool:
        """Return whether many others than the two of a pair share a word."""
        others = counts.get(word, 0) - 2
        return others >= COMMON_NUMBER and others * COMMON_SHARE > self.people

    def is_unique(self, name: str, value: Any) -> bool:
        """Return whether one live agent alone has this value of a field."""
        return self.settings.get((name, _text(value)), 0) <= 1


def crowd_of(live: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> Crowd:
    """Return the counts of people."""
    agents = [*live]
    rows = [*agents, *new]
    words = [name_words(row) for row in rows]
    return Crowd(
        len(rows),
        Counter(name[0] for name in words if name),
        Counter(mailbox_start(row) for row in rows),
        Counter(
            (name, _text(value))
            for row in agents
            for name, value in row.items()
            if name not in _NO_SETTINGS or name in PERSONAL_FIELDS
        ),
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def name_words(attributes: Mapping[str, Any]) -> list[str]:
    """Return the words of an agent's name without accents; titles such as `Dr.` are left out."""
    return _words(str(attributes.get("name") or ""))


@lru_cache(maxsize=CACHED_NAMES)
def _words(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", fold(name))
    plain = "".join(char for char in letters if not unicodedata.combining(char))
    parts = (part for part in plain.split() if part[-1] != ".")
    return [word for part in parts for word in re.findall(r"[^\W_]+", part)]


def mailbox(attributes: Mapping[str, Any]) -> str:
    """Return the part of an agent's email before the `@`, folded."""
    return fold(str(attributes.get("email") or "")).partition("@")[0]


def mailbox_start(attributes: Mapping[str, Any]) -> str:
    """Return the first word of a mailbox, such as `mia` of `mia.chen`; "" if it is too short."""
    return _start(mailbox(attributes))


@lru_cache(maxsize=CACHED_NAMES)
def _start(mailbox_name: str) -> str:
    words = re.findall(r"[^\W\d_]+", mailbox_name)
    return words[0] if words and len(words[0]) >= SHORTEST_START else ""


def personal_values(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a person that are set."""
    for name in PERSONAL_FIELDS:
        if value := attributes.get(name):
            yield name, str(value)


def people_evidence(old: LiveObject, new: Resource, crowd: Crowd) -> Iterator[Evidence]:
    """Yield the evidence that a new agent is one who goes."""
    if _is_series(old.attributes, new.attributes):
        return
    yield from _of_identity(old.attributes, new.attributes, crowd)
    yield from _of_personal_settings(old.attributes, new.attributes, crowd)
    yield from _of_departments(old.attributes, new.attributes)
    yield from _of_role(old.attributes, new.attributes)
    yield from _of_settings(old.attributes, new.attributes, crowd)


def _is_series(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether two names differ only in a number: `Agent 7` and `Agent 12`."""
    names = [fold(str(one.get("name") or "")) for one in (old, new)]
    without = {re.sub(r"\d+", "#", name) for name in names}
    return names[0] != names[1] and len(without) == 1 and "#" in without.pop()


def _of_identity(
    old: Mapping[str, Any], new: Mapping[str, Any], crowd: Crowd
) -> Iterator[Evidence]:
    before, after = name_words(old), name_words(new)
    if before and before == after:
        yield Evidence(likeness.SAME_NAME, "same name", identity=True)
    elif before and after and before[0] == after[0]:
        is_common = crowd.is_common(before[0], crowd.first_names)
        points = likeness.SAME_WORD if is_common else likeness.SAME_FIRST_NAME
        yield Evidence(points, "same first name", identity=True)
    elif SequenceMatcher(None, " ".join(before), " ".join(after)).ratio() >= ALIKE:
        yield Evidence(likeness.SIMILAR_NAME, "similar name", identity=True)
    elif set(before) & set(after):
        yield Evidence(likeness.SAME_WORD, "a word of the name", identity=True)
    elif before and after:
        yield Evidence(likeness.OTHER_NAME)
    start = mailbox_start(old)
    if start and start == mailbox_start(new) and not crowd.is_common(start, crowd.starts):
        yield Evidence(likeness.SAME_MAILBOX_START, "similar mailbox", identity=True)


def _of_personal_settings(
    old: Mapping[str, Any], new: Mapping[str, Any], crowd: Crowd
) -> Iterator[Evidence]:
    shared = {*personal_values(old)} & {*personal_values(new)}
    for name, value in sorted(shared):
        if crowd.is_unique(name, value):
            yield Evidence(likeness.SAME_PERSONAL_SETTING, f"same {name}", identity=True)


def _of_departments(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Evidence]:
    before = {fold(name) for name in old.get("departments") or ()}
    after = {fold(name) for name in new.get("departments") or ()}
    if not before or not after:
        return
    if before == after:
        yield Evidence(likeness.SAME_DEPARTMENTS, "same departments")
    elif before & after:
        yield Evidence(likeness.SOME_DEPARTMENTS, "a department in common")
    else:
        yield Evidence(likeness.OTHER_DEPARTMENTS)


def _of_role(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Evidence]:
    before, after = fold(old.get("role") or ""), fold(new.get("role") or "")
    if after and before != after:
        yield Evidence(likeness.OTHER_ROLE)
    elif after and after != BUILT_IN_ROLES[0]:
        yield Evidence(likeness.SAME_RARE_ROLE, "same role")


def _of_settings(
    old: Mapping[str, Any], new: Mapping[str, Any], crowd: Crowd
) -> Iterator[Evidence]:
    """Yield the declared settings that only the agent who goes has in the account."""
    names = [
        name
        for name, value in sorted(new.items())
        if name not in _NO_SETTINGS
        and value
        and _holds(old.get(name), value)
        and crowd.is_unique(name, old[name])
    ]
    for name in names[: likeness.MOST_SETTINGS]:
        yield Evidence(likeness.SAME_SETTING, f"same {name}")


def _holds(live: Any, declared: Any) -> bool:
    """Return whether a live value has everything of a declared one."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        return all(_holds(live.get(key), value) for key, value in declared.items())
    return bool(live == declared)
