"""Checks of a target: its address and key, its lock, and the account behind it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from provisioner.app.open_project import ProjectRoot
from provisioner.cli.account.connection import Connection, connect
from provisioner.cli.account.targets import URL_VARIABLE, default_target, find_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.opening import open_project_root
from provisioner.cli.files.workspace import FOLDER
from provisioner.diagnostics import InvalidProjectError, ProvisionerError
from provisioner.live.checkup import CheckResult, of_diagnostic, passed, warned
from provisioner.liveagent.account_checkup import check_account
from provisioner.model.account_urls import account_address
from provisioner.model.settings import ENVIRONMENT, SANDBOX, Settings
from provisioner.runs.lock import lock_holder
from provisioner.runs.record import Ending
from provisioner.runs.store import RunStore

_KEY_CODES = {"api-key-missing"}


def check_target(console: Console, root: Path, target: str | None) -> Iterator[CheckResult]:
    """Yield the results of all checks that the target allows.

    Args:
        console: for waits and the messages of a key's command.
        root: the project's folder.
        target: the target's name; None for the project's default.
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
