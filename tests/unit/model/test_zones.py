"""Labels by which an account may name its zone."""

import zoneinfo
from collections.abc import Iterator

import pytest

from provisioner.live.state import AccountFacts
from provisioner.model import zones


@pytest.mark.parametrize(
    ("label", "zone"),
    [
        ("Europe/Prague", "Europe/Prague"),
        ("(GMT+01:00) Prague", "Europe/Prague"),
        ("(UTC+02:00) Prague", "Europe/Prague"),
        ("(GMT) London", "Europe/London"),
        ("(GMT-05:00) New York", "America/New_York"),
        ("(GMT-03:00) Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("(GMT+00:00) UTC", "UTC"),
        ("(GMT+09:00) Prague", None),
        ("(GMT-05:00) Eastern Time (US & Canada)", None),
        ("(GMT+01:00) Amsterdam, Berlin, Bern", None),
        ("(GMT+99:99) Prague", None),
        ("Prague", None),
        ("", None),
        ("a\0b", None),
    ],
)
def test_a_label_is_mapped_where_it_fits_one_zone(label: str, zone: str | None) -> None:
    assert zones.zone_of_label(label) == zone


@pytest.mark.parametrize(
    ("reported", "declared", "zone"),
    [
        ("Europe/Prague", "Asia/Tokyo", "Europe/Prague"),
        ("(GMT+01:00) Prague", None, "Europe/Prague"),
        ("(GMT+01:00) Prague", "Europe/Vienna", "Europe/Vienna"),
        ("Central European Standard Time", "Europe/Vienna", "Europe/Vienna"),
        ("Central European Standard Time", None, "Central European Standard Time"),
        (None, "Europe/Vienna", "Europe/Vienna"),
        (None, None, None),
    ],
)
def test_what_the_project_says_counts_where_the_account_names_no_zone(
    reported: str | None, declared: str | None, zone: str | None
) -> None:
    declared_facts = {"timezone": declared} if declared else {}
    assert AccountFacts(timezone=reported).completed(declared_facts).timezone == zone


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = zoneinfo.TZPATH
    monkeypatch.setitem(__import__("sys").modules, "tzdata", None)
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    clear()
    yield
    zoneinfo.reset_tzpath(before)
    clear()


def clear() -> None:
    for cached in (zones.zone_exists, zones.zone_of_label, zones.offset_between, zones._names):
        cached.cache_clear()


@pytest.mark.usefixtures("no_database")
def test_a_machine_without_zones_is_named() -> None:
    assert not zones.zone_exists("Europe/Prague")
    assert zones.offset_between("Europe/Prague", "UTC") is None
    assert "pip install tzdata" in zones.zone_hint()
