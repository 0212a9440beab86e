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
from provisioner.cli.files.workspace import existing_workspace, fleet_leases
from provisioner.cli.run.lock_database import LockDatabase
from provisioner.diagnostics import Diagnostic, RefusedError
from provisioner.git.checkout import author, head
from provisioner.git.lock_ref import LockRef
from provisioner.model.policy import LockSetting
from provisioner.model.settings import SANDBOX
from provisioner.render import readable
from provisioner.runs.lock_folder import LockFolder
from provisioner.runs.record import Actor
from provisioner.runs.shared_lock import LockClaim, LockPlace, PlaceError, SharedLock, utc_now
from provisioner.system import user_id

_DIGITS = 8


@contextmanager
def shared_lock(
    setting: LockSetting | None,
    root: Path,
    address: str,
    actor: Actor,
    *,
    timeout: float,
    announce: Callable[[str], object],
) -> Iterator[SharedLock | None]:
    """Hold the shared lock of an account, and yield it; None if there is no place for it.

    Without a setting, its place is a folder of the fleet that the project is in: two projects with
    one account have one lock. A claim there names its project, and that of an ended process of this
    machine is taken over at once.

    `address` is that of the account; "" for the embedded sandbox, of which each project has its
    own. `timeout` is in seconds.

    Raises:
        RefusedError: another run holds the lock, or its place can't be used.
    """
    is_dead: Callable[[LockClaim], bool] = _never
    if setting is None:
        leases = fleet_leases(root)
        if leases is None:
            yield None
            return
        folder, project = leases
        setting, is_dead = LockSetting(folder=str(folder)), _has_ended_here
        actor = replace(actor, by=f"{actor.by} in {readable.harmless(project)}")
    lasts = timedelta(minutes=setting.expires_minutes)
    shown = setting.git or setting.folder or setting.sqlite
    place = _place(setting, root, lock_name(address or _sandbox_of(root)), lasts)
    lock = SharedLock(place, shown, actor, lasts, announce=announce, clock=utc_now, is_dead=is_dead)
    with lock.held(timeout):
        yield lock


def _never(_claim: LockClaim) -> bool:
    return False


def _has_ended_here(claim: LockClaim) -> bool:
    """Return whether a claim is that of a process of this machine that has ended."""
    # On Windows, the signal 0 is Ctrl-C.
    if claim.host != platform.node() or claim.pid <= 0 or os.name != "posix":
        return False
    try:
        os.kill(claim.pid, 0)
        # A process that its parent has not asked about yet; only Linux has this file.
        state = Path(f"/proc/{claim.pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2]
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return state.startswith("Z")


def _sandbox_of(root: Path) -> str:
    """Return a name for the embedded sandbox of a project: its database is in this folder."""
    folder = os.path.realpath(existing_workspace(root))
    return f"{SANDBOX}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:_DIGITS]}"


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
    except (OSError, KeyError, ImportError):  # an id without a name; Windows has no ids
        return f"user {user_id()}"
