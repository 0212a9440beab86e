"""Plans for tests of renderings, made by the core from two states of an account."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from provisioner.address import Address, agent, department, role
from provisioner.diagnostics import Diagnostic, Span
from provisioner.live.state import AccountFacts, LiveObject, LiveState, Surface
from provisioner.planning.access.ownership import (
    Ownership,
    PowerfulAgent,
    Released,
    UnmanagedAccess,
)
from provisioner.planning.changes import Action, Attribution, Change, Commit, Reason
from provisioner.planning.coverage import cover
from provisioner.planning.field_changes import field_changes
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.basis import Basis, fingerprint, relied_on, switched
from provisioner.planning.plans.plan_data import Base, Plan
from provisioner.planning.plans.policy_changes import PlanAccount, PolicyChange
from provisioner.planning.plans.requests import RequestBudget
from provisioner.planning.risk import Rights, risks

State = Mapping[Address, Mapping[str, Any]]

SERVICES = ("tickets", "chats", "calls")


def person(name: str, role_name: str = "agent", **departments: str) -> dict[str, Any]:
    """Return an agent; `Support="tickets chats"` is a membership."""
    return {
        "name": name,
        "role": role_name,
        "departments": {
            place: {service: service in services for service in SERVICES}
            for place, services in departments.items()
        },
    }


def state(**agents: Mapping[str, Any]) -> dict[Address, Mapping[str, Any]]:
    """Return a state with agents and the departments that they name."""
    found: dict[Address, Mapping[str, Any]] = {}
    for email, attributes in agents.items():
        found[agent(f"{email}@acme.example")] = attributes
        for name in attributes["departments"]:
            found[department(name)] = {"name": name}
    return found


def plan(
    before: State,
    after: State,
    *,
    surface: Surface = Surface.FULL,
    refused: tuple[Diagnostic, ...] = (),
    steps: tuple[ManualStep, ...] = (),
    undeclared: Iterable[Address] = (),
    origins: Mapping[Address, Attribution] | None = None,
    commit: Commit | None = None,
    target: str = "production",
) -> Plan:
    """Return the plan that leads from one state to another."""
    live = LiveState.of(
        [LiveObject(address, str(address), values) for address, values in before.items()],
        account=AccountFacts(timezone="Europe/Prague"),
        surface=surface,
    )
    both = sorted({*before, *after}, key=str)
    changes = []
    for number, address in enumerate(both, 3):
        made = change(address, before.get(address), after.get(address), number)
        origin = (origins or {}).get(address)
        fields = tuple(replace(part, attribution=origin, commit=commit) for part in made.fields)
        changes.append(replace(made, attribution=origin, commit=commit, fields=fields))
    rights = Rights(changes, live)
    changes = [replace(each, risk=risks(each, rights)) for each in changes]
    return Plan(
        target=target,
        surface=surface,
        changes=tuple(changes),
        manual_steps=steps,
        undeclared=tuple(LiveObject(address, "x", {}) for address in undeclared),
        refused=refused,
        snapshot="sha256:" + "0" * 64,
        requests=RequestBudget(12, {"update-agent": len(changes)}, 12, per_minute=180),
        coverage=cover(live, changes),
    )


def change(
    address: Address, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, line: int = 1
) -> Change:
    """Return what leads from one state of an object to another."""
    source = Span("team.yaml", line, 1)
    if new is None:
        action, reason = Action.DELETE, Reason.DECLARED_ABSENT
    elif old is None:
        action, reason = Action.CREATE, Reason.DECLARED_MISSING
    elif old == new:
        action, reason = Action.NO_OP, Reason.IN_SYNC
    else:
        action, reason = Action.UPDATE, Reason.DIFFERS
    fields = field_changes(old, new) if action is Action.UPDATE and old and new else ()
    fields = tuple(replace(f, source=replace(source, line=line + 2)) for f in fields)
    return Change(address, address.key, action, reason, old, new, fields, source=source)


def step(todo: str, name: str = "Mia Chen") -> ManualStep:
    """Return a manual step that the API can't show as done."""
    return ManualStep(
        agent("mia@acme.example"),
        name,
        "alias",
        (todo,),
        {"alias": todo},
        verifiable=False,
        source=Span("team.yaml", 3, 1),
    )


def week(**days: str) -> dict[str, Any]:
    """Return planned hours in the department Support for chats."""
    return {"Support": {"chats": days}}


BASE = Base("origin/main", "2b" * 20)

COMMIT = Commit("1f0c2a9b" + "0" * 32, "Move Mia to Sales")


