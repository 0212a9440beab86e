"""Plan files: written whole or not at all, and read with the place they belong to."""

import json
import os
from dataclasses import replace
from pathlib import Path

from provisioner.app.make_plan import Planned
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.opening import open_project_root
from provisioner.cli.files.private_files import is_stream, write_private
from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.documents.files.saved_json import read_saved
from provisioner.model.effective import effective_policy
from provisioner.model.settings import ENVIRONMENT, Settings
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_file import load, save
from provisioner.planning.plans.policy_changes import differing


def write_plan(file: Path, planned: Planned, project: Path) -> None:
    """Write a plan to a file.

    Args:
        file: where to.
        planned: the plan.
        project: the folder that it was made from; the file remembers the way to it, a pipe or
            device the way from the current folder.

    Raises:
        ProvisionerError: the file can't be written; what was there is still there.
    """
    here = Path.cwd() if is_stream(file) else Path(os.path.realpath(file)).parent
    way = Path(os.path.relpath(os.path.realpath(project), here)).as_posix()
    basis = replace(planned.basis, project=way)
    write_private(
        file,  # A lone surrogate in an account's text is no UTF-8; JSON can spell it out.
        save(planned.plan, basis).encode(errors="backslashreplace"),
    )


def read_plan(file: Path) -> tuple[Plan, Basis, ProjectRoot]:
    """Read a plan file.

    Returns:
        The plan, what it relies on, and the project that it was made from, as far as it is here.

    Raises:
        RefusedError: it is no plan file, or was changed since it was saved.
        ProvisionerError: it can't be read.
    """
    try:
        content = read_saved(file)
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="plan-file",
                summary=f"{file} can't be read as a plan: {error.strerror}",
                hint="name a file that provisioner plan --out wrote",
            )
        ) from error
    plan, basis = load(content)
    return plan, basis, _place(plan, Path(os.path.realpath(file)).parent / basis.project)


def stale_policy(plan: Plan, api_key: str, place: ProjectRoot) -> list[Diagnostic]:
    """Return which settings have changed since a plan was made; nothing if it still holds.

    Args:
        plan: the plan.
        api_key: where the key of its account comes from now.
        place: the project that it was made from.
    """
    if place.root == Path():
        return []  # the project is not here; the target is one of the environment
    before = {"account": {"api_key": plan.account.api_key}, "policy": dict(plan.policy)}
    policy = effective_policy(place.settings, plan.target)
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


def _place(plan: Plan, project: Path) -> ProjectRoot:
    """Return where the plan's target is defined: in its project, or in the environment."""
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
