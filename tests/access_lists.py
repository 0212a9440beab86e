"""Lists of access for tests of their formats."""

from dataclasses import replace
from typing import Any

from provisioner.address import agent
from provisioner.diagnostics import Span
from provisioner.planning.access.access_difference import (
    AccessDifference,
    EntryChange,
    PersonChange,
    ValueChange,
)
from provisioner.planning.access.access_list import (
    AccessList,
    AccessValue,
    AccountState,
    DeclaredAt,
    Mark,
    PersonAccess,
)
from provisioner.planning.access.access_scope import OutsideScope
from provisioner.planning.access.ownership import Ownership, PowerfulAgent
from provisioner.planning.changes import Commit
from provisioner.planning.plans.revision import Version

FIRST = Commit("9f8e7d6c" * 5, "Begin", "2026-03-02T09:00:00Z")
LATER = Commit("1a2b3c4d" * 5, "Raise", "2026-11-25T09:00:00Z")
OPEN = Commit("", "")


def place(line: int, since: Commit | None = FIRST, profile: str = "") -> DeclaredAt:
    return DeclaredAt(Span("team.yaml", line, 5), profile, since)


def role(name: str, mark: Mark = Mark.DECLARED, at: DeclaredAt | None = None) -> AccessValue:
    declared = name if mark is Mark.DECLARED else None
    return AccessValue(("role",), name, declared, mark, at)


def member(
    name: str,
    services: str = "",
    mark: Mark = Mark.DECLARED,
    at: DeclaredAt | None = None,
    **more: Any,
) -> AccessValue:
    entry = {one: one in services.split() for one in ("tickets", "chats", "calls")}
    value = {**entry, "role": "solver", **more}
    declared = value if mark is Mark.DECLARED else None
    return AccessValue(("departments", name), value, declared, mark, at)


def person(name: str, *values: AccessValue, **more: Any) -> PersonAccess:
    email = f"{name.split(maxsplit=1)[0].lower()}@acme.example"
    return PersonAccess(agent(email), name, AccountState.ACTIVE, values, **more)


def typical() -> AccessList:
    """One person of each sort."""
    missing = AccessValue(("role",), None, "admin", Mark.MISSING, place(40, OPEN))
    people = (
        person("Leon K", role("owner", Mark.UNDECLARED)),
        person(
            "Olga Berg",
            role("owner", at=place(3)),
            place=place(2),
            protected=Span("provisioner.yaml", 9, 5),
        ),
        person(
            "New One",
            role("admin", at=place(86, LATER)),
            member("Sales", "tickets", at=place(87)),
            place=place(85),
        ),
        person(
            "Bob Novak",
            replace(role("agent", at=place(12)), mark=Mark.DIFFERS, declared="admin"),
            member("Sales", "chats", Mark.DIFFERS),
            place=place(10),
        ),
        person(
            "Mia Chen",
            role("agent", at=place(4, profile="tier1")),
            member("Support", "tickets chats", at=place(21), role="manager"),
            member("VIP", "tickets chats calls", Mark.UNMANAGED, place(22)),
            place=place(20),
        ),
        person("Eve Stone", role("agent", Mark.UNDECLARED)),
        replace(person("Zoe Lind", missing, place=place(39, OPEN)), state=AccountState.MISSING),
    )
    powerful = (PowerfulAgent(agent("leon@acme.example"), "Leon K", "owner"),)
    return AccessList(
        "production",
        people,
        Version("", LATER.id),
        url="https://acme.ladesk.com",
        is_v3=True,
        ownership=Ownership(6, 4, 20, 12, powerful),
        outside_scope=OutsideScope(3, 1),
        not_looked_at=("membership roles",),
    )


def hostile(name: str) -> AccessList:
    """Every text from outside is the same one."""
    value = AccessValue(("departments", name), {"tickets": True, "role": name}, None, Mark.DIFFERS)
    someone = PersonAccess(
        agent(name),
        name,
        AccountState.ACTIVE,
        (role(name, Mark.UNDECLARED), value),
        DeclaredAt(Span(name, 1, 1), name, Commit("0a" * 20, name, "2026-01-01T00:00:00Z")),
    )
    return AccessList(name, (someone,), url=name, not_looked_at=(name,), unknown_history=name)


def many(number: int) -> AccessList:
    """So many people in twenty departments."""
    people = tuple(
        person(
            f"P{one} Person",
            role("agent", at=place(one + 1)),
            member(f"Department {one % 20}", "tickets", at=place(one + 1)),
            place=place(one + 1),
        )
        for one in range(number)
    )
    return AccessList("production", people, ownership=Ownership(number, number, number, number))


def difference() -> AccessDifference:
    """One person who joins, one who is raised, one who goes, and one who is renamed."""
    people = (
        PersonChange(
            agent("new@acme.example"),
            "New One",
            EntryChange.ADDED,
            (ValueChange(("role",), None, "admin", place(86, LATER)),),
        ),
        PersonChange(
            agent("mia@acme.example"),
            "Mia Chen",
            EntryChange.CHANGED,
            (
                ValueChange(
                    ("departments", "VIP"),
                    {"tickets": True, "chats": True},
                    {"tickets": True},
                    place(21),
                ),
                ValueChange(("role",), "admin", None, None, is_left_out=True),
            ),
        ),
        PersonChange(
            agent("eve@acme.example"),
            "Eve",
            EntryChange.REMOVED,
            (ValueChange(("role",), "agent", None, is_left_out=True),),
        ),
        PersonChange(
            agent("bob.b@acme.example"), "Bob", EntryChange.CHANGED, (), "bob@acme.example"
        ),
    )
    return AccessDifference("production", Version("v1.0", FIRST.id), Version("", LATER.id), people)
