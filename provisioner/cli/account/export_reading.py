"""Reads an account for an export, or for the first files of `init --from`."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.address import fold
from provisioner.app.exporting.account_export import Exported, ExportOptions, export_account
from provisioner.app.open_project import Configured, ProjectRoot
from provisioner.cli.account.connection import connect
from provisioner.cli.account.targets import KEY_VARIABLE, URL_VARIABLE, find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project_root, project_above
from provisioner.cli.files.workspace import existing_workspace
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Settings, Target
from provisioner.planning.roles import with_known_roles
from provisioner.runs.store import RunStore
from provisioner.suggestions import closest

_AGENT = "agent/"

ENVIRONMENT_AS = "production"
"""The name of the environment's target in an exported project."""


def read_for_export(reader: Reader, only: tuple[str, ...]) -> LiveState:
    """Read an account with the hours of all agents, or only of those that are named by address."""
    emails = {fold(word.removeprefix(_AGENT)) for word in only if word.startswith(_AGENT)}
    is_exact = len(emails) == len(only) and not any("*" in one or "?" in one for one in emails)
    return reader.read(hours_of=emails if only and is_exact else None)


def recorded_facts(project: Configured, target: str, url: str) -> RecordedFacts:
    """Return what runs have learned of an account."""
    return RunStore(existing_workspace(project.root)).facts(target, url)


def spelled_role_ids(project: Configured, target: str, recorded: RecordedFacts) -> dict[str, str]:
    """Return the known ids of roles, by names as the project spells them.

    The project's own ids are stronger than those that runs have learned.
    """
    document = project.settings.document
    data = document.data if document else {}
    own = data.get("targets", {}).get(target, {}).get("role_ids", {})
    names = [*recorded.role_ids.items(), *data.get("role_ids", {}).items(), *own.items()]
    return dict({fold(name): (name, role_id) for name, role_id in names}.values())


def exported_target(project: Configured, name: str, folder: Path) -> Target | None:
    """Return the target for the settings of the new project; None for the embedded sandbox."""
    if name == SANDBOX:
        return None
    target = find_target(project.settings, name)
    if name == ENVIRONMENT and not project.settings.targets:
        return replace(target, name=ENVIRONMENT_AS)
    if target.api_key[0] != "file":
        return target
    file = os.path.relpath(project.root / target.api_key[1], folder)
    return replace(target, api_key=("file", Path(file).as_posix()))


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """The account that a new project begins with.

    `target` is None for the embedded sandbox.
    """

    exported: Exported
    target: Target | None


def read_first_account(
    console: Console, root: Path, name: str, new_target: Target | None
) -> FirstAccount:
    """Read the account of a target, and return the files of a project that declares it.

    `name` is a target of the project here, or of the environment. `new_target` is the target of
    that name, if no project declares it yet.

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
