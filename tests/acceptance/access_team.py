"""A team in two commits, and lists of its access."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import repository
from tests.repository import Repository
from tests.support import Account

TEAM = """
    departments: [{name: Support}, {name: Sales}, {name: General}]
    roles: [{name: Lead}]
    profiles: [{name: tier1, role: agent}]
    agents:
      - {email: owner@acme.example, name: Account Owner, role: owner, departments: {General: {}}}
      - email: mia@acme.example
        name: Mia
        role: Lead
        departments:
          Support:
            tickets: true
            role: manager
          Sales: {chats: true}
      - email: bob@acme.example
        name: Bob
        extends: [tier1]
        departments: {Sales: {calls: true}}
"""
PROTECT = """
    version: 1
    protect:
      agents:
        - nobody@acme.example
        - "OWNER@*"
"""
MIA, BOB, OWNER = "mia@acme.example", "bob@acme.example", "owner@acme.example"


def two_commits(folder: Path) -> Repository:
    """Return a project of two commits: the second one gives Mia a service."""
    made = Repository.new(folder)
    made.commit("Begin", team=TEAM.replace("        tickets: true\n    ", ""), provisioner=PROTECT)
    made.git("tag", "first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(repository.SETTINGS, "GIT_COMMITTER_DATE", "2024-05-06T23:30:00-0200")
        made.commit("Tickets for Mia", team=TEAM)
    return made


def listed(live: Account, project: Path, *words: str) -> dict[str, Any]:
    result = live.run("access", str(project), "--format", "json", *words)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def people(data: dict[str, Any]) -> dict[str, Any]:
    return {one["email"]: one for one in data["people"]}
