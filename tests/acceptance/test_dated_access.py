"""Access with an end, on an account: what begins, what lapses, and what a lapse must not touch."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.repository import Repository
from tests.support import Account, account, changes, write_project

MIA, LEE, ANN = "agent/mia@acme.example", "agent/lee@acme.example", "agent/ann@acme.example"
TEAM = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - email: mia@acme.example
        name: Mia
        role: agent
        departments: {Support: {tickets: true}}
        chat: {max_load: 3}
        temporary:
          - from: 2030-01-10
            until: 2030-01-20
            reason: Covers for Priya
            role: admin
            departments: {Sales: {chats: true}}
      - email: ann@acme.example
        name: Ann
        role: admin
        departments: {Support: {tickets: true}}
        temporary:
          - {from: 2030-01-10, until: 2030-01-20, reason: Parental leave, role: agent}
      - email: lee@acme.example
        name: Lee
        starts: 2030-01-05
        ends: 2030-02-10
        departments: {Support: {tickets: true}}
"""
SETTINGS = """
    version: 1
    account: {timezone: Europe/Prague}
    manage: {agents: {undeclared: delete}}
    protect: {agents: ["owner@acme.example"]}
"""


@pytest.fixture
def team(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", team=TEAM, provisioner=SETTINGS)


@pytest.fixture
def live(tmp_path: Path, team: Path) -> Iterator[Account]:
    """An account with the team of 2030-01-15."""
    with account(tmp_path) as running:
        applied(running, team, "2030-01-15")
        yield running


def applied(live: Account, team: Path, day: str, *options: str) -> str:
    result = live.run("apply", str(team), "--yes", "--at", day, *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def planned(live: Account, team: Path, day: str, *options: str) -> dict[str, Any]:
    return live.plan(team, "--at", day, *options)


def paths(plan: dict[str, Any], address: str) -> list[str]:
    (change,) = [one for one in plan["resource_changes"] if one["address"] == address]
    return [".".join(field["path"]) for field in change["fields"]]


def test_a_plan_records_its_day_and_the_days_on_which_it_is_the_same(
    live: Account, team: Path
) -> None:
    days = ("at", "valid_from", "valid_until")
    plan = planned(live, team, "2030-01-15")
    assert [plan[key] for key in days] == ["2030-01-15", "2030-01-10", "2030-01-20"]
    assert (changes(plan), plan["lapsed"]) == ({}, [])
    later = planned(live, team, "2030-01-21")
    assert [later[key] for key in days] == ["2030-01-21", "2030-01-21", "2030-02-10"]
    assert changes(later) == {MIA: "update", ANN: "update"}
    assert later["lapsed"][:2] == [
        {
            "address": ANN,
            "path": ["role"],
            "until": "2030-01-20",
            "reason": "Parental leave",
        },
        {
            "address": MIA,
            "path": ["departments", "Sales"],
            "until": "2030-01-20",
            "reason": "Covers for Priya",
        },
    ]
    assert [planned(live, team, "2031-01-01")[key] for key in days[1:]] == ["2030-02-11", None]


def test_a_plan_without_dates_has_no_day(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "plain", team="departments: [{name: Support}]")
    assert not {"at", "valid_from", "lapsed"} & live.plan(project).keys()


def test_who_waits_is_neither_created_nor_deleted(live: Account, team: Path) -> None:
    """The policy deletes undeclared agents, and Lee's account exists before the first day."""
    plan = planned(live, team, "2030-01-04")
    assert LEE not in changes(plan)
    assert LEE in [one["address"] for one in plan["undeclared"]]


def test_lapsed_takes_away_what_is_over_and_nothing_else(live: Account, team: Path) -> None:
    mia = live.agent("mia@acme.example")["id"]
    (team / "team.yaml").write_text(
        (team / "team.yaml").read_text().replace("max_load: 3", "max_load: 7")
    )
    newcomer = "      - {email: new@acme.example, name: New}\n"
    more = write_project(team.parent / "more", team=TEAM + newcomer, provisioner=SETTINGS)
    applied(live, more, "2030-01-15")
    live.server.requests.clear()
    plan = planned(live, team, "2030-02-11", "--lapsed")
    # Ann would get the role of an admin back: that waits for a review.
    assert changes(plan) == {MIA: "update", LEE: "update"}
    assert paths(plan, MIA) == ["departments.Sales", "role"]
    assert set(paths(plan, LEE)) <= {"departments.Support", "role", "availability"}
    applied(live, team, "2030-02-11", "--lapsed")
    assert live.agent("mia@acme.example")["id"] == mia
    assert changes(planned(live, team, "2030-02-11", "--lapsed")) == {}
    rest = planned(live, team, "2030-02-11")
    assert changes(rest) == {MIA: "update", ANN: "update", "agent/new@acme.example": "delete"}
    assert paths(rest, MIA) == ["chat.max_load"]


def test_a_value_that_somebody_has_changed_is_no_lapse(live: Account, team: Path) -> None:
    moved = write_project(
        team.parent / "moved",
        team=TEAM.replace("role: admin\n            dep", "role: owner\n            dep"),
        provisioner=SETTINGS,
    )
    applied(live, moved, "2030-01-15")
    assert paths(planned(live, team, "2030-01-21", "--lapsed"), MIA) == ["departments.Sales"]


def test_guards_hold_for_lapses(live: Account, team: Path) -> None:
    (team / "provisioner.yaml").write_text(
        (team / "provisioner.yaml").read_text() + "guards: {max_delete: 0}\n", "utf-8"
    )
    text = (team / "team.yaml").read_text().replace("ends:", "on_end: delete\n    ends:")
    (team / "team.yaml").write_text(text, "utf-8")
    live.server.requests.clear()
    result = live.run("apply", str(team), "--yes", "--lapsed", "--at", "2030-02-11")
    assert (result.exit_code, live.writes()) == (3, [])
    assert "too-many-deletes" in result.stderr


def test_a_saved_plan_is_refused_on_a_day_that_changes_it(
    live: Account, team: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.plan"
    planned(live, team, "2030-01-21", "--out", str(saved))
    live.server.requests.clear()
    for day in ("2030-01-20", "2030-02-11"):
        refused = live.run("apply", str(saved), "--yes", "--at", day)
        assert (refused.exit_code, live.writes()) == (3, [])
        assert "stale-plan" in refused.stderr
    assert live.run("apply", str(saved), "--yes", "--at", "2030-02-10").exit_code == 0


def test_drift_names_what_has_lapsed_and_never_accepts_it(live: Account, team: Path) -> None:
    before = (team / "team.yaml").read_text()
    drift = live.run("drift", str(team), "--at", "2030-02-11", "--format", "json")
    lapsed = json.loads(drift.stdout)["lapsed"]
    assert {"address": LEE, "path": [], "until": "2030-02-10", "reason": ""} in lapsed
    text = live.run("drift", str(team), "--at", "2030-02-11", "--detailed-exitcode")
    assert text.exit_code == 2
    assert "provisioner apply --lapsed" in text.stderr
    accepted = live.run("drift", str(team), "--at", "2030-02-11", "--accept-all")
    assert accepted.exit_code == 0, accepted.output
    after = (team / "team.yaml").read_text()
    assert after.replace("    role: agent\n    departments: {}\n", "") == before or after == before
    assert live.run("drift", str(team), "--accept", LEE, "--at", "2030-02-11").exit_code == 1


def test_the_forecast_lists_each_turn_with_its_cover(live: Account, team: Path) -> None:
    options = ("--at", "2030-01-05", "--days", "40", "--format", "json")
    data = json.loads(live.run("forecast", str(team), *options).stdout)
    events = [(one["date"], one["event"], one["address"]) for one in data["events"]]
    assert events == [
        ("2030-01-05", "starts", LEE),
        ("2030-01-10", "begins", ANN),
        ("2030-01-10", "begins", MIA),
        ("2030-01-21", "lapses", ANN),
        ("2030-01-21", "lapses", MIA),
        ("2030-02-11", "ends", LEE),
    ]
    assert (data["until"], data["timezone"]) == ("2030-02-14", "Europe/Prague")
    cover = [tuple(one.values()) for one in data["cover"]]
    assert sorted(cover, key=str) == sorted(
        [
            (3, 2, "2030-01-05", "Support", "tickets"),
            (1, 0, "2030-01-10", "Sales", "chats"),
            (0, 1, "2030-01-21", "Sales", "chats"),
            (2, 3, "2030-02-11", "Support", "tickets"),
        ],
        key=str,
    )
    text = live.run("forecast", str(team), "--at", "2030-01-21", "--days", "0").stdout
    assert "no longer (Covers for Priya): leaves Sales (chats), role: admin → agent" in text
    assert "Nobody is left for chats in Sales: 1 → 0." in text


def test_commands_that_edit_change_the_permanent_values(live: Account, team: Path) -> None:
    result = live.run("set", MIA, "role=owner", str(team), "--no-plan")
    assert result.exit_code == 0, result.output
    text = (team / "team.yaml").read_text()
    assert ("    role: owner\n" in text, "        role: admin\n" in text) == (True, True)
    explained = live.run("explain", MIA, "role", str(team), "--at", "2030-01-15").stdout
    assert explained.splitlines()[0] == "role: admin"
    access = live.run("access", str(team), "--format", "json")
    assert access.exit_code == 0, access.output


def test_a_merged_export_keeps_the_dates(live: Account, team: Path) -> None:
    """Export has no --at: all dates of these files are after any day of this test."""
    file = team / "team.yaml"
    file.write_text(file.read_text().replace(": 2030", ": 9030"))
    result = live.run("export", str(team), "--merge")
    assert result.exit_code == 0, result.output
    text = file.read_text()
    assert [text.count(word) for word in ("temporary:", "starts:", "lee@")] == [2, 1, 1]
    assert live.run("validate", str(team)).exit_code == 0


@pytest.mark.parametrize("options", [("--at", "tomorrow"), ("--lapsed", "--only", MIA)])
def test_wrong_options_are_wrong_usage(live: Account, team: Path, options: list[str]) -> None:
    assert live.run("plan", str(team), *options).exit_code == 64


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2030-01-19T22:59:59", "2030-01-19"), ("2030-01-20T23:00:00", "2030-01-21")],
)
def test_today_is_the_day_in_the_zone_of_the_account(
    live: Account, team: Path, moment: str, day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    monkeypatch.setattr("provisioner.cli.invocation.utc_now", lambda: at)
    assert live.plan(team) == planned(live, team, day)


def test_a_branch_shows_what_it_gives_on_a_later_day(
    live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reviewer must see a future admin, though the plan of today changes nothing."""
    at = datetime(2029, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("provisioner.cli.invocation.utc_now", lambda: at)
    branch = Repository.new(tmp_path / "branch")
    early = TEAM[: TEAM.index("        temporary:")]
    branch.commit("Begin", team=early, provisioner=SETTINGS)
    applied(live, branch.folder, "2029-01-01")
    branch.branch("later")
    entry = "[{from: 2030-01-10, until: 2030-01-20, reason: Audit, role: admin}]"
    branch.commit("Make Mia an admin for some days", team=f"{early}        temporary: {entry}\n")
    options = (str(branch.folder), "--at", "2029-01-01", "--base", "main", "--detailed-exitcode")
    shown = live.run("plan", *options)
    assert shown.exit_code == 2
    later = "Later, on 2030-01-10: mia@acme.example temporary until 2030-01-20 (Audit): role: "
    assert f"{later}agent → admin." in shown.stdout
    saved = tmp_path / "saved.plan"
    plan = json.loads(live.run("plan", *options, "--format", "json", "--out", str(saved)).stdout)
    assert [one["event"] for one in plan["upcoming"]] == ["begins", "lapses"]
    again = live.run("show", str(saved), "--format", "json")
    assert json.loads(again.stdout)["upcoming"] == plan["upcoming"]
    difference = live.run("diff", "main", "later", str(branch.folder), "--detailed-exitcode")
    assert (difference.exit_code, later in difference.stdout) == (2, True)


APPROVALS = """
    version: 1
    approvals:
      points: {owner: 5, raise: 2, lower: 1, delete: 1}
      owners:
        - {departments: [Support, Sales], reviewers: ["@leads"]}
        - {roles: [admin, owner], reviewers: ["@it"]}
"""
MEMBER = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {chats: true}}%s}
"""
HELPS = "{from: %s, until: %s, reason: Helps, role: %s}"
SHORT = f", temporary: [{HELPS % ('2028-12-20', '2029-01-10', 'admin')}]"
LONG = f", temporary: [{HELPS % ('2028-12-20', '2039-01-10', 'admin')}]"
LATER = f", temporary: [{HELPS % ('2029-02-01', '2029-02-02', 'admin')}]"
TWICE = f"{LATER[:-1]}, {HELPS % ('2029-03-01', '2029-03-02', 'owner')}]"
PAUSE = f", role: admin, temporary: [{HELPS % ('2029-02-01', '2029-02-02', 'agent')}]"
LEAVES = ", ends: 2029-02-01, on_end: delete"


@pytest.mark.parametrize(
    ("before", "after", "points", "reviewers"),
    [
        ("", LATER, {"raise": 2}, {"@leads", "@it"}),
        ("", TWICE, {"owner": 5, "raise": 2}, {"@leads", "@it"}),
        # A longer or permanent admin is one who would have gone.
        (SHORT, LONG, {"raise": 2}, {"@leads", "@it"}),
        (SHORT, SHORT + ", role: admin", {"raise": 2}, {"@leads", "@it"}),
        (LATER, "", {}, {"@leads", "@it"}),
        (", role: admin", PAUSE, {"lower": 1, "raise": 2}, {"@leads", "@it"}),
        ("", LEAVES, {"delete": 1}, {"@leads"}),
        (LEAVES, "", {}, {"@leads"}),
        (LEAVES, LEAVES + ", level: Senior", {}, {"@leads"}),
    ],
)
def test_later_days_need_the_approvals_of_today(
    tmp_path: Path, before: str, after: str, points: dict[str, int], reviewers: Any
) -> None:
    """Nobody reviews these days again."""
    branch = Repository.new(tmp_path / "branch")
    branch.commit("Begin", team=MEMBER % before, provisioner=APPROVALS)
    branch.branch("later")
    branch.commit("Change", team=MEMBER % after)
    with account(tmp_path) as live:
        plan = planned(live, branch.folder, "2029-01-01", "--base", "main")
        shown = live.run("plan", str(branch.folder), "--at", "2029-01-01", "--base", "main").stdout
    assert {one["risk"]: one["points"] for one in plan["approval_points"]} == points
    assert {one["reviewer"] for one in plan["reviewers"]} == reviewers
    assert ("Not any more, on" in shown) == (not after or before == SHORT)
