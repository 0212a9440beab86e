"""Mistakes in the entries of people."""

from datetime import timedelta
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
from provisioner.live.state import LiveObject
from provisioner.model.kinds import SERVICES

_AGENTS = Kind.AGENT.plural


def _first(case: Case) -> tuple[ProjectCopy, Entry]:
    """Return a copy, and the entry of the first person in it."""
    copy = case.copy()
    return copy, copy.entry(Kind.AGENT, case.people()[0].address.key)


def _people(case: Case) -> tuple[ProjectCopy, list[Entry]]:
    """Return a copy, and the entries of all people in it."""
    copy = case.copy()
    return copy, [copy.entry(Kind.AGENT, one.address.key) for one in case.people()]


def _half(case: Case) -> tuple[ProjectCopy, list[Entry]]:
    """Return a copy, and the entries of every other person in it."""
    copy, entries = _people(case)
    if len(entries) < 2:
        raise NotApplicableError("the files declare fewer than two people")
    return copy, entries[::2]


def _half_missing(case: Case) -> Injected:
    copy, entries = _half(case)
    gone = {fold(str(entry["email"])) for entry in entries}
    for listed in copy.lists(_AGENTS):
        listed[:] = [entry for entry in listed if fold(str(entry["email"])) not in gone]
    return Injected(copy.unsaved())


def _with_state(copy: ProjectCopy, entries: list[Entry], state: str) -> Injected:
    for entry in entries:
        email = entry["email"]
        entry.clear()
        entry.update({"email": email, "state": state})
    return Injected(copy.unsaved())


def _half_absent(case: Case) -> Injected:
    return _with_state(*_half(case), "absent")


def _all_suspended(case: Case) -> Injected:
    return _with_state(*_people(case), "suspended")


def _with_typo(email: str) -> str:
    mailbox, _, domain = email.rpartition("@")
    return f"{mailbox}@{domain[:1]}{domain}"


def _move(entry: Entry, email: str) -> None:
    entry["email"] = email
    for name in ("previously", "id"):
        entry.pop(name, None)


def _domain_typo(case: Case) -> Injected:
    copy, entries = _people(case)
    for entry in entries:
        _move(entry, _with_typo(str(entry["email"])))
    return Injected(copy.unsaved())


def _email_typo(case: Case) -> Injected:
    copy, entry = _first(case)
    _move(entry, _with_typo(str(entry["email"])))
    return Injected(copy.unsaved())


def _email_case(case: Case) -> Injected:
    copy, entry = _first(case)
    entry["email"] = str(entry["email"]).upper()
    return Injected(copy.unsaved())


def _duplicate_agent(case: Case) -> Injected:
    copy, entry = _first(case)
    next(listed for listed in copy.lists(_AGENTS) if entry in listed).append(dict(entry))
    return Injected(copy.unsaved())


def _renamed_agent(case: Case) -> Injected:
    copy, entry = _first(case)
    mailbox, _, domain = str(entry["email"]).rpartition("@")
    _move(entry, f"new.{mailbox}@{domain}")
    return Injected(copy.unsaved())


def _with_role(case: Case, role: str, *, everybody: bool) -> Injected:
    people = [one for one in case.people() if one.attributes.get("role") not in {role, "owner"}]
    if not people:
        raise NotApplicableError(f"everybody is {role} already")
    copy = case.copy()
    for person in people if everybody else people[:1]:
        copy.entry(Kind.AGENT, person.address.key)["role"] = role
    return Injected(copy.unsaved())


def _role_owner(case: Case) -> Injected:
    return _with_role(case, "owner", everybody=False)


def _wildcard_admin(case: Case) -> Injected:
    return _with_role(case, "admin", everybody=True)


def _owner_demoted(case: Case) -> Injected:
    owners = [
        one
        for one in case.live.objects.values()
        if one.address.kind is Kind.AGENT and one.attributes["role"] == "owner"
    ]
    if not owners:
        raise NotApplicableError("the account shows no owner")
    copy = case.copy()
    for owner in owners:
        _entry_of(copy, owner)["role"] = "agent"
    return Injected(copy.unsaved())


def _key_owner_removed(case: Case) -> Injected:
    ids = {case.live.account.key_agent}
    found = [one for one in case.live.objects.values() if one.id in ids]
    if not found or found[0].address.kind is not Kind.AGENT:
        raise NotApplicableError("the account does not show the owner of the key")
    copy = case.copy()
    return _with_state(copy, [_entry_of(copy, found[0])], "absent")


def _entry_of(copy: ProjectCopy, agent: LiveObject) -> Entry:
    """Return the entry of an agent; an agent without one gets one."""
    try:
        return copy.entry(Kind.AGENT, agent.address.key)
    except NotApplicableError:
        entry: Entry = {"email": agent.address.key, "name": agent.attributes["name"]}
        for listed in copy.lists(_AGENTS):
            listed.append(entry)
            return entry
        raise


def _services_off(case: Case) -> Injected:
    copy, people = case.copy(), case.people()
    off: dict[str, Any] = dict.fromkeys(SERVICES, False)
    if not any(one.attributes.get("departments") for one in people):
        raise NotApplicableError("the files declare no departments of people")
    for person in people:
        entry = copy.entry(Kind.AGENT, person.address.key)
        names = person.attributes.get("departments") or {}
        own = entry.get("departments") or {}
        entry["departments"] = {name: {**(own.get(name) or {}), **off} for name in names}
    return Injected(copy.unsaved())


def _dates_swapped(case: Case) -> Injected:
    copy, entry = _first(case)
    day = case.project.desired.day
    if day is None:
        raise NotApplicableError("the plan has no day")
    entry["starts"], entry["ends"] = str(day), str(day - timedelta(days=30))
    return Injected(copy.unsaved())


def _wrong_year(case: Case) -> Injected:
    copy, entry = _first(case)
    day = case.project.desired.day
    if day is None:
        raise NotApplicableError("the plan has no day")
    entry.pop("starts", None)
    entry["ends"] = str(day - timedelta(days=365))
    return Injected(copy.unsaved())


PEOPLE_MISTAKES: dict[str, Make] = {
    "half-missing": _half_missing,
    "half-absent": _half_absent,
    "all-suspended": _all_suspended,
    "domain-typo": _domain_typo,
    "email-typo": _email_typo,
    "email-case": _email_case,
    "duplicate-agent": _duplicate_agent,
    "renamed-agent": _renamed_agent,
    "role-owner": _role_owner,
    "wildcard-admin": _wildcard_admin,
    "owner-demoted": _owner_demoted,
    "key-owner-removed": _key_owner_removed,
    "services-off": _services_off,
    "dates-swapped": _dates_swapped,
    "wrong-year": _wrong_year,
}
