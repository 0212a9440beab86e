"""The rules that tie objects together: what an agent names must be declared."""

from collections.abc import Iterator, Mapping
from itertools import islice

from provisioner.address import Kind, fold
from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import BUILT_IN_ROLES
from provisioner.model.zones import zone_exists, zone_hint
from provisioner.suggestions import Vocabulary


def reserved(role: Resource) -> list[Diagnostic]:
    """Return the finding for a custom role with the name of a built-in one."""
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


def vocabularies(state: DesiredState) -> dict[Kind, Vocabulary]:
    """Return the names that agents may refer to."""
    return {
        Kind.DEPARTMENT: Vocabulary(lambda: _names(state, Kind.DEPARTMENT)),
        Kind.ROLE: Vocabulary(lambda: [*_names(state, Kind.ROLE), *BUILT_IN_ROLES]),
    }


def _names(state: DesiredState, kind: Kind) -> list[str]:
    return [other.attributes["name"] for other in state.of(kind)]


def references(
    agent: Resource,
    state: DesiredState,
    vocabulary: Mapping[Kind, Vocabulary],
    *,
    incomplete: bool,
) -> list[Diagnostic]:
    """Check the role and the departments that an agent names.

    What a file that could not be read might declare is not reported as unknown. An agent with a
    finding of its own is checked, too, so its fields may be of any type here.

    Returns:
        The first findings, and the number of the others.
    """
    if agent.absent:
        return []
    departments = agent.attributes.get("departments")
    wanted: list[tuple[Kind, str, tuple[str, ...]]] = [
        (Kind.DEPARTMENT, name, ("departments", name))
        for name in (departments if isinstance(departments, dict) else ())
        if name
    ]
    role = agent.attributes.get("role")
    if isinstance(role, str) and role and role not in BUILT_IN_ROLES:
        wanted.append((Kind.ROLE, role, ("role",)))
    findings = [*islice(_hours(agent), MOST_OF_A_KIND)]
    for kind, name, field in wanted:
        if len(findings) >= MOST_OF_A_KIND:
            break
        target = state.find(kind, name)
        if target is not None and target.absent:
            findings.append(_reference_to_absent(agent, target, field))
        elif (target is None and not incomplete) or (
            target is not None and _misspelt(target, name)
        ):
            findings.append(_unknown_reference(agent, vocabulary[kind], kind, name, field))
    return findings


def _misspelt(target: Resource, name: str) -> bool:
    """Tell whether a reference differs in letter case: one spelling keeps files searchable."""
    spelt: str = target.attributes["name"]
    return spelt != name


def _unknown_reference(
    agent: Resource, known: Vocabulary, kind: Kind, name: str, field: tuple[str, ...]
) -> Diagnostic:
    return Diagnostic(
        code=f"unknown-{kind}",
        summary=f'{agent.declarer(*field)}: {kind} "{name}" is not declared',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=f'declare it, even if the account has it: {kind.plural}: [{{name: "{name}"}}]',
        meant=(name, known),
    )


def _reference_to_absent(agent: Resource, target: Resource, field: tuple[str, ...]) -> Diagnostic:
    kind, name = target.address.kind, target.attributes["name"]
    return Diagnostic(
        code="reference-to-absent",
        summary=f'{agent.declarer(*field)}: {kind} "{name}" is declared absent',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=f"remove it from the agent, or keep the {kind}",
        related=((f"the {kind} is declared absent", target.span("state")),),
    )


def _hours(agent: Resource) -> Iterator[Diagnostic]:
    """Yield what is wrong with the hours: unknown zones, departments without membership."""
    departments = agent.attributes.get("departments")
    if departments is None and "departments" in agent.attributes:
        departments = {}
    members = Vocabulary(lambda: departments if isinstance(departments, dict) else ())
    for block in agent.hours or ():
        if block.zone and not zone_exists(block.zone):
            yield Diagnostic(
                code="unknown-timezone",
                summary=f'{agent.declarer("hours")}: there is no time zone "{block.zone}"',
                span=agent.span("hours"),
                hint=zone_hint(),
            )
        named = set(block.departments)
        if not named:
            yield Diagnostic(
                code="hours-without-department",
                summary=f"{agent.declarer('hours')}: the hours name no department",
                span=agent.span("hours"),
                hint="name them under `departments` of the block, or declare the membership",
            )
        for department in sorted(named):
            if isinstance(departments, dict) and department not in departments:
                yield Diagnostic(
                    code="hours-without-membership",
                    summary=f'{agent.declarer("hours")}: hours in "{department}", '
                    f"of which the agent is no member",
                    span=agent.span("hours"),
                    hint="declare the membership, too",
                    meant=(department, members),
                )
