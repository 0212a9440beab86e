"""Making a plan: live state is read, compared with the project, and the cost is counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

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
from provisioner.execution.graph import Graph
from provisioner.execution.steps import Step, build_graph, count_requests
from provisioner.live.reader import Reader
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Acknowledgement, Settings, Undeclared
from provisioner.planning.changes import Change
from provisioner.planning.diff import deletion, diff, undeclared
from provisioner.planning.divide import divide
from provisioner.planning.manual import acknowledge
from provisioner.planning.plan import Plan, Requests
from provisioner.planning.risk import Rights, risks
from provisioner.planning.roles import name_roles
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
class Planned:
    """A plan with what it was made from and what an apply would do.

    Attributes:
        plan: the plan.
        desired: what the project declares for the target.
        live: the snapshot that it is based on.
        graph: its steps, made from nothing but its changes.
        warnings: what is odd but no obstacle.
    """

    plan: Plan
    desired: DesiredState
    live: LiveState
    graph: Graph[Step]
    warnings: tuple[Diagnostic, ...] = ()


def make_plan(
    project: Project,
    reader: Reader,
    *,
    target: str,
    per_minute: int,
    allowed: Mapping[str, int] | None = None,
    scope: Scope = Scope(),  # noqa: B008  frozen
) -> Planned:
    """Read the account and plan. It has no means to write.

    Args:
        project: without errors.
        reader: of the account.
        target: the account's name in the project.
        per_minute: the limit of requests that an apply counts against; 0 is none.
        scope: which part of the project the run is about.
        allowed: how far the run may go past the guards: `deletes`, `updates`, `unmatched`.

    Raises:
        TargetError: the account could not be read whole.
        InvalidProjectError: the project does not fit the account.
    """
    settings = project.settings
    desired = project.desired_for(target)
    role_ids = settings.role_ids_of(target)
    snapshot = reader.read(hours_of=_with_hours(desired))
    account = snapshot.account.completed(settings.account)
    live = name_roles(replace(snapshot, account=account), role_ids, desired)
    changes, findings = diff(desired, live, LeftAlone(settings.initial, settings.ignored))
    findings += account_rules(desired, live)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    changes = (*changes, *_undeclared_deletions(desired, live, settings))
    findings += unmatched_selectors(changes, scope)
    if has_errors(findings):
        raise UsageError(*in_order(findings))
    if scope.partial:
        findings.append(partial_plan(scope))
    changes = selected(changes, scope)
    changes, steps = divide(changes, desired, live, role_ids)
    rights = Rights(changes, live)
    changes = tuple(
        sorted(
            (replace(change, risk=risks(change, rights)) for change in changes),
            key=lambda change: str(change.address),
        )
    )
    safety = Safety(settings.guards, settings.protection, allowed or {})
    steps, unused = acknowledge(steps, settings.acknowledged, target)
    graph = build_graph(changes)
    plan = Plan(
        target=target,
        surface=live.surface,
        changes=changes,
        manual_steps=steps,
        undeclared=tuple(
            existing
            for kind in Kind
            if settings.undeclared[kind] is not Undeclared.IGNORE
            for existing in undeclared(desired, live, kind)
            if existing.address not in {change.address for change in changes}
        ),
        refused=tuple(in_order(refusals(changes, desired, live, safety))),
        snapshot=snapshot.fingerprint,
        requests=Requests(
            read=live.requests,
            by_operation=count_requests(graph),
            verify=live.requests if graph.nodes else 0,
            per_minute=per_minute,
        ),
    )
    warnings = in_order([*findings, *map(_unused, unused)])
    return Planned(plan, desired, live, graph, tuple(warnings))


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


def read_back(planned: Planned, reader: Reader) -> LiveState:
    """Read the account again as the plan did.

    Raises:
        TargetError: the account could not be read whole.
    """
    return reader.read(hours_of=_with_hours(planned.desired))


def check_still_true(planned: Planned, reader: Reader) -> None:
    """Check that the account is still as the plan says, after somebody took time to read it.

    Raises:
        RefusedError: it is not; nothing was written.
        TargetError: the account could not be read whole.
    """
    now = read_back(planned, reader)
    if now.fingerprint != planned.plan.snapshot:
        raise RefusedError(
            Diagnostic(
                code="stale-plan",
                summary="the account changed while the plan was being looked at",
                hint="run apply again and look at the new plan",
            )
        )


def _with_hours(desired: DesiredState) -> frozenset[str]:
    return frozenset(
        resource.address.key for resource in desired.of(Kind.AGENT) if resource.hours is not None
    )


def _unused(entry: Acknowledgement) -> Diagnostic:
    return Diagnostic(
        code="stale-acknowledgement",
        summary=f'no manual step "{entry.step}" is waiting to be acknowledged',
        span=entry.span,
        hint="remove the entry, or look in the plan for the step's new id",
        severity=Severity.WARNING,
    )
