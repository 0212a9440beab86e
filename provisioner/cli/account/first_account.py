"""The account that `init --from` begins with: its target, and the files that declare it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.app.exporting.account_export import Exported, ExportOptions, export_account
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import connect
from provisioner.cli.account.export_reading import (
    exported_target,
    read_for_export,
    recorded_facts,
    spelled_role_ids,
)
from provisioner.cli.account.targets import KEY_VARIABLE, URL_VARIABLE, find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.nearest_project import project_above
from provisioner.cli.files.opening import open_project_root
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Settings, Target
from provisioner.planning.roles import with_known_roles
from provisioner.suggestions import closest


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The account that a new project begins with.

    Attributes:
        exported: the files that declare it.
        target: its target in the new project; None for the embedded sandbox.
    """

    exported: Exported
    target: Target | None


def read_first_account(
    console: Console, root: Path, name: str, new_target: Target | None
) -> FirstAccount:
    """Read the account of a target, and return the files of a project that declares it.

    Args:
        console: for waits and warnings.
        root: the folder of the new project.
        name: the target's name: one of the project here, or of the environment.
        new_target: the target of that name, if no project declares it yet.

    Raises:
        TargetError: there is no such target, or it can't be read.
    """
    project = _with_target(console, root, name, new_target)
    with connect(console, project, name) as connection:
        recorded = recorded_facts(project, name, connection.url)
        role_ids = spelled_role_ids(project, name, recorded)
        reader = LiveAgentReader(connection.client)
        live = with_known_roles(read_for_export(reader, ()), role_ids)
        target = exported_target(project, name, root)
        options = ExportOptions(target=target, role_ids=role_ids)
        return FirstAccount(export_account(live, reader.photo, options), target)


def _with_target(console: Console, root: Path, name: str, new_target: Target | None) -> ProjectRoot:
    """Return settings that have the target."""
    if new_target:
        return ProjectRoot(root, Settings(targets={name: new_target}))
    project = open_project_root(Path(project_above(console)))
    targets = project.settings.targets
    if name in {SANDBOX, *targets}:
        return project
    if targets or URL_VARIABLE not in os.environ:
        raise TargetError(_unknown(name, [*targets]))
    if name == ENVIRONMENT:
        return project
    own = replace(find_target(Settings(), ENVIRONMENT), name=name)
    return ProjectRoot(project.root, replace(project.settings, targets={name: own}))


def _unknown(name: str, targets: list[str]) -> Diagnostic:
    new = f"for a new one, add --url, and --key-env unless its key is in {KEY_VARIABLE}"
    return Diagnostic(
        code="unknown-target",
        summary=f'no project here declares the target "{name}"',
        hint=f"{closest(name, targets)} {new}".strip(),
    )
