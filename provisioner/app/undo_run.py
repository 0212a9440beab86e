"""Undoing a run: an ordinary plan, made from the values that its record holds."""

from dataclasses import dataclass, replace

from provisioner.address import Kind
from provisioner.app.comparison import Comparison
from provisioner.app.make_plan import Planned, PlanOptions, plan_of
from provisioner.app.open_project import Configured, ProjectRoot
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.live.reader_protocol import Reader
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Undeclared
from provisioner.planning.manual.split import split
from provisioner.planning.reversal import reverse
from provisioner.planning.roles import name_roles
from provisioner.runs.record import Run

_NOTHING_DECLARED = DesiredState({})


@dataclass(frozen=True, slots=True)
class Undone:
    """How a run can be undone.

    Attributes:
        planned: the plan, with the same guards as any other.
        lost: what can't come back, or is left alone.
    """

    planned: Planned
    lost: tuple[Diagnostic, ...]


def plan_undo(run: Run, place: Configured, reader: Reader, request: PlanOptions) -> Undone:
    """Plan to bring back what a run changed.

    Args:
        run: what is to be undone, as its record tells it.
        place: the project's folder and policy; what its files declare does not matter.
        reader: of the account.
        request: what is asked for.

    Raises:
        RefusedError: the run was on another account.
        TargetError: the account could not be read whole.
    """
    if (run.target, run.url) != (request.target, request.url):
        raise RefusedError(_other_account(run, request))
    changes = [*run.touched()]
    hours_of = frozenset(
        change.address.key
        for change in changes
        if change.address.kind is Kind.AGENT
        and "hours" in {*(change.before or {}), *(change.after or {})}
    )
    snapshot = reader.read(hours_of=hours_of)
    account = snapshot.account.completed(place.settings.account)
    live = name_roles(replace(snapshot, account=account), run.roles)
    back = reverse(changes, live)
    role_ids = place.settings.role_ids_of(request.target)
    divided, steps = split(back.changes, _NOTHING_DECLARED, back.live, role_ids)
    found = Comparison(
        desired=_NOTHING_DECLARED,
        live=back.live,
        changes=divided,
        steps=steps,
        roles=run.roles,
        renames=back.renames,
        findings=(),
    )
    place, request = _without_declarations(place, request, len(live.objects))
    return Undone(plan_of(found, place, request, snapshot, hours_of), back.lost)


def _without_declarations(
    place: Configured, request: PlanOptions, objects: int
) -> tuple[ProjectRoot, PlanOptions]:
    """Switch off what asks for declarations: nothing is undeclared, unmatched or renamed here."""
    settings = replace(place.settings, undeclared=dict.fromkeys(Kind, Undeclared.IGNORE))
    allowed = {**request.allowed, "unmatched": objects, "replacements": objects}
    return ProjectRoot(place.root, settings), replace(request, allowed=allowed)


def _other_account(run: Run, request: PlanOptions) -> Diagnostic:
    return Diagnostic(
        code="another-account",
        summary=f'run {run.id} was on the target "{run.target}" ({run.url}), '
        f"which is now another account ({request.url})",
        hint="an undo is for the account that the run was on",
    )
