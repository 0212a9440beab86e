"""Finds the pull request of a job by the environment variables that its platform sets.

All of these variables are documented by the platforms. Gitea and Forgejo set GitHub's variables,
too. Jenkins names the pull request of any of them by its address, CHANGE_URL.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from provisioner.diagnostics import Diagnostic, ProvisionerError

TOKEN_VARIABLE = "PROVISIONER_COMMENT_TOKEN"  # noqa: S105  the name of a variable
"""The token on every platform; it takes precedence over the platform's own variables."""

API_VARIABLE = "PROVISIONER_COMMENT_API"
"""The address of the platform's API, if its own variables don't name it."""

AUTHOR_VARIABLE = "PROVISIONER_COMMENT_AUTHOR"
"""The author of the token's comments, for a token that may not ask the platform who it is."""

TOKENS = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("PROVISIONER_NOTE_TOKEN",),
    "bitbucket": ("BITBUCKET_TOKEN",),
    "azure": ("SYSTEM_ACCESSTOKEN",),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN"),
}
"""Mapping from platform to the variables that may hold its token."""

_AZURE_REPOSITORY = "{2}/_apis/git/repositories/{3}"
_BITBUCKET = "https://api.bitbucket.org/2.0"

Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """What a job knows of its pull request.

    Attributes:
        platform: a key of `TOKENS`.
        api: the address of the platform's API.
        repository: the repository in paths of the API.
        number: the number of the pull request; "" if the job has none.
        commit: the commit of the branch.
        run_url: the address of the job's log.
        token: the token to comment with; "" for none.
        author: the author of the token's comments, if a person named it; else "".
        event: on GitHub, the name of the event that started the job.
    """

    platform: str
    api: str
    repository: str
    number: str
    commit: str = ""
    run_url: str = ""
    token: str = ""
    author: str = ""
    event: str = ""


def build_facts(variables: Variables) -> BuildFacts | None:
    """Return what the variables of a job show; None if they are of no known platform."""
    facts = next((find(variables) for is_it, find in _PLATFORMS if is_it(variables)), None)
    if facts is None:
        return None
    return replace(
        facts,
        api=variables.get(API_VARIABLE) or facts.api,
        token=_first(variables, TOKEN_VARIABLE, *TOKENS[facts.platform]).strip(),
        author=variables.get(AUTHOR_VARIABLE, ""),
    )


def repository_facts(variables: Variables) -> BuildFacts:
    """Return what a job knows of its repository.

    Raises:
        ProvisionerError: the variables are of no known platform, or of no repository.
    """
    facts = build_facts(variables)
    if facts is None:
        problem = (
            "no variables of GitHub, GitLab, Bitbucket, Azure DevOps, Gitea or Jenkins are set"
        )
        raise _no_pull_request(problem, "run it in a job of one of them")
    if not (facts.api and facts.repository):
        problem = f"the variables of {facts.platform} name no repository"
        raise _no_pull_request(problem, "set them as the platform does in its jobs")
    return facts


def pull_request_facts(variables: Variables, number: int | None = None) -> BuildFacts:
    """Return what a job knows of its pull request; `number` replaces that of the job.

    Raises:
        ProvisionerError: the variables are of no known platform, or of no pull request.
    """
    facts = repository_facts(variables)
    facts = replace(facts, number=str(number or facts.number))
    if not re.fullmatch("[1-9][0-9]{0,9}", facts.number):
        hint = "run it in a job of a pull request, or name one with --pull-request"
        raise _no_pull_request("this job belongs to no pull request", hint)
    return facts


def _no_pull_request(problem: str, hint: str) -> ProvisionerError:
    return ProvisionerError(Diagnostic(code="no-pull-request", summary=problem, hint=hint))


def _first(variables: Variables, *names: str) -> str:
    return next((variables[name] for name in names if variables.get(name)), "")


