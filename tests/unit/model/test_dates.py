"""First and last days of agents, and temporary values: the state of a day, and the errors."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from provisioner.address import Kind
from provisioner.app.open_project import validate
from provisioner.model.dates.declared import DayRange, day_in
from provisioner.model.desired import Resource
from tests.support import write_project

MIA = "mia@acme.example"
HEAD = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - email: mia@acme.example
        name: Mia
"""
TEAM = (
    HEAD
    + """
        role: agent
        departments: {Support: {tickets: true}}
        chat: {priority: 5}
        starts: 2030-01-02
        ends: 2030-03-31
        temporary:
          - from: 2030-01-10
            until: 2030-01-20
            reason: Covers for Priya
            role: admin
            departments: {Support: {chats: true}, Sales: {tickets: true}}
            chat: {max_load: 9}
          - {from: 2030-01-21, until: 2030-01-21, reason: Audit, role: owner}
"""
)
SUPPORT = {"Support": {"tickets": True}}


def mia_on(folder: Path, day: str, text: str = TEAM) -> Resource | None:
    project = validate(write_project(folder, team=text, provisioner=ZONE))
    assert [one for one in project.findings if one.code != "temporary-base"] == []
    return next(iter(project.on(date.fromisoformat(day)).desired.of(Kind.AGENT)), None)


ZONE = "account: {timezone: Europe/Prague}\n"


@pytest.mark.parametrize(
    ("day", "role", "departments", "chat"),
    [
        ("2030-01-02", "agent", SUPPORT, {"priority": 5}),
        (
            "2030-01-10",
            "admin",
            {"Support": {"tickets": True, "chats": True}, "Sales": {"tickets": True}},
            {"priority": 5, "max_load": 9},
        ),
        # What has no permanent value is reset: departments are whole, so Sales needs no null.
        (
            "2030-01-21",
            "owner",
            {"Support": {"tickets": True, "chats": None}},
            {"priority": 5, "max_load": None},
        ),
        (
            "2030-03-31",
            "agent",
            {"Support": {"tickets": True, "chats": None}},
            {"priority": 5, "max_load": None},
        ),
    ],
)
def test_an_entry_is_laid_over_the_agent_from_its_first_to_its_last_day(
    day: str, role: str, departments: object, chat: object, tmp_path: Path
) -> None:
    mia = mia_on(tmp_path, day)
    assert mia is not None
    assert (mia.attributes["role"], mia.attributes["departments"]) == (role, departments)
    assert mia.attributes["chat"] == chat
    assert not mia.suspended


def test_before_the_first_day_the_agent_waits_and_after_the_last_one_access_ends(
    tmp_path: Path,
) -> None:
    assert mia_on(tmp_path, "2030-01-01") is None
    ended = mia_on(tmp_path, "2030-04-01")
    assert ended is not None
    assert ended.suspended
    assert str(ended.span("role")) == "team.yaml:11:11"  # where `ends` is
    deleted = mia_on(tmp_path, "2030-04-01", TEAM.replace("ends:", "on_end: delete\n        ends:"))
    assert deleted is not None
    assert deleted.absent


def test_a_day_of_a_day_is_a_day_of_the_files(tmp_path: Path) -> None:
    project = validate(write_project(tmp_path, team=TEAM, provisioner=ZONE))
    for first in ("2030-01-01", "2030-01-15", "2030-04-01"):
        later = project.on(date.fromisoformat(first)).on(date(2030, 1, 15))
        assert later.desired.resources == project.on(date(2030, 1, 15)).desired.resources


def test_a_value_names_the_line_of_its_entry(tmp_path: Path) -> None:
    mia = mia_on(tmp_path, "2030-01-10")
    assert mia is not None
    assert str(mia.span("role")) == "team.yaml:16:15"
    assert str(mia.span("departments", "Support", "tickets")) == "team.yaml:8:38"


