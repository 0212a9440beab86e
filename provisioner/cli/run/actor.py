"""The person, machine and commit of a run, for records and locks."""

import getpass
import os
import platform
from pathlib import Path

from provisioner.git import head
from provisioner.runs.record import Actor

PIPELINE_USERS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")
"""Variables in which pipelines name the person who started them; the system user is the same
for everybody there."""

PIPELINE_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT")
"""Variables in which pipelines name the commit, for a folder without a git repository."""


def current_actor(project: Path) -> Actor:
    """Return the actor of this process, with the commit of a project's files."""
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
