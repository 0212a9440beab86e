"""Who can do less than before, the gravest first: nothing of a plan is looked for more."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from provisioner.address import Kind
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.attribution.parts import by_attribution, lost_services
from provisioner.planning.changes import Action, Attribution, Change, Reason, Risk
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.sentences import Quoted, Sentence, joined

NOBODY = "nobody loses access"


class LossSeverity(StrEnum):
    """How much is lost, as it is said of a group of people."""

    DELETED = "deleted"
    SUSPENDED = "suspended"
    RIGHTS = "with fewer rights"
    LEAVES = "leave departments"
    SERVICES = "lose services"


@dataclass(frozen=True, slots=True)
class Loss:
    """What one person can't do any more; or nobody, where a role grants less.

    Attributes:
        change: by which it happens; of an update, the fields of the origin.
        said: what it is.
        gravity: how much it is.
        origin: whose it is; None where the plan was made without a base.
    """

    change: Change
    said: Sentence
    gravity: LossSeverity
    origin: Attribution | None


def losses(plan: Plan) -> tuple[Loss, ...]:
    """Return who can do less than before: by the branch first, and then by gravity."""
    return tuple(
        loss
        for origin, changes in by_attribution(plan.effective)
        for loss in sorted(
            (Loss(c, joined(lost(c)), _gravity(c), origin) for c in changes if c.loses),
            key=lambda loss: (tuple(LossSeverity).index(loss.gravity), str(loss.change.address)),
        )
    )


def lost(change: Change) -> Iterator[Sentence]:
    """Yield what is lost by a change."""
    before, after = change.before or {}, change.after or {}
    if change.action is Action.DELETE:
        role = before.get("role", BUILT_IN_ROLES[0])
        yield ("is deleted",) if role == BUILT_IN_ROLES[0] else ("is deleted, was ", Quoted(role))
        return
    if Risk.LOWERS_RIGHTS in change.risk:
        old, new = readable.value(before.get("role")), readable.value(after.get("role"))
        yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants less",)
    taken = joined(_of_fields(change))
    if taken:
        suspended = ("is suspended: ",) if change.reason is Reason.SUSPENDED else ()
        yield (*suspended, *taken)


def _of_fields(change: Change) -> Iterator[Sentence]:
    """Yield the departments that somebody leaves, and the services that end in others."""
    services: dict[str, list[str]] = {}
    for field in change.fields:
        match field.path:
            case ("departments", name) if field.after is None:
                yield "leaves ", Quoted(name)
            case _:
                for name, service in lost_services(field):
                    services.setdefault(name, []).append(service)
    for name, ended in services.items():
        told = " and ".join(service for service in SERVICES if service in ended)
        yield f"no {told} from ", Quoted(name)


def _gravity(change: Change) -> LossSeverity:
    if change.action is Action.DELETE:
        return LossSeverity.DELETED
    if change.reason is Reason.SUSPENDED:
        return LossSeverity.SUSPENDED
    if Risk.LOWERS_RIGHTS in change.risk:
        return LossSeverity.RIGHTS
    leaves = any(
        len(f.path) == 2 and f.path[0] == "departments" and f.after is None for f in change.fields
    )
    return LossSeverity.LEAVES if leaves else LossSeverity.SERVICES


def headline(plan: Plan) -> tuple[bool, str]:
    """Return whether the plan, or the branch that it was made for, takes access away; and how."""
    found = losses(plan)
    own = [loss for loss in found if loss.origin is not Attribution.DRIFT]
    people = {loss.change.address for loss in own if _is_person(loss)}
    drifted = {loss.change.address for loss in found if _is_person(loss)} - people
    if people:
        said = _people(loss for loss in own if _is_person(loss))
        return True, f"{said}, {len(drifted)} more by earlier drift" if drifted else said
    if own:
        return True, "access is taken away"
    if drifted:
        number = f"{len(drifted)} {_noun(len(drifted))}"
        return False, f"{NOBODY} by this branch, {number} by earlier drift"
    return False, NOBODY


def _people(found: Iterable[Loss]) -> str:
    """Return how many lose what: `100 people deleted, 3 suspended, 1900 lose access`."""
    grave = {LossSeverity.DELETED, LossSeverity.SUSPENDED}
    told = Counter(loss.gravity.value if loss.gravity in grave else "" for loss in found)
    parts = [(told[key], key) for key in (*sorted(grave), "") if told[key]]
    said: list[str] = []
    for number, key in parts:
        verb = key or ("loses access" if number == 1 else "lose access")
        said.append(f"{number} {verb}" if said else f"{number} {_noun(number)} {verb}")
    return ", ".join(said)


def _noun(number: int) -> str:
    return "person" if number == 1 else "people"


def _is_person(loss: Loss) -> bool:
    return loss.change.address.kind is Kind.AGENT
