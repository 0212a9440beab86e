"""Mistakes in departments, roles and profiles."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

from provisioner.address import Kind, fold
from provisioner.app.proving.project_copy import (
    Case,
    Entry,
    Injected,
    Make,
    NotApplicableError,
    ProjectCopy,
)

_PROFILES = "profiles"
_PLACES = ("agents", _PROFILES)


def _department(case: Case) -> str:
    """Return the declared department with the most members in the account."""
    declared = {
        fold(one.address.key)
        for one in case.project.desired_for(case.target).of(Kind.DEPARTMENT)
        if not one.absent
    }
    members: Counter[str] = Counter(
        name
        for one in case.live.objects.values()
        if one.address.kind is Kind.AGENT
        for name in one.attributes["departments"]
        if fold(name) in declared
    )
    if not members:
        raise NotApplicableError("no declared department has members")
    return max(sorted(members), key=lambda name: members[name])


def _memberships(copy: ProjectCopy) -> list[Entry]:
    """Return the mappings of departments in agents and profiles."""
    return [
        entry["departments"]
        for section in _PLACES
        for entry in copy.entries(section)
        if entry.get("departments")
    ]


def _key(departments: Entry, name: str) -> str | None:
    return next((key for key in departments if fold(str(key)) == fold(name)), None)


def _department_typo(case: Case) -> Injected:
    copy, name = case.copy(), _department(case)
    for departments in _memberships(copy):
        if key := _key(departments, name):
            departments[f"{name}x"] = departments.pop(key)
            return Injected(copy.unsaved())
    raise NotApplicableError("only an overlay has memberships")


def _department_emptied(case: Case) -> Injected:
    copy, name = case.copy(), _department(case)
    for departments in _memberships(copy):
        if key := _key(departments, name):
            del departments[key]
    return Injected(copy.unsaved())


def _department_renamed(case: Case) -> Injected:
    copy, name = case.copy(), _department(case)
    entry = copy.entry(Kind.DEPARTMENT, name)
    entry["name"] = f"{name} new"
    for key in ("previously", "id"):
        entry.pop(key, None)
    for departments in _memberships(copy):
        if (old := _key(departments, name)) is not None:
            departments[f"{name} new"] = departments.pop(old)
    return Injected(copy.unsaved())


def _department_deleted(case: Case) -> Injected:
    copy, name = case.copy(), _department(case)
    members = [
        one.address
        for one in case.live.objects.values()
        if one.address.kind is Kind.AGENT and _key(dict(one.attributes["departments"]), name)
    ]
    copy.entry(Kind.DEPARTMENT, name)["state"] = "absent"
    if not members:
        raise NotApplicableError("no declared department has members")
    return Injected(copy.unsaved())


def _profile(case: Case) -> str:
    """Return the profile with the most people, of those with values of their own."""
    used: Counter[str] = Counter()
    for person in case.agents():
        used.update({layer.profile for layer in person.layers if layer.profile})
    names = {
        str(entry["name"]): len(entry.keys() - {"name", "extends"})
        for entry in case.copy().entries(_PROFILES)
    }
    known = [name for name in sorted(used) if names.get(name)]
    if not known:
        raise NotApplicableError("no profile is used")
    return max(known, key=lambda name: used[name])


def _profile_entry(copy: ProjectCopy, name: str) -> Entry:
    return next(entry for entry in copy.entries(_PROFILES) if entry["name"] == name)


def _profile_emptied(case: Case) -> Injected:
    copy = case.copy()
    entry = _profile_entry(copy, _profile(case))
    for key in entry.keys() - {"name", "extends"}:
        del entry[key]
    return Injected(copy.unsaved())


def _profile_weakened(case: Case) -> Injected:
    copy = case.copy()
    entry = _profile_entry(copy, _profile(case))
    weakened = {"role": "manager", "change_own_status": True}
    entry["each_department"] = {**(entry.get("each_department") or {}), **weakened}
    return Injected(copy.unsaved())


def _lock_broken(case: Case) -> Injected:
    copy = case.copy()
    locks = {
        str(one["name"]): one["locked"] for one in copy.entries(_PROFILES) if one.get("locked")
    }
    for person in case.people() if locks else ():
        fields = [locks.get(layer.profile, ()) for layer in person.layers]
        for path in (str(field).split(".") for field in chain.from_iterable(fields)):
            other = _another(path, person.attributes)
            if other is not None:
                entry = copy.entry(Kind.AGENT, person.address.key)
                for key in path[:-1]:
                    entry = entry.setdefault(key, {})
                entry[path[-1]] = other
                return Injected(copy.unsaved())
    raise NotApplicableError("no profile locks a role, a number or a switch of people")


def _another(path: list[str], attributes: Mapping[str, Any]) -> Any:
    """Return another value for a role, a number or a switch; None for any other field."""
    value: Any = attributes
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    match value:
        case bool():
            return not value
        case int():
            return value + 1
    return ("admin" if value != "admin" else "agent") if path == ["role"] else None


def _role_opened(case: Case) -> Injected:
    copy = case.copy()
    for entry in copy.entries(Kind.ROLE.plural):
        permissions = entry.get("permissions") or {}
        if entry.get("state") != "absent" and permissions.get("manage_agents") != "grant":
            entry["permissions"] = {**permissions, "manage_agents": "grant"}
            return Injected(copy.unsaved())
    raise NotApplicableError("no custom role could be opened")


GROUP_MISTAKES: dict[str, Make] = {
    "department-typo": _department_typo,
    "department-emptied": _department_emptied,
    "department-renamed": _department_renamed,
    "department-deleted": _department_deleted,
    "profile-emptied": _profile_emptied,
    "profile-weakened": _profile_weakened,
    "lock-broken": _lock_broken,
    "role-opened": _role_opened,
}
