"""Writes plan files, and reads them together with the project that they were made from."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.app.make_plan import Planned
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.private_files import is_stream, write_private
from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.documents.files.saved_json import read_saved, unreadable_file
from provisioner.model.effective import effective_policy
from provisioner.model.settings import ENVIRONMENT, Settings
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_file import load, save
from provisioner.planning.plans.policy_changes import differing
from provisioner.planning.plans.revision import Revision
from provisioner.planning.plans.written_digest import read_plan_data, written_digest


def write_plan(file: Path, planned: Planned, project: Path, revision: Revision) -> None:
    """Write a plan to a file.

    Args:
        file: the file to write.
        planned: the plan.
        project: the folder that it was made from. The plan holds the relative path to it: from the
            file's folder, or from the current one if the file is a pipe or a device.
        revision: the commit of the project's files.

    Raises:
        ProvisionerError: the file can't be written; an existing one is unchanged.
    """
    here = Path.cwd() if is_stream(file) else Path(os.path.realpath(file)).parent
    relative = Path(os.path.relpath(os.path.realpath(project), here)).as_posix()
    lines = save(planned.plan, replace(planned.basis, project=relative, revision=revision))
    # A lone surrogate in an account's text has no UTF-8 form; JSON can spell it out.
    write_private(file, (line.encode(errors="backslashreplace") for line in lines))


def read_plan(file: Path) -> tuple[Plan, Basis, ProjectRoot]:
    """Read a plan file.

    Returns:
        The plan, its basis, and the settings of the project that it was made from.

    Raises:
        RefusedError: it is not a plan file, was changed since it was saved, or its project is not
            where the file expects it.
        ProvisionerError: it can't be read.
    """
    plan, basis = load(_content(file))
    return plan, basis, _project_root(plan, Path(os.path.realpath(file)).parent / basis.project)


def digest_of_files(file: str, reviewed: str | None = None) -> str:
    """Return the digest of what a saved plan writes; see `written_digest`.

    Neither file needs its project. `reviewed` is the plan that was reviewed, if there is one.

    Raises:
        RefusedError: one of them is no plan, or was changed since it was written.
        ProvisionerError: one of them can't be read.
    """
    return written_digest(saved_data(file), saved_data(reviewed) if reviewed else None)


def saved_data(file: str) -> Mapping[str, Any]:
    """Return the data of a saved plan, without its project; see `digest_of_files` for errors."""
    return read_plan_data(_content(Path(file)), file)


def _content(file: Path) -> bytes:
    try:
        return read_saved(file)
    except OSError as error:
        problem = unreadable_file(file, error, "plan-file", "provisioner plan --out")
        raise ProvisionerError(problem) from error


def stale_policy(plan: Plan, api_key: str, project: ProjectRoot) -> list[Diagnostic]:
    """Return an error for each setting that has changed since a plan was made."""
    if project.root == Path():
        return []  # no project: the environment defines the target
    before = {"account": {"api_key": plan.account.api_key}, "policy": dict(plan.policy)}
    policy = effective_policy(project.settings, plan.target)
    after = {"account": {"api_key": api_key}, "policy": policy}
    return [
        Diagnostic(
            code="stale-plan",
            summary=f"{change.path} was {_json(change.before)} and is {_json(change.after)}",
            hint="make a new plan and look at it again",
        )
        for change in differing(before, after)
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _project_root(plan: Plan, project: Path) -> ProjectRoot:
    """Return the project of a plan, or an empty one if the environment defines the target."""
    if project.is_dir():
        return open_project_root(project)
    if plan.target == ENVIRONMENT:
        return ProjectRoot(Path(), Settings())
    raise RefusedError(
        Diagnostic(
            code="plan-file",
            summary=f'the project that the plan was made from is not at "{project}"',
            hint="keep the plan file and the project where they were to each other",
        )
    )
