"""Losses of access by a plan, the most severe first: reviewers look for these before all else."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from provisioner.address import Kind
from provisioner.model.kinds import BUILT_IN_ROLES, SERVICES
from provisioner.planning.attribution.parts import Part, lost_services
from provisioner.planning.changes import (
    LOGINS,
    Action,
    Attribution,
    Change,
    FieldChange,
    Reason,
    Risk,
)
from provisioner.render import readable
from provisioner.render.review.change_texts import Place, common_place
from provisioner.render.sentences import Quoted, Sentence, joined, name_list

TITLE = "Loses access"

NOBODY = "nobody loses access"


class LossSeverity(StrEnum):
    """How much somebody loses, the most severe first; the value describes a group of people."""

    DELETED = "deleted"
    SUSPENDED = "suspended"
    RIGHTS = "with fewer rights"
    LEAVES = "leave departments"
    SERVICES = "lose services"


@dataclass(frozen=True, slots=True)
class Loss:
    """The access that one agent loses, or the rights that one role loses.

    Attributes:
        change: the change that causes it; an update has only the fields of the attribution.
        lost: a sentence about the loss.
        severity: how much access is lost.
        attribution: branch or earlier drift; None if the plan was made without a base.
    """

    change: Change
    lost: Sentence
    severity: LossSeverity
    attribution: Attribution | None


@dataclass(frozen=True, slots=True)
class LossGroup:
    """Equal losses of several agents, or the loss of one.

    Attributes:
        losses: the losses, by address; each has the same sentence and severity.
        place: the one place of all, or their file with the number of places in it.
    """

    losses: tuple[Loss, ...]
    place: Place

    @property
    def lost(self) -> Sentence:
        """The sentence about the loss."""
        return self.losses[0].lost

    @property
    def severity(self) -> LossSeverity:
        """How much access each of them loses."""
        return self.losses[0].severity

    @property
    def attribution(self) -> Attribution | None:
        """Branch or earlier drift; None if the plan was made without a base."""
        return self.losses[0].attribution


def equal_losses(losses: Iterable[Loss]) -> tuple[LossGroup, ...]:
    """Return losses with equal ones together, in the order of the losses.

    Deletions, suspensions and lost rights stay one for each person: reviewers look for names.
    """
    groups: dict[object, list[Loss]] = {}
    for loss in losses:
        alone = loss.severity not in {LossSeverity.LEAVES, LossSeverity.SERVICES}
        key = (loss.attribution, loss.severity, loss.lost, alone and loss.change.address)
        groups.setdefault(key, []).append(loss)
    return tuple(LossGroup(tuple(own), place_of(own)) for own in groups.values())


def place_of(losses: Iterable[Loss]) -> Place:
    """Return where the files declare losses: the fields that end a service, or else the object."""
    declared: list[Change | FieldChange] = []
    for loss in losses:
        fields = [field for field in loss.change.fields if [*lost_services(field)]]
        declared += fields or [loss.change]
    return common_place(declared)


def find_losses(parts: Iterable[Part]) -> tuple[Loss, ...]:
    """Return the losses of a plan: those of the branch first, and each sorted by severity."""
    return tuple(
        loss
        for attribution, changes in parts
        for loss in sorted(
            (
                Loss(change, joined(lost_access(change)), _severity(change), attribution)
                for change in changes
                if change.loses
            ),
            key=lambda loss: (tuple(LossSeverity).index(loss.severity), str(loss.change.address)),
        )
    )


def lost_access(change: Change) -> Iterator[Sentence]:
    """Yield what a change takes away."""
    before = change.before or {}
    if change.action is Action.DELETE:
        role = before.get("role", BUILT_IN_ROLES[0])
        yield ("is deleted",) if role == BUILT_IN_ROLES[0] else ("is deleted, was ", Quoted(role))
        return
    lost = [*_lost_rights(change), *_lost_memberships(change), *_lost_logins(change)]
    if lost and change.reason is Reason.SUSPENDED:
        yield "is suspended: ", *joined(lost)
    else:
        yield from lost


def _lost_rights(change: Change) -> Iterator[Sentence]:
    before, after = change.before or {}, change.after or {}
    if Risk.LOWERS_RIGHTS in change.risk:
        old, new = readable.value(before.get("role")), readable.value(after.get("role"))
        yield ("role ", Quoted(old), " → ", Quoted(new)) if old != new else ("grants less",)


def _lost_logins(change: Change) -> Iterator[Sentence]:
    phones = [str(field.before) for field in change.fields if field.path[0] == LOGINS]
    if phones:
        yield "LivePhone logins end: ", *name_list(phones)


def _lost_memberships(change: Change) -> Iterator[Sentence]:
    """Yield the departments that an agent leaves, and the services that end in others."""
    services: dict[str, list[str]] = {}
    for field in change.fields:
        match field.path:
            case ("departments", name) if field.after is None:
                yield "leaves ", Quoted(name)
            case _:
                for name, service in lost_services(field):
                    services.setdefault(name, []).append(service)
    for name, ended in services.items():
        ended_services = " and ".join(service for service in SERVICES if service in ended)
        yield f"no {ended_services} from ", Quoted(name)


def _severity(change: Change) -> LossSeverity:
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


def loss_headline(losses: Sequence[Loss]) -> tuple[bool, str]:
    """Return whether the plan takes access away, and a phrase about it.

    Of a plan with a base, only the losses of the branch count.
    """
    own = [loss for loss in losses if loss.attribution is not Attribution.DRIFT]
    people = {loss.change.address for loss in own if _is_person(loss)}
    drifted = {loss.change.address for loss in losses if _is_person(loss)} - people
    if people:
        counts = _people(loss for loss in own if _is_person(loss))
        return True, f"{counts}, {len(drifted)} more by earlier drift" if drifted else counts
    if own:
        return True, "access is taken away"
    if drifted:
        number = readable.people(len(drifted))
        return False, f"{NOBODY} by this branch, {number} by earlier drift"
    return False, NOBODY


def _people(losses: Iterable[Loss]) -> str:
    """Return how many people lose what: `100 people deleted, 3 suspended, 1900 lose access`."""
    named = {LossSeverity.DELETED, LossSeverity.SUSPENDED}
    numbers = Counter(loss.severity.value if loss.severity in named else "" for loss in losses)
    parts: list[str] = []
    for key in (*sorted(named), ""):
        if not (number := numbers[key]):
            continue
        verb = key or ("loses access" if number == 1 else "lose access")
        parts.append(f"{number if parts else readable.people(number)} {verb}")
    return ", ".join(parts)


def _is_person(loss: Loss) -> bool:
    return loss.change.address.kind is Kind.AGENT
