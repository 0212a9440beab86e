"""The earlier state that drift is compared with: a commit, the last apply, or records of runs."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project
from provisioner.cli.console.output import Console
from provisioner.cli.files.branch import open_branch
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.planning.attribution.three_way import EarlierValue, values_of_records
from provisioner.runs.record import Ending, Run
from provisioner.runs.store import RunStore


class EarlierState(NamedTuple):
    """A state that files and account once had in common.

    Attributes:
        label: what it is, such as `run 14` or `origin/main`.
        state: the project at its commit, or the values that runs wrote.
    """

    label: str
    state: Project | EarlierValue


def earlier_state(
    console: Console, project: Project, options: PlanOptions, since: str | None
) -> EarlierState | None:
    """Return the earlier state to attribute drift by; None if there is none.

    Without a commit it is the last complete apply: its commit, if the repository has it and no
    file was changed at that time, or else the values that all runs wrote.

    Args:
        console: for the warning that the files of the commit can't be used.
        project: the project.
        options: options of the planning run, with the account.
        since: a commit, branch or tag; None for the last apply.

    Raises:
        ProvisionerError: there is no such commit.
    """
    if since is not None:
        branch = open_branch(console, project.root, since)
        return EarlierState(since, branch.earlier) if branch.earlier else None
    runs = [*_runs(project, options)]
    last = next((run for run in runs if run.ending is Ending.COMPLETE), None)
    if last is None:
        return None
    label = f"run {last.id}"
    commit = last.actor.commit
    if last.command == "apply" and commit and not commit.endswith("+"):
        with suppress(ProvisionerError):
            branch = open_branch(console, project.root, commit)
            if branch.earlier:
                return EarlierState(label, branch.earlier)
    earlier = values_of_records(run.touched() for run in reversed(runs))
    return EarlierState(label, earlier)


def _runs(project: Project, options: PlanOptions) -> Iterator[Run]:
    """Yield the readable runs on the account, the latest first."""
    for run in RunStore(existing_workspace(project.root)).all():
        if not isinstance(run, Diagnostic) and (run.target, run.url) == (
            options.target,
            options.url,
        ):
            yield run
