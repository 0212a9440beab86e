"""From documents to desired state, and the rules that span files.

Everything found is reported, and an object with a finding of its own is still known by its name:
one mistake must not make the references to it look wrong, too.
"""

from collections.abc import Iterator

from provisioner import address as addresses
from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, closest
from provisioner.documents import Document, LoadedProject
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS

_ADDRESS = {
    Kind.AGENT: addresses.agent,
    Kind.DEPARTMENT: addresses.department,
    Kind.ROLE: addresses.role,
}


def build(project: LoadedProject) -> tuple[DesiredState, list[Diagnostic]]:
    """Build the desired state of a loaded project.

    Returns:
        The state, and what is wrong across the files; with an error among the findings of the
        project or of this call, the state is good only for looking names up.
    """
    resources: dict[tuple[Kind, str], Resource] = {}
    findings: list[Diagnostic] = []
    for document in project.documents:
        for resource in _resources(document):
            first = resources.setdefault(resource.address.identity, resource)
            if first is not resource:
                findings.append(_duplicate(resource, first))
    state = DesiredState(resources)
    for resource in resources.values():
        if resource.address.kind is Kind.ROLE:
            findings += _reserved(resource)
        if resource.address.kind is Kind.AGENT:
            findings += _references(resource, state, incomplete=project.incomplete)
    return state, findings


def _resources(document: Document) -> Iterator[Resource]:
    """Yield what a document declares, as far as it can be told by its email or name."""
    for kind, row in KINDS.items():
        items = document.data.get(kind.plural)
        for index, item in enumerate(items if isinstance(items, list) else []):
            path = (kind.plural, index)
            key = item.get(row.identity) if isinstance(item, dict) else None
            if not isinstance(key, str):
                continue
            attributes = {name: value for name, value in item.items() if name != "state"}
            absent = item.get("state") == "absent"
            yield Resource(_ADDRESS[kind](key), attributes, absent, document, path)


def _duplicate(resource: Resource, first: Resource) -> Diagnostic:
    kind = resource.address.kind
    identity = KINDS[kind].identity
    spelt = resource.attributes[identity]
    return Diagnostic(
        code=f"duplicate-{kind}",
        summary=f'{kind} "{spelt}" is declared twice',
        span=resource.span(identity),
        hint="remove one of the two, or merge them into one",
        related=(("first declared", first.span(identity)),),
    )


def _reserved(role: Resource) -> list[Diagnostic]:
    name = role.attributes["name"]
    if addresses.fold(name) not in BUILT_IN_ROLES:
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


def _references(agent: Resource, state: DesiredState, *, incomplete: bool) -> list[Diagnostic]:
    """Check the role and the departments that an agent names.

    What a file that could not be read might declare is not reported as unknown. An agent with a
    finding of its own is checked, too, so its fields may be of any type here.
    """
    if agent.absent:
        return []
    departments = agent.attributes.get("departments")
    wanted: list[tuple[Kind, str, tuple[str, ...]]] = [
        (Kind.DEPARTMENT, name, ("departments", name))
        for name in (departments if isinstance(departments, dict) else ())
    ]
    role = agent.attributes.get("role")
    if isinstance(role, str) and role not in BUILT_IN_ROLES:
        wanted.append((Kind.ROLE, role, ("role",)))
    findings = []
    for kind, name, field in wanted:
        target = state.find(kind, name)
        if target is not None and target.absent:
            findings.append(_reference_to_absent(agent, target, field))
        elif (target is None and not incomplete) or (
            target is not None and _misspelt(target, name)
        ):
            findings.append(_unknown_reference(agent, state, kind, name, field))
    return findings


def _misspelt(target: Resource, name: str) -> bool:
    """Tell whether a reference differs in letter case: one spelling keeps files searchable."""
    spelt: str = target.attributes["name"]
    return spelt != name


def _unknown_reference(
    agent: Resource, state: DesiredState, kind: Kind, name: str, field: tuple[str, ...]
) -> Diagnostic:
    known = [other.attributes["name"] for other in state.of(kind)]
    if kind is Kind.ROLE:
        known += BUILT_IN_ROLES
    return Diagnostic(
        code=f"unknown-{kind}",
        summary=f'agent "{agent.attributes["email"]}": {kind} "{name}" is not declared',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=closest(name, known)
        or f'declare it, even if the account has it: {kind.plural}: [{{name: "{name}"}}]',
    )


def _reference_to_absent(agent: Resource, target: Resource, field: tuple[str, ...]) -> Diagnostic:
    kind, name = target.address.kind, target.attributes["name"]
    return Diagnostic(
        code="reference-to-absent",
        summary=f'agent "{agent.attributes["email"]}": {kind} "{name}" is declared absent',
        span=agent.span(*field, key=kind is Kind.DEPARTMENT),
        hint=f"remove it from the agent, or keep the {kind}",
        related=((f"the {kind} is declared absent", target.span("state")),),
    )
