"""`drift --accept`: repeats edits until the files have what the account has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from provisioner.address import Address, Identity
from provisioner.app.drift_changes import declared_changes
from provisioner.app.file_edits.drift_edits import AcceptedValues
from provisioner.app.file_edits.field_edits import NewEntries
from provisioner.app.file_edits.project_edits import EditedProject, FileEdit, edit_project
from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.open_project import Project
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.documents import IsShared
from provisioner.model.desired import DesiredState
from provisioner.model.policy import fits
from provisioner.planning.access.access_drift import drifting_agents, drifting_objects
from provisioner.planning.changes import Action, Change, Reason
from provisioner.planning.manual.left_open import LeftOpen, left_field

ROUNDS = 3
"""An edit can uncover more: the entry of an agent who is suspended no more has departments."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The accepted drift."""

    edited: EditedProject
    addresses: tuple[Address, ...]
    skipped: tuple[str, ...]


def drifting_addresses(project: Project, planned: Planned, options: PlanOptions) -> set[Address]:
    """Return the objects that `--accept-all` accepts."""
    plan = planned.plan
    return {
        *(one.address for one in declared_changes(project, planned, options)),
        *(one.address for one in plan.changes if one.reason is Reason.UNDECLARED),
        *(one.address for one in plan.unmanaged),
        *(one.address for one in drifting_agents(plan)),
        *(one.address for one in drifting_objects(plan)),
    }


def accept_drift(
    project: Project,
    planned: Planned,
    options: PlanOptions,
    accepted: tuple[str, ...],
    is_shared: IsShared,
) -> Accepted:
    """Return the project with the values of the account. Nothing is written.

    `accepted` are addresses or patterns of the objects to accept; none for all drift, without
    what an apply left to a person who has not done it yet.

    Raises:
        UsageError: an address matches neither drift nor an object of the account.
        InvalidProjectError: the project would have errors.
    """
    drifting = drifting_addresses(project, planned, options)
    addresses = sorted(_selected(drifting, planned, accepted) if accepted else drifting)
    wanted = {address.identity for address in addresses}
    left_open: LeftOpen = {} if accepted else options.recorded.left_open
    edits: list[FileEdit] = []
    skipped: list[str] = []
    new_files: dict[str, bytes] = {}
    day = project.desired.day
    edited = edit_project(project.root, (), is_shared, day=day)
    for number in range(ROUNDS):
        current = replace(planned, desired=_desired(edited.project, planned, options.target))
        values = AcceptedValues(current.desired, planned.live, NewEntries(current.desired))
        _collect(values, edited.project, current, options, wanted, left_open, is_first=number == 0)
        skipped = [*dict.fromkeys([*skipped, *values.skipped])]
        more = [*values.edits, *values.entries.edits()]
        new_files |= values.entries.new_files()
        if not (more or values.entries.items):
            break
        edits += more
        edited = edit_project(project.root, edits, is_shared, new_files, day)
    return Accepted(edited, tuple(addresses), tuple(skipped))


def _collect(
    values: AcceptedValues,
    project: Project,
    planned: Planned,
    options: PlanOptions,
    wanted: set[Identity],
    left_open: LeftOpen,
    *,
    is_first: bool,
) -> None:
    """Collect the edits for the values in which files and account still differ."""
    live = planned.live
    for change in declared_changes(project, planned, options):
        if change.address.identity in wanted:
            acceptable, reasons = _without_left_open(change, left_open)
            values.skipped += reasons
            with values.skipping(str(change.address)):
                if acceptable:
                    values.accept_change(acceptable)
    for one in planned.plan.unmanaged if is_first else ():
        if one.address.identity in wanted:
            with values.skipping(f"{one.address} {'.'.join(one.path)}"):
                values.accept_value(one.address, one.path, one.live)
    for identity in sorted(wanted) if is_first else ():
        if identity not in values.desired.resources and identity in live.objects:
            with values.skipping(str(live.objects[identity].address)):
                values.accept_object(live.objects[identity])


def _without_left_open(change: Change, left_open: LeftOpen) -> tuple[Change | None, list[str]]:
    """Return a change without what an apply left to a person, and the reasons.

    The account has never had these values, so it can't have lost them.
    """
    paths = [one.path for one in change.fields] if change.action is Action.UPDATE else [()]
    waiting = [
        path
        for path in paths
        if (left := left_field(left_open, change, path)) and left.is_untouched
    ]
    reasons = [
        f"{' '.join([str(change.address), *filter(None, ['.'.join(path)])])}: nobody has done the "
        f"manual step yet; --accept {change.address} accepts it all the same"
        for path in waiting
    ]
    if len(waiting) == len(paths):
        return None, reasons
    fields = tuple(one for one in change.fields if one.path not in waiting)
    return replace(change, fields=fields), reasons


def _desired(project: Project, planned: Planned, target: str) -> DesiredState:
    """Return the declared objects of an edited project, under the names of the account."""
    declared = project.desired_for(target)
    renamed = {
        identity: resource
        for identity, resource in planned.desired.resources.items()
        if resource.absent and identity not in declared.resources
    }
    return replace(declared, resources={**declared.resources, **renamed})


def _selected(
    drifting: Iterable[Address], planned: Planned, accepted: tuple[str, ...]
) -> set[Address]:
    """Return the objects that the user accepts; an exact address may be of any live object."""
    live = {existing.address for existing in planned.live.objects.values()}
    selected: set[Address] = set()
    for pattern in accepted:
        exact = {address for address in chain(drifting, live) if str(address) == pattern}
        matching = exact or {address for address in drifting if fits(str(address), pattern)}
        if not matching:
            raise UsageError(
                Diagnostic(
                    code="selector-without-object",
                    summary=f'no drift matches "{pattern}"',
                    hint="provisioner drift lists the addresses",
                )
            )
        selected |= matching
    return selected
