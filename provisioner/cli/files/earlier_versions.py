"""Opens earlier versions of a project: its files at a commit, or at the last complete apply."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from provisioner.app.comparison import Branch, base_unusable
from provisioner.app.earlier_files import files_of_project
from provisioner.app.make_plan import PlanOptions
from provisioner.app.open_project import Project, validate
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project, today
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    ProvisionerError,
    Severity,
    has_errors,
)
from provisioner.git.history import GitHistory, LineHistory
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings
from provisioner.planning.access.access_list import LineCommits, NoCommits
from provisioner.planning.access.managed import EarlierFiles, files_of_record
from provisioner.planning.attribution.three_way import EarlierValue, values_of_records
from provisioner.planning.plans.plan_data import Base
from provisioner.planning.plans.revision import Version
from provisioner.runs.record import Ending, Run
from provisioner.runs.store import RunStore

_NO_PROJECT = frozenset({"path-missing", "empty-project"})
"""Errors of a version from before the project existed."""


def _validated(write: Callable[[Path], Path]) -> Project:
    """Return a project at a commit, with its findings.

    `write` writes the files of the commit into a folder, and returns the project's folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        return validate(write(top), lambda path: path.is_relative_to(top))


def _nothing_declared(root: Path) -> Project:
    return Project(root, Settings(), DesiredState({}), {}, ())


def open_branch(console: Console, root: Path, ref: str, day: date) -> Branch:
    """Return the branch of a project: its files at the base, and the commits since then.

    If the files of the base have errors, a warning is printed and the result has no earlier state:
    the branch may be the one that corrects them.

    `ref` is the branch that this one is to be merged into, and `day` the day of its values.

    Raises:
        ProvisionerError: there is no repository, or no such ref in it.
    """
    history = GitHistory(root, ref)
    base = Base(ref, history.base)
    earlier = _validated(history.write_base).on(day)
    if not has_errors(earlier.findings):
        return Branch(base, earlier, earlier.settings, history)
    if all(one.code in _NO_PROJECT for one in earlier.findings):
        nothing = _nothing_declared(root)
        return Branch(base, nothing, nothing.settings, history)
    console.print_diagnostics((base_unusable(base, earlier.findings),))
    return Branch(base, None, earlier.settings, history)


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

    `since` is a commit, branch or tag; None for the last apply.

    Raises:
        ProvisionerError: there is no such commit.
    """
    day = project.desired.day or today(project)
    if since is not None:
        branch = open_branch(console, project.root, since, day)
        return EarlierState(since, branch.earlier) if branch.earlier else None
    runs = [*_runs(project, options)]
    last = next((run for run in runs if run.ending is Ending.COMPLETE), None)
    if last is None:
        return None
    label = f"run {last.id}"
    commit = last.actor.commit
    if last.command == "apply" and commit and not commit.endswith("+"):
        with suppress(ProvisionerError):
            branch = open_branch(console, project.root, commit, day)
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


class ProjectVersion(NamedTuple):
    """A project at a version."""

    project: Project
    version: Version
    commits: LineCommits


def open_version(
    console: Console, root: Path, ref: str | None = None, at: date | None = None
) -> ProjectVersion:
    """Return a project without errors.

    Args:
        console: prints the errors of a commit.
        root: the folder of the project.
        ref: a commit, branch or tag; None for the files of the work tree.
        at: the day of its values; None for today.

    Raises:
        ProvisionerError: the files of the work tree have errors, or there is no such commit.
        Exit: the commit has errors; they are printed.
    """
    if ref is not None:
        history = LineHistory(root, ref)
        version = Version(ref, history.commit)
        with console.reporting("."):
            earlier = _at(root, history, ref)
        return ProjectVersion(earlier.on(at or today(earlier)), version, history)
    project = open_project(root, at)
    try:
        history = LineHistory(root)
    except ProvisionerError as error:
        return ProjectVersion(project, Version(), NoCommits(error.diagnostics[0].summary))
    return ProjectVersion(project, Version("", history.commit), history)


def _at(root: Path, history: LineHistory, ref: str) -> Project:
    """Return a project at a commit. Its findings name files as git does: `v1.0:team.yaml`.

    Raises:
        InvalidProjectError: it has errors.
    """
    project = _validated(history.write_files)
    errors = [
        one
        for one in project.findings
        if one.severity is Severity.ERROR and one not in project.unusable
    ]
    if errors and all(one.code in _NO_PROJECT for one in errors):
        return _nothing_declared(root)
    findings = tuple(_of_revision(project, f"{ref}:{history.prefix}"))
    if errors:
        number = f"{len(errors)} error{'s' if len(errors) > 1 else ''}"
        unusable = Diagnostic(
            code="version-unusable",
            summary=f"the project at {ref} ({history.commit[:8]}) has {number}",
            hint="name a version without errors",
        )
        raise InvalidProjectError(unusable, *findings)
    return replace(project, findings=findings)


def _of_revision(project: Project, prefix: str) -> Iterator[Diagnostic]:
    """Yield the usable findings of a project, with a prefix before the name of each file."""
    for one in project.findings:
        if one in project.unusable:
            continue
        related = tuple(
            (label, replace(span, file=prefix + span.file)) for label, span in one.related
        )
        span = one.span and replace(one.span, file=prefix + one.span.file)
        yield replace(one, span=span, related=related)


def applied_files(root: Path, run: Run | None) -> EarlierFiles | None:
    """Return the files of the last complete apply; None if they are unknown.

    Records of older versions lack what the files set. For them the files are read from the commit
    of the run, if it had no other changes and the repository still has it.
    """
    if run is None:
        return None
    commit = run.actor.commit
    is_clean = bool(commit) and not commit.endswith("+")
    if run.managed is not None:
        return files_of_record(run.managed, commit if is_clean else f"run {run.id}")
    return _files_at(root, commit, run.target) if is_clean else None


def _files_at(root: Path, commit: str, target: str) -> EarlierFiles | None:
    try:
        project = _validated(LineHistory(root, commit).write_files)
    except ProvisionerError:
        return None
    if has_errors(project.findings):
        return None
    return files_of_project(project.on(today(project)), target, commit)