def _event(variables: Variables) -> Mapping[str, Any]:
    """Return the pull request of the event file that GitHub and Gitea write; {} without one."""
    try:
        event = json.loads(Path(variables.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    found = event.get("pull_request") if isinstance(event, dict) else None
    return found if isinstance(found, dict) else {}


def _of_github(variables: Variables) -> BuildFacts:
    pull = _event(variables)
    reference = re.match(r"refs/pull/(\d+)/", variables.get("GITHUB_REF", ""))
    repository = variables.get("GITHUB_REPOSITORY", "")
    head = pull.get("head")
    run = "{}/{}/actions/runs/{}".format(
        variables.get("GITHUB_SERVER_URL", "https://github.com"),
        repository,
        variables.get("GITHUB_RUN_ID", ""),
    )
    return BuildFacts(
        platform="github",
        api=variables.get("GITHUB_API_URL") or "https://api.github.com",
        repository=quote(repository),
        number=str(pull.get("number") or (reference[1] if reference else "")),
        commit=str(head.get("sha", ""))
        if isinstance(head, dict)
        else variables.get("GITHUB_SHA", ""),
        run_url=run,
        event=variables.get("GITHUB_EVENT_NAME", ""),
    )


def _of_gitea(variables: Variables) -> BuildFacts:
    facts = _of_github(variables)
    server = variables.get("GITHUB_SERVER_URL", "")
    # In addresses of runs, Gitea and Forgejo use the number within the repository.
    run, _, _ = facts.run_url.rpartition("/")
    return replace(
        facts,
        platform="gitea",
        api=variables.get("GITHUB_API_URL") or (f"{server}/api/v1" if server else ""),
        run_url=f"{run}/{variables.get('GITHUB_RUN_NUMBER', '')}",
    )


def _of_gitlab(variables: Variables) -> BuildFacts:
    return BuildFacts(
        platform="gitlab",
        api=variables.get("CI_API_V4_URL", ""),
        repository=variables.get("CI_PROJECT_ID", ""),
        number=variables.get("CI_MERGE_REQUEST_IID", ""),
        # In a pipeline for merged results, the commit of the job is the merge.
        commit=_first(variables, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
        run_url=variables.get("CI_JOB_URL", ""),
    )


def _of_bitbucket(variables: Variables) -> BuildFacts:
    repository = variables.get("BITBUCKET_REPO_FULL_NAME", "")
    origin = variables.get("BITBUCKET_GIT_HTTP_ORIGIN", f"https://bitbucket.org/{repository}")
    build = variables.get("BITBUCKET_BUILD_NUMBER", "")
    return BuildFacts(
        platform="bitbucket",
        api=_BITBUCKET,
        repository=quote(repository),
        number=variables.get("BITBUCKET_PR_ID", ""),
        commit=variables.get("BITBUCKET_COMMIT", ""),
        run_url=f"{origin}/pipelines/results/{build}".replace("http://", "https://", 1),
    )


def _of_azure(variables: Variables) -> BuildFacts:
    collection = variables.get("SYSTEM_COLLECTIONURI", "").rstrip("/")
    project = quote(variables.get("SYSTEM_TEAMPROJECT", ""), safe="")
    repository = quote(variables.get("BUILD_REPOSITORY_ID", ""), safe="")
    build = variables.get("BUILD_BUILDID", "")
    return BuildFacts(
        platform="azure",
        api=collection,
        repository=_AZURE_REPOSITORY.format("", "", project, repository),
        number=variables.get("SYSTEM_PULLREQUEST_PULLREQUESTID", ""),
        commit=_first(variables, "SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        run_url=f"{collection}/{project}/_build/results?buildId={build}",
    )


_CHANGES: tuple[tuple[str, str, str, str, str], ...] = (
    ("gitlab", r"/(.+)/-/merge_requests/\d+", "{0}/api/v4", "{1}", ""),
    ("bitbucket", r"/([^/]+/[^/]+)/pull-requests/\d+", _BITBUCKET, "{1}", "/"),
    ("github", r"/([^/]+/[^/]+)/pull/\d+", "{0}/api/v3", "{1}", "/"),
    ("gitea", r"/([^/]+/[^/]+)/pulls/\d+", "{0}/api/v1", "{1}", "/"),
    ("azure", r"/(.+)/([^/]+)/_git/([^/]+)/pullrequest/\d+", "{0}/{1}", _AZURE_REPOSITORY, "/%"),
)
"""For Jenkins: the platform, the path of a pull request there, its API, the repository, and the
characters of its name that are not encoded."""


def _of_jenkins(variables: Variables) -> BuildFacts | None:
    parts = urlsplit(variables["CHANGE_URL"])
    server = f"{parts.scheme}://{parts.netloc}"
    for platform, path, api, repository, safe in _CHANGES:
        found = re.fullmatch(path, parts.path.rstrip("/"))
        if not found:
            continue
        names = (server, *(quote(name, safe=safe) for name in found.groups()))
        is_public = parts.netloc == "github.com"
        return BuildFacts(
            platform=platform,
            api="https://api.github.com" if is_public else api.format(*names),
            repository=repository.format(*names),
            number=variables.get("CHANGE_ID", ""),
            commit=variables.get("GIT_COMMIT", ""),
            run_url=variables.get("BUILD_URL", ""),
        )
    return None


_PLATFORMS: tuple[tuple[Callable[[Variables], Any], Callable[[Variables], BuildFacts | None]], ...]
_PLATFORMS = (
    (lambda given: given.get("GITEA_ACTIONS") or given.get("FORGEJO_ACTIONS"), _of_gitea),
    (lambda given: given.get("GITHUB_ACTIONS"), _of_github),
    (lambda given: given.get("GITLAB_CI"), _of_gitlab),
    (lambda given: given.get("BITBUCKET_BUILD_NUMBER"), _of_bitbucket),
    (lambda given: given.get("TF_BUILD"), _of_azure),
    (lambda given: given.get("JENKINS_URL") and given.get("CHANGE_URL"), _of_jenkins),
)
"""How each platform is detected, and the function that reads its variables."""
