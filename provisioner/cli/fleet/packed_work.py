"""Tasks for other machines: a task goes with the files of its project, and without any key."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from provisioner.app.open_project import ProjectRoot
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.fleet.account_places import in_fleet
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, TargetError
from provisioner.fleet.account_task import AccountResult, AccountTask, failed_account
from provisioner.fleet.engines.dask import run_dask
from provisioner.fleet.engines.local import Finished
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.project_content import (
    NO_CONTENT,
    PackingRules,
    ProjectContent,
    packed,
    unpacked,
)
from provisioner.git.checkout import shared_files

MOST_OF_BATCH = 5
"""The most tasks with snapshots that are sent together."""

MOST_BYTES_OF_BATCH = 1024**2
"""The compressed bytes after which a batch is sent: large accounts go alone."""


@dataclass(frozen=True, slots=True)
class PackedTask:
    """A task with the files of its project.

    Attributes:
        function: the work for the task.
        task: the task; its folders mean nothing on another machine.
        content: the files.
    """

    function: Callable[[AccountTask], AccountResult]
    task: AccountTask
    content: ProjectContent = field(repr=False)


def work_packed(packed_task: PackedTask) -> AccountResult:
    """Do the work for a task in a private temporary folder with its files."""
    task = packed_task.task
    with unpacked(packed_task.content, task.account.project) as (folder, snapshot):
        return packed_task.function(replace(task, folder=str(folder), snapshot=snapshot))


def work_batch(batch: tuple[PackedTask, ...]) -> tuple[AccountResult, ...]:
    """Do the work for several tasks, one after the other."""
    return tuple(map(work_packed, batch))


def batches(
    tasks: Iterable[PackedTask | Finished[PackedTask, AccountResult]],
) -> Iterator[tuple[PackedTask, ...] | Finished[tuple[PackedTask, ...], tuple[AccountResult, ...]]]:
    """Yield tasks in batches, because each one that is sent takes about 10 ms in all processes.

    Only tasks with a snapshot are put together: another one waits for its account much longer.
    """
    batch: list[PackedTask] = []
    for task in tasks:
        if isinstance(task, Finished):
            yield Finished((task.task,), (task.result,) if task.result else None)
            continue
        batch.append(task)
        if (
            not task.task.snapshot
            or len(batch) == MOST_OF_BATCH
            or sum(one.content.size for one in batch) > MOST_BYTES_OF_BATCH
        ):
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def run_packed(
    engine: str,
    fleet: Fleet,
    function: Callable[[AccountTask], AccountResult],
    tasks: Iterable[AccountTask],
    jobs: int,
) -> Iterator[Finished[AccountTask, AccountResult]]:
    """Run tasks on the workers of a Dask scheduler, and yield them as they end.

    An account with files that can't be sent has failed.

    Args:
        engine: the address of the scheduler.
        fleet: the fleet.
        function: the work for a task; it is repeated if a worker is lost, so it writes nothing.
        tasks: the tasks.
        jobs: the most tasks that are sent and have not ended.

    Raises:
        TargetError: the scheduler can't be used.
    """
    packer = Packer(fleet)

    def packing() -> Iterator[PackedTask | Finished[PackedTask, AccountResult]]:
        for task in tasks:
            try:
                yield PackedTask(function, task, packer.content(task.account, task.snapshot))
            except ProvisionerError as error:
                errors = in_fleet(error.diagnostics, task.account.project)
                result = failed_account(task.account, *errors, exit_code=error.exit_code)
                yield Finished(PackedTask(function, task, NO_CONTENT), result)

    lost: dict[str, PackedTask] = {}
    reason = ""
    for finished in run_dask(work_batch, batches(packing()), jobs, engine, repeatable=True):
        if finished.result is None and len(finished.task) > 1:
            # One of them may have ended the worker: the others must not be lost with it.
            lost |= {one.task.account.name: one for one in finished.task}
            reason = finished.reason
        else:
            yield from _each(finished)
    if lost:
        alone: list[tuple[PackedTask, ...]] = [(one,) for one in lost.values()]
        with suppress(TargetError):  # the scheduler is lost, too
            for finished in run_dask(work_batch, alone, jobs, engine, repeatable=True):
                del lost[finished.task[0].task.account.name]
                yield from _each(finished)
        for packed_task in lost.values():
            yield Finished(packed_task.task, None, reason)


def _each(
    finished: Finished[tuple[PackedTask, ...], tuple[AccountResult, ...]],
) -> Iterator[Finished[AccountTask, AccountResult]]:
    results = finished.result or (None,) * len(finished.task)
    for packed_task, result in zip(finished.task, results, strict=True):
        yield Finished(packed_task.task, result, finished.reason)


class Packer:
    """Collects the files of projects, and knows the files with keys of the whole fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def opened(self, account: FleetAccount) -> ProjectRoot:
        """Return the settings of an account's project.

        Raises:
            InvalidProjectError: they have errors.
        """
        opened = self._opened[account.project]
        if isinstance(opened, InvalidProjectError):
            raise opened
        return opened

    def content(self, account: FleetAccount, snapshot: str = "") -> ProjectContent:
        """Return the files of an account's project.

        `snapshot` is a file that replaces the account; "" for none.

        Raises:
            InvalidProjectError: they can't be sent.
        """
        opened = self.opened(account)
        root = opened.root
        rules = PackingRules(opened.settings.selection, shared_files(root), self._key_files)
        try:
            return packed(self._fleet.folder, account.project, rules, snapshot)
        except OSError as error:
            summary = f"its files can't be sent: {error.strerror or error}"
            found = Diagnostic(code="file-unreadable", summary=summary)
            raise InvalidProjectError(found) from error

    @cached_property
    def _opened(self) -> dict[str, ProjectRoot | InvalidProjectError]:
        """Project to its settings, or to their errors."""
        opened: dict[str, ProjectRoot | InvalidProjectError] = {}
        for account in self._fleet.accounts:
            try:
                root = self._fleet.folder / account.project
                opened[account.project] = open_project_root(root, acknowledged=False)
            except InvalidProjectError as error:
                opened[account.project] = error
        return opened

    @cached_property
    def _key_files(self) -> frozenset[Path]:
        """The files with the keys of all accounts: a shared folder may have those of others."""
        return frozenset(
            Path(os.path.realpath(one.root / target.api_key[1]))
            for one in self._opened.values()
            if isinstance(one, ProjectRoot)
            for target in one.settings.targets.values()
            if target.api_key[0] == "file"
        )