ERRORS = {
    "starts: 2030-02-01\n        ends: 2030-01-31": ["dates-order"],
    "starts: 2030-02-01\n        ends: 2030-02-01": [],
    "ends: 2030-02-30": ["invalid-value"],
    "ends: tomorrow": ["invalid-value"],
    "ends: null": ["null-not-allowed"],
    "on_end: suspend": ["end-without-date"],
    "ends: 2030-01-31\n        on_end: forget": ["invalid-value"],
    "temporary: [{from: 2030-02-01, until: 2030-01-31, reason: x, role: admin}]": ["dates-order"],
    "temporary: [{from: 2030-01-01, until: 2030-01-32, reason: x, role: admin}]": ["invalid-value"],
    "temporary: [{from: 2030-01-01, reason: x, role: admin}]": ["missing-key"],
    "temporary: [{from: 2030-01-01, until: 2030-01-31, role: admin}]": ["missing-key"],
    "temporary: [{from: 2030-01-01, until: 2030-01-31, reason: x}]": ["missing-key"],
    "temporary: [{from: 2030-01-01, until: 2030-01-31, reason: x, rolle: admin}]": ["unknown-key"],
    "temporary: [{from: 2030-01-01, until: 2030-01-31, reason: x, name: M}]": ["unknown-key"],
    "temporary: [{from: 2030-01-01, until: 2030-01-31, reason: x, role: Boss}]": ["unknown-role"],
    "temporary: {role: admin}": ["wrong-type"],
    "temporary:\n"
    "        - {from: 2030-01-01, until: 2030-01-05, reason: x, role: admin}\n"
    "        - {from: 2030-01-05, until: 2030-01-09, reason: y, role: owner}": [
        "temporary-overlap"
    ],
    "temporary:\n"
    "        - {from: 2030-01-01, until: 2030-01-04, reason: x, role: admin}\n"
    "        - {from: 2030-01-05, until: 2030-01-09, reason: y, role: owner}": [],
    "temporary:\n"
    "        - {from: 2030-01-01, until: 2030-01-05, reason: x, departments: {Sales: {}}}\n"
    "        - {from: 2030-01-01, until: 2030-01-05, reason: y, departments: null}": [
        "temporary-overlap"
    ],
    "temporary:\n"
    "        - {from: 2030-01-01, until: 2030-01-05, reason: x, departments: {Sales: {}}}\n"
    "        - {from: 2030-01-01, until: 2030-01-05, reason: y, role: admin}": [],
    "temporary: [{from: 2030-01-01, until: 2030-01-05, reason: x, departments: {Slaes: {}}}]": [
        "unknown-department"
    ],
    "to_solve_only: true\n"
    "        temporary: [{from: 2030-01-01, until: 2030-01-05, reason: x, role: admin}]": [
        "to-solve-only-role"
    ],
    "temporary: [{from: 2030-01-01, until: 2030-01-05, reason: x, chat: {max_load: 3}}]": [
        "temporary-base"
    ],
}


@pytest.mark.parametrize("lines", ERRORS)
def test_the_dates_of_an_agent_are_checked_long_before_the_day(lines: str, tmp_path: Path) -> None:
    text = f"{HEAD}        role: agent\n        departments: {{}}\n        {lines}\n"
    findings = validate(write_project(tmp_path, team=text, provisioner=ZONE)).findings
    assert [one.code for one in findings] == ERRORS[lines]
    assert all(one.span is not None and one.hint for one in findings)


def test_temporary_departments_need_permanent_ones(tmp_path: Path) -> None:
    entry = "[{from: 2030-01-01, until: 2030-01-05, reason: x, departments: {Sales: {}}}]"
    text = f"{HEAD}        temporary: {entry}\n"
    (finding,) = validate(write_project(tmp_path, team=text, provisioner=ZONE)).findings
    assert (finding.code, finding.severity.value) == ("temporary-base", "error")


def test_dates_without_the_zone_of_the_account_get_one_warning(tmp_path: Path) -> None:
    (finding,) = validate(write_project(tmp_path, team=TEAM.replace("chat:", "#"))).findings[:1]
    assert finding.code == "dates-without-timezone"


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2030-03-31T23:59:59+00:00", "2030-03-31"),
        ("Europe/Prague", "2030-03-30T22:59:59+00:00", "2030-03-30"),
        ("Europe/Prague", "2030-03-30T23:00:00+00:00", "2030-03-31"),
        # Daylight saving begins on this day: it has 23 hours.
        ("Europe/Prague", "2030-03-31T21:59:59+00:00", "2030-03-31"),
        ("Europe/Prague", "2030-03-31T22:00:00+00:00", "2030-04-01"),
        # It ends on this one, which has 25.
        ("Europe/Prague", "2030-10-26T22:00:00+00:00", "2030-10-27"),
        ("Europe/Prague", "2030-10-27T22:59:59+00:00", "2030-10-27"),
        ("Europe/Prague", "2030-10-27T23:00:00+00:00", "2030-10-28"),
        ("Pacific/Auckland", "2030-01-01T11:00:00+00:00", "2030-01-02"),
        ("America/New_York", "2030-01-02T04:59:59+00:00", "2030-01-01"),
    ],
)
def test_a_day_is_one_of_the_zone(zone: str, moment: str, day: str) -> None:
    at = datetime.fromisoformat(moment)
    assert at.tzinfo == UTC
    assert day_in(zone, at).isoformat() == day


def test_both_days_of_a_range_belong_to_it() -> None:
    days = DayRange(date(2030, 1, 2), date(2030, 1, 3))
    assert [days.holds(date(2030, 1, day)) for day in (1, 2, 3, 4)] == [False, True, True, False]
    assert days.day_after == date(2030, 1, 4)
    assert DayRange(None, date.max).day_after is None
