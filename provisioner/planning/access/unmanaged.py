"""Finds access of declared agents that no file declares: it stays, whatever the files are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.address import Kind
from provisioner.live.state import LiveState, id_of_unnamed_role
from provisioner.live.unread import is_unread, unread_fields
from provisioner.model.desired import DesiredState
from provisioner.model.fields import FieldPath
from provisioner.planning.access.access_fields import (
    DEPARTMENTS,
    ROLE,
    access_default,
    memberships,
    power,
)
from provisioner.planning.access.ownership import UnmanagedAccess
from provisioner.planning.changes import Change, at
from provisioner.planning.desired_on_account import UnenforcedFields


def unmanaged_access(
    changes: Iterable[Change],
    desired: DesiredState,
    live: LiveState,
    unenforced: UnenforcedFields,
) -> tuple[UnmanagedAccess, ...]:
    """Return the access of declared agents that no file declares, the most powerful first.

    A value that the files set at creation only (`initial`) is unmanaged if it differs from the
    declared one. Not looked at are fields that the project ignores, and roles of which API v3
    shows only the id: they may be the default one.

    Args:
        changes: the changes of the plan, no-ops included.
        desired: the declared objects.
        live: the account.
        unenforced: the fields that are not compared.
    """
    unread = unread_fields(live.unread)
    defaults = live.defaults.get(Kind.AGENT, {})
    initial = UnenforcedFields(initial=unenforced.initial, unfinished=unenforced.unfinished)
    unmanaged = []
    for change in changes:
        resource = desired.resources.get(change.address.identity)
        is_agent = change.address.kind is Kind.AGENT
        if resource is None or not is_agent or change.before is None or change.after is None:
            continue
        enforced = initial.removed_from(change.address, resource.attributes, new=False)
        unknown = unread.get((Kind.AGENT, change.id or ""), ())
        for path, value in _left_out(enforced, change.before):
            default = access_default(path, defaults)
            if (
                value != default
                and not is_unread(unknown, path)
                and not _is_declared(path, value, resource.attributes)
                and not unenforced.ignores(change.address, path)
            ):
                unmanaged.append(UnmanagedAccess(change.address, path, value, default))
    return tuple(sorted(unmanaged, key=by_power))


def by_power(one: UnmanagedAccess) -> tuple[int, str, FieldPath]:
    """Return the key by which unmanaged access is sorted: the most powerful first."""
    return power(one.path, one.live), str(one.address), one.path


def _left_out(
    declared: Mapping[str, Any], attributes: Mapping[str, Any]
) -> Iterator[tuple[FieldPath, Any]]:
    """Yield the path and the live value of each access field that an entry leaves out."""
    role = attributes.get(ROLE[0])
    if ROLE[0] not in declared and role is not None and id_of_unnamed_role(role) is None:
        yield ROLE, role
    members = memberships(attributes)
    if DEPARTMENTS[0] not in declared:
        yield DEPARTMENTS, members
        return
    for name, entry in (declared[DEPARTMENTS[0]] or {}).items():
        for part, value in members.get(name, {}).items():
            if part not in entry:
                yield (*DEPARTMENTS, name, part), value


def _is_declared(path: FieldPath, value: Any, declared: Mapping[str, Any]) -> bool:
    """Return whether a field that is not enforced has the declared value all the same."""
    if path != DEPARTMENTS:
        return bool(at(path, declared) == value)
    wanted = memberships({"departments": declared.get(DEPARTMENTS[0]) or {}})
    return wanted.keys() == value.keys() and all(
        entry.items() <= value[name].items() for name, entry in wanted.items()
    )
