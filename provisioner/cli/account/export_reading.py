"""Reads an account for an export: the objects, and the names of roles."""

import os
from dataclasses import replace
from pathlib import Path

from provisioner.address import fold
from provisioner.app.open_project import Configured
from provisioner.cli.account.targets import find_target
from provisioner.cli.files.workspace import existing_workspace
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Target
from provisioner.runs.store import RunStore

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

    Args:
        project: the project.
        target: the name of the target.
        recorded: what runs have learned of it; the project's own ids are stronger.
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
