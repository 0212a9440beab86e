"""Hours in accounts that number days, or write times, in another way than assumed."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from provisioner.sandbox.switches import Switches
from tests.support import KEY, Account, account, write_project

WEEK = (
    '{days: [mon, wed], from: "09:00", to: "17:30", services: [chats]}, '
    '{days: [sun], from: "20:00", to: "24:00", services: [chats]}'
)
TUESDAY = '{days: [tue], from: "09:00", to: "17:30", services: [chats]}'
TEAM = """
    departments: [{{name: General}}]
    agents:
      - email: owner@acme.example
        departments: {{General: {{chats: true}}}}
        hours: [{hours}]
"""
SURFACES = pytest.mark.parametrize("surface", ["v3", "full"])


def project_of(folder: Path, live: Account, hours: str = WEEK, setting: str = "") -> Path:
    """Write a project with hours for the owner, and a target with a setting of hours."""
    own = f", hours: {{{setting}}}" if setting else ""
    target = f"{{url: '{live.server.url}', api_key: {{file: key}}{own}}}"
    config = f"targets: {{desk: {target}}}\ndefault_target: desk\n"
    project = write_project(folder, team=TEAM.format(hours=hours), provisioner=config)
    (project / "key").write_text(KEY, encoding="utf-8")
    (project / "key").chmod(0o600)
    return project


def stored(folder: Path) -> list[tuple[int, str, str]]:
    """Return day (Monday is 0), begin and end of the account's shifts."""
    with closing(connect(folder / "account.db")) as database:
        return sorted(database.execute("SELECT day, start, end FROM device_plans"))


def add_shift(live: Account, day: int, start: str = "09:00:00", end: str = "17:30:00") -> None:
    """Add a shift for the owner's chats, as a person does in the panel."""
    devices = live.everything("/devices")
    chats = next(one["id"] for one in devices if one["service_type"] == "T")
    row = {"day": day, "start": start, "end": end}
    path = f"/devices/{chats}/departments/default/plans"
    live.call("POST", path, {"DeviceDepartments": [row]})


@SURFACES
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("first_day", ["mon", "sun"])
def test_hours_are_on_their_days_where_the_target_has_the_form(
    tmp_path: Path, surface: str, base: int, first_day: Any
) -> None:
    switches = Switches(
        plan_day_base=base,  # type: ignore[arg-type]
        plan_first_day=first_day,
        plan_time_format="HH:MM",
        plan_midnight="24:00",
    )
    setting = f"first_day: {first_day}, first_number: {base}, times: 'HH:MM', midnight: '24:00'"
    with account(tmp_path, surface=surface, switches=switches) as live:
        project = project_of(tmp_path / "p", live, setting=setting)
        first = live.run("apply", str(project), "--yes")
        assert first.exit_code == 0, first.output
        assert "hours" not in first.stderr
        plan = live.run("plan", str(project), "--detailed-exitcode")
    assert plan.exit_code == 0, plan.output
    assert stored(tmp_path) == [
        (0, "09:00", "17:30"),
        (2, "09:00", "17:30"),
        (6, "20:00", "24:00"),
    ]


@SURFACES
def test_unconfirmed_numbers_are_named_once_in_plan_and_report(
    tmp_path: Path, surface: str
) -> None:
    with account(tmp_path, surface=surface) as live:
        project = project_of(tmp_path / "p", live)
        plan = live.run("plan", str(project), "--out", str(tmp_path / "plan.json"))
        data = live.plan(project)
        saved = live.run("show", str(tmp_path / "plan.json"))
        comment = live.run("plan", str(project), "--format", "markdown")
        page = live.run("plan", str(project), "--format", "html")
        applied = live.run("apply", str(tmp_path / "plan.json"), "--yes")
        again = live.run("plan", str(project))
        project_of(tmp_path / "p", live, hours=TUESDAY)
        drift = live.run("drift", str(project))
    assert (plan.exit_code, applied.exit_code) == (0, 0), applied.output
    for output in (plan.stderr, saved.stderr, comment.stdout, page.stdout):
        assert output.count("hours-unconfirmed") == 1
    assert [one["code"] for one in data["warnings"]] == ["hours-unconfirmed"]
    assert "hours: {first_day: mon, first_number: 0}" in data["warnings"][0]["hint"]
    assert "Not confirmed: planned hours are written with the days mon = 0" in applied.stdout
    assert "hours-unconfirmed" not in again.output
    assert (drift.exit_code, "hours-unconfirmed" in drift.output) == (0, False), drift.output


