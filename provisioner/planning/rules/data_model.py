"""The data that rules are about: an account before and after a plan, and the plan.

The shape is documented in docs/rules.md and in `docs/rule-model.schema.json`. A new version of
it changes `MODEL_VERSION`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Identity, Kind, fold
from provisioner.live.state import LiveState
from provisioner.model.desired import STRIPPED, DesiredState, Resource
from provisioner.model.hours import as_yaml
from provisioner.model.kinds import DAYS, SERVICES
from provisioner.model.team_rules import Subject
from provisioner.planning.changes import Action, Change
from provisioner.planning.coverage import Grid
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.rules.questions import RuleFacts

MODEL_VERSION = 1
"""The version of the data that rules get."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RuleModel:
    """The data of rules, and the objects that they are about.

    Attributes:
        facts: the data.
        addresses: the address of each object of a subject; None for the plan.
        departments: the departments of each object that is an agent, for selectors.
    """

    facts: RuleFacts
    addresses: Mapping[Subject, tuple[Address | None, ...]]
    departments: Mapping[Subject, tuple[Iterable[str], ...]] = field(default_factory=dict)


def rule_model(
    plan: Plan,
    intended: Iterable[Change],
    live: LiveState,
    desired: DesiredState,
    data: Mapping[str, Any],
) -> RuleModel:
    """Return the model of a plan.

    Args:
        plan: the plan.
        intended: its changes with those that a person makes by hand, and with no-ops.
        live: the account, under the names that the files use.
        desired: the declared objects.
        data: the files of the section `data`.
    """
    changed = {change.address.identity: change for change in intended}
    planned = plan.coverage.hours
    before = _Account(desired, _hours((one.department, one.service, one.before) for one in planned))
    after = _Account(desired, _hours((one.department, one.service, one.after) for one in planned))
    for identity, existing in sorted(live.objects.items()):
        shown = before.add(existing.address, existing.attributes)
        change = changed.get(identity)
        if change is None or change.after == existing.attributes:
            after.keep(existing.address, shown)
    for identity, change in sorted(changed.items()):
        if change.after is not None and identity not in after.objects:
            after.add(change.address, change.after)
    changes = [change for _, change in sorted(changed.items()) if change.action is not Action.NO_OP]
    zone = {"timezone": live.account.timezone or ""}
    shared = {"live": {**before.data(), **zone}, "account": {**after.data(), **zone}, "data": data}
    objects: dict[str, list[Any]] = {
        **{kind.value: after.of(kind) for kind in Kind},
        Subject.CHANGE.value: [_change(change, before, after) for change in changes],
        Subject.PLAN.value: [_plan(plan)],
    }
    former = {change.address.identity: change.former_identity for change in changes}
    kept = before.by_identity()
    earlier = {
        kind.value: [
            kept.get(former.get(address.identity) or address.identity)
            for address in after.addresses(kind)
        ]
        for kind in Kind
    }
    return RuleModel(
        RuleFacts(objects, shared, earlier),
        {
            **{Subject(kind.value): tuple(after.addresses(kind)) for kind in Kind},
            Subject.CHANGE: tuple(change.address for change in changes),
            Subject.PLAN: (None,),
        },
        {
            Subject.AGENT: tuple(one["departments"] for one in after.of(Kind.AGENT)),
            Subject.CHANGE: tuple(
                (*_memberships(change.before), *_memberships(change.after)) for change in changes
            ),
        },
    )


def _hours(rows: Iterable[tuple[str, str, Grid]]) -> dict[Identity, Data]:
    """Return the planned agents of departments by service, day and hour."""
    hours: dict[Identity, Data] = defaultdict(dict)
    for department, service, grid in rows:
        days = dict(zip(DAYS, map(list, grid), strict=True))
        hours[Kind.DEPARTMENT, fold(department)][service] = days
    return hours


def _memberships(attributes: Mapping[str, Any] | None) -> tuple[str, ...]:
    return tuple((attributes or {}).get("departments") or ())


def files_model(desired: DesiredState, data: Mapping[str, Any]) -> RuleModel:
    """Return the model of what the files alone declare: agents and roles, as far as they go."""
    account = _Account(desired)
    for _, entry in sorted(desired.resources.items()):
        if not entry.absent and entry.address.kind is not Kind.DEPARTMENT:
            account.keep(entry.address, account.shown(entry.address, _declared(entry)))
    subjects = (Kind.AGENT, Kind.ROLE)
    return RuleModel(
        RuleFacts(
            {kind.value: [*account.shown_of(kind)] for kind in subjects},
            {"live": {}, "account": {}, "data": data},
        ),
        {Subject(kind.value): tuple(account.addresses(kind)) for kind in subjects},
        {Subject.AGENT: tuple(one["departments"] for one in account.shown_of(Kind.AGENT))},
    )


def _declared(entry: Resource) -> Data:
    attributes = {key: value for key, value in entry.attributes.items() if key != "hours"}
    return {**attributes, **STRIPPED, "hours": {}} if entry.suspended else attributes


