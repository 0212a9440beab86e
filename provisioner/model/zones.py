"""Time zones: IANA names, and the labels that accounts may show instead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from provisioner.diagnostics import Diagnostic
from provisioner.documents import Document

REFERENCE_YEAR = 2026
"""The year in which zones are compared; planned hours repeat every week and have no date."""

_LABEL = r"\((?:GMT|UTC)(?:(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d))?\) (?P<city>.+)"
"""A label of a zone such as `(GMT+01:00) Prague` (U: the labels of accounts are unknown)."""

_REGIONS = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian"}
    | {"Pacific", "UTC"}
)
"""Prefixes of zone names; names without them are old spellings."""


def zone_of(name: str) -> tzinfo:
    """Return a time zone that exists. UTC needs no data of the machine."""
    return UTC if name == "UTC" else ZoneInfo(name)


@lru_cache(maxsize=1024)
def zone_exists(name: str) -> bool:
    """Return whether a time zone has this IANA name."""
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_zone(config: Document | None) -> Iterator[Diagnostic]:
    """Yield an error if the account's zone in a configuration does not exist."""
    zone = config.data.get("account", {}).get("timezone", "") if config else ""
    if config is not None and zone and not zone_exists(zone):
        yield Diagnostic(
            code="unknown-timezone",
            summary=f'account: there is no time zone "{zone}"',
            span=config.span(("account", "timezone")),
            hint=zone_hint(),
        )


def zone_hint(use: str = "write an IANA name such as Europe/Prague") -> str:
    """Return a hint for an unknown zone; the cause may be a missing zone database."""
    if not _names():
        return "this machine has no time zones; install them: pip install tzdata"
    return use


@lru_cache(maxsize=64)
def zone_of_label(label: str) -> str | None:
    """Return the IANA name for an account's label of its zone.

    Returns:
        The name, or None if the label matches no zone, or zones with different times.
    """
    if zone_exists(label):
        return label
    match = re.fullmatch(_LABEL, label)
    if match is None:
        return None
    city = match["city"].replace(" ", "_")
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
    offset = timedelta(minutes=-minutes if match["sign"] == "-" else minutes)
    fitting = [
        name
        for name in _names()
        if name.rpartition("/")[2] == city
        and name.partition("/")[0] in _REGIONS
        and offset in _offsets(name)
    ]
    same = all(offset_between(other, fitting[0]) == 0 for other in fitting[1:])
    return fitting[0] if fitting and same else None


@lru_cache(maxsize=1024)
def offset_between(zone: str, account: str) -> int | None:
    """Return the constant offset of the account's zone from another zone, in minutes.

    Returns:
        The minutes to add to times of the other zone, or None if the offset changes during the
        year or a zone is unknown.
    """
    if zone == account:
        return 0
    if not (zone_exists(zone) and zone_exists(account)):
        return None
    first = datetime(REFERENCE_YEAR, 1, 1, tzinfo=UTC)
    ours, theirs = zone_of(account), zone_of(zone)
    differences = set()
    for hour in range(0, 365 * 24, 6):
        moment = first + timedelta(hours=hour)
        differences.add(_offset(moment, ours) - _offset(moment, theirs))
        if len(differences) > 1:
            return None
    return int(differences.pop().total_seconds() // 60)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _offsets(name: str) -> set[timedelta]:
    """Return the offsets of a zone from UTC in winter and in summer."""
    zone = zone_of(name)
    return {_offset(datetime(REFERENCE_YEAR, month, 1, tzinfo=UTC), zone) for month in (1, 7)}


@cache
def _names() -> list[str]:
    return sorted(available_timezones())
