"""Checks of references: the roles and departments that agents name must be declared."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from provisioner.address import Kind, fold
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.model.zones import zone_exists, zone_hint
from provisioner.suggestions import Vocabulary


def reserved(role: Resource) -> list[Diagnostic]:
    """Return the error for a custom role with the name of a built-in one."""
    name = role.attributes["name"]
    if fold(name) not in BUILT_IN_ROLES:
        return []
    return [
        Diagnostic(
            code="reserved-role",
            summary=f'role "{name}" has the name of a built-in role',
            span=role.span("name"),
            hint="give the custom role another name; agents may name agent, admin and owner "
            "without a declaration",
        )
    ]


class References:
    """Checks the references of all agents. An error in a profile is reported once."""

    def __init__(self, state: DesiredState, *, incomplete: bool) -> None:
        """Prepare the checks.

        Args:
            state: the desired state.
            incomplete: whether a part of the project could not be read. An undeclared name is then
                not reported, because that part may declare it.
        """
        self._state = state
        self._incomplete = incomplete
        self._known = {
            Kind.DEPARTMENT: Vocabulary(lambda: _names(state, Kind.DEPARTMENT)),
            Kind.ROLE: Vocabulary(lambda: [*_names(state, Kind.ROLE), *BUILT_IN_ROLES]),
        }
        self._same: set[tuple[int, ...]] = set()
        self._reported: set[tuple[int, FieldPath]] = set()

    def check(self, agent: Resource) -> list[Diagnostic]:
        """Return the errors of an agent's role, departments and hours.

        Agents that violate the schema are checked, too, so fields may have any type here.
        At most `MOST_OF_A_KIND` errors are returned.
        """
        if agent.absent or self._is_same(agent):
            return []
        return [*islice(chain(_hours(agent, self._is_new), self._names(agent)), MOST_OF_A_KIND)]

    def _is_same(self, agent: Resource) -> bool:
        """Return whether another agent has all checked fields from the same profiles."""
        layers = [layer for layer in agent.layers if layer.fields.keys() & _CHECKED]
        if not all(layer.profile for layer in layers):
            return False
        key = tuple(map(id, layers))
        if key in self._same:
            return True
        self._same.add(key)
        return False

    def _is_new(self, agent: Resource, field: FieldPath, detail: str = "") -> bool:
        """Return whether no other agent had the same error from the same profile."""
        layer = next(layer for layer in reversed(agent.layers) if _gives(layer.fields, field))
        key = (id(layer), (*field, detail))
        if layer.profile and key in self._reported:
            return False
        self._reported.add(key)
        return True

    def _names(self, agent: Resource) -> Iterator[Diagnostic]:
        departments = agent.attributes.get("departments")
        wanted: list[tuple[Kind, str, FieldPath]] = [
            (Kind.DEPARTMENT, name, ("departments", name))
            for name in (departments if isinstance(departments, dict) else ())
            if name
        ]
        role = agent.attributes.get("role")
        if isinstance(role, str) and role and role not in BUILT_IN_ROLES:
            wanted.append((Kind.ROLE, role, ("role",)))
        for kind, name, field in wanted:
            target = self._state.find(kind, name)
            is_wrong = not self._incomplete if target is None else _misspelt(target, name)
            if target is not None and target.absent and self._is_new(agent, field):
                yield _reference_to_absent(agent, target, field)
            elif is_wrong and self._is_new(agent, field):
                yield _unknown_reference(agent, self._known[kind], kind, name, field)


_CHECKED = frozenset({"role", "departments", "hours"})


def _gives(fields: Any, field: FieldPath) -> bool:
    for key in field:
        if not isinstance(fields, dict) or key not in fields:
            return False
        fields = fields[key]
    return True


def _names(state: DesiredState, kind: Kind) -> list[str]:
    return [other.attributes["name"] for other in state.of(kind)]


def _misspelt(target: Resource, name: str) -> bool:
    """Return whether a reference is spelt differently: one spelling keeps files searchable."""
    spelt: str = target.attributes["name"]
    return spelt != name


def _unknown_reference(
    agent: Resource, known: Vocabulary, kind: Kind, name: str, field: FieldPath
) -> Diagnostic:
    return Diagnostic(
        code=f"unknown-{kind}",
        summary=f'{agent.declarer(*field)}: {kind} "{name}" is not declared',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=f'declare it, even if the account has it: {kind.plural}: [{{name: "{name}"}}]',
        meant=(name, known),
    )


def _reference_to_absent(agent: Resource, target: Resource, field: FieldPath) -> Diagnostic:
    kind, name = target.address.kind, target.attributes["name"]
    return Diagnostic(
        code="reference-to-absent",
        summary=f'{agent.declarer(*field)}: {kind} "{name}" is declared absent',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=f"remove it from the agent, or keep the {kind}",
        related=((f"the {kind} is declared absent", target.span("state")),),
    )


def _hours(agent: Resource, is_new: Callable[..., bool]) -> Iterator[Diagnostic]:
    """Yield the errors of the hours: unknown zones, and departments without membership."""
    departments = agent.attributes.get("departments")
    if departments is None and "departments" in agent.attributes:
        departments = {}
    members = Vocabulary(lambda: departments if isinstance(departments, dict) else ())
    for shift in agent.hours or ():
        if shift.zone and not zone_exists(shift.zone):
            yield Diagnostic(
                code="unknown-timezone",
                summary=f'{agent.declarer("hours")}: there is no time zone "{shift.zone}"',
                span=agent.span("hours"),
                hint=zone_hint(),
            )
        if not shift.departments:
            yield Diagnostic(
                code="hours-without-department",
                summary=f"{agent.declarer('hours')}: the hours name no department",
                span=agent.span("hours"),
                hint="name them under `departments` of the entry, or declare the membership",
            )
        if not isinstance(departments, dict) or shift.departments is departments:
            continue
        for department in sorted(set(shift.departments) - departments.keys()):
            if is_new(agent, ("hours",), department):
                yield Diagnostic(
                    code="hours-without-membership",
                    summary=f'{agent.declarer("hours")}: hours in "{department}" '
                    "without a membership there",
                    span=agent.span("hours"),
                    hint="declare the membership, too",
                    meant=(department, members),
                )
