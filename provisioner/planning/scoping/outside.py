"""Checks that a project declares and claims nothing outside of its scope.

Another project manages the rest of the account. An agent of another project is taken over only
where `takeover` lists the email, so that two projects never write the same agent by mistake.
"""

from collections.abc import Iterator

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic
from provisioner.model.desired import DesiredState, Mode, Resource
from provisioner.model.kinds import KINDS
from provisioner.model.policy import ManagedScope
from provisioner.planning.claims.claims import Claim, Claims


def declared_outside(desired: DesiredState, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield an error for each entry that reaches out of the scope, by the files alone.

    An entry with `mode: import-only` writes nothing, so it may be anywhere.
    """
    for entry in desired.resources.values() if scope.limited else ():
        kind, naming = entry.address.kind, KINDS[entry.address.kind].identity
        if entry.mode is Mode.IMPORT_ONLY:
            continue
        if not scope.covers(kind, entry.address.key):
            yield _outside(entry, entry.address.key, naming, "outside of the scope")
        elif entry.previously and not scope.covers(kind, entry.previously):
            problem = f'has the former {naming} "{entry.previously}", outside of the scope'
            yield _outside(entry, entry.previously, "previously", problem)
        yield from _memberships(entry, scope)


def mode_and_state(desired: DesiredState) -> Iterator[Diagnostic]:
    """Yield an error for each entry that records the account and also takes something away."""
    for entry in desired.resources.values():
        if entry.mode is Mode.IMPORT_ONLY and (entry.absent or entry.suspended):
            state = "absent" if entry.absent else "suspended"
            yield Diagnostic(
                code="mode-and-state",
                summary=f'{entry.address.kind} "{entry.address.key}" is {state}, and its mode is '
                "import-only, which writes nothing",
                span=entry.span("mode"),
                hint="remove one of the two lines",
            )


def claimed_outside(claims: Claims, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield an error for each entry that claims a live object outside of the scope.

    The account is needed for that: an entry claims by `id` or by a move of a domain.
    """
    for claim in claims.of_entries.values() if scope.limited else ():
        kind, live_name = claim.existing.address.kind, claim.existing.address.key
        if claim.entry.mode is not Mode.IMPORT_ONLY and not scope.covers(kind, live_name):
            yield _outside(claim.entry, live_name, _claiming_key(claim), _takes(claim))


def _claiming_key(claim: Claim) -> str:
    entry = claim.entry
    if entry.pinned_id:
        return "id"
    return "previously" if entry.previously else KINDS[entry.address.kind].identity


def _takes(claim: Claim) -> str:
    existing = claim.existing
    return f'claims the live "{existing.address.key}" ({existing.id}), outside of the scope'


def _memberships(entry: Resource, scope: ManagedScope) -> Iterator[Diagnostic]:
    """Yield the declared memberships in departments outside of the scope."""
    departments = entry.attributes.get("departments")
    for name in departments if isinstance(departments, dict) else ():
        if not scope.covers(Kind.DEPARTMENT, name):
            yield Diagnostic(
                code="outside-scope",
                summary=f'{entry.declarer("departments", name)}: department "{name}" is outside '
                "of the scope",
                span=entry.span("departments", name, key=True),
                hint="remove it: memberships outside of the scope stay as they are; or add the "
                "department to `scope` in provisioner.yaml",
            )


def _outside(entry: Resource, name: str, key: str, problem: str) -> Diagnostic:
    kind = entry.address.kind
    way_out = (
        f"add the email to `takeover` in provisioner.yaml: takeover: [{name}]"
        if kind is Kind.AGENT
        else "write `mode: import-only` in the entry, if it is only referred to"
    )
    is_own = problem.startswith("outside")
    return Diagnostic(
        code="outside-scope",
        summary=f'{kind} "{entry.address.key}" {"is " if is_own else ""}{problem}',
        span=entry.span(key),
        hint=f"let the other project declare it, or {way_out}",
    )
