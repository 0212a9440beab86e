"""The built-in rules `min_cover` and `required`: findings about a plan or the files alone.

Nobody can hire on the spot, so a service that has too few agents already refuses only a plan that
takes away more. A role takes one line to give, so too few agents with a role refuse every plan that
does not give it to more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from provisioner.address import Address, Identity, Kind, agent, department, fold
from provisioner.diagnostics import Span
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.hours import MINUTES_OF_DAY, MINUTES_OF_WEEK
from provisioner.model.kinds import DAYS, SERVICES
from provisioner.model.team.minimums import (
    MIN_COVER,
    REQUIRED,
    CoverMinimum,
    Minimums,
    RequiredRole,
)
from provisioner.model.team_rules import Level
from provisioner.planning.changes import Change
from provisioner.planning.coverage import CoverSide, Key, cover_sides
from provisioner.planning.rules.judging import RuleFinding
from provisioner.suggestions import did_you_mean, shown_names


@dataclass(frozen=True, slots=True)
class PlanEffect:
    """An account before and after a plan.

    Attributes:
        live: the account.
        changes: the changes of the plan with those that a person makes by hand.
        desired: the declared objects.
        complete: whether the plan is of the whole project.
    """

    live: LiveState
    changes: Mapping[Identity, Change]
    desired: DesiredState
    complete: bool

    @property
    def is_first(self) -> bool:
        """Whether this is the first apply: the account has none of the declared agents.

        Then there is no earlier number that the plan improves.
        """
        given = {self.live.account.creator, self.live.account.key_agent}
        return self.complete and not any(
            identity[0] is Kind.AGENT
            and identity in self.desired.resources
            and existing.id not in given
            for identity, existing in self.live.objects.items()
        )

    def source(self, addresses: Iterable[Address]) -> Span | None:
        """Return the place of the first change of one of some objects that has a place."""
        found = (self.changes.get(one.identity) for one in addresses)
        return next((one.source for one in found if one and one.source), None)

    def role_after(self, identity: Identity) -> str | None:
        """Return the role of an agent after the plan; None for nobody."""
        change, existing = self.changes.get(identity), self.live.objects.get(identity)
        fields = change.after if change else existing.attributes if existing else None
        return None if fields is None else str(fields.get("role") or "")


def minimum_findings(
    minimums: Minimums,
    live: LiveState,
    changes: Iterable[Change],
    desired: DesiredState,
    *,
    complete: bool,
) -> Iterator[RuleFinding]:
    """Yield the services and roles that have too few agents after a plan.

    Args:
        minimums: the settings.
        live: the account, under the names that the files use.
        changes: the changes of the plan with those that a person makes by hand.
        desired: the declared objects.
        complete: whether the plan is of the whole project. Another one is not measured by what it
            leaves out.
    """
    changed = {change.address.identity: change for change in changes}
    effect = PlanEffect(live, changed, desired, complete)
    if minimums.cover:
        yield from _cover_findings(minimums, effect)
    for role in minimums.roles:
        yield from _role_findings(role, effect)


def _cover_findings(minimums: Minimums, effect: PlanEffect) -> Iterator[RuleFinding]:
    before, after = cover_sides(effect.live, effect.changes.values())
    names = {**before.departments, **after.departments}
    for folded, name in sorted(names.items()):
        for service in SERVICES:
            key = (folded, service)
            for minimum in minimums.of(name, service):
                if minimum.department or (
                    after.count(key) is not None and _offers(key, before, after)
                ):
                    yield from _shortage(minimum, name, _Numbers(key, before, after), effect)
    for name, minimum in minimums.departments.items():
        if effect.complete and fold(name) not in names:
            meant = did_you_mean(name, names.values())
            message = f"the account has no such department{f'; {meant}' if meant else ''}"
            yield RuleFinding(
                MIN_COVER, department(name), message, Level.ERROR, minimum.span, minimum.span
            )


def _offers(key: Key, *sides: CoverSide) -> bool:
    return any(side.agents.get(key) for side in sides)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The agents of a service in a department before and after a plan."""

    key: Key
    before: CoverSide
    after: CoverSide

    @property
    def is_new(self) -> bool:
        """Whether the plan creates the department."""
        return self.before.count(self.key) is None

    @property
    def without(self) -> list[Address]:
        """The agents who cover the service before the plan and not after it."""
        staying = {one.address.identity for one in self.after.agents.get(self.key, ())}
        agents = self.before.agents.get(self.key, ())
        return [one.address for one in agents if one.address.identity not in staying]

    def in_window(self, minimum: CoverMinimum) -> list[tuple[int, int, int]]:
        """Return the minute of the week, and the numbers before and after, where they are too low.

        Without a window there is one entry at most, of the minute 0.
        """
        if minimum.window is None:
            numbers = (self.before.count(self.key) or 0, self.after.count(self.key) or 0)
            return [(0, *numbers)] if numbers[1] < minimum.number else []
        before, after = self.before.present(self.key), self.after.present(self.key)
        minutes = chain.from_iterable(range(*span) for span in minimum.window.spans)
        return [
            (at, before[at], after[at])
            for minute in minutes
            if after[at := minute % MINUTES_OF_WEEK] < minimum.number
        ]


