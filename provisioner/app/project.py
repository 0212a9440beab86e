"""Opening a project: files to desired state and settings, with everything found on the way."""

from dataclasses import dataclass
from pathlib import Path

from provisioner.diagnostics import Diagnostic, InvalidProjectError, has_errors, in_order
from provisioner.documents import load_project
from provisioner.model.build import build
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class Project:
    """An opened project.

    Attributes:
        root: its folder.
        desired: what its files declare.
        settings: its targets and policy.
        findings: all that was found, sorted by place.
    """

    root: Path
    desired: DesiredState
    settings: Settings
    findings: tuple[Diagnostic, ...]


def validate(root: Path) -> Project:
    """Open a project for looking at its findings; the rest is good only without errors."""
    loaded = load_project(root)
    desired, found = build(loaded)
    valid_config = loaded.config if loaded.config and not loaded.config.invalid else None
    settings, more = read_settings(valid_config)
    findings = in_order([*loaded.findings, *found, *more])
    return Project(root, desired, settings, tuple(findings))


def open_project(root: Path) -> Project:
    """Open a project for working with it.

    Raises:
        InvalidProjectError: with all findings, if there is an error among them.
    """
    project = validate(root)
    if has_errors(project.findings):
        raise InvalidProjectError(*project.findings)
    return project
