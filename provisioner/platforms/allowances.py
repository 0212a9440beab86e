"""Allowances that people give in comments of a pull request on GitHub.

A comment such as `/provisioner allow deletes=6 DIGEST` allows the plan with this digest, and no
other one. A label could not: it stays when the plan changes, and people who may only triage can add
it. These comments count:

- of a person who may write to the repository, other than the author of the pull request
- as they were written: people who may write can edit comments of others
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from provisioner.diagnostics import Diagnostic, RejectedError, UsageError
from provisioner.platforms.build_facts import BuildFacts
from provisioner.platforms.comment_lists import github_rows
from provisioner.platforms.pages import Row
from provisioner.platforms.platform_api import PlatformApi

_COMMAND = re.compile(r"/provisioner allow((?: [a-z_]+=[0-9]{1,6})+) ([0-9a-f]{64})\s*")

_WRITERS = {"admin", "write"}
"""What GitHub calls the permission of people who may write; that of maintainers is `write` (D)."""


def allowances(api: PlatformApi, facts: BuildFacts, digest: str) -> dict[str, int]:
    """Return the allowances for the plan with this digest: the largest number of each name.

    Raises:
        UsageError: the platform is not GitHub.
        TargetError: it declined a call, or gave no usable answer.
    """
    if facts.platform != "github":
        summary = f"allowances can't be read from comments of {facts.platform}"
        raise UsageError(Diagnostic(code="usage", summary=summary, hint="use plan --allow"))
    given: dict[str, int] = {}
    for login, words in _commands(github_rows(api, facts), digest):
        if _may_allow(api, facts, login):
            for word in words.split():
                name, _, number = word.partition("=")
                given[name] = max(given.get(name, 0), int(number))
    return given


def _commands(rows: Iterator[Row], digest: str) -> Iterator[tuple[str, str]]:
    """Yield the author and the words of each command for a digest."""
    for row in rows:
        found = _COMMAND.fullmatch(str(row.get("body", "")))
        if found and found[2] == digest and _is_as_written(row):
            yield str(_user(row).get("login", "")), found[1]


def _is_as_written(row: Row) -> bool:
    is_person = _user(row).get("type") == "User"
    return is_person and bool(row.get("created_at")) and row["created_at"] == row.get("updated_at")


def _user(row: Row) -> Mapping[str, Any]:
    user = row.get("user")
    return user if isinstance(user, dict) else {}


def _may_allow(api: PlatformApi, facts: BuildFacts, login: str) -> bool:
    """Return whether a person may write to the repository, and did not open the pull request."""
    pull = api.call("GET", f"/repos/{facts.repository}/pulls/{facts.number}").content
    if not isinstance(pull, dict) or _user(pull).get("login") in (None, login):
        return False
    return may_write(api, facts, login)


def may_write(api: PlatformApi, facts: BuildFacts, login: str) -> bool:
    """Return whether a person may write to the repository on GitHub.

    The association of a person with the repository does not show it: members of the organisation
    may only read.

    Raises:
        TargetError: GitHub gave no usable answer.
    """
    path = f"/repos/{facts.repository}/collaborators/{quote(login, safe='')}/permission"
    try:
        answer = api.call("GET", path).content
    except RejectedError:
        return False
    return isinstance(answer, dict) and answer.get("permission") in _WRITERS
