"""Applies one project: the same for `apply` and for an account of a fleet."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from provisioner.app.account_reading import check_names_again, check_still_true
from provisioner.app.apply_plan import ExecutablePlan
from provisioner.app.make_plan import make_plan
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.files.earlier_versions import applied_files
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.run.exclusive_run import exclusive_run
from provisioner.cli.run.freeze_check import NOTHING_ALLOWED, Allowances
from provisioner.execution.workers import CONCURRENCY
from provisioner.fleet.stop_request import StopRequest
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.scope import Scope
from provisioner.runs.record import Actor


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """What is applied, and how.

    Attributes:
        path: the project's folder.
        target: the target's name; None for the project's default.
        allowed: the allowances of the run.
        scope: the part of the project to apply.
        at: the day of the values; None for today.
        lock_timeout: the seconds to wait for another run on the target.
        parallelism: how many requests may run at a time.
        starter: who has started the run on another machine; None for this process.
    """

    path: str
    target: str | None = None
    allowed: Allowances = NOTHING_ALLOWED
    scope: Scope = field(default_factory=Scope)
    at: date | None = None
    lock_timeout: float = 0
    parallelism: int = CONCURRENCY
    starter: Actor | None = None


def apply_project(
    invocation: Invocation,
    request: ApplyRequest,
    *,
    yes: bool,
    check_plan: Callable[[Plan], None] = lambda _: None,
) -> int:
    """Plan a project, apply the plan if it is confirmed, and return the exit code.

    Args:
        invocation: the output; it gets the exit code before the first write.
        request: what to apply.
        yes: whether to write without asking.
        check_plan: raises an error for a plan that must not be applied.

    Raises:
        ProvisionerError: nothing was written, unless the exit code of the invocation is fixed.
    """
    console, path = invocation.console, request.path
    project = open_project(Path(path), request.at)
    parallelism, allowed = request.parallelism, request.allowed
    with (
        connect(console, project, request.target, parallelism=parallelism) as connection,
        _waiting(connection, invocation.stop),
        exclusive_run(
            invocation,
            project,
            connection,
            request.lock_timeout,
            allowed=allowed,
            starter=request.starter,
        ) as run,
    ):
        reader = LiveAgentReader(connection.client)
        options = replace(
            connection.plan_options(allowed.numbers, request.scope),
            unfinished=run.unfinished,
            recorded=run.recorded,
            applied=partial(run.store.applied, connection.name, connection.url),
            applied_files=applied_files(project.root, run.applied),
        )
        planned = make_plan(project, reader, options)
        console.print_diagnostics(planned.warnings, path)
        check_plan(planned.plan)
        if not run.confirm(planned.plan, yes=yes):
            return Exit.ERROR
        live = planned.live
        if not yes and planned.plan.effective:
            live = check_still_true(planned.plan, planned.basis, reader)
            check_names_again(planned.plan, reader)
        return run.apply(ExecutablePlan.of(planned, live))


def _waiting(connection: Connection, stop: StopRequest | None) -> AbstractContextManager[None]:
    """Make requests wait for a limit only until somebody asks the run to stop."""
    return stop.listening(connection.client.stop) if stop else nullcontext()
