"""Who runs this, as far as the machine tells: for records and locks."""

import getpass
import os
import platform
import subprocess
from pathlib import Path

from provisioner.runs.record import Actor

PIPELINE_USERS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")
"""Where pipelines name the person who started them; the machine's own user says nothing there."""

PIPELINE_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")

GIT_SECONDS = 10


def actor(project: Path) -> Actor:
    """Return who runs this process for a project."""
    return Actor(
        by=_from_environment(PIPELINE_USERS) or _user(),
        host=platform.node(),
        pid=os.getpid(),
        commit=_commit(project) or _from_environment(PIPELINE_COMMITS),
    )


def _from_environment(names: tuple[str, ...]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def _commit(project: Path) -> str:
    """Return the commit of a project's files, with `+` where they were changed since."""
    head = _git(project, "rev-parse", "HEAD")
    if not head:
        return ""
    return head + ("+" if _git(project, "status", "--porcelain", "--", ".") else "")


def _git(project: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell
            ["git", *arguments],  # noqa: S607  the user's own git
            cwd=project,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=GIT_SECONDS,
            text=True,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
