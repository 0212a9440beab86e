"""Validates all accounts of a fleet in one run: `provisioner validate` of a fleet's file."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from provisioner.app.open_project import Project
from provisioner.cli.account.targets import overlay_target
from provisioner.cli.files.opening import validate_project
from provisioner.cli.files.workspace import check_workspace
from provisioner.cli.fleet.account_places import in_fleet, shared_once
from provisioner.diagnostics import Diagnostic, Severity, Span, TargetError, has_errors
from provisioner.documents import file_names
from provisioner.documents.files.project_files import FLEET_NAME
from provisioner.documents.fleet_document import fleet_above, lists_accounts, shared_folders
from provisioner.fleet.fleet_file import Fleet, FleetAccount, fleet_file
from provisioner.fleet.fleet_reading import read_fleet
from provisioner.git.checkout import shared_files
from provisioner.model.account_urls import account_address
from provisioner.model.build import OVERLAYS
from provisioner.model.settings import SANDBOX
from provisioner.render import readable
from provisioner.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class Validation:
    """The result of a validation.

    Attributes:
        folder: the folder that the files of the findings are named from.
        findings: errors and warnings.
        invalid: whether the files can't be used; other errors are those of the team's rules.
        valid: a sentence about what is valid.
        files: the names of all files.
    """

    folder: str
    findings: tuple[Diagnostic, ...]
    invalid: bool
    valid: str
    files: tuple[str, ...] = ()


def is_fleet(path: str) -> bool:
    """Return whether a path is the file of a fleet, or a folder with one."""
    file = Path(path)
    if file.is_dir():
        return os.path.lexists(file / FLEET_NAME)
    return file.is_file() and (file.name == FLEET_NAME or lists_accounts(file))


def validated_project(path: str, at: date | None) -> Validation:
    """Return the findings of a project; rules are checked if its files can be used."""
    root = Path(path)
    project, findings, invalid = _checked(root, at)
    number = readable.count(len(project.desired.resources), "declared object")
    return Validation(path, findings, invalid, f"Valid: {number}.")


def validated_fleet(path: str, at: date | None) -> Validation:
    """Return the findings of a fleet's file and of all its accounts.

    Each finding names its account, and one in a shared folder is returned once.
    """
    fleet = read_fleet(Path(path))
    folder = os.path.dirname(fleet_file(Path(path))) or "."  # noqa: PTH120
    by_account: dict[str, tuple[Diagnostic, ...]] = {}
    invalid, objects = has_errors(fleet.findings), 0
    projects: dict[str, Project] = {}
    for account in fleet.accounts:
        project, findings, unusable = _checked(fleet.folder / account.project, at)
        findings = (*findings, *unknown_target(account, project))
        by_account[account.name] = in_fleet(findings, account.project)
        invalid |= unusable or has_errors(unknown_target(account, project))
        objects += len(project.desired.resources)
        projects[account.project] = project
    unused = (*_unused_overlays(fleet, projects.values()),)
    twice = _account_twice(fleet, projects)
    findings = (*fleet.findings, *unused, *twice, *shared_once(by_account))
    accounts = readable.count(len(fleet.accounts), "account")
    declared = readable.count(objects, "declared object")
    return Validation(
        folder,
        findings,
        invalid or bool(unused),
        f"Valid: {accounts}, {declared}.",
        (fleet.file, *account_files(fleet)),
    )


def _checked(root: Path, at: date | None) -> tuple[Project, tuple[Diagnostic, ...], bool]:
    """Return a project, its findings, and whether its files can't be used."""
    project = validate_project(root, at)
    untrusted = check_workspace(root)
    findings = (*project.findings, untrusted) if untrusted else project.findings
    invalid = has_errors(findings)
    if not invalid:
        findings = (*findings, *broken_rules_of(project))
    return project, findings, invalid


def broken_rules_of(project: Project) -> tuple[Diagnostic, ...]:
    """Return what the team's rules find in the files."""
    if not project.has_rules:
        return ()
    # Imported here: most projects have no rules, and these need the whole planning.
    from provisioner.app.rules.rule_checks import file_diagnostics  # noqa: PLC0415
    from provisioner.cli.rule_process import evaluate_in_child  # noqa: PLC0415

    return file_diagnostics(project, evaluate_in_child)


def unknown_target(account: FleetAccount, project: Project) -> list[Diagnostic]:
    """Return the error that the project of an account has no such target."""
    targets = [*project.settings.targets, SANDBOX]
    if not account.target or account.target in targets or has_errors(project.findings):
        return []
    summary = f'there is no target "{account.target}" in {account.project}'
    hint = did_you_mean(account.target, targets)
    # The file of the fleet is above the project, and the caller names files from there.
    span = account.span
    up = Path(os.path.relpath(".", account.project)).as_posix()
    place = Span(f"{up}/{span.file}", span.line, span.column) if span else None
    return [Diagnostic(code="unknown-target", summary=summary, span=place, hint=hint)]


def _unused_overlays(fleet: Fleet, projects: Iterable[Project]) -> Iterator[Diagnostic]:
    """Yield an error for each overlay of a shared folder that no account has a target for."""
    targets, folders = {SANDBOX}, set[Path]()
    for project in projects:
        if has_errors(project.findings):
            return
        targets |= {*project.settings.targets}
        folders |= {*shared_folders(project.root)}
    for folder in sorted(folders):
        overlays = folder / OVERLAYS
        for overlay in sorted(overlays.iterdir()) if overlays.is_dir() else ():
            if overlay.is_dir() and overlay.name not in targets:
                name = Path(os.path.relpath(overlay, fleet.folder.resolve())).as_posix()
                yield Diagnostic(
                    code="unknown-target",
                    summary=f'{name} is laid over the target "{overlay.name}", which no account '
                    "has",
                    hint=did_you_mean(overlay.name, sorted(targets)),
                )


def _account_twice(fleet: Fleet, projects: Mapping[str, Project]) -> Iterator[Diagnostic]:
    """Yield a warning for each account that two projects of a wave have, without their own lock."""
    entries: dict[tuple[str, int], FleetAccount] = {}
    for account in fleet.accounts:
        settings, name = projects[account.project].settings, account.target
        with suppress(TargetError):  # other accounts need a name
            name = overlay_target(settings, name or None)
        target = settings.targets.get(name)
        if target is None or settings.lock:
            continue
        place = account_address(target.url).casefold(), account.wave
        first = entries.setdefault(place, account)
        if first is not account:
            effect, hint = "both can be applied at once", f"name the file of the fleet {FLEET_NAME}"
            if fleet_above(fleet.folder / account.project):
                effect = "while one is applied, the other is refused, or waits"
                hint = "let it wait: fleet apply --lock-timeout SECONDS"
            yield Diagnostic(
                code="account-twice",
                summary=f"{account.project} has the same address as {first.project} in wave "
                f"{account.wave}: {effect}",
                severity=Severity.WARNING,
                span=account.span,
                hint=f"let them be in different waves, or {hint}",
                related=(("the first", first.span),) if first.span else (),
            )


def account_files(fleet: Fleet) -> list[str]:
    """Return the names of the YAML files of all accounts; shared ones once."""
    names = set()
    for account in fleet.accounts:
        root = fleet.folder / account.project
        names |= {
            posixpath.normpath(f"{account.project}/{name}")
            for name in file_names(root, shared_files(root))
        }
    return sorted(names)
