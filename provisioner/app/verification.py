"""Checks after an apply that the account has every value that was written.

LiveAgent may report success and change nothing, so the account is read again in bulk. Fields that
the plan does not write are not compared: other people may be editing them. Lists may show writes
late (U), and not all at the same time, so lists that do not agree are read again, too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.app.account_reading import read_back, written_hours
from provisioner.diagnostics import Diagnostic, Severity, TargetError
from provisioner.execution.polling import poll
from provisioner.execution.report import NotApplied, Report
from provisioner.execution.run_control import RunControl
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import DEFAULT_ROLE
from provisioner.live.state import LiveObject, LiveState, id_of_unnamed_role
from provisioner.live.unread import ObjectKey, is_unread, unread_fields
from provisioner.model.fields import FieldPath
from provisioner.planning.changes import LOGINS, Action, Change, at
from provisioner.planning.plans.basis import Basis

FIRST_WAIT_SECONDS = 1.0
"""Seconds before the second reading, if the first one does not show all written values."""

_LISTS_DIFFER = "short-read"
"""The code of the error for lists that do not have the same objects."""


Comparison = tuple[tuple[NotApplied, ...], tuple[Diagnostic, ...]]
"""The written values that the account does not show, and warnings about roles that it shows only as
an id."""


def verify(report: Report, basis: Basis, reader: Reader, control: RunControl) -> Comparison:
    """Compare the written values with the account, in a few readings.

    Raises:
        TargetError: the account could not be read completely.
    """
    done = [change for change in report.changes if report.took_effect(change)]
    hours_of = written_hours(report.changes)
    unverified: set[str] = set()

    def compare() -> Comparison | TargetError:
        try:
            live = read_back(basis, reader, hours_of=hours_of)
        except TargetError as error:
            if error.diagnostics[0].code != _LISTS_DIFFER:
                raise
            return error
        unread = unread_fields(live.unread)
        unverified.clear()
        unverified.update(_unverified(done, live, unread))
        values = tuple(value for change in done for value in not_applied(change, live, unread))
        values += tuple(_logins_left(done, reader))
        return values, tuple(unnamed_default_roles(done, live))

    def wait(seconds: float) -> None:
        control.announce(
            f"Not all is shown as it was written; reading back again in {seconds:.0f} s."
        )
        control.pause(seconds)

    result = poll(
        compare,
        lambda compared: not isinstance(compared, TargetError) and not compared[0],
        first_seconds=FIRST_WAIT_SECONDS,
        wait=wait,
        lag_seconds=control.lag_seconds,
    )
    if isinstance(result, TargetError):
        raise result
    if unverified:
        control.announce(
            f"Written and not verified, as the account does not show it: "
            f"{', '.join(sorted(unverified))}."
        )
    return result


UnreadFields = Mapping[ObjectKey, tuple[FieldPath, ...]]


def not_applied(change: Change, live: LiveState, unread: UnreadFields) -> Iterator[NotApplied]:
    """Yield the values of a change that the account does not show.

    Args:
        change: the change.
        live: the account as it was read back.
        unread: the fields of each object with an unknown value, which can't be compared.
    """
    existing, email = live.objects.get(change.address.identity), change.address.identity[1]
    in_some_list = next((str(one) for one in live.unread if email in one.emails), "")
    if change.action is Action.DELETE:
        if existing is not None or in_some_list:
            yield _not_applied(change, f"it was deleted, and {in_some_list or 'still exists'}")
        return
    if existing is None:
        yield _not_applied(change, f"it was written, and {in_some_list or 'it does not exist'}")
        return
    if departments := _extra_departments(change, existing):
        yield _not_applied(change, f"joined {departments} without being asked to")
    unknown = unread.get((change.address.kind, existing.id), ())
    for path, wanted in _written_values(change):
        if is_unread(unknown, path):
            continue
        value = at(path, existing.attributes)
        if path == ("role",) and _may_be_default(value, wanted):
            continue
        if wanted == {} and isinstance(value, Mapping):
            continue  # an entry without declared fields only has to exist
        if value != wanted:
            text = f"{' / '.join(path)} was set to {_as_text(wanted)} and is {_as_text(value)}"
            yield _not_applied(change, text)


def _logins_left(changes: Iterable[Change], reader: Reader) -> Iterator[NotApplied]:
    """Yield the LivePhone logins that were ended and that the account still has."""
    ended = {
        field.path[1]: change
        for change in changes
        for field in change.fields
        if field.path[0] == LOGINS
    }
    left = reader.read_leaving(tickets=False, proof=False).keys or () if ended else ()
    for login in left:
        if login.id in ended:
            text = f'the LivePhone login "{login.name}" was ended, and still exists'
            yield _not_applied(ended[login.id], text)


def _unverified(changes: Iterable[Change], live: LiveState, unread: UnreadFields) -> Iterator[str]:
    """Yield the address and path of each written field with an unknown value."""
    for change in changes:
        existing = live.objects.get(change.address.identity)
        unknown = unread.get((change.address.kind, existing.id), ()) if existing else ()
        if unknown and change.action is not Action.DELETE:
            for path, _ in _written_values(change):
                if is_unread(unknown, path):
                    yield f"{change.address} {'.'.join(path)}"


def _may_be_default(role: Any, wanted: object) -> bool:
    """Return whether a role may be the default one: API v3 shows it as an unknown id."""
    return wanted == DEFAULT_ROLE and isinstance(role, str) and id_of_unnamed_role(role) is not None


def unnamed_default_roles(changes: Iterable[Change], live: LiveState) -> Iterator[Diagnostic]:
    """Yield a warning for each role id that the default role was written to and may have."""
    agents: dict[str, list[str]] = {}
    for change in changes:
        existing = live.objects.get(change.address.identity)
        if existing is None or ("role",) not in dict(_written_values(change)):
            continue
        role = str(existing.attributes.get("role", ""))
        role_id = id_of_unnamed_role(role)
        if role_id and _may_be_default(role, (change.after or {}).get("role")):
            agents.setdefault(role_id, []).append(change.name)
    for role_id, names in sorted(agents.items()):
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Diagnostic(
            code="role-id-unknown",
            summary=f"the role agent was written to {names[0]}{more}; the API shows only the id "
            f'"{role_id}" of the role',
            hint=f"look in the panel; if it is the default role, add to provisioner.yaml: "
            f'role_ids: {{agent: "{role_id}"}}',
            severity=Severity.WARNING,
        )


def _extra_departments(change: Change, existing: LiveObject) -> str:
    """Return the departments that the account added itself, if the plan writes all of them."""
    after = change.after or {}
    if "departments" not in after or change.address.kind is not Kind.AGENT:
        return ""
    known = {**(change.before or {}).get("departments", {}), **after["departments"]}
    return ", ".join(sorted(existing.attributes["departments"].keys() - known.keys()))


def _written_values(change: Change) -> Iterator[tuple[FieldPath, Any]]:
    """Yield path and value of every field that a change writes."""
    if change.action is Action.UPDATE:
        for field in change.fields:
            yield from _leaves(field.path, field.after)
        return
    for name, value in (change.after or {}).items():
        # The account may change the case of an email, which is compared without case.
        if name != "email":
            yield from _leaves((name,), value)


def _leaves(path: FieldPath, value: Any) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves((*path, key), part)
    else:
        yield path, value


def _as_text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _not_applied(change: Change, problem: str) -> NotApplied:
    diagnostic = Diagnostic(
        code="not-taken",
        summary=f"{change.address}: {problem}",
        span=change.source,
        hint="if this persists, a person or another program resets the value",
    )
    return NotApplied(change.address, diagnostic)
