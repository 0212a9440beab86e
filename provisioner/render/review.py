"""What a reviewer needs to know of a plan, for every format: verdict, losses, risks and cost."""

from collections.abc import Iterator
from enum import StrEnum

from provisioner.address import Kind
from provisioner.live.state import Surface
from provisioner.model.kinds import SERVICES
from provisioner.planning.changes import LOSSES, Action, Change, Risk
from provisioner.planning.coverage import Cell
from provisioner.planning.plan import Plan, Requests
from provisioner.render import words
from provisioner.render.effects import Quoted, Sentence, joined

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
        return Mood.REFUSED, f"refused for {words.count(len(plan.refused), 'reason')}"
    if plan.empty:
        return Mood.NOTHING, "nothing to change"
    lost = [change for change, _ in losses(plan)]
    if people := sum(change.address.kind is Kind.AGENT for change in lost):
        return (
            Mood.LOSES,
            "1 person loses access" if people == 1 else f"{people} people lose access",
        )
    if lost:
        return Mood.LOSES, "access is taken away"
    if plan.open_steps:
        # Losses are told of what an apply does; a person may be asked to take something away.
        return Mood.CHANGES, "nobody loses access by the apply"
    return Mood.CHANGES, "nobody loses access"


def losses(plan: Plan) -> list[tuple[Change, Sentence]]:
    """Return who can do less than before, each with what it is."""
    return [
        (change, joined(_lost(change))) for change in plan.effective if LOSSES & set(change.risk)
    ]


def _lost(change: Change) -> Iterator[Sentence]:
    before, after = change.before or {}, change.after or {}
    if change.action is Action.DELETE:
        yield ("is deleted",)
        return
    if Risk.LOWERS_RIGHTS in change.risk:
        old, new = words.value(before.get("role")), words.value(after.get("role"))
        yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants less",)
    left = after.get("departments", {})
    for name, entry in before.get("departments", {}).items():
        if name not in left:
            yield "leaves ", Quoted(name)
            continue
        lost = [s for s in SERVICES if entry.get(s) and not left[name].get(s)]
        if lost:
            yield f"no {' and '.join(lost)} from ", Quoted(name)


def access(plan: Plan) -> list[tuple[Change, Sentence, Sentence]]:
    """Return whose access changes, each with what is raised and what is lowered."""
    rows = ((change, joined(_raised(change)), joined(_lost(change))) for change in plan.effective)
    return [row for row in rows if row[1] or row[2]]


def _raised(change: Change) -> Iterator[Sentence]:
    before, after = change.before or {}, change.after or {}
    if Risk.RAISES_RIGHTS in change.risk:
        old, new = words.value(before.get("role", "agent")), words.value(after.get("role", "agent"))
        yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants more",)
    held = before.get("departments", {})
    for name, entry in after.get("departments", {}).items():
        if name not in held:
            yield "joins ", Quoted(words.membership(name, entry))
            continue
        gained = [s for s in SERVICES if entry.get(s) and not held[name].get(s)]
        if gained:
            yield f"{' and '.join(gained)} from ", Quoted(name)


def falls(plan: Plan) -> list[Sentence]:
    """Return where and when the plan leaves one agent or none, the emptiest first."""
    found = [_falls(cell) for cell in plan.coverage.falling]
    for planned in plan.coverage.hours:
        if number := planned.falls_to(0):
            where = (" for ", Quoted(planned.service), " in ", Quoted(planned.department))
            hours = f": {words.count(number, 'hour')} of the week."
            found.append(("Nobody is planned any more", *where, hours))
    return found


def rights(plan: Plan) -> list[Sentence]:
    """Return whose rights change, and who is logged out by that."""
    found: list[Sentence] = []
    for risk, said in (
        (Risk.RAISES_RIGHTS, "More rights: "),
        (Risk.LOWERS_RIGHTS, "Fewer rights: "),
        (Risk.LOGS_OUT, "Logged out: "),
    ):
        names = [str(change.address) for change in plan.effective if risk in change.risk]
        if names:
            found.append((said, *_listed(names), "."))
    return found


def _falls(cell: Cell) -> Sentence:
    counted = f": {cell.before} → {cell.after}"
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


def counts(plan: Plan) -> str:
    """Return how much is to be done, in one line."""
    parts = [
        f"{number} to {action} ({_by_kind(plan, action)})"
        for action in Action
        if action is not Action.NO_OP and (number := plan.count(action))
    ]
    if plan.open_steps:
        parts.append(f"{words.count(len(plan.open_steps), 'manual step')} left to people")
    return ", ".join(parts)


def _by_kind(plan: Plan, action: Action) -> str:
    return ", ".join(
        words.count(number, kind) for kind in Kind if (number := plan.count(action, kind))
    )


def nothing(plan: Plan) -> str:
    """Return why an apply has nothing to do, of a plan for which that is so."""
    if not plan.empty:
        return "There is nothing that apply could do."
    return f"{words.count(len(plan.changes), 'declared object')}, all as declared."


def mails(plan: Plan) -> str:
    """Return what is mailed to people, or nothing."""
    if not plan.registration_mails:
        return ""
    sent = words.count(plan.registration_mails, "registration mail")
    return f"LiveAgent sends {sent} with a link to set a password."


def cost(requests: Requests) -> str:
    """Return how many requests an apply takes, and how long that is."""
    parts = f"{requests.read} to read, {requests.write} to write, {requests.verify} to verify"
    said = f"Apply takes about {words.count(requests.total, 'request')} ({parts})"
    if not requests.per_minute:
        return f"{said}."
    limit = f"the limit of {requests.per_minute} a minute"
    if not requests.seconds:
        return f"{said}, within {limit}."
    return f"{said}, at least {words.duration(requests.seconds)} under {limit}."


def not_counted(plan: Plan) -> str:
    """Return what the counts of agents leave out, or nothing."""
    if plan.surface is Surface.FULL:
        return ""
    return (
        "API v3 shows planned hours of the agents that declare some only, and memberships "
        "that wait for a manual step are not counted."
    )