@SURFACES
def test_facts_confirm_the_numbers_too(tmp_path: Path, surface: str) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_day_base=1)) as live:
        project = project_of(tmp_path / "p", live)
        facts = "{plan_day_base: 1, plan_first_day: mon}"
        write_project(project, capabilities=f"targets: {{desk: {{facts: {facts}}}}}")
        applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == 0, applied.output
    assert "hours-unconfirmed" not in applied.output
    assert [day for day, *_ in stored(tmp_path)] == [0, 2, 6]


@SURFACES
def test_a_day_that_the_account_refuses_keeps_the_former_hours(
    tmp_path: Path, surface: str
) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_day_base=1)) as live:
        add_shift(live, 1)
        before = stored(tmp_path)
        project = project_of(tmp_path / "p", live)
        applied = live.run("apply", str(project), "--yes")
        assert applied.exit_code in {1, 4}, applied.output
        output = " ".join(applied.stdout.split())
        assert "Invalid value for 'day'" in output
        assert "the former hours are in place again" in output
        assert "set `hours` of the target" in output
    assert stored(tmp_path) == before


@SURFACES
def test_hours_that_cannot_be_put_back_show_both_refusals(tmp_path: Path, surface: str) -> None:
    with account(tmp_path, surface=surface) as live:
        add_shift(live, 1)
    switches = Switches(plan_time_format="HH:MM", plan_day_base=1)
    with account(tmp_path, surface=surface, switches=switches) as live:
        setting = "first_day: mon, first_number: 1, times: 'HH:MM:SS'"
        project = project_of(tmp_path / "p", live, setting=setting)
        applied = live.run("apply", str(project), "--yes")
    output = " ".join(applied.stdout.split())
    assert output.count("must be a time like HH:MM") == 2
    assert "the former hours are deleted" in output
    assert stored(tmp_path) == []


@SURFACES
def test_refused_hours_are_not_reported_as_written(tmp_path: Path, surface: str) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_time_format="HH:MM")) as live:
        project = project_of(tmp_path / "p", live)
        applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == 4, applied.output
    assert "must be a time like HH:MM" in applied.stdout
    assert "[hours-unconfirmed]" in applied.stderr  # of the plan
    assert "hours are written" not in applied.stdout
    assert stored(tmp_path) == []


@SURFACES
def test_without_a_setting_a_wrong_day_is_written_with_a_warning(
    tmp_path: Path, surface: str
) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_day_base=1)) as live:
        project = project_of(tmp_path / "p", live, hours=TUESDAY)
        applied = live.run("apply", str(project), "--yes")
    assert stored(tmp_path) == [(0, "09:00:00", "17:30:00")]
    assert "[hours-unconfirmed]" in applied.stderr
    assert "Not confirmed" in applied.stdout


@SURFACES
def test_day_7_shows_another_form_and_nothing_is_written(tmp_path: Path, surface: str) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_day_base=1)) as live:
        add_shift(live, 7)
        before = stored(tmp_path)
        project = project_of(tmp_path / "p", live)
        plan = live.run("plan", str(project))
        assert plan.exit_code == 1, plan.output
        assert "[hours-form]" in plan.stderr
        shown = live.run("show", "agent", "owner@acme.example", str(project))
        assert "sun" in shown.stdout
        project_of(tmp_path / "p", live, setting="first_day: mon, first_number: 0")
        wrong = live.run("plan", str(project))
        assert (wrong.exit_code, "[hours-form]" in wrong.stderr) == (1, True), wrong.output
        assert stored(tmp_path) == before
        project_of(tmp_path / "p", live, setting="first_day: mon, first_number: 1")
        applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == 0, applied.output
    assert [day for day, *_ in stored(tmp_path)] == [0, 2, 6]


@SURFACES
def test_the_form_of_times_is_that_of_the_rows(tmp_path: Path, surface: str) -> None:
    with account(tmp_path, surface=surface, switches=Switches(plan_time_format="HH:MM")) as live:
        add_shift(live, 1, "09:00", "17:30")
        project = project_of(tmp_path / "p", live)
        applied = live.run("apply", str(project), "--yes")
    assert applied.exit_code == 0, applied.output
    assert (6, "20:00", "23:59") in stored(tmp_path)


def test_a_plan_is_stale_when_the_form_changes(tmp_path: Path) -> None:
    with account(tmp_path) as live:
        project = project_of(tmp_path / "p", live)
        file = str(tmp_path / "plan.json")
        live.run("plan", str(project), "--out", file)
        project_of(tmp_path / "p", live, setting="first_day: sun, first_number: 1")
        applied = live.run("apply", file, "--yes")
    assert applied.exit_code == 3, applied.output
    assert stored(tmp_path) == []


def test_the_embedded_sandbox_needs_no_confirmation(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM.format(hours=WEEK))
    with account(tmp_path) as live:
        plan = live.run("plan", str(project), "-t", "sandbox")
    assert plan.exit_code == 0, plan.output
    assert "hours-unconfirmed" not in plan.stderr