def typical() -> Plan:
    """Return a plan with a change of every kind."""
    regards = "Kind regards,\nMia Chen\n" + "Support is open from nine to five. " * 8
    before = state(
        mia=person("Mia Chen", "agent", Support="tickets chats")
        | {"signature": regards, "hours": week(mon="09:00-17:00", tue="09:00-17:00")},
        bob=person("Bob Novak", "admin", Support="tickets", Sales="calls chats"),
        ada=person("Ada Kim", "agent", Sales="tickets"),
        eve=person("Eve Stone", "agent", Support="tickets", Billing="tickets"),
        joe=person("Joe Roy", "agent", Support="tickets chats", Billing="tickets"),
    )
    after = state(
        mia=person("Mia Chen", "agent", Support="tickets", Sales="chats")
        | {"signature": regards.replace("five", "six"), "hours": {}},
        bob=person("Bob Novak", "agent", Support="tickets chats", Sales="calls"),
        ada=person("Ada Kim", "admin", Sales="tickets"),
        zoe=person("Zoe Lind", "agent", Support="tickets chats", Returns="tickets"),
        joe=person("Joe Roy", "agent", Support="tickets"),
    ) | {department("Billing"): {"name": "Billing"}}
    return plan(
        before,
        after,
        steps=(step("alias: Mia"),),
        undeclared=(agent("owner@acme.example"), department("General")),
    )


def with_base() -> Plan:
    """Return a plan with a base, in which some changes are earlier drift."""
    content = typical()
    origins = {c.address: Attribution.BRANCH for c in content.effective}
    origins[agent("ada@acme.example")] = Attribution.DRIFT
    before = {change.address: change.before for change in content.changes if change.before}
    after = {change.address: change.after for change in content.changes if change.after}
    return replace(plan(before, after, origins=origins, commit=COMMIT), base=BASE)


@cache
def many(number: int, *, departments: int = 20) -> Plan:
    """Return a plan with changes of many agents; every tenth is new, every twentieth is deleted."""
    before: dict[Address, Mapping[str, Any]] = {}
    after: dict[Address, Mapping[str, Any]] = {}
    for count in range(departments):
        name = f"Department {count:02}"
        before[department(name)] = after[department(name)] = {"name": name}
    for count in range(number):
        address = agent(f"agent.{count:04}@acme.example")
        first, other = (
            f"Department {count % departments:02}",
            f"Department {count * 7 % departments:02}",
        )
        values = person(f"Agent {count:04}", "agent", **{first: "tickets chats"})
        moved = person(f"Agent {count:04}", "agent", **{first: "tickets", other: "tickets calls"})
        if count % 10:
            before[address] = values | {"chat": {"max_load": 3}}
        if count % 20 != 1:
            after[address] = moved | {"chat": {"max_load": 4}}
    return plan(before, after)


def hostile(text: str, others: int = 0) -> Plan:
    """Return a plan with one text in every place that a stranger could fill."""
    place, job, gone = department(text), role(text), agent("gone@acme.example")
    entry = {"tickets": True, "role": text, "signature": text}
    values = {"name": text, "role": text, "departments": {text: entry}, "signature": text}
    base: State = {
        agent("mia@acme.example"): {**values, "signature": "", "role": "agent", "alias": text * 2},
        gone: {**values, "hours": {text: {"tickets": {"mon": "09:00-10:00"}}}},
        place: {"name": text},
        **{agent(f"{count}{text}"): values for count in range(others)},
    }
    after: State = {
        agent("mia@acme.example"): {
            **values,
            "departments": {},
            "alias": f"{text} and more",
            "sounds": {text: text},
        },
        agent("new@acme.example"): values,
        job: {"name": text, "permissions": {text: "grant"}},
        place: {"name": text},
    }
    finding = Diagnostic(code="protected", summary=text, hint=text)
    source = Span("provisioner.yaml", 4, 5)
    made = plan(
        base,
        after,
        refused=(finding,),
        steps=(replace(step(text, text), hint=text, then=(text,)),),
        undeclared=(department(text),),
        commit=Commit("1f0c2a9b" + "0" * 32, text),
        target=text,
    )
    return replace(
        made,
        base=Base(text, "2b" * 20),
        unmanaged=(
            UnmanagedAccess(agent("mia@acme.example"), ("departments", text, "role"), text, ""),
        ),
        released=tuple(
            Released(agent(f"mia{text}"), path, value, text)
            for path, value in (
                ((), {"role": text}),
                (("departments",), {text: {"role": text}}),
                (("departments", text), {"role": text}),
                (("departments", text, "role"), text),
                (("sounds", text), text),
            )
        ),
        ownership=Ownership(
            2,
            0,
            2,
            0,
            (
                PowerfulAgent(agent("x@acme.example"), text, "owner"),
                PowerfulAgent(agent("y@acme.example"), "", "admin", text),
            ),
        ),
        not_looked_at=(text,),
        account=PlanAccount(text, text),
        policy_changes=(
            PolicyChange(f"targets.{text}.api_key", text, f"{text} and more", source),
            PolicyChange(f"role_ids.{text}", None, text, source),
            PolicyChange("protect.agents", [text, "x"], [f"{text} and more"], source),
        ),
    )


