"""Making a plan: live state is read, compared with the project, and the cost is counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from provisioner.address import Kind
from provisioner.app.project import Project
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    RefusedError,
    Severity,
    UsageError,
    has_errors,
    in_order,
)
from provisioner.documents.attachments import Attachment, load_photo
from provisioner.execution.cost import count_requests
from provisioner.execution.steps import build_graph
from provisioner.live.reader import Reader, pages
from provisioner.live.state import LiveObject, LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.kinds import SERVICES
from provisioner.model.settings import Acknowledgement, Settings, Undeclared
from provisioner.planning.changes import Action, Change
from provisioner.planning.coverage import cover
from provisioner.planning.diff import deletion, diff, undeclared
from provisioner.planning.divide import divide
from provisioner.planning.manual import ManualStep, acknowledge
from provisioner.planning.matching import match, rename
from provisioner.planning.plan import Plan, Requests
from provisioner.planning.planfile import Basis, basis_of, moved
from provisioner.planning.risk import Rights, risks
from provisioner.planning.roles import name_roles, names_of
from provisioner.planning.rules import account_rules
from provisioner.planning.safety import DEFAULT_DEPARTMENT, Safety, refusals, untouchable
from provisioner.planning.scope import (
    LeftAlone,
    Scope,
    partial_plan,
    selected,
    unmatched_selectors,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked for.

    Attributes:
        target: the account's name in the project.
        per_minute: the limit of requests that an apply counts against; 0 is none.
        url: the account's address; "" for the embedded sandbox.
        allowed: how far the run may go past the guards: `deletes`, `updates`, `unmatched`.
        scope: which part of the project the run is about.
    """

    target: str
    per_minute: int = 0
    url: str = ""
    allowed: Mapping[str, int] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)


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


def make_plan(project: Project, reader: Reader, request: Request) -> Planned:
    """Read the account and plan. It has no means to write.

    Raises:
        TargetError: the account could not be read whole.
        InvalidProjectError: the project does not fit the account.
        UsageError: the scope names nothing.
    """
    settings, target = project.settings, request.target
    desired = project.desired_for(target)
    role_ids = settings.role_ids_of(target)
    names = names_of(role_ids, desired)
    hours_of = _with_hours(desired)
    snapshot = reader.read(hours_of=hours_of)
    account = snapshot.account.completed(settings.account)
    live = name_roles(replace(snapshot, account=account), names)
    renames, unclear = match(desired, live, settings.moves)
    if unclear:
        raise InvalidProjectError(*in_order(unclear))
    live = rename(live, renames)
    changes, findings = _changes(settings, desired, live, request.scope)
    changes, steps = divide(changes, desired, live, role_ids)
    changes = _with_risk(changes, live)
    steps, unused = acknowledge(steps, settings.acknowledged, target)
    safety = Safety(settings.guards, settings.protection, request.allowed)
    plan = Plan(
        target=target,
        surface=live.surface,
        changes=changes,
        manual_steps=steps,
        undeclared=_left(desired, live, settings, changes),
        refused=tuple(in_order(refusals(changes, desired, live, safety))),
        snapshot=snapshot.fingerprint,
        requests=_requests(changes, live, hours_of, request.per_minute),
        coverage=cover(live, changes),
    )
    photos = _attachments(project, desired, changes)
    basis = basis_of(
        plan,
        live,
        roles=names,
        hours_of=hours_of,
        attachments=photos,
        url=request.url,
        renames=renames,
    )
    findings += [_unused(entry, steps) for entry in unused]
    return Planned(plan, basis, live, tuple(in_order(findings)))


def _changes(
    settings: Settings, desired: DesiredState, live: LiveState, scope: Scope
) -> tuple[tuple[Change, ...], list[Diagnostic]]:
    """Compare, and return the selected changes with warnings; an error ends the run."""
    changes, findings = diff(desired, live, LeftAlone(settings.initial, settings.ignored))
    findings += account_rules(desired, live, changes)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    changes = (*changes, *_undeclared_deletions(desired, live, settings))
    if unmatched := [*unmatched_selectors(changes, scope)]:
        raise UsageError(*unmatched)
    if scope.partial:
        findings.append(partial_plan(scope))
    return selected(changes, scope), findings


def _with_risk(changes: tuple[Change, ...], live: LiveState) -> tuple[Change, ...]:
    rights = Rights(changes, live)
    told = (replace(change, risk=risks(change, rights)) for change in changes)
    return tuple(sorted(told, key=lambda change: str(change.address)))


def _requests(
    changes: tuple[Change, ...], live: LiveState, hours_of: frozenset[str], per_minute: int
) -> Requests:
    """Count what an apply takes; new agents lengthen what is read back."""
    graph = build_graph(changes)
    before = Counter(kind for kind, _ in live.objects)
    created = [change.address for change in changes if change.action is Action.CREATE]
    after = before + Counter(address.kind for address in created)
    longer = sum(
        pages(after[kind] * times) - pages(before[kind] * times)
        for kind, times in _LISTS[live.surface]
    )
    if live.surface is Surface.V3:
        # Hours are read device by device: before for all who declare some, after where written.
        before_hours = {key for kind, key in live.objects if kind is Kind.AGENT} & hours_of
        written = written_hours(changes)
        longer += len(SERVICES) * (len(written) - len(before_hours))
        longer -= bool(hours_of) and not written
    return Requests(
        read=live.requests,
        by_operation=count_requests(graph, after[Kind.AGENT]),
        verify=live.requests + longer if graph.nodes else 0,
        per_minute=per_minute,
    )


_LISTS = {
    Surface.V3: ((Kind.AGENT, 1), (Kind.AGENT, len(SERVICES)), (Kind.DEPARTMENT, 1)),
    Surface.FULL: (
        (Kind.AGENT, 1),
        (Kind.AGENT, 1),
        (Kind.AGENT, len(SERVICES)),
        (Kind.DEPARTMENT, 1),
        (Kind.ROLE, 1),
    ),
}
"""The lists that are read in numbered pages: whose rows they hold, and how many for each object."""


def _attachments(
    project: Project, desired: DesiredState, changes: tuple[Change, ...]
) -> dict[str, Attachment]:
    """Return the photos that a plan uploads.

    Raises:
        InvalidProjectError: a file has changed since the project was read.
    """
    after = [change.after or {} for change in changes if change.action is not Action.NO_OP]
    found = {}
    for digest in sorted({values.get("photo", "") for values in after} & desired.photos.keys()):
        photo = desired.photos[digest]
        file = load_photo(project.root, photo)
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


def _undeclared_deletions(
    desired: DesiredState, live: LiveState, settings: Settings
) -> Iterator[Change]:
    """Yield the deletions of what no file declares, where the project wants them.

    What must never be deleted stays, and is reported like anything undeclared.
    """
    for kind in Kind:
        if settings.undeclared[kind] is Undeclared.DELETE:
            for existing in undeclared(desired, live, kind):
                if not (
                    existing.id in {DEFAULT_DEPARTMENT, live.account.creator}
                    or untouchable(existing.address, live, settings.protection)
                ):
                    yield deletion(existing)


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
    live = name_roles(reader.read(hours_of=wanted), basis.roles)
    still = {old: new for old, new in basis.renames.items() if old in live.objects}
    return rename(live, still)


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


def _with_hours(desired: DesiredState) -> frozenset[str]:
    return frozenset(
        resource.address.key for resource in desired.of(Kind.AGENT) if resource.hours is not None
    )


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
