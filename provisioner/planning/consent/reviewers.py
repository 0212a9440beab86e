"""Reviewers of a plan: who owns the departments, roles and fields that it changes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.live.unread import is_unread
from provisioner.model.consent import Reviewers
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.model.policy import fits
from provisioner.planning.changes import Action, Change, Risk
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.suggestions import Vocabulary, known_names

_BY_DEPARTMENT = frozenset({"departments", "hours"})
"""Fields of an agent with an entry for each department."""

SHOWN = 3
"""Names of changed objects in a reason."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A user or team that reviews a plan.

    Attributes:
        name: the name on the platform, such as `@acme/support-leads`.
        scope: what they review. One approval is enough for all reviewers with the same scope.
        reason: what the plan changes there.
    """

    name: str
    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class Touched:
    """The parts of an account that one change or manual step concerns.

    Attributes:
        address: the changed object.
        departments: the departments that it changes, or in which it changes an agent.
        home: all departments of the agent, before and after.
        roles: the roles that it changes, gives or takes.
        fields: the changed fields.
        reaches_out: whether it changes rights, or an agent with more than the default role.
    """

    address: Address
    departments: frozenset[str]
    home: frozenset[str]
    roles: frozenset[str]
    fields: tuple[FieldPath, ...]
    reaches_out: bool


def touched_parts(changes: Iterable[Change], steps: Iterable[ManualStep]) -> Iterator[Touched]:
    """Yield what each change and manual step concerns."""
    homes: dict[Address, frozenset[str]] = {}
    for change in changes:
        homes[change.address] = homes.get(change.address, frozenset()) | _home(change)
        yield _touched_by_change(change, homes[change.address])
    for step in steps:
        yield _touched_by_step(step, homes.get(step.address, frozenset()))


def _home(change: Change) -> frozenset[str]:
    sides = (change.before or {}, change.after or {})
    return frozenset(name for side in sides for name in side.get("departments") or {})


def _touched_by_change(change: Change, home: frozenset[str]) -> Touched:
    kind, sides = change.address.kind, (change.before or {}, change.after or {})
    own = frozenset(str(side["name"]) for side in sides if "name" in side)
    if kind is not Kind.AGENT:
        departments = own if kind is Kind.DEPARTMENT else frozenset()
        roles = own if kind is Kind.ROLE else frozenset()
        return Touched(
            change.address, departments, departments, roles, _fields(change), bool(roles)
        )
    named = {
        field.path[1]
        for field in change.fields
        if field.path[0] in _BY_DEPARTMENT and len(field.path) > 1
    }
    held = {str(side.get("role", BUILT_IN_ROLES[0])) for side in sides if side}
    given = {BUILT_IN_ROLES[0], *held} if change.action is not Action.UPDATE else held
    raised = Risk.RAISES_RIGHTS in change.risk
    return Touched(
        address=change.address,
        departments=frozenset(named) or home,
        home=home,
        roles=frozenset(given if len(given) > 1 else ()) - {BUILT_IN_ROLES[0]},
        fields=_fields(change),
        reaches_out=raised or bool(held - {BUILT_IN_ROLES[0]}),
    )


def _touched_by_step(step: ManualStep, home: frozenset[str]) -> Touched:
    departments: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    if step.section == manual_step.MEMBERSHIP:
        departments = frozenset((*step.values["join"], *step.values["leave"]))
    elif step.section == manual_step.ROLE:
        roles = frozenset({str(step.values["role"])})
    elif step.address.kind is Kind.DEPARTMENT:
        departments = frozenset({step.name, step.address.key})
    elif step.address.kind is Kind.ROLE:
        roles = frozenset({step.name, step.address.key})
    return Touched(
        address=step.address,
        departments=departments,
        home=home | departments,
        roles=roles,
        fields=((step.section,),),
        reaches_out=bool(roles),
    )


def _fields(change: Change) -> tuple[FieldPath, ...]:
    """Return the changed fields; of a new object those that the files declare."""
    if change.action is Action.CREATE:
        return tuple((name,) for name in change.after or {} if name not in change.defaults)
    return tuple(field.path for field in change.fields)


def reviewers_of(owners: Iterable[Reviewers], parts: Sequence[Touched]) -> tuple[Reviewer, ...]:
    """Return the reviewers of what a plan changes, with the reason for each."""
    found = []
    for owner in owners:
        reasons = {
            what: [str(part.address) for part in parts if what in _owned(owner, part)]
            for what in dict.fromkeys(what for part in parts for what in _owned(owner, part))
        }
        if reasons:
            reason = "; ".join(
                f"{what}: {_first(list(dict.fromkeys(names)))}" for what, names in reasons.items()
            )
            found += [Reviewer(name, ", ".join(reasons), reason) for name in owner.names]
    return tuple(found)


def _first(names: Sequence[str]) -> str:
    """Return the first names, and the number of the others."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _owned(owner: Reviewers, part: Touched) -> list[str]:
    """Return the parts of an owner that a change concerns, in words."""
    fields = [
        ".".join((rule.kind.plural, *rule.path))
        for rule in owner.fields
        if rule.kind is part.address.kind
        and any(
            is_unread([rule.path], path) or is_unread([path], rule.path) for path in part.fields
        )
    ]
    return [
        *(f"department {name}" for name in sorted(part.departments) if owner.owns_department(name)),
        *(f"role {name}" for name in sorted(part.roles) if owner.owns_role(name)),
        *(f"field {name}" for name in fields),
    ]


def owners_of_nothing(
    owners: Iterable[Reviewers], names: Mapping[Kind, Collection[str]]
) -> Iterator[Diagnostic]:
    """Yield a warning for each department and role that has reviewers, and does not exist.

    `names` are those of the account and of the files.
    """
    for owner in owners:
        parts = ((Kind.DEPARTMENT, owner.departments), (Kind.ROLE, owner.roles))
        for kind, pattern in ((kind, one) for kind, patterns in parts for one in patterns):
            known = names[kind]
            if not any(fits(name, pattern) for name in known):
                yield Diagnostic(
                    code="reviewers-of-nothing",
                    summary=f'approvals: there is no {kind} "{pattern}" for '
                    f"{', '.join(owner.names)} to review",
                    span=owner.span,
                    hint=known_names(sorted(known)),
                    severity=Severity.WARNING,
                    meant=(pattern, Vocabulary(partial(iter, known))),
                )


def confined_to(owners: Iterable[Reviewers], parts: Sequence[Touched]) -> tuple[Reviewer, ...]:
    """Return the reviewers of the departments that a whole plan stays inside of; else none."""
    leads = [owner for owner in owners if parts and all(_is_inside(owner, part) for part in parts)]
    names = sorted({name for part in parts for name in (*part.departments, *part.home)})
    places = ", ".join(f"department {name}" for name in names)
    return tuple(
        Reviewer(name, places, f"the whole plan stays inside of {places}")
        for name in dict.fromkeys(name for owner in leads for name in owner.names)
    )


def _is_inside(owner: Reviewers, part: Touched) -> bool:
    places = part.departments | part.home
    is_limited = bool(places) and not (part.roles or part.reaches_out)
    return is_limited and all(map(owner.owns_department, places))
