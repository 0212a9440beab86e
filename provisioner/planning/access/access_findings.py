"""Compares the access of an account with the files: what they own, and what they do not.

Access of declared agents that no file declares is unmanaged: it stays, whatever the files are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind
from provisioner.live.state import LiveObject, LiveState, Surface, id_of_unnamed_role
from provisioner.live.unread import is_unread, unread_fields
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import AGENT_SETTINGS, MEMBERSHIP_SETTINGS, FieldPath
from provisioner.model.settings import Settings, Undeclared
from provisioner.planning.access.access_fields import (
    DEPARTMENTS,
    MEMBERSHIP_ROLE,
    ROLE,
    STATE,
    access_default,
    access_of,
    is_access,
    memberships,
    power,
)
from provisioner.planning.access.ownership import Ownership, PowerfulAgent, UnmanagedAccess
from provisioner.planning.changes import Change, at
from provisioner.planning.checks.plan_refusals import protection_reason
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


@dataclass(frozen=True, slots=True)
class AccessFindings:
    """The access of an account, compared with the files.

    Attributes:
        unmanaged: access of declared agents that no file declares, the most powerful first.
        ownership: how much of the account's access the files own.
        not_looked_at: the parts of the account that the API does not show, in words.
    """

    unmanaged: tuple[UnmanagedAccess, ...] = ()
    ownership: Ownership = field(default_factory=Ownership)
    not_looked_at: tuple[str, ...] = ()


def access_findings(
    changes: tuple[Change, ...],
    desired: DesiredState,
    live: LiveState,
    settings: Settings,
    unenforced: UnenforcedFields,
) -> AccessFindings:
    """Return the access of an account, compared with the files."""
    return AccessFindings(
        unmanaged=unmanaged_access(changes, desired, live, unenforced),
        ownership=ownership(desired, live, settings),
        not_looked_at=tuple(not_looked_at(desired, live, settings)),
    )


def ownership(desired: DesiredState, live: LiveState, settings: Settings) -> Ownership:
    """Return how much of an account's access the files own."""
    defaults = live.defaults.get(Kind.AGENT, {})
    people = declared_people = access = declared_access = 0
    powerful = []
    for identity, agent in live.objects.items():
        if identity[0] is not Kind.AGENT:
            continue
        resource = desired.resources.get(identity)
        paths = [STATE, *(path for path, _ in access_of(agent.attributes, defaults))]
        people += 1
        access += len(paths)
        if resource is not None:
            declared_people += 1
            declared_access += sum(_owns(resource, path) for path in paths)
        elif agent.attributes["role"] != access_default(ROLE, defaults):
            powerful.append(_powerful_agent(agent, live, settings))
    powerful.sort(key=lambda one: (power(ROLE, one.role), str(one.address)))
    return Ownership(people, declared_people, access, declared_access, tuple(powerful))


def _owns(resource: Resource, path: FieldPath) -> bool:
    """Return whether an entry decides about an access value; a declared map is the whole one."""
    if path == STATE or resource.absent:
        return True
    if path[0] not in resource.attributes:
        return False
    departments = resource.attributes[path[0]]
    if path[:1] != DEPARTMENTS or len(path) == 2 or path[1] not in (departments or {}):
        return True
    return path[2] in departments[path[1]]


def _powerful_agent(agent: LiveObject, live: LiveState, settings: Settings) -> PowerfulAgent:
    policy = settings.undeclared[Kind.AGENT]
    exception = protection_reason(agent.address, live, settings.protection)
    if policy is Undeclared.DRIFT:
        exception = ""  # every undeclared object is drift
    elif not exception and policy is Undeclared.IGNORE:
        exception = "the project ignores undeclared agents"
    attributes: Mapping[str, Any] = agent.attributes
    return PowerfulAgent(agent.address, attributes["name"], attributes["role"], exception)


def not_looked_at(desired: DesiredState, live: LiveState, settings: Settings) -> Iterator[str]:
    """Yield the parts of an account that a comparison does not see, in words."""
    if live.surface is Surface.V3:
        others = ", ".join(name for name in MEMBERSHIP_SETTINGS if name != MEMBERSHIP_ROLE)
        yield "membership roles"
        yield f"membership settings ({others})"
        yield f"agent settings ({', '.join(AGENT_SETTINGS)})"
        yield "permissions of roles"
        yield "planned hours of agents that declare none"
        unnamed = Counter(_unnamed_roles(desired, live))
        for role_id, number in sorted(unnamed.items()):
            agents = "1 agent" if number == 1 else f"{number} agents"
            yield f"the role with the id {role_id} of {agents} (name it in `role_ids`)"
    for rule in settings.ignored:
        if rule.kind is Kind.AGENT and is_access(rule.path):
            objects = f" of {', '.join(rule.objects)}" if rule.objects else ""
            yield f"agents.{'.'.join(rule.path)}{objects} (`ignore` in provisioner.yaml)"
    for one in live.unread:
        if one.kind is Kind.AGENT and (one.whole or (one.path and is_access(one.path))):
            yield str(one)


def _unnamed_roles(desired: DesiredState, live: LiveState) -> Iterator[str]:
    """Yield the role id of each agent with a role left out of which only the id is known."""
    for resource in desired.of(Kind.AGENT):
        existing = live.objects.get(resource.address.identity)
        if existing is not None and ROLE[0] not in resource.attributes:
            role_id = id_of_unnamed_role(existing.attributes[ROLE[0]])
            if role_id is not None:
                yield role_id
