"""Freeze windows: which moments they cover, and when runs may write again."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioner.app.open_project import open_project_root, validate
from provisioner.model.consent import FreezeWindow
from provisioner.planning.consent.freeze import Freeze, freeze_at
from tests.support import write_project

PRAGUE = "Europe/Prague"
"""The clock is set to 03:00 at 02:00 on 2026-03-29, and back to 02:00 at 03:00 on 2026-10-25."""

FRIDAYS = '{days: [fri], from: "16:00", to: "24:00", reason: weekend}'
WEEKEND = f"{FRIDAYS}, {{days: [sat, sun], reason: weekend}}"
NIGHTS = '{days: [mon, sun], from: "22:00", to: "02:30", reason: night}'
TO_HALF_PAST_TWO = '{days: [sun], to: "02:30", reason: r}'
FROM_HALF_PAST_TWO = '{days: [sun], from: "02:30", to: "04:00", reason: r}'
SALE = "{from: 2026-12-24, until: 2027-01-02, reason: sale}"
OFFICE = '{kind: allow, days: [mon, tue, thu], from: "09:00", to: "15:00", reason: office}'


def windows(folder: Path, text: str) -> tuple[FreezeWindow, ...]:
    project = write_project(folder, provisioner=f"freeze: [{text}]")
    return open_project_root(project).settings.consent.windows


def frozen(folder: Path, text: str, moment: str, *exempt: str, zone: str = PRAGUE) -> Freeze | None:
    at = datetime.fromisoformat(moment)
    return freeze_at(windows(folder, text), at, zone, frozenset(exempt))


@pytest.mark.parametrize(
    ("text", "moment", "until"),
    [
        (FRIDAYS, "2026-11-27T15:59+01:00", ""),
        (FRIDAYS, "2026-11-27T16:00+01:00", "2026-11-28 00:00"),
        (FRIDAYS, "2026-11-27T22:59Z", "2026-11-28 00:00"),
        (FRIDAYS, "2026-11-27T23:00Z", ""),
        (FRIDAYS, "2026-11-26T20:00+01:00", ""),
        (WEEKEND, "2026-11-27T18:00+01:00", "2026-11-30 00:00"),  # windows that touch are one
        (NIGHTS, "2026-11-24T01:00+01:00", "2026-11-24 02:30"),  # the day on which it begins
        (NIGHTS, "2026-11-25T01:00+01:00", ""),
        (SALE, "2026-12-23T22:59Z", ""),
        (SALE, "2026-12-23T23:00Z", "2027-01-03 00:00"),
        (SALE, "2027-01-02T23:59+01:00", "2027-01-03 00:00"),
        (SALE, "2027-01-03T00:00+01:00", ""),
        (OFFICE, "2026-11-26T09:00+01:00", ""),
        (OFFICE, "2026-11-26T15:00+01:00", "2026-11-30 09:00"),  # from Thursday to Monday
        (f"{OFFICE}, {FRIDAYS}", "2026-11-27T10:00+01:00", "2026-11-30 09:00"),
        (f"{OFFICE}, {SALE}", "2026-12-28T10:00+01:00", "2027-01-04 09:00"),  # deny beats allow
        # The clock skips 02:30 and repeats it: a freeze is longer rather than shorter.
        (NIGHTS, "2026-03-29T23:00+02:00", "2026-03-30 02:30"),
        (TO_HALF_PAST_TWO, "2026-03-29T00:30Z", "2026-03-29 03:30"),
        (TO_HALF_PAST_TWO, "2026-10-25T00:45Z", "2026-10-25 02:30"),
        (TO_HALF_PAST_TWO, "2026-10-25T01:30Z", ""),
        (FROM_HALF_PAST_TWO, "2026-10-25T00:30Z", "2026-10-25 04:00"),
    ],
)
def test_a_window_freezes_until_its_end(text: str, moment: str, until: str, tmp_path: Path) -> None:
    freeze = frozen(tmp_path, text, moment)
    assert (f"{freeze.until:%Y-%m-%d %H:%M}" if freeze else "") == until


def test_a_window_without_an_end_is_described_so(tmp_path: Path) -> None:
    every = "{days: [mon, tue, wed, thu, fri, sat, sun], reason: closed}"
    freeze = frozen(tmp_path, every, "2026-11-26T10:00Z")
    assert freeze
    assert freeze.until is None
    assert freeze.end == "without an end within a year"


def test_an_unknown_zone_is_taken_as_utc(tmp_path: Path) -> None:
    freeze = frozen(tmp_path, FRIDAYS, "2026-11-27T16:00Z", zone="(GMT+99) Nowhere")
    assert freeze
    assert freeze.end == "until 2026-11-28 00:00 (UTC)"


@pytest.mark.parametrize(
    ("exempt", "is_frozen"), [((), True), (("undo",), False), (("suspensions",), True)]
)
def test_a_window_exempts_what_it_lists(
    exempt: tuple[str, ...], is_frozen: bool, tmp_path: Path
) -> None:
    text = FRIDAYS.replace("reason", "except: [undo], reason")
    freeze = frozen(tmp_path, text, "2026-11-27T17:00Z", *exempt)
    assert (freeze is not None) is is_frozen


ALL = (
    FreezeWindow("w", False, ("fri", "sat"), "20:00", "02:30"),
    FreezeWindow("w", False, ("sun",), "02:30", "24:00"),
    FreezeWindow("w", False, (), "2026-03-28", "2026-03-30"),
    FreezeWindow("w", True, ("sun", "mon", "wed"), "01:30", "02:30"),
)


START = datetime(2026, 3, 15, tzinfo=UTC)


@given(
    st.sets(st.sampled_from(ALL), min_size=1),
    st.integers(0, 30 * 24 * 60).map(lambda number: START + timedelta(minutes=number)),
)
@example({ALL[0]}, datetime(2026, 3, 28, 23, tzinfo=UTC))
@example({ALL[1]}, datetime(2026, 10, 25, 1, tzinfo=UTC))
def test_runs_may_write_at_the_end_of_a_freeze_and_not_before(
    chosen: set[FreezeWindow], moment: datetime
) -> None:
    given_windows = [*chosen]
    freeze = freeze_at(given_windows, moment, PRAGUE, frozenset())
    if freeze and freeze.until:
        assert freeze.until > moment
        assert freeze_at(given_windows, freeze.until, PRAGUE, frozenset()) is None
        just_before = max(moment, freeze.until.astimezone(UTC) - timedelta(seconds=1))
        assert freeze_at(given_windows, just_before, PRAGUE, frozenset())


@pytest.mark.parametrize(
    "entry",
    [
        "{days: [fri], from: 2026-12-24, reason: r}",
        "{days: [fri], until: 2026-12-24, reason: r}",
        '{days: [fri], from: "08:00", to: "08:00", reason: r}',
        "{from: 2026-12-24, reason: r}",
        '{from: "08:00", until: 2026-12-24, reason: r}',
        '{from: 2026-12-24, until: 2026-12-26, to: "08:00", reason: r}',
        "{from: 2026-12-24, until: 2026-12-23, reason: r}",
        "{from: 2026-02-30, until: 2026-03-01, reason: r}",
        "{reason: r}",
    ],
)
def test_a_window_of_neither_form_is_an_error_at_its_place(entry: str, tmp_path: Path) -> None:
    team = "agents: [{email: mia@acme.example}]"
    project = write_project(tmp_path, provisioner=f"freeze:\n  - {entry}", team=team)
    [finding] = validate(project).findings
    assert (finding.code, str(finding.span)) == ("freeze-window", "provisioner.yaml:2:5")
