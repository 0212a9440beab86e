"""Making a plan: live state is read, compared with the project, and the cost is counted."""

from dataclasses import dataclass

from provisioner.address import Kind
from provisioner.app.project import Project
from provisioner.diagnostics import InvalidProjectError, has_errors, in_order
from provisioner.execution.graph import Graph
from provisioner.execution.steps import Step, build_graph, count_requests
from provisioner.live.reader import Reader
from provisioner.live.state import LiveState
from provisioner.model.settings import Undeclared
from provisioner.planning.diff import diff, undeclared
from provisioner.planning.plan import Plan, Requests


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made from and what an apply would do.

    Attributes:
        plan: the plan.
        live: the snapshot that it is based on.
        graph: its steps, made from nothing but its changes.
    """

    plan: Plan
    live: LiveState
    graph: Graph[Step]


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
    live = reader.read()
    changes, findings = diff(project.desired, live)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    graph = build_graph(changes)
    plan = Plan(
        target=target,
        changes=changes,
        undeclared=tuple(
            existing
            for kind in Kind
            if project.settings.undeclared[kind] is Undeclared.REPORT
            for existing in undeclared(project.desired, live, kind)
        ),
        snapshot=live.fingerprint,
        requests=Requests(count_requests(graph), per_minute),
    )
    return Planned(plan, live, graph)
