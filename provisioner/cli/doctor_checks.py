"""Checks of `doctor`: the project's folder and this machine; a target, its lock and account."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

from provisioner import __version__
from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.account.targets import URL_VARIABLE, default_target, find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project_root, validate_project
from provisioner.cli.files.workspace import FOLDER, check_workspace
from provisioner.diagnostics import Diagnostic, InvalidProjectError, ProvisionerError, Severity
from provisioner.documents import load_config
from provisioner.git.checkout import head, is_in_repository, shared_files, tracked_below
from provisioner.git.command import GitError
from provisioner.live.checkup import CheckResult, failed, of_diagnostic, passed, warned
from provisioner.liveagent.account_checkup import check_account
from provisioner.model.account_urls import account_address
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Settings
from provisioner.render import readable
from provisioner.runs.lock import lock_holder
from provisioner.runs.record import Ending
from provisioner.runs.store import RunStore

_KEY_CODES = {"api-key-missing"}


def check_target(console: Console, root: Path, target: str | None) -> Iterator[CheckResult]:
    """Yield the results of all checks that the target allows.

    `target` is None for the project's default.
    """
    try:
        project = _settings(root, target)
        name = target or default_target(project.settings)
        yield from _lock(root, project.settings, name)
        with connect(console, project, name) as connection:
            yield _named(connection)
            yield from check_account(connection.client, connection.per_minute, datetime.now(UTC))
    except ProvisionerError as error:
        first = error.diagnostics[0]
        yield of_diagnostic("key" if first.code in _KEY_CODES else "target", first)


def _settings(root: Path, target: str | None) -> ProjectRoot:
    """Return the settings of a project; invalid ones don't hide the target of the environment."""
    try:
        return open_project_root(root)
    except InvalidProjectError:
        if URL_VARIABLE in os.environ and target in {None, ENVIRONMENT}:
            return ProjectRoot(root, Settings())
        raise


def _named(connection: Connection) -> CheckResult:
    where = f" at {connection.url}" if connection.url else ""
    key = f", key from {connection.api_key}" if connection.api_key else ""
    return passed("target", f"{connection.name}{where}{key}")


def _lock(root: Path, settings: Settings, name: str) -> Iterator[CheckResult]:
    url = ""
    if name != SANDBOX:
        with suppress(ProvisionerError):
            url = account_address(find_target(settings, name).url) + "/api/v3"
    holder = lock_holder(root / FOLDER, url or name)
    if holder:
        yield warned("lock", f"{holder} is at work on {name}", "wait for it to end")
        return
    last = RunStore(root / FOLDER).last(name, url)
    if last and last.ending is Ending.KILLED:
        hint = "provisioner apply completes the rest"
        yield warned("lock", f"free, but run {last.id} did not end", hint)
    else:
        yield passed("lock", f"free: no other run is at work on {name}")


_FILE_VERSION = 1


def check_machine(root: Path) -> Iterator[CheckResult]:
    """Yield the results of the checks of a project's folder and of this machine."""
    yield _project(root)
    yield _git(root)
    yield _formats(root)
    yield _zones()
    yield _records(root)


def _project(root: Path) -> CheckResult:
    project = validate_project(root)
    errors = [one for one in project.findings if one.severity is Severity.ERROR]
    if errors:
        others = f" (and {readable.count(len(errors) - 1, 'more error')})" if errors[1:] else ""
        first = of_diagnostic("project", errors[0])
        hint = f"provisioner validate {root} lists all errors"
        return failed("project", f"{first.summary}{others}", hint)
    objects = readable.count(len(project.desired.resources), "declared object")
    if project.findings:
        warnings = readable.count(len(project.findings), "warning")
        hint = f"provisioner validate {root} lists them"
        return warned("project", f"valid with {warnings}: {objects}", hint)
    return passed("project", f"valid: {objects}")


def _git(root: Path) -> CheckResult:
    if not is_in_repository(root):
        hint = "git init; without history, nobody reviews changes and plans have no --base"
        return warned("git", "the project is in no git repository", hint)
    try:
        tracked = tracked_below(root, FOLDER)
    except GitError as error:
        return failed("git", f"git can't be used: {error}", error.hint or "make git work here")
    if tracked:
        hint = f"git rm -r --cached {FOLDER}"
        return failed("git", f"git tracks {tracked[0]}, which only runs may write", hint)
    commit = head(root)
    if not commit:
        return warned("git", "the repository has no commit yet", "commit the project")
    if commit.endswith("+"):
        hint = "commit them, so that records name what was applied"
        return warned("git", "files differ from the last commit", hint)
    return passed("git", f"everything is committed at {commit[:12]}")


def _formats(root: Path) -> CheckResult:
    """Return whether this version can read the formats of the files in the root."""
    loaded = load_config(root, shared_files(root))
    for document in filter(None, (loaded.config, loaded.capabilities, loaded.acknowledged)):
        settings = document.data if isinstance(document.data, dict) else {}
        version = settings.get("version", _FILE_VERSION)
        if version != _FILE_VERSION:
            return failed(
                "schema versions",
                f"{document.span(('version',))}: version {version} of {document.file} is not known "
                f"to provisioner {__version__}",
                "pip install -U liveagent-provisioner, or write version: 1",
            )
    summary = f"provisioner {__version__} reads version {_FILE_VERSION} of the project's files"
    return passed("schema versions", summary)


def _zones() -> CheckResult:
    number = len(available_timezones())
    if not number:
        return failed("zone data", "this machine has no time zones", "pip install tzdata")
    return passed("zone data", f"{number} time zones")


def _records(root: Path) -> CheckResult:
    if problem := check_workspace(root):
        return of_diagnostic("records", problem)
    damaged = [one for one in RunStore(root / FOLDER).all() if isinstance(one, Diagnostic)]
    if damaged:
        return of_diagnostic("records", damaged[0])
    return passed("records", f"the records in {FOLDER} can be read")
