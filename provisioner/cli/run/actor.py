"""Who runs this, as far as the machine tells: for records and locks."""

import getpass
import os
import platform
from pathlib import Path

from provisioner.git import head
from provisioner.runs.record import Actor

PIPELINE_USERS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")
"""Where pipelines name the person who started them; the machine's own user says nothing there."""

PIPELINE_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")


def actor(project: Path) -> Actor:
    """Return who runs this process for a project."""
    return Actor(
        by=_from_environment(PIPELINE_USERS) or _user(),
        host=platform.node(),
        pid=os.getpid(),
        commit=head(project) or _from_environment(PIPELINE_COMMITS),
    )


def _from_environment(names: tuple[str, ...]) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
