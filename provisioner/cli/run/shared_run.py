"""What other machines see of a run: its actor, and the lock where provisioner.yaml has one."""

import getpass
import hashlib
import os
import platform
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from provisioner.address import fold
from provisioner.cli.run.lock_database import LockDatabase
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.git.checkout import author, head
from provisioner.git.lock_ref import LockRef
from provisioner.model.policy import LockSetting
from provisioner.runs.lock_folder import LockFolder
from provisioner.runs.record import Actor
from provisioner.runs.shared_lock import LockPlace, PlaceError, SharedLock, utc_now

_DIGITS = 8


@contextmanager
def shared_lock(
    setting: LockSetting | None,
    root: Path,
    account: str,
    actor: Actor,
    *,
    timeout: float,
    announce: Callable[[str], object],
) -> Iterator[SharedLock | None]:
    """Hold the shared lock of an account, and yield it; None if there is no place for it.

    `account` is its address, or the name of the target if it has no address. `timeout` is in
    seconds.

    Raises:
        RefusedError: another run holds the lock, or its place can't be used.
    """
    if setting is None:
        yield None
        return
    lasts = timedelta(minutes=setting.expires_minutes)
    shown = setting.git or setting.folder or setting.sqlite
    place = _place(setting, root, lock_name(account), lasts)
    lock = SharedLock(place, shown, actor, lasts, announce=announce, clock=utc_now)
    with lock.held(timeout):
        yield lock


def lock_name(account: str) -> str:
    """Return a name for the lock of an account that is valid in a ref and as a file."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(account).split("://")[-1]).strip("-")
    digest = hashlib.sha256(fold(account).encode(errors="surrogatepass")).hexdigest()
    return f"{words}-{digest[:_DIGITS]}"


def _place(setting: LockSetting, root: Path, name: str, lasts: timedelta) -> LockPlace:
    if setting.folder:
        return LockFolder(root / setting.folder, name, lasts)
    if setting.sqlite:
        return LockDatabase(root / setting.sqlite, name)
    try:
        return LockRef(setting.git, name, root)
    except PlaceError as error:
        raise RefusedError(
            Diagnostic(
                code="lock-place",
                summary=f"the shared lock in {setting.git} can't be used: {error}",
                hint="name a repository outside of the project's",
            )
        ) from error


PIPELINE_USERS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")
"""Variables in which pipelines name the person who started them; the system user is the same
for everybody there."""

PIPELINE_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
"""Variables in which pipelines name the commit, for a folder without a git repository."""


def current_actor(project: Path, starter: Actor | None = None) -> Actor:
    """Return the actor of this process, with the commit of a project's files.

    Person and commit are those of `starter`, if another machine has started the run.
    """
    if starter is not None:
        return replace(starter, host=platform.node(), pid=os.getpid())
    return Actor(
        by=current_person(),
        host=platform.node(),
        pid=os.getpid(),
        commit=head(project) or _from_environment(PIPELINE_COMMITS),
    )


def git_author(project: Path) -> str:
    """Return the email of git's author, or else the person who started this process."""
    return author(project) or current_person()


def current_person() -> str:
    """Return the person who started this process."""
    return _from_environment(PIPELINE_USERS) or _user()


def _from_environment(names: tuple[str, ...]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
