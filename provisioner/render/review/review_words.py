"""What a reviewer needs to know of a plan, for every format: verdict, losses, risks and cost."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from provisioner.address import Kind
from provisioner.live.state import Surface
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.attribution.parts import by_attribution, lost_coverage
from provisioner.planning.changes import Action, Attribution, Change, Risk
from provisioner.planning.coverage import Cell, PlannedHours
from provisioner.planning.manual import manual_step
from provisioner.planning.plans.plan_data import Plan, RequestBudget
from provisioner.render import readable
from provisioner.render.review import policy_lines
from provisioner.render.review.losses import NOBODY, headline, lost
from provisioner.render.sentences import Quoted, Sentence, joined

TITLES = {Attribution.BRANCH: "Changed by this branch", Attribution.DRIFT: "Was already drifted"}

BY = {None: "", Attribution.BRANCH: " by this branch", Attribution.DRIFT: " by earlier drift"}
"""Suffixes that name the attribution of a change."""

SHOWN_NAMES = 5
"""Names that are listed in a sentence; more are counted."""


class Mood(StrEnum):
    """What a reviewer is told first."""

    REFUSED = "refused"
    LOSES = "loses"
    CHANGES = "changes"
    NOTHING = "nothing"


def verdict(plan: Plan) -> tuple[Mood, str]:
    """Return the plan in one sentence, without a full stop."""
    if plan.refused:
        return Mood.REFUSED, f"refused for {readable.count(len(plan.refused), 'reason')}"
    changed = policy_lines.headline(plan)
    if plan.empty:
        return (Mood.LOSES, changed) if changed else (Mood.NOTHING, "nothing to change")
    loses, said = headline(plan)
    if changed:
        return Mood.LOSES, f"{changed}, {said}" if loses else changed
    if plan.open_steps and said == NOBODY:
        # Losses are told of what an apply does; a person may be asked to take something away.
        said = f"{NOBODY} by the apply"
    return Mood.LOSES if loses else Mood.CHANGES, said


def access(plan: Plan) -> list[tuple[Attribution | None, Change, Sentence, Sentence]]:
    """Return by whom and whose access changes, each with what is raised and what is lowered."""
    rows = (
        (origin, change, joined(_raised(change)), joined(lost(change)))
        for origin, changes in by_attribution(plan.effective)
        for change in changes
    )
    return [row for row in rows if row[2] or row[3]]


def by_hand(plan: Plan) -> frozenset[str]:
    """Return the departments that a person puts agents into, or takes them out of."""
    return frozenset(
        name
        for step in plan.open_steps
        if step.section == manual_step.MEMBERSHIP
        for name in (*step.values["join"], *step.values["leave"])
    )


def _raised(change: Change) -> Iterator[Sentence]:
    before, after = change.before or {}, change.after or {}
    if Risk.RAISES_RIGHTS in change.risk:
        old, new = (
            readable.value(before.get("role", "agent")),
            readable.value(after.get("role", "agent")),
        )
        if change.action is Action.CREATE and change.address.kind is Kind.AGENT:
            yield "role ", Quoted(new)
        else:
            yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants more",)
    if change.action is Action.CREATE:
        for name, entry in readable.ordered(after.get("departments", {})):
            yield "joins ", Quoted(readable.membership(name, entry))
    gained: dict[str, list[str]] = {}
    for field in change.fields:
        match field.path:
            case ("departments", name) if field.before is None:
                yield "joins ", Quoted(readable.membership(name, field.after))
            case ("departments", name, service) if service in SERVICES and field.after:
                gained.setdefault(name, []).append(service)
    for name, services in gained.items():
        told = " and ".join(service for service in SERVICES if service in services)
        yield f"{told} from ", Quoted(name)


def falls(plan: Plan) -> list[Sentence]:
    """Return where and when the plan leaves one agent or none, the emptiest first."""
    found = [_falls(cell, whose(plan, cell)) for cell in plan.coverage.falling]
    for planned in plan.coverage.hours:
        if number := planned.falls_to(0):
            where = (" for ", Quoted(planned.service), " in ", Quoted(planned.department))
            hours = f": {readable.count(number, 'hour')} of the week"
            said = _whose_hours(plan, planned)
            found.append(("Nobody is planned any more", *where, hours, said, "."))
    return found


def whose(plan: Plan, cell: Cell) -> str:
    """Return by whom agents leave a service of a department, where the plan has a base."""
    taken: Counter[Attribution | None] = Counter(
        origin
        for origin, changes in by_attribution(plan.effective)
        for change in changes
        for lost_one in lost_coverage(change)
        if lost_one == (cell.department, cell.service)
    )
    if taken[None] or not taken:
        return ""
    told = [f"{taken[origin]}{BY[origin]}" for origin in Attribution if taken[origin]]
    return f" ({', '.join(told)})"


def _whose_hours(plan: Plan, planned: PlannedHours) -> str:
    """Return by whom planned hours go, where the plan has a base."""
    told = [
        BY[origin].strip()
        for origin, changes in by_attribution(plan.effective)
        if origin and any(_touches_hours(change, planned) for change in changes)
    ]
    return f" ({' and '.join(told)})" if told else ""


def _touches_hours(change: Change, planned: PlannedHours) -> bool:
    """Tell whether a change is of an agent who is planned there, and of what that hangs on."""
    place = (planned.department, planned.service)
    hours = (change.before or {}).get("hours") or {}
    if planned.service not in hours.get(planned.department, {}):
        return False
    return place in lost_coverage(change) or any(
        field.path[:2] == ("hours", planned.department)
        and field.path[2:3] in {(), (planned.service,)}
        for field in change.fields
    )


def rights(plan: Plan) -> list[Sentence]:
    """Return whose rights change, and who is logged out by that."""
    found: list[Sentence] = []
    for origin, changes in by_attribution(plan.effective):
        for risk, said in (
            (Risk.RAISES_RIGHTS, "More rights"),
            (Risk.LOWERS_RIGHTS, "Fewer rights"),
            (Risk.LOGS_OUT, "Logged out"),
        ):
            names = [str(change.address) for change in changes if risk in change.risk]
            if names:
                found.append((f"{said}{BY[origin]}: ", *_listed(names), "."))
    return found


def risk_lines(plan: Plan) -> Iterator[str]:
    """Yield the counts of what is risky about a plan: a line, or one for each origin."""
    told = {
        Risk.RAISES_RIGHTS: "more rights for",
        Risk.LOWERS_RIGHTS: "fewer rights for",
        Risk.LOGS_OUT: "logs out",
    }
    for origin, changes in by_attribution(plan.effective):
        roles = Counter(
            (change.before or {}).get("role")
            for change in changes
            if change.action is Action.DELETE and change.address.kind is Kind.AGENT
        )
        said = [f"deletes {readable.count(roles[r], r)}" for r in BUILT_IN_ROLES[:0:-1] if roles[r]]
        said += [
            f"{phrase} {number}"
            for risk, phrase in told.items()
            if (number := sum(risk in change.risk for change in changes))
        ]
        if said:
            yield f"Risk{BY[origin]}: {', '.join(said)}."


def _falls(cell: Cell, said: str) -> Sentence:
    counted = f": {cell.before} → {cell.after}{said}"
    where = (" for ", Quoted(cell.service), " in ", Quoted(cell.department), counted)
    if cell.only is None:
        return "Nobody is left", *where, "."
    return "One agent is left", *where, ", ", Quoted(cell.only.name or cell.only.address.key), "."


def _listed(names: list[str]) -> Sentence:
    shown = joined((Quoted(name),) for name in names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return (*shown, f" and {more} more") if more > 0 else shown


def undeclared(plan: Plan) -> Sentence:
    """Return what is live and in no file, or nothing."""
    names = [str(live.address) for live in plan.undeclared]
    return ("Live but not declared, left alone: ", *_listed(names), ".") if names else ()


def notes(plan: Plan) -> list[Sentence]:
    """Return what the list of changes does not show: what is left out, restored, or not there."""
    left_out = joined(
        (Quoted(str(one.address)), " (needs ", Quoted(str(one.needs)), ")") for one in plan.left_out
    )
    restored = [
        str(change.address)
        for change in plan.effective
        if change.action is Action.CREATE and change.id and change.address.kind is Kind.AGENT
    ]
    missing = [str(address) for address in plan.missing]
    found: list[Sentence] = []
    if left_out:
        found.append(("Also left out, since it needs what is excluded: ", *left_out, "."))
    if restored:
        found.append(
            (
                "Restores the deleted account of this email, with its tickets and settings: ",
                *_listed(restored),
                ". For another person choose another email.",
            )
        )
    if missing:
        said = "Not in the account, so there is nothing to delete or suspend: "
        found.append((said, *_listed(missing), "."))
    return found


def counts(plan: Plan) -> str:
    """Return how much is to be done, in one line."""
    parts = [changed] if (changed := policy_lines.headline(plan)) else []
    parts += [
        f"{number} to {action} ({_by_kind(plan, action)})"
        for action in Action
        if action is not Action.NO_OP and (number := plan.count(action))
    ]
    if plan.open_steps:
        parts.append(f"{readable.count(len(plan.open_steps), 'manual step')} left to people")
    return ", ".join(parts)


def _by_kind(plan: Plan, action: Action) -> str:
    return ", ".join(
        readable.count(number, kind) for kind in Kind if (number := plan.count(action, kind))
    )


def nothing(plan: Plan) -> str:
    """Return why an apply has nothing to do, of a plan for which that is so."""
    if not plan.settled:
        return "There is nothing that apply could do."
    return f"{readable.count(len(plan.changes), 'declared object')}, all as declared."


def mails(plan: Plan) -> str:
    """Return what is mailed to people, or nothing."""
    if not plan.registration_mails:
        return ""
    sent = readable.count(plan.registration_mails, "registration mail")
    return f"LiveAgent sends {sent} with a link to set a password."


def cost(requests: RequestBudget) -> str:
    """Return how many requests an apply takes, and how long that is."""
    parts = f"{requests.read} to read, {requests.write} to write, {requests.verify} to verify"
    said = f"Apply takes {readable.count(requests.total, 'request')} ({parts})"
    if not requests.per_minute:
        return f"{said}."
    limit = f"the limit of {requests.per_minute} a minute"
    if not requests.seconds:
        return f"{said}, within {limit}."
    return f"{said}, at least {readable.duration(requests.seconds)} under {limit}."


def not_counted(plan: Plan) -> str:
    """Return what the counts of agents leave out, or nothing."""
    if plan.surface is Surface.FULL:
        return ""
    return (
        "API v3 shows planned hours of the agents that declare some only, and memberships "
        "that wait for a manual step are not counted."
    )