def _shortage(
    minimum: CoverMinimum, name: str, numbers: _Numbers, effect: PlanEffect
) -> Iterator[RuleFinding]:
    """Yield a finding if a service has fewer agents after the plan than the minimum."""
    low = numbers.in_window(minimum)
    if not low:
        return
    worse = [one for one in low if one[2] < one[1]]
    new = effect.complete and (numbers.is_new or effect.is_first)
    at, before, after = min(worse or low, key=lambda one: (one[2], one[0]))
    when = f" on {_moment(at)}" if minimum.window else ""
    people = f", without {shown_names([one.key for one in numbers.without])}" if worse else ""
    yield RuleFinding(
        MIN_COVER,
        department(name),
        f"{_agents(after)} for {minimum.service}{when} after the plan ({before} before{people}), "
        f"and the minimum is {minimum.number}",
        Level.ERROR if worse or new else Level.WARN,
        effect.source(numbers.without) or minimum.span,
        minimum.span,
    )


def _moment(minute: int) -> str:
    day, rest = divmod(minute, MINUTES_OF_DAY)
    return f"{DAYS[day]} at {rest // 60:02}:{rest % 60:02}"


def _agents(number: int) -> str:
    return f"{number} agent{'' if number == 1 else 's'}"


def _role_findings(role: RequiredRole, effect: PlanEffect) -> Iterator[RuleFinding]:
    for email, span in role.agents.items():
        yield from _person(role, agent(email), span, effect)
    before = {
        identity: existing.address
        for identity, existing in effect.live.objects.items()
        if identity[0] is Kind.AGENT and _is(role, existing.attributes.get("role"))
    }
    everybody = {*effect.live.objects, *effect.changes}
    after = {
        identity
        for identity in everybody
        if identity[0] is Kind.AGENT and _is(role, effect.role_after(identity))
    }
    if len(after) < role.number:
        worse = len(after) < len(before)
        improves = len(after) > len(before) and not effect.is_first
        yield RuleFinding(
            REQUIRED,
            Address(Kind.ROLE, role.role),
            f"{_agents(len(after))} with the role after the plan ({len(before)} before), and the "
            f"minimum is {role.number}",
            Level.ERROR if worse or (effect.complete and not improves) else Level.WARN,
            effect.source(one for key, one in before.items() if key not in after) or role.span,
            role.span,
        )


def _person(
    role: RequiredRole, address: Address, span: Span, effect: PlanEffect
) -> Iterator[RuleFinding]:
    """Yield a finding if an agent does not have a required role after the plan."""
    after = effect.role_after(address.identity)
    if _is(role, after):
        return
    existing = effect.live.objects.get(address.identity)
    had_it = existing is not None and _is(role, existing.attributes.get("role"))
    now = "is not in the account" if after is None else f"has the role {after or 'agent'}"
    yield RuleFinding(
        REQUIRED,
        address,
        f"must have the role {role.role}, and {now} after the plan",
        Level.ERROR if had_it or effect.complete else Level.WARN,
        effect.source([address]) or span,
        span,
    )


def declared_findings(minimums: Minimums, desired: DesiredState) -> Iterator[RuleFinding]:
    """Yield the agents to whom the files give another role than the required one."""
    for role in minimums.roles:
        for email, span in role.agents.items():
            entry = desired.resources.get(agent(email).identity)
            if entry and (declared := _other_role(role, entry)):
                field, text = declared
                yield RuleFinding(
                    REQUIRED,
                    entry.address,
                    f"must have the role {role.role}, and {text}",
                    Level.ERROR,
                    entry.span(field),
                    span,
                )


def _other_role(role: RequiredRole, entry: Resource) -> tuple[str, str] | None:
    """Return the field that takes a role from an agent, and what it declares; None for none."""
    if entry.absent or entry.suspended:
        return "state", f"is declared {'absent' if entry.absent else 'suspended'}"
    declared: Any = entry.attributes.get("role")
    if declared is None or _is(role, declared):
        return None
    return "role", f"is declared with the role {declared}"


def _is(role: RequiredRole, name: Any) -> bool:
    return isinstance(name, str) and fold(name) == fold(role.role)
