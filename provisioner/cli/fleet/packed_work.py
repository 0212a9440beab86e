"""Tasks for other machines: a task goes with the files of its project, and without any key."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from provisioner.app.open_project import ProjectRoot
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.fleet.account_places import in_fleet
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError
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

    for finished in run_dask(work_packed, packing(), jobs, engine, repeatable=True):
        yield Finished(finished.task.task, finished.result, finished.reason)


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
