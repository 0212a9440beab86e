"""Finds the commit of a project's files: by git, or by the variables of a pipeline."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from provisioner.git.blame import blob, utc_time
from provisioner.git.checkout import differs
from provisioner.git.clone import Clone, find_clone
from provisioner.git.command import GitError
from provisioner.planning.plans.revision import FILE, LINE, UNKNOWN, Revision

_COMMIT_VARIABLES = (
    "GITHUB_SHA",  # Gitea and Forgejo, too
    "CI_COMMIT_SHA",  # GitLab, Woodpecker
    "BITBUCKET_COMMIT",
    "BUILD_SOURCEVERSION",  # Azure Pipelines
    "CIRCLE_SHA1",
    "BUILDKITE_COMMIT",
    "DRONE_COMMIT_SHA",
    "TRAVIS_COMMIT",
    "GIT_COMMIT",  # Jenkins
)
"""Variables in which pipelines give the commit that they run for."""

_DAY_VARIABLE = "CI_COMMIT_TIMESTAMP"
"""The time of the commit on GitLab, in ISO 8601."""

_FORGES = {"github": "/", "gitlab": "/-/"}
"""A label of a host, and the path from a repository to the pages `commit/` and `blob/`."""

_SCP = re.compile(r"(?:[^@/:]+@)?([^@/:]+):(?!//)(.+)")
"""`git@host:owner/repository.git`."""

_COMMIT = re.compile("[0-9a-f]{7,64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)
_DECLARES = (".yaml", ".yml")


def revision_of(project: Path, environment: Mapping[str, str]) -> Revision:
    """Return the commit of a project's files.

    Git knows which commit is checked out. The variables of a pipeline are used where git knows
    none; where they name another commit, as for a pull request, the revision has both.
    """
    given = next(
        (
            value
            for name in _COMMIT_VARIABLES
            if _COMMIT.fullmatch(value := environment.get(name, ""))
        ),
        "",
    )
    clone = find_clone(project)
    try:
        made = _of_clone(clone, environment) if clone else UNKNOWN
    except GitError:
        made = UNKNOWN
    if made.commit:
        is_other = not made.commit.startswith(given)
        return replace(made, pipeline=given) if is_other else made
    if not given:
        return UNKNOWN
    day = _DAY.match(environment.get(_DAY_VARIABLE, ""))
    web, _ = _pages(_pipeline_repository(environment), environment, given, "")
    return Revision(given, day[0] if day else "", web=web)


def _of_clone(clone: Clone, environment: Mapping[str, str]) -> Revision:
    commit = clone.head
    is_changed = any(
        differs(clone, name) for name in clone.changed_files() if _is_declared(clone, name)
    )
    seconds = clone.read_text("log", "-1", "--no-show-signature", "--format=%ct", commit)
    remote = _remote(clone) or _pipeline_repository(environment)
    web, lines = _pages(remote, environment, commit, clone.prefix)
    return Revision(commit, utc_time(seconds.strip())[:10], is_changed, "", web, lines)


def _is_declared(clone: Clone, name: str) -> bool:
    """Return whether a changed file can matter: a report that lies in the project does not."""
    return name.lower().endswith(_DECLARES) or blob(clone, clone.head, name) is not None


def _remote(clone: Clone) -> str:
    """Return the address of `origin`, or of the only remote; "" for none."""
    try:
        printed = clone.ask("config", "--local", "--null", "--get-regexp", r"^remote\..*\.url$")
    except GitError:
        return ""
    remotes = dict(entry.split("\n", 1) for entry in printed.split("\0") if "\n" in entry)
    if len(remotes) == 1:
        return next(iter(remotes.values()))
    return remotes.get("remote.origin.url", "")


def _pipeline_repository(environment: Mapping[str, str]) -> str:
    """Return the address of the repository that a pipeline runs for; "" if it is not known."""
    if project := environment.get("CI_PROJECT_URL"):
        return project
    server, name = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else ""


def _pages(
    remote: str, environment: Mapping[str, str], commit: str, folder: str
) -> tuple[str, str]:
    """Return the address of a commit, and the pattern of that of a line in it.

    Args:
        remote: the address of the repository for git or for a browser.
        environment: the variables of the pipeline, which know what kind of server it is.
        commit: the commit's id.
        folder: the path of the project in the repository, with a slash at the end, or "".

    Returns:
        Both without login data; "" if the kind of server is not known.
    """
    if match := _SCP.fullmatch(remote):
        host, port, path = match[1], None, match[2]
    else:
        try:
            url = urlsplit(remote)
            host, port, path = url.hostname or "", url.port, url.path
        except ValueError:
            return "", ""
        if url.scheme not in {"https", "ssh"}:
            return "", ""
        port = port if url.scheme == "https" else None
    host = host.lower()
    forge = _forge(host, environment)
    if not forge or not _HOST.fullmatch(host):
        return "", ""
    repository = quote(path.strip("/").removesuffix(".git"))
    web = f"https://{host}{f':{port}' if port else ''}/{repository}{_FORGES[forge]}"
    return f"{web}commit/{commit}", f"{web}blob/{commit}/{quote(folder)}{FILE}#L{LINE}"


def _forge(host: str, environment: Mapping[str, str]) -> str:
    """Return the kind of a server, by its name or by its pipeline; "" if it is not known."""
    servers = {
        "github": environment.get("GITHUB_SERVER_URL", ""),
        "gitlab": environment.get("CI_SERVER_URL", ""),
    }
    for forge in _FORGES:
        if forge in host.split(".") or servers[forge].partition("://")[2] == host:
            return forge
    return ""