def drifted() -> Plan:
    """Return a plan of a branch for an account with much earlier drift.

    Somebody is suspended, an admin is in no file any more, single days of a week change, and a
    profile changes what one more person has.
    """
    monday, longer = {"mon": "09:00-17:00", "tue": "09:00-17:00"}, "07:00-15:00"
    before = state(
        mia=person("Mia Chen", "agent", Support="tickets chats", Sales="calls")
        | {"hours": {"Support": {"chats": monday}}, "chat": {"max_load": 3}},
        bob=person("Bob Novak", "agent", Support="tickets chats") | {"chat": {"max_load": 3}},
        sue=person("Sue Park", "agent", Support="tickets", Billing="tickets"),
        ada=person("Ada Kim", "admin", Sales="tickets", Billing="tickets"),
        joe=person("Joe Roy", "agent", Sales="tickets"),
    )
    after = state(
        mia=person("Mia Chen", "agent", Support="tickets chats")
        | {
            "hours": {"Support": {"chats": dict.fromkeys(("mon", "tue", "wed"), longer)}},
            "chat": {"max_load": 5},
        },
        bob=person("Bob Novak", "agent", Support="tickets") | {"chat": {"max_load": 5}},
        sue=person("Sue Park"),
        joe=person("Joe Roy", "agent", Sales="tickets"),
    ) | {department("Billing"): {"name": "Billing"}, department("Sales"): {"name": "Sales"}}
    origins = {
        agent("mia@acme.example"): Attribution.BRANCH,
        agent("sue@acme.example"): Attribution.BRANCH,
        agent("ada@acme.example"): Attribution.BRANCH,
        agent("bob@acme.example"): Attribution.DRIFT,
    }
    content = plan(before, after, origins=origins, commit=COMMIT)
    changes = tuple(map(_drifted, content.changes))
    return replace(content, changes=changes, base=BASE)


def _drifted(change: Change) -> Change:
    if change.address.key == "sue@acme.example":
        return replace(change, reason=Reason.SUSPENDED)
    if change.address.key == "ada@acme.example":
        return replace(change, reason=Reason.UNDECLARED, source=None)
    sources = {("chat", "max_load"): Span("profiles.yaml", 4, 1)}
    fields = tuple(
        replace(field, source=sources[field.path], profile="tier1", attribution=Attribution.BRANCH)
        if field.path in sources
        else replace(field, attribution=Attribution.DRIFT)
        if field.path == ("departments", "Sales")
        else field
        for field in change.fields
    )
    return replace(change, fields=fields)


def by_hand() -> Plan:
    """Return a plan on API v3: a new admin, whom a person makes a member of two departments."""
    before = state(
        mia=person(
            "Mia Chen", "agent", Sales="tickets", **{"Dept 10": "tickets", "Dept 2": "calls"}
        )
    )
    newcomer = {"name": "Zoe Lind", "role": "admin"}
    membership = ManualStep(
        agent("zoe@acme.example"),
        "Zoe Lind",
        manual_step.MEMBERSHIP,
        ('join "Sales"', 'join "Support"'),
        {"join": ["Sales", "Support"], "leave": []},
        source=Span("team.yaml", 4, 1),
    )
    after = {**before, agent("zoe@acme.example"): newcomer}
    return plan(before, after, surface=Surface.V3, steps=(membership,))


def with_ids(content: Plan) -> Plan:
    """Return a plan with ids for its objects, as an account has them."""
    changes = (
        replace(change, id=change.id or str(change.address)) if change.before else change
        for change in content.changes
    )
    return replace(content, changes=tuple(changes))


def basis_of(content: Plan) -> Basis:
    """Return the basis of a plan for an account that has no other objects."""
    live = LiveState.of(
        LiveObject(change.address, change.id or "", change.before)
        for change in content.effective
        if change.before is not None
    )
    return Basis(
        fingerprints={
            str(address): fingerprint(live, address, switched=address in switched(content))
            for change in content.effective
            for address in relied_on(change)
        },
        account="sha256:" + "0" * 64,
    )
