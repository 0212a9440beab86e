"""Checks an account for `provisioner doctor`, with reading calls alone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from provisioner.diagnostics import RejectedError, TargetError
from provisioner.live.checkup import CheckResult, failed, of_diagnostic, passed, warned
from provisioner.live.state import Surface
from provisioner.liveagent.account_lists import EXTENDED, SURFACE_HEADER
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.http.refusals import (
    APPLY,
    APPLY_FULL,
    FULL_READS,
    V3_READS,
    ReadCall,
    needed_privilege,
)
from provisioner.liveagent.on_demand_reader import TIMEZONE
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.model.settings import REQUESTS_PER_MINUTE
from provisioner.model.zones import zone_of_label

CLOCK_SECONDS = 60
"""Difference between the account's clock and ours that is reported."""

_LIMIT_WORDS = ("ratelimit", "rate-limit", "retry-after")
_ALL = "all"


def check_account(client: Client, per_minute: int, now: datetime) -> Iterator[CheckResult]:
    """Yield the results of all checks of an account; the first shows whether it answers."""
    try:
        headers = _first_headers(client)
    except TargetError as error:
        yield of_diagnostic(
            "key" if isinstance(error, RejectedError) else "target", error.diagnostics[0]
        )
        return
    surface = Surface.FULL if headers.get(SURFACE_HEADER) == EXTENDED else Surface.V3
    yield passed("target", f"{client.root} answers")
    yield from _key_reads(client, surface)
    yield _key_writes(client, APPLY_FULL if surface is Surface.FULL else APPLY)
    yield _surface(surface)
    yield _clock(headers, now)
    yield _limits(headers, per_minute)
    yield _account_zone(client)
    yield _assumptions(client)


def _first_headers(client: Client) -> Mapping[str, str]:
    """Return the headers of the first list that the key may read."""
    refusal: RejectedError | None = None
    for path in ("/grid/agents", "/agents", "/grid/departments"):
        try:
            return client.call("GET", path, params={"_perPage": 10}).headers
        except RejectedError as error:
            refusal = refusal or error
    if refusal is None:
        raise AssertionError("no list was asked for")
    raise refusal


def _key_reads(client: Client, surface: Surface) -> Iterator[CheckResult]:
    """Yield whether the key may read what a plan needs."""
    calls = FULL_READS if surface is Surface.FULL else V3_READS
    problems = [problem for call in calls if (problem := _read_problem(client, call))]
    yield from problems
    if not problems:
        yield passed("key", "the key may read everything that a plan needs")


def _read_problem(client: Client, call: ReadCall) -> CheckResult | None:
    try:
        client.call("GET", call.path, params=_params(call))
    except RejectedError as error:
        summary = f"the key may not read GET {call.path}: {error}"
        privilege = needed_privilege("GET", call.path)
        hint = f"give the key the privilege {privilege} (see docs/surfaces.md)"
        if call.effect:
            return warned("key", summary, f"{hint}; without it {call.effect}")
        return failed("key", summary, f"{hint}; no plan can be made without it")
    except TargetError as error:
        return of_diagnostic("key", error.diagnostics[0])
    return None


def _params(call: ReadCall) -> dict[str, str | int]:
    return {"settingsNames": TIMEZONE} if call.path == "/settings" else {"_perPage": 10}


def _key_writes(client: Client, needed: tuple[str, ...]) -> CheckResult:
    """Return whether the account lists the privileges of the key, and those of an apply are there.

    A write can't be tried without writing.
    """
    unproved = "the account does not show whether the key may write"
    hint = "the first apply shows it; compare the key in the panel with docs/surfaces.md"
    try:
        held = _privileges_of_key(client)
    except TargetError as error:
        return warned("privileges", f"{unproved}: {error}", hint)
    if not held:
        return warned("privileges", f"{unproved}: it lists no privileges of this key", hint)
    missing = [
        one for one in needed if one not in held and f"{one.split('.')[0]}.{_ALL}" not in held
    ]
    if missing:
        names = ", ".join(missing)
        return warned(
            "privileges",
            f"the key lacks privileges that an apply needs: {names}",
            "give the key these privileges, or use it for plans only",
        )
    return passed(
        "privileges", f"the key has the privileges that an apply needs: {', '.join(needed)}"
    )


def _privileges_of_key(client: Client) -> frozenset[str]:
    """Return the listed privileges of the client's own key, such as `agent.manage`.

    The list of keys has no privileges; only a key that is read alone has them (D: models ApiKey and
    ApiKeyWithPrivileges).

    Raises:
        TargetError: a key can't be read.
    """
    rows = client.call("GET", "/apikeys", params={"_perPage": 100}).content
    ids = [
        row.get("id")
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and client.is_own_key(row.get("key"))
    ]
    held = set()
    for key_id in ids:
        row = client.call("GET", f"/apikeys/{quoted(key_id)}").content
        entries = row.get("privileges") if isinstance(row, dict) else None
        for entry in entries or ():
            held |= {f"{entry.get('object')}.{name}" for name in entry.get("privileges") or ()}
    return frozenset(held)


def _surface(surface: Surface) -> CheckResult:
    if surface is Surface.FULL:
        return passed("surface", "full: the API writes every setting")
    return passed("surface", "v3: settings that the API can't write become manual steps")


def _clock(headers: Mapping[str, str], now: datetime) -> CheckResult:
    try:
        theirs = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return warned("clock", "the account does not send the time", "compare the clock yourself")
    seconds = round(abs((now - theirs).total_seconds()))
    if seconds <= CLOCK_SECONDS:
        return passed("clock", "the clocks of this machine and of the account agree")
    return warned(
        "clock",
        f"the clocks of this machine and of the account differ by {seconds} s",
        "set the clock of this machine; records and dates of runs depend on it",
    )


def _limits(headers: Mapping[str, str], per_minute: int) -> CheckResult:
    sent = [
        f"{name}: {value}"
        for name, value in headers.items()
        if any(word in name.lower() for word in _LIMIT_WORDS)
    ]
    shown = f"; the account sends {', '.join(sent)}" if sent else ""
    if per_minute > REQUESTS_PER_MINUTE:
        return warned(
            "limits",
            f"requests_per_minute is {per_minute}, and LiveAgent documents {REQUESTS_PER_MINUTE}"
            f"{shown}",
            f"set requests_per_minute to {REQUESTS_PER_MINUTE} or less",
        )
    own = f"at most {per_minute} requests a minute" if per_minute else "no limit of our own"
    return passed("limits", f"{own}{shown}")


def _account_zone(client: Client) -> CheckResult:
    hint = "write account.timezone into provisioner.yaml if agents have planned hours"
    try:
        rows = client.call("GET", "/settings", params={"settingsNames": TIMEZONE}).content
    except TargetError as error:
        return warned("account zone", f"the account does not show its time zone: {error}", hint)
    values = [row.get("value") for row in rows or () if isinstance(row, dict)]
    label = str(next(filter(None, values), ""))
    zone = zone_of_label(label)
    if zone is None:
        shown = f'"{label}" is no zone that this machine knows' if label else "it is not set"
        return warned("account zone", f"the account's time zone is unknown: {shown}", hint)
    return passed("account zone", f"the account's time zone is {zone}")


def _assumptions(client: Client) -> CheckResult:
    known = sum(map(client.capabilities.confirms, ASSUMPTIONS))
    summary = f"{known} of {len(ASSUMPTIONS)} assumptions about the account are confirmed"
    if known:
        return passed("assumptions", summary)
    hint = "provisioner probe -t TARGET --agent EMAIL finds out how the account behaves"
    return warned("assumptions", summary, hint)
