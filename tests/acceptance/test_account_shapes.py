"""Every behaviour that the documented models allow gives the right plan, or a fair refusal."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.shape_table import BEHAVIOURS, TOGETHER
from tests.acceptance.shapes import AlteredAccount, Behaviour
from tests.support import Account, account, changes, write_project

TEAM = """
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead, permissions: {manage_agents: grant}}]
    agents:
      - {email: owner@acme.example, name: Account Owner, role: owner}
      - email: mia@acme.example
        name: Mia
        role: agent
        gender: female
        voice_status: both
        availability: {tickets: online}
        departments: {Support: {tickets: true, chats: true}}
        hours:
          - {days: [mon], from: "09:00", to: "17:00", services: [chats], departments: [Support]}
      - {email: bob@acme.example, name: {bob}, departments: {Support: {tickets: true}}}
"""
OTHERS = """
      - {email: zoe@acme.example, name: Zoe, departments: {Sales: {chats: true}}}
      - {email: nils@acme.example, name: Nils, role: Lead}
"""
SECTIONS = """
        alias: Mia C.
        chat: {max_load: 4}
        panel: {theme: dark}
        to_solve_only: true
        sounds: {new_chat: chime}
"""
NAMES = ("owner", "mia", "bob", "zoe", "nils")
CASES = [(surface, one) for one in BEHAVIOURS for surface in one.surfaces]


class Team(NamedTuple):
    """An account, the project that differs from it in Bob's name, and the ids of its agents."""

    live: Account
    project: Path
    people: Mapping[str, str]


def team_text(surface: str, bob: str) -> str:
    """Return the files of a surface; API v3 has neither roles nor the settings of agents."""
    text = TEAM.replace("{bob}", bob)
    if surface == "v3":
        head, _, rest = text.partition("    roles:")
        return head + rest.partition("\n")[2]
    head, mia, rest = text.partition("        voice_status: both\n")
    return head + mia + SECTIONS.lstrip("\n") + rest


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Team]]:
    with ExitStack() as stack:
        yield {name: team_of(name, tmp_path_factory.mktemp(name), stack) for name in ("v3", "full")}


def team_of(surface: Any, folder: Path, stack: ExitStack) -> Team:
    """Return a team on a surface; the account runs until the stack is closed."""
    before = write_project(folder / "before", team=team_text("full", "Bob") + OTHERS.lstrip("\n"))
    with account(folder) as live:
        live.apply(before)
    live = stack.enter_context(account(folder, surface=surface))
    people = {name: live.agent(f"{name}@acme.example")["id"] for name in NAMES}
    return Team(live, write_project(folder / "p", team=team_text(surface, "Robert")), people)


@pytest.mark.parametrize(
    ("surface", "behaviour"), CASES, ids=[f"{name}: {one.name}" for name, one in CASES]
)
def test_a_behaviour_is_harmless_or_refused_with_list_row_and_field(
    surface: str,
    behaviour: Behaviour,
    teams: Mapping[str, Team],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team = teams[surface]
    altered = AlteredAccount(monkeypatch, team.people, [behaviour])
    result = team.live.run("plan", str(team.project), "--detailed-exitcode", "--format", "json")
    assert altered.seen == {behaviour.name}
    assert "[internal]" not in result.stderr
    for words in behaviour.names:
        assert words in " ".join(result.stderr.split())
    assert "run again" not in result.stderr  # both readings are equal
    if behaviour.refused:
        assert (result.exit_code, result.stdout) == (1, "")
        return
    assert result.exit_code == 2, result.output
    plan = json.loads(result.stdout)
    assert changes(plan) == {"agent/bob@acme.example": "update"}
    assert plan["manual_steps"] == []


@pytest.mark.parametrize("surface", ["v3", "full"])
def test_an_apply_and_an_export_are_right_with_many_behaviours_at_once(
    surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        team = team_of(surface, tmp_path, stack)
        chosen = [one for one in TOGETHER if surface in one.surfaces]
        altered = AlteredAccount(monkeypatch, team.people, chosen)
        report = team.live.run("apply", str(team.project), "--yes")
        assert report.exit_code == 0, report.output
        assert "Applied and read back" in report.output
        assert {one.name for one in chosen} <= altered.seen
        again = team.live.run("plan", str(team.project), "--detailed-exitcode")
        assert again.exit_code == 0, again.output
        assert "not in GET" in " ".join(again.stderr.split())
        exported = team.live.run("export", str(tmp_path / "exported"))
        assert exported.exit_code == 0, exported.output
        drift = team.live.run("drift", str(team.project))
        assert "gender is 7" in drift.stderr
        assert "gender is 7" in exported.stderr
        after = team.live.run("plan", str(tmp_path / "exported"), "--format", "json")
        assert changes(json.loads(after.stdout)) == {}
        assert [path for _, path in team.live.writes() if "bot00001" in path] == []


def test_a_snapshot_keeps_what_was_not_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        team = team_of("full", tmp_path, stack)
        AlteredAccount(monkeypatch, team.people, TOGETHER)
        file = tmp_path / "account.json"
        assert team.live.run("snapshot", str(team.project), "--out", str(file)).exit_code == 0
        seen = team.live.run("plan", str(team.project)).stderr
        assert team.live.run("plan", str(team.project), "--snapshot", str(file)).stderr == seen
        assert "gender is" in seen
