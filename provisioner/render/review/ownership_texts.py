"""Access that the files do not own, as sections and lines: every format draws the same ones."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address
from provisioner.live.state import Surface
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.planning.access.access_drift import drifting_agents, excepted_agents
from provisioner.planning.access.access_fields import MEMBERSHIP_ROLE
from provisioner.planning.access.ownership import Ownership, PowerfulAgent, UnmanagedAccess
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.change_texts import declared_at
from provisioner.render.review.released_texts import released_headline, released_lines
from provisioner.render.sentences import Quoted, Sentence, joined

SHOWN_PARTS = 12
"""Parts of an account not looked at that are listed; more are counted, and in the JSON."""


@dataclass(frozen=True, slots=True)
class OwnershipSection:
    """One kind of access that the files do not own.

    Attributes:
        key: a short name, such as `unmanaged`, for anchors.
        title: the title of the list.
        headline: the section in one phrase, for the head of a plan if the section is urgent.
        lines: a sentence for each entry and its place in the files, the most powerful first.
        urgent: whether it is drift; formats draw the others at the end.
    """

    key: str
    title: str
    headline: Sentence
    lines: tuple[tuple[Sentence, str], ...]
    urgent: bool = True


def ownership_sections(plan: Plan) -> tuple[OwnershipSection, ...]:
    """Return the sections about access that the files do not own, the most powerful first."""
    return tuple(section for make in _SECTIONS for section in make(plan))


def exception_lines(
    sections: Iterable[OwnershipSection], most: int | None = None
) -> Iterator[Sentence]:
    """Yield each section that is not urgent as one sentence.

    Args:
        sections: the access that the files do not own.
        most: the number of lines to show of each section; the others are counted. None for all.
    """
    for section in sections:
        if not section.urgent:
            more = len(section.lines[most:]) if most is not None else 0
            shown = joined((sentence for sentence, _ in section.lines[:most]), "; ")
            yield f"{section.title}: ", *shown, f"; and {more} more." if more > 0 else "."


def _powerful(plan: Plan) -> Iterator[OwnershipSection]:
    """Yield the undeclared agents with power: those who are drift, and the exceptions."""
    for agents, key, title in (
        (drifting_agents(plan), "powerful", "Not in your files, with more than the default role"),
        (excepted_agents(plan), "excepted", "Not in your files, and no drift"),
    ):
        if agents:
            yield OwnershipSection(
                key,
                title,
                (f"{_by_role(agents)} not declared",),
                tuple((_agent_text(one), "") for one in agents),
                urgent=key == "powerful",
            )


def _released(plan: Plan) -> Iterator[OwnershipSection]:
    if plan.released:
        yield OwnershipSection(
            RELEASED,
            "No longer in your files (it stays as it is)",
            released_headline(plan),
            released_lines(plan, _places(plan)),
        )


def _unmanaged(plan: Plan) -> Iterator[OwnershipSection]:
    if plan.unmanaged:
        places = _places(plan)
        yield OwnershipSection(
            "unmanaged",
            "Access that your files do not manage (it stays as it is)",
            (f"{readable.count(len(plan.unmanaged), 'access value')} not managed",),
            tuple((_unmanaged_text(one), places.get(one.address, "")) for one in plan.unmanaged),
        )


RELEASED = "released"
"""The key of the section about fields and objects that the files set no more."""

_SECTIONS = (_powerful, _released, _unmanaged)
"""The makers of the sections, in the order of the text."""


def _places(plan: Plan) -> dict[Address, str]:
    return {change.address: declared_at(change) for change in plan.changes}


def _agent_text(one: PowerfulAgent) -> Sentence:
    name = (" ", Quoted(one.name)) if one.name else ()
    exception = (" (", Quoted(one.exception), ")") if one.exception else ()
    return Quoted(str(one.address)), *name, ": role ", Quoted(one.role), *exception


def _unmanaged_text(one: UnmanagedAccess) -> Sentence:
    field, default = access_value(one.path, one.live), readable.value(one.default)
    return Quoted(str(one.address)), ": ", *field, "; the default is ", Quoted(default)


def access_value(path: FieldPath, value: Any) -> Sentence:
    """Return an access field with its value: `role: admin`, `chats of Support: yes`."""
    match path:
        case ("departments",) if isinstance(value, Mapping):
            shown = ((Quoted(readable.membership(*item)),) for item in readable.ordered(value))
            return "departments: ", *joined(shown)
        case (_, department, part):
            words = "role" if part == MEMBERSHIP_ROLE else part
            return f"{words} in ", Quoted(department), ": ", Quoted(readable.value(value))
        case _:
            return " / ".join(path), ": ", Quoted(readable.value(value))


def ownership_words(ownership: Ownership) -> str:
    """Return how much of an account's access the files own.

    Returns:
        Such as `declared: 58 of 62 people, 97 % of access; not declared: 1 owner, 3 agents`. The
        percentage is rounded down, so that 100 % means all.
    """
    percent = 100 * ownership.declared_access // ownership.access if ownership.access else 100
    words = (
        f"declared: {ownership.declared_people} of {readable.people(ownership.people)}, "
        f"{percent} % of access"
    )
    others = [_by_role(ownership.undeclared_powerful)] if ownership.undeclared_powerful else []
    plain = ownership.people - ownership.declared_people - len(ownership.undeclared_powerful)
    if plain:
        others.append(readable.count(plain, BUILT_IN_ROLES[0]))
    return f"{words}; not declared: {', '.join(others)}" if others else words


def _by_role(agents: tuple[PowerfulAgent, ...]) -> str:
    """Return the number of agents by role: `1 owner, 2 admins, 1 with a custom role`."""
    numbers = Counter(one.role if one.role in BUILT_IN_ROLES else "" for one in agents)
    parts = [readable.count(numbers[role], role) for role in BUILT_IN_ROLES[:0:-1] if numbers[role]]
    if custom := numbers[""]:
        parts.append(f"{custom} with {'a custom role' if custom == 1 else 'custom roles'}")
    return ", ".join(parts)


def not_looked_at_text(plan: Plan) -> Sentence:
    """Return the parts of the account that the comparison did not see; empty for none."""
    if not plan.not_looked_at:
        return ()
    surface = " on API v3" if plan.surface is Surface.V3 else ""
    shown = joined((Quoted(one),) for one in plan.not_looked_at[:SHOWN_PARTS])
    more = len(plan.not_looked_at) - SHOWN_PARTS
    return f"Not looked at{surface}: ", *shown, f" and {more} more." if more > 0 else "."
