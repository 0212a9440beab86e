"""Opens a project: reads its files, and returns desired state, settings and findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Severity,
    has_errors,
    in_order,
)
from provisioner.documents import (
    Document,
    IsShared,
    LoadedProject,
    load_config,
    load_project,
    nothing_shared,
)
from provisioner.documents.files.project_files import NOTHING_UNSAVED, Unsaved, is_shared_file
from provisioner.documents.fleet_document import lock_of_fleet
from provisioner.model.build import build, overlay_of
from provisioner.model.dates.resolving import on_day
from provisioner.model.desired import DesiredState
from provisioner.model.policy import LockSetting
from provisioner.model.settings import (
    ENVIRONMENT,
    SANDBOX,
    Settings,
    read_settings,
    unusable_addresses,
)
from provisioner.planning.managed_scope import declared_outside, mode_and_state
from provisioner.planning.rules.rule_data import read_data
from provisioner.suggestions import Vocabulary, known_names

MOST_GUESSED_OVERLAYS = 10
"""Overlays to check when the settings are invalid, so that any folder may belong to a target."""


class Configured(Protocol):
    """A folder with settings: a `Project`, or a `ProjectRoot` without declarations."""

    @property
    def root(self) -> Path:
        """The folder."""

    @property
    def settings(self) -> Settings:
        """The targets and the policy."""


@dataclass(frozen=True, slots=True)
class Project:
    """An opened project.

    Attributes:
        root: the folder of the project.
        settings: the targets and the policy.
        desired: the declared objects, without overlays; until `on` those of no certain day.
        overlaid: mapping from target to declared objects, for each target with an overlay.
        findings: errors and warnings, sorted by file and line.
        unusable: the findings that concern only runs on a certain target.
        data: the content of the files that rules read, by the name that rules use.
    """

    root: Path
    settings: Settings
    desired: DesiredState
    overlaid: Mapping[str, DesiredState]
    findings: tuple[Diagnostic, ...]
    unusable: tuple[Diagnostic, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def has_rules(self) -> bool:
        """Whether plans are checked by rules: of the team, built in, or locks of profiles."""
        states = (self.desired, *self.overlaid.values())
        return self.settings.has_rules or any(state.locks.locks for state in states)

    def desired_for(self, target: str) -> DesiredState:
        """Return the objects that the files declare for a target."""
        return self.overlaid.get(target, self.desired)

    def on(self, day: date) -> "Project":
        """Return the project with the values of a day; see `on_day`.

        Args:
            day: the day in the zone of the account.
        """
        overlaid = {target: on_day(state, day) for target, state in self.overlaid.items()}
        return replace(self, desired=on_day(self.desired, day), overlaid=overlaid)


def validate(
    root: Path, is_shared: IsShared = nothing_shared, unsaved: Unsaved = NOTHING_UNSAVED
) -> Project:
    """Return a project with all findings. With errors, only the findings may be used.

    Files in `unsaved` replace those on the disk.
    """
    loaded = load_project(root, is_shared, unsaved)
    desired, findings = build(loaded, None)
    valid_config = _valid(loaded.config)
    settings, more = read_settings(
        valid_config, _valid(loaded.capabilities), _valid(loaded.acknowledged)
    )
    settings = _with_fleet_lock(settings, root)
    unusable = tuple(unusable_addresses(settings, valid_config))
    data, unreadable = read_data(root, settings.team_rules, unsaved)
    findings = [*loaded.findings, *findings, *more, *unusable, *unreadable]
    if settings.team_rules.rules:
        # Imported here: only a project with rules needs the expressions.
        from provisioner.planning.rules.judging import check_conditions  # noqa: PLC0415

        findings += check_conditions(settings.team_rules)
    overlaid = {}
    for number, (target, file) in enumerate(_overlays(loaded).items()):
        if valid_config is loaded.config and not _is_target(target, settings):
            if is_shared_file(file):
                continue  # of another account of the fleet
            findings.append(_unknown_overlay(target, file, settings))
        elif valid_config is loaded.config or number < MOST_GUESSED_OVERLAYS:
            overlaid[target], more = build(loaded, target)
            findings += more
    for state in (desired, *overlaid.values()):
        findings += [*declared_outside(state, settings.scope), *mode_and_state(state)]
    if "timezone" not in settings.account and not has_errors(findings):
        findings += _dates_in_utc(desired, *overlaid.values())
    return Project(root, settings, desired, overlaid, tuple(in_order(findings)), unusable, data)


def open_project(
    root: Path, is_shared: IsShared = nothing_shared, unsaved: Unsaved = NOTHING_UNSAVED
) -> Project:
    """Return a project without errors; see `validate`.

    Raises:
        InvalidProjectError: the project has errors.
    """
    project = validate(root, is_shared, unsaved)
    findings = [diagnostic for diagnostic in project.findings if diagnostic not in project.unusable]
    if has_errors(findings):
        raise InvalidProjectError(*findings)
    return project


@dataclass(frozen=True, slots=True)
class ProjectRoot:
    """The folder and settings of a project, for commands that need no declarations.

    Attributes:
        root: the folder of the project.
        settings: the targets and the policy; defaults if there is no settings file.
    """

    root: Path
    settings: Settings


def open_project_root(
    root: Path, is_shared: IsShared = nothing_shared, *, acknowledged: bool = True
) -> ProjectRoot:
    """Return the settings of a folder; see `validate`, and `load_config` for `acknowledged`.

    Raises:
        InvalidProjectError: there is no such folder, or its settings have errors.
    """
    loaded = load_config(root, is_shared, acknowledged=acknowledged)
    findings = [*loaded.findings]
    if not has_errors(findings):
        settings, findings = read_settings(loaded.config, loaded.capabilities, loaded.acknowledged)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    return ProjectRoot(root, _with_fleet_lock(settings, root))


def _with_fleet_lock(settings: Settings, root: Path) -> Settings:
    """Return settings with the lock of the fleet, if the project has none of its own."""
    lock = None if settings.lock else lock_of_fleet(root)
    return replace(settings, lock=LockSetting(**lock)) if lock else settings


def _valid(document: Document | None) -> Document | None:
    return None if document is None or document.invalid else document


def _dates_in_utc(*states: DesiredState) -> list[Diagnostic]:
    """Return the warning that nobody has declared the zone of the dates, at the first date."""
    agents = [agent for state in states for agent in state.resources.values()]
    spans = sorted(agent.dates.span for agent in agents if agent.dates)
    return [
        Diagnostic(
            code="dates-without-timezone",
            summary="the days of agents begin and end in UTC, since the zone of the account is "
            "not declared",
            span=span,
            hint="write into provisioner.yaml: account: {timezone: Europe/Prague}",
            severity=Severity.WARNING,
        )
        for span in spans[:1]
    ]


def _overlays(loaded: LoadedProject) -> dict[str, str]:
    """Return a mapping from target to a file of its overlay, one of the project's own if any."""
    files: dict[str, str] = {}
    for document in loaded.documents:
        target = overlay_of(document.file)
        if target is not None and is_shared_file(files.get(target, "../")):
            files[target] = document.file
    return files


def _is_target(name: str, settings: Settings) -> bool:
    return name in {*settings.targets, SANDBOX} or (name == ENVIRONMENT and not settings.targets)


def _unknown_overlay(target: str, file: str, settings: Settings) -> Diagnostic:
    return Diagnostic(
        code="unknown-target",
        summary=f'{file} is laid over the target "{target}", which does not exist',
        hint=known_names(sorted([*settings.targets, SANDBOX])),
        meant=(target, Vocabulary(lambda: [*settings.targets, SANDBOX])),
    )
