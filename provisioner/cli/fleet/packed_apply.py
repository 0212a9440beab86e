"""Applies accounts on other machines: a task goes with the files of its project, and no key."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from provisioner.cli.files.workspace import check_shared_records
from provisioner.cli.fleet.account_apply import apply_account
from provisioner.cli.fleet.account_places import in_fleet
from provisioner.cli.fleet.packed_work import Packer
from provisioner.cli.invocation import Exit
from provisioner.cli.run.shared_run import current_actor
from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult, ApplyTask
from provisioner.fleet.engines.dask import dask_engine
from provisioner.fleet.engines.local import Finished
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.project_content import NO_CONTENT, ProjectContent, unpacked
from provisioner.fleet.stop_request import StopRequest
from provisioner.model.settings import Settings

Applying: TypeAlias = Callable[[Iterable[ApplyTask]], Iterator[Finished[ApplyTask, ApplyResult]]]
"""Applies accounts, and yields them as they end."""


@dataclass(frozen=True, slots=True)
class PackedApply:
    """An apply with the files of its project.

    Attributes:
        task: the apply; its folder means nothing on another machine.
        content: the files.
    """

    task: ApplyTask
    content: ProjectContent = field(repr=False)


def apply_packed(packed: PackedApply, stop: StopRequest) -> ApplyResult:
    """Apply one account with its files in a private temporary folder; the work of a worker."""
    task = packed.task
    with unpacked(packed.content, task.account.project) as (folder, _):
        if problem := check_shared_records(folder / task.account.project):
            return _unapplied(task.account, (problem,), Exit.REFUSED)
        return apply_account(replace(task, folder=str(folder)), stop)


@contextmanager
def applying_on_workers(
    address: str, fleet: Fleet, jobs: int, stop: StopRequest
) -> Iterator[Applying]:
    """Yield a function that applies accounts on the workers of a Dask scheduler, each one once.

    An account with files that can't be sent has failed.

    Args:
        address: the address of the scheduler.
        fleet: the fleet.
        jobs: the most accounts that are applied at a time.
        stop: passed on to the workers when somebody asks to stop.

    Raises:
        TargetError: the scheduler can't be used.
    """
    packer = Packer(fleet)

    def packing(tasks: Iterable[ApplyTask]) -> Iterator[_Packed]:
        for task in tasks:
            try:
                project = packer.opened(task.account)
                if relative := _relative_lock(project.settings):
                    raise RefusedError(relative)
                starter = current_actor(project.root)
                content = packer.content(task.account)
            except ProvisionerError as error:
                result = _unapplied(task.account, error.diagnostics, error.exit_code)
                yield Finished(PackedApply(task, NO_CONTENT), result)
            else:
                yield PackedApply(replace(task, starter=starter), content)

    with dask_engine(address) as engine:

        def run(tasks: Iterable[ApplyTask]) -> Iterator[Finished[ApplyTask, ApplyResult]]:
            came = engine.run(apply_packed, packing(tasks), jobs, repeatable=False, stop=stop)
            for one in came:
                yield Finished(one.task.task, one.result, one.reason, begun=one.begun)

        yield run


def _relative_lock(settings: Settings) -> Diagnostic | None:
    """Return an error if each machine would have a shared lock of its own; None if not."""
    lock = settings.lock
    path = (lock.folder or lock.sqlite) if lock else ""
    if not path or os.path.isabs(path):  # noqa: PTH117  a text of a file
        return None
    own = settings.document if settings.document and "lock" in settings.document.data else None
    return Diagnostic(
        code="lock-place",
        summary=f"the shared lock in {path} is no place that all workers reach",
        span=own.span(("lock",)) if own else None,
        hint="name a git repository or an absolute path in lock, of provisioner.yaml or fleet.yaml",
    )


_Packed: TypeAlias = PackedApply | Finished[PackedApply, ApplyResult]


def _unapplied(account: FleetAccount, errors: Iterable[Diagnostic], exit_code: int) -> ApplyResult:
    """Return the result of an account to which nothing was written."""
    refused = exit_code == Exit.REFUSED
    outcome = AccountOutcome.REFUSED if refused else AccountOutcome.FAILED
    return ApplyResult(account, outcome, exit_code, errors=in_fleet(errors, account.project))
