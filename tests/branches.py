"""Helpers of tests of `plan --base`: a branch, drift, and the attribution of each change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.repository import Repository
from tests.support import Account

PNG = b"\x89PNG\r\n\x1a\nphoto"

TEAM = """
    departments: [{name: Support}, {name: Sales}]
    roles:
      - name: Lead
        permissions:
          manage_agents: grant
    profiles:
      - name: tier1
        chat: {max_load: 3}
      - name: tier2
        chat: {max_load: 5}
    agents:
      - email: mia@acme.example
        name: Mia
        extends: [tier1]
        photo: mia.png
        signature: {file: mia.txt}
        departments:
          Support: {tickets: true}
          Sales: {chats: true}
      - email: bob@acme.example
        name: Bob
        departments:
          Support: {}
"""


def begin(live: Account, folder: Path) -> Repository:
    """Make a repository with an applied main branch, and check out another branch."""
    made = Repository.new(folder)
    made.folder.joinpath("mia.png").write_bytes(PNG)
    made.folder.joinpath("mia.txt").write_text("Regards\n")
    made.commit("Begin", team=TEAM)
    live.apply(made.folder)
    made.branch("change")
    return made


def edit(repository: Repository, old: str, new: str, message: str = "Change") -> str:
    """Replace a text of the team's file, commit, and return the commit."""
    file = repository.folder / "team.yaml"
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    file.write_text(text.replace(old, new))
    return repository.commit(message)


def drift(live: Account, email: str, **fields: str) -> None:
    row = live.agent(email)
    live.call("PUT", f"/agents/{row['id']}", {**row, **fields})


Attributions = dict[str, tuple[str | None, str | None]]


def attributions_of(plan: Mapping[str, Any]) -> Attributions:
    """Return address, or `address field`, to the attribution and commit of each change."""

    def attribution(part: Mapping[str, Any]) -> tuple[str | None, str | None]:
        return part["origin"], part["commit"] and part["commit"]["id"]

    attributions: Attributions = {}
    for change in plan["resource_changes"]:
        if change["change"]["actions"] != ["no-op"]:
            attributions[change["address"]] = attribution(change)
            for field in change["fields"]:
                attributions[" ".join([change["address"], *field["path"]])] = attribution(field)
    return attributions


def plan(live: Account, repository: Repository, *arguments: str) -> Attributions:
    return attributions_of(live.plan(repository.folder, "--base", "main", *arguments))


MIA = "agent/mia@acme.example"
BOB = "agent/bob@acme.example"