class _Account:
    """The objects of an account before or after a plan, in the form of the YAML."""

    def __init__(self, desired: DesiredState, hours: Mapping[Identity, Data] | None = None) -> None:
        self._desired = desired
        self._hours = hours or {}
        self.objects: dict[Identity, tuple[Address, Data]] = {}
        self._by_kind: dict[Kind, list[Data]] = {}

    def add(self, address: Address, attributes: Mapping[str, Any]) -> Data:
        """Add an object; its members and coverage follow from the agents."""
        shown = self.shown(address, attributes)
        self.keep(address, shown)
        return shown

    def keep(self, address: Address, shown: Data) -> None:
        """Add an object that is in the form of the YAML already."""
        self.objects[address.identity] = (address, shown)

    def shown(self, address: Address, attributes: Mapping[str, Any]) -> Data:
        """Return the fields of an object in the form of the YAML."""
        entry = self._desired.resources.get(address.identity)
        shown: Data = {**attributes, "declared": entry is not None}
        if address.kind is not Kind.AGENT:
            shown["name"] = attributes.get("name", address.key)
            return shown
        shown["email"] = address.identity[1]
        shown.setdefault("departments", {})
        if attributes.get("hours"):
            shown["hours"] = as_yaml(attributes["hours"])
        elif "hours" in attributes:
            shown["hours"] = []
        if entry is not None and entry.suspended:
            shown["state"] = "suspended"
        return shown

    def shown_of(self, kind: Kind) -> Iterator[Data]:
        """Yield the objects of a kind without their members, sorted by email or name."""
        return (self.objects[one][1] for one in sorted(self.objects) if one[0] is kind)

    def of(self, kind: Kind) -> list[Data]:
        """Return the objects of a kind, sorted by email or name."""
        if not self._by_kind:
            self._by_kind = {one: [*self._complete(one)] for one in Kind}
        return self._by_kind[kind]

    def addresses(self, kind: Kind) -> Iterator[Address]:
        """Yield the addresses of the objects of a kind, in the same order."""
        return (
            self.objects[identity][0] for identity in sorted(self.objects) if identity[0] is kind
        )

    def by_identity(self) -> dict[Identity, Data]:
        """Return the objects by their identity."""
        return {
            address.identity: shown
            for kind in Kind
            for address, shown in zip(self.addresses(kind), self.of(kind), strict=True)
        }

    def data(self) -> Data:
        """Return the account as data: a list of the objects of each kind."""
        agents, departments, roles = map(self.of, (Kind.AGENT, Kind.DEPARTMENT, Kind.ROLE))
        return {
            "agents": agents,
            "departments": departments,
            "roles": roles,
        }

    def _complete(self, kind: Kind) -> Iterator[Data]:
        members = self._members() if kind is not Kind.AGENT else {}
        for identity in sorted(self.objects):
            if identity[0] is not kind:
                continue
            _, shown = self.objects[identity]
            if kind is Kind.AGENT:
                yield shown
            elif kind is Kind.ROLE:
                yield {**shown, "members": members[identity]["members"]}
            else:
                yield {**shown, **members[identity], "hours": self._hours.get(identity, {})}

    def _members(self) -> dict[Identity, Data]:
        """Return the members of each department and role, and who covers each service."""
        members: dict[Identity, Data] = defaultdict(
            lambda: {"members": [], "covers": {service: [] for service in SERVICES}}
        )
        for identity in sorted(self.objects):
            if identity[0] is not Kind.AGENT:
                continue
            _, agent = self.objects[identity]
            members[Kind.ROLE, fold(agent.get("role", ""))]["members"].append(agent["email"])
            for name, entry in agent["departments"].items():
                department = members[Kind.DEPARTMENT, fold(name)]
                department["members"].append(agent["email"])
                for service in SERVICES:
                    if entry.get(service):
                        department["covers"][service].append(agent["email"])
        return members


def _change(change: Change, before: _Account, after: _Account) -> Data:
    """Return a change; its objects are those of the accounts, or None."""
    former = change.former_identity or change.address.identity
    sides = (before.objects.get(former), after.objects.get(change.address.identity))
    old, new = (side[1] if side else None for side in sides)
    return {
        "address": str(change.address),
        "kind": change.address.kind.value,
        "name": change.name,
        "action": change.action.value,
        "before": None if change.before is None else old or dict(change.before),
        "after": None if change.after is None else new,
        "fields": [".".join(one.path) for one in change.fields],
        "risk": [risk.value for risk in change.risk],
        "attribution": change.attribution.value if change.attribution else "",
    }


def _plan(plan: Plan) -> Data:
    return {
        "model_version": MODEL_VERSION,
        "target": plan.target,
        "surface": plan.surface.value,
        "summary": plan.summary(),
        "requests": {**plan.requests.as_data(), "seconds": plan.requests.seconds},
        "manual_steps": [
            {"address": str(step.address), "section": step.section, "open": step.open}
            for step in plan.manual_steps
        ],
    }
