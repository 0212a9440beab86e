"""Making a plan: live state is read, compared with the project, and the cost is counted."""

from dataclasses import dataclass

from provisioner.address import Kind
from provisioner.app.project import Project
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Severity,
    has_errors,
    in_order,
)
from provisioner.execution.graph import Graph
from provisioner.execution.steps import Step, build_graph, count_requests
from provisioner.live.reader import Reader
from provisioner.live.state import LiveState
from provisioner.model.settings import Acknowledgement, Undeclared
from provisioner.planning.changes import Change
from provisioner.planning.diff import diff, undeclared
from provisioner.planning.manual import ManualStep, acknowledge, divide, name_roles
from provisioner.planning.plan import Plan, Requests


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made from and what an apply would do.

    Attributes:
        plan: the plan.
        live: the snapshot that it is based on.
        graph: its steps, made from nothing but its changes.
        warnings: what is odd but no obstacle.
    """

    plan: Plan
    live: LiveState
    graph: Graph[Step]
    warnings: tuple[Diagnostic, ...] = ()


def make_plan(project: Project, reader: Reader, *, target: str, per_minute: int) -> Planned:
    """Read the account and plan. It has no means to write.

    Args:
        project: without errors.
        reader: of the account.
        target: the account's name in the project.
        per_minute: the limit of requests that an apply counts against; 0 is none.

    Raises:
        TargetError: the account could not be read whole.
        InvalidProjectError: the project does not fit the account.
    """
    settings = project.settings
    live, changes, steps = compare(project, reader.read(), target)
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
            if settings.undeclared[kind] is Undeclared.REPORT
            for existing in undeclared(project.desired, live, kind)
        ),
        snapshot=live.fingerprint,
        requests=Requests(
            read=live.requests,
            by_operation=count_requests(graph),
            verify=live.requests if graph.nodes else 0,
            per_minute=per_minute,
        ),
    )
    return Planned(plan, live, graph, tuple(map(_unused, unused)))


def compare(
    project: Project, live: LiveState, target: str
) -> tuple[LiveState, tuple[Change, ...], tuple[ManualStep, ...]]:
    """Compare a project with live state.

    Returns:
        The live state with its roles named, what an apply can change, and what a person has to.

    Raises:
        InvalidProjectError: the project does not fit the account.
    """
    role_ids = project.settings.role_ids_of(target)
    live = name_roles(live, role_ids, project.desired)
    changes, findings = diff(project.desired, live)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    return live, *divide(changes, project.desired, live, role_ids)


def _unused(entry: Acknowledgement) -> Diagnostic:
    return Diagnostic(
        code="stale-acknowledgement",
        summary=f'no manual step "{entry.step}" is waiting to be acknowledged',
        span=entry.span,
        hint="remove the entry, or look in the plan for the step's new id",
        severity=Severity.WARNING,
    )
