"""Making a plan: live state is read, compared with the project, and the cost is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.address import Kind
from provisioner.app.comparison import Branch, Comparison, compare_project, with_attribution
from provisioner.app.open_project import Configured, Project
from provisioner.app.request_budget import Costs, count_all, with_hours
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    RefusedError,
    Severity,
    in_order,
)
from provisioner.documents.collector import collector_paused
from provisioner.documents.files.attachments import Attachment, load_photo
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.effective import effective_policy
from provisioner.model.hosts import account_address
from provisioner.model.settings import Acknowledgement, Settings, Undeclared
from provisioner.planning.changes import Action, Change
from provisioner.planning.checks.guards import Safety, refusals
from provisioner.planning.claims.renaming import rename
from provisioner.planning.coverage import cover
from provisioner.planning.diff import undeclared
from provisioner.planning.manual.manual_step import ManualStep, acknowledge
from provisioner.planning.plans.basis import Basis, basis_of, moved
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PlanAccount, policy_changes
from provisioner.planning.risk import Rights, risks
from provisioner.planning.roles import name_roles
from provisioner.planning.scope import Scope, Unfinished


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a plan is asked for.

    Attributes:
        target: the account's name in the project.
        costs: of the target's API.
        per_minute: the limit of requests that an apply counts against; 0 is none.
        url: the account's address; "" for the embedded sandbox.
        api_key: where its key comes from, such as `env LIVEAGENT_V3_API_KEY`.
        allowed: how far the run may go past the guards: `deletes`, `updates`, `unmatched`.
        scope: which part of the project the run is about.
        unfinished: what runs before this one created, with the fields still to come.
        taken: when the snapshot was taken that stands in for the account; "" where it is read.
    """

    target: str
    costs: Costs
    per_minute: int = 0
    url: str = ""
    api_key: str = ""
    allowed: Mapping[str, int] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    unfinished: Unfinished = field(default_factory=dict)
    taken: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made from.

    Attributes:
        plan: the plan.
        basis: what it relies on in the account.
        live: the snapshot that it was made from.
        warnings: what is odd but no obstacle.
    """

    plan: Plan
    basis: Basis
    live: LiveState
    warnings: tuple[Diagnostic, ...] = ()


@collector_paused()
def make_plan(
    project: Project, reader: Reader, request: PlanOptions, branch: Branch | None = None
) -> Planned:
    """Read the account and plan. It has no means to write.

    Args:
        project: the project.
        reader: of the account.
        request: what is asked for.
        branch: tells changes of this branch from earlier drift, if that is asked for.

    Raises:
        TargetError: the account could not be read whole.
        InvalidProjectError: the project does not fit the account.
        UsageError: the scope names nothing.
    """
    target = request.target
    hours_of = with_hours(project.desired_for(target), project.settings.moves)
    if branch and branch.earlier:
        hours_of |= with_hours(branch.earlier.desired_for(target), branch.earlier.settings.moves)
    snapshot = reader.read(hours_of=hours_of)
    found = compare_project(project, snapshot, target, request.scope, request.unfinished)
    if branch:
        found = with_attribution(found, branch, snapshot, target, request.unfinished)
    return plan_of(found, project, request, snapshot, hours_of, branch)


def plan_of(
    found: Comparison,
    place: Configured,
    request: PlanOptions,
    snapshot: LiveState,
    hours_of: frozenset[str],
    branch: Branch | None = None,
) -> Planned:
    """Return the plan of what was found: with its risks, its refusals and its cost.

    Args:
        found: the changes and manual steps.
        place: the folder that attachments lie in, and the policy.
        request: what is asked for.
        snapshot: the account as it was read.
        hours_of: whose hours were read.
        branch: the base that the plan is compared with, if there is one.
    """
    settings, target = place.settings, request.target
    desired, live = found.desired, found.live
    changes = _with_risk(found.changes, live)
    steps, unused = acknowledge(found.steps, settings.acknowledged, target)
    safety = Safety(settings.guards, settings.protection, request.allowed)
    plan = Plan(
        target=target,
        surface=live.surface,
        changes=changes,
        manual_steps=steps,
        undeclared=_left(desired, live, settings, changes),
        refused=tuple(in_order(refusals(changes, desired, live, safety))),
        snapshot=snapshot.fingerprint,
        taken=request.taken,
        requests=count_all(
            changes,
            live,
            request.costs,
            hours_of=hours_of,
            written=written_hours(changes),
            per_minute=request.per_minute,
        ),
        coverage=cover(live, changes),
        missing=found.missing,
        left_out=found.left_out,
        base=branch.base if branch else None,
        account=PlanAccount(account_address(request.url), request.api_key),
        policy=effective_policy(settings, target),
        policy_changes=policy_changes(branch.settings, settings) if branch else (),
    )
    basis = basis_of(
        plan,
        live,
        roles=found.roles,
        hours_of=hours_of,
        attachments=_attachments(place.root, desired, changes),
        url=request.url,
        renames=found.renames,
    )
    findings = [*found.findings, *(_unused(entry, steps) for entry in unused)]
    return Planned(plan, basis, live, tuple(in_order(findings)))


def _with_risk(changes: tuple[Change, ...], live: LiveState) -> tuple[Change, ...]:
    rights = Rights(changes, live)
    told = (replace(change, risk=risks(change, rights)) for change in changes)
    return tuple(sorted(told, key=lambda change: str(change.address)))


def _attachments(
    root: Path, desired: DesiredState, changes: tuple[Change, ...]
) -> dict[str, Attachment]:
    """Return the photos that a plan uploads.

    Raises:
        InvalidProjectError: a file has changed since the project was read.
    """
    after = [change.after or {} for change in changes if change.action is not Action.NO_OP]
    found = {}
    for digest in sorted({values.get("photo", "") for values in after} & desired.photos.keys()):
        photo = desired.photos[digest]
        file = load_photo(root, photo)
        if file is None:
            raise InvalidProjectError(
                Diagnostic(
                    code="attachment-changed",
                    summary=f"{photo.file} changed while the plan was made",
                    hint="run again",
                )
            )
        found[digest] = file
    return found


def _left(
    desired: DesiredState, live: LiveState, settings: Settings, changes: tuple[Change, ...]
) -> tuple[LiveObject, ...]:
    """Return the live objects that no file declares and that stay."""
    gone = {change.address for change in changes}
    return tuple(
        existing
        for kind in Kind
        if settings.undeclared[kind] is not Undeclared.IGNORE
        for existing in undeclared(desired, live, kind)
        if existing.address not in gone
    )


def written_hours(changes: tuple[Change, ...]) -> frozenset[str]:
    """Return the folded emails of the agents whose hours are written."""
    return frozenset(
        change.address.key
        for change in changes
        if change.action is not Action.NO_OP
        and ("hours" in {field.path[0] for field in change.fields} or _created_with_hours(change))
    )


def _created_with_hours(change: Change) -> bool:
    return change.action is Action.CREATE and "hours" in (change.after or {})


def read_back(basis: Basis, reader: Reader, *, hours_of: frozenset[str] | None = None) -> LiveState:
    """Read the account again as the plan did.

    Args:
        basis: what the plan relies on.
        reader: of the account.
        hours_of: whose hours to read, if not of all as the plan did.

    Raises:
        TargetError: the account could not be read whole.
    """
    wanted = basis.hours_of if hours_of is None else hours_of
    return rename(name_roles(reader.read(hours_of=wanted), basis.roles), basis.renames)


def check_still_true(plan: Plan, basis: Basis, reader: Reader) -> LiveState:
    """Read the account again, and check all that a plan relies on.

    Returns:
        The account as it is now.

    Raises:
        RefusedError: the plan does not hold any more; nothing was written.
        TargetError: the account could not be read whole.
    """
    live = read_back(basis, reader)
    if found := moved(plan, basis, live):
        raise RefusedError(*found)
    return live


def _unused(entry: Acknowledgement, steps: Iterable[ManualStep]) -> Diagnostic:
    if any(step.id == entry.step for step in steps):
        return Diagnostic(
            code="stale-acknowledgement",
            summary=f'the API itself shows whether "{entry.step}" is done',
            span=entry.span,
            hint="remove the entry; the plan ticks the step off once it is done",
            severity=Severity.WARNING,
        )
    return Diagnostic(
        code="stale-acknowledgement",
        summary=f'no manual step "{entry.step}" is waiting to be acknowledged',
        span=entry.span,
        hint="remove the entry, or look in the plan for the step's new id",
        severity=Severity.WARNING,
    )
