"""Opening a project: files to desired state and settings, with everything found on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    has_errors,
    in_order,
)
from provisioner.documents import IsShared, LoadedProject, load_config, load_project, nothing_shared
from provisioner.model.build import build, overlay_of
from provisioner.model.desired import DesiredState
from provisioner.model.settings import (
    ENVIRONMENT,
    SANDBOX,
    Settings,
    read_settings,
    unusable_addresses,
)
from provisioner.suggestions import Vocabulary, known_names

MOST_GUESSED_OVERLAYS = 10
"""Overlays that are checked while the settings can't be read, and any folder may be a target."""


class Configured(Protocol):
    """A folder with settings: a project, or one whose declarations don't matter."""

    @property
    def root(self) -> Path:
        """The folder."""

    @property
    def settings(self) -> Settings:
        """Its targets and policy."""


@dataclass(frozen=True, slots=True)
class Project:
    """An opened project.

    Attributes:
        root: its folder.
        settings: its targets and policy.
        desired: what the files declare, without the overlay of any target.
        overlaid: target to what the files declare with its overlay on top.
        findings: all that was found, sorted by place.
        unusable: those of them that end only the runs that use a certain target.
    """

    root: Path
    settings: Settings
    desired: DesiredState
    overlaid: Mapping[str, DesiredState]
    findings: tuple[Diagnostic, ...]
    unusable: tuple[Diagnostic, ...] = ()

    def desired_for(self, target: str) -> DesiredState:
        """Return what the files declare for a target."""
        return self.overlaid.get(target, self.desired)


def validate(root: Path, is_shared: IsShared = nothing_shared) -> Project:
    """Open a project for looking at its findings; the rest is good only without errors.

    Args:
        root: the project's folder.
        is_shared: decides on what links outside of it lead to.
    """
    loaded = load_project(root, is_shared)
    desired, findings = build(loaded, None)
    valid_config = loaded.config if loaded.config and not loaded.config.invalid else None
    settings, more = read_settings(valid_config)
    unusable = tuple(unusable_addresses(settings, valid_config))
    findings = [*loaded.findings, *findings, *more, *unusable]
    overlaid = {}
    for number, (target, file) in enumerate(_overlays(loaded).items()):
        if valid_config is loaded.config and not _is_target(target, settings):
            findings.append(_unknown_overlay(target, file, settings))
        elif valid_config is loaded.config or number < MOST_GUESSED_OVERLAYS:
            overlaid[target], more = build(loaded, target)
            findings += more
    return Project(root, settings, desired, overlaid, tuple(in_order(findings)), unusable)


def open_project(root: Path, is_shared: IsShared = nothing_shared) -> Project:
    """Open a project for working with it; see `validate`.

    Raises:
        InvalidProjectError: with all findings, if there is an error among them.
    """
    project = validate(root, is_shared)
    findings = [finding for finding in project.findings if finding not in project.unusable]
    if has_errors(findings):
        raise InvalidProjectError(*findings)
    return project


@dataclass(frozen=True, slots=True)
class ProjectRoot:
    """A folder whose declarations don't matter: only its settings, if it has any.

    Attributes:
        root: the folder.
        settings: its targets and policy.
    """

    root: Path
    settings: Settings


def open_project_root(root: Path, is_shared: IsShared = nothing_shared) -> ProjectRoot:
    """Open a folder for working with one of its targets; see `validate`.

    Raises:
        InvalidProjectError: the folder is none, or its settings have errors.
    """
    config, findings = load_config(root, is_shared)
    if not has_errors(findings):
        settings, findings = read_settings(config)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    return ProjectRoot(root, settings)


def _overlays(loaded: LoadedProject) -> dict[str, str]:
    """Return the targets that have an overlay, each with its first file."""
    found: dict[str, str] = {}
    for document in loaded.documents:
        target = overlay_of(document.file)
        if target is not None:
            found.setdefault(target, document.file)
    return found


def _is_target(name: str, settings: Settings) -> bool:
    return name in {*settings.targets, SANDBOX} or (name == ENVIRONMENT and not settings.targets)


def _unknown_overlay(target: str, file: str, settings: Settings) -> Diagnostic:
    return Diagnostic(
        code="unknown-target",
        summary=f'{file} is laid over the target "{target}", which does not exist',
        hint=known_names(sorted([*settings.targets, SANDBOX])),
        meant=(target, Vocabulary(lambda: [*settings.targets, SANDBOX])),
    )
