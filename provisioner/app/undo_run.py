"""Plans the undo of a run from the values in its record."""

from dataclasses import dataclass, replace
from operator import eq

from provisioner.address import Address, Kind
from provisioner.app.account_reading import read_needed
from provisioner.app.comparison import Comparison, compare_project
from provisioner.app.make_plan import Planned, PlanOptions, Reading, plan_changes
from provisioner.app.open_project import Configured, Project, ProjectRoot
from provisioner.diagnostics import Diagnostic, RefusedError, Severity
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import RecordedFacts, with_deleted
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Undeclared
from provisioner.planning.changes import Action, Change
from provisioner.planning.checks.referenced_names import name_uses, unknown_names
from provisioner.planning.manual.split import split
from provisioner.planning.reversal import reverse
from provisioner.planning.roles import name_roles
from provisioner.planning.scope import Scope
from provisioner.runs.record import Run

_NOTHING_DECLARED = DesiredState({})


@dataclass(frozen=True, slots=True)
class Undo:
    """The plan that undoes a run.

    `lost` are values that can't be restored, and values that somebody has changed since.
    """

    planned: Planned
    lost: tuple[Diagnostic, ...]


def plan_undo(run: Run, project: Configured, reader: Reader, options: PlanOptions) -> Undo:
    """Return a plan that restores the values which a run overwrote.

    The declarations of the project are not used.

    Raises:
        RefusedError: the run was on another account.
        TargetError: the account could not be read completely.
    """
    if (run.target, run.url) != (options.target, options.url):
        raise RefusedError(_other_account(run, options))
    changes = [*run.touched()]
    hours_of = frozenset(
        change.address.key
        for change in changes
        if change.address.kind is Kind.AGENT
        and "hours" in {*(change.before or {}), *(change.after or {})}
    )
    reading = Reading(reader.read(hours_of=hours_of), hours_of)
    account = reading.live.account.completed(project.settings.account)
    live = with_deleted(replace(reading.live, account=account), options.recorded.deleted)
    learned = options.recorded.role_ids
    roles = {**{role_id: name for name, role_id in learned.items()}, **run.roles}
    reversal = reverse(changes, name_roles(live, roles))
    role_ids = {**learned, **project.settings.role_ids_of(options.target)}
    creates_agents = options.recorded.creates(project.settings.capabilities_of(options.target))
    api_changes, steps = split(
        reversal.changes, _NOTHING_DECLARED, reversal.live, role_ids, creates_agents=creates_agents
    )
    comparison = Comparison(
        desired=_NOTHING_DECLARED,
        live=reversal.live,
        changes=api_changes,
        steps=steps,
        roles=roles,
        renames=reversal.renames,
        findings=(),
    )
    uses = name_uses(api_changes, steps)
    names = read_needed(reader, uses, live.surface)
    gone = [
        replace(one, severity=Severity.WARNING)
        for one in unknown_names(uses, names, _NOTHING_DECLARED)
    ]
    project, options = _without_declarations(project, options, len(live.objects))
    planned = plan_changes(comparison, project, options, replace(reading, names=names))
    return Undo(planned, (*reversal.not_restored, *gone))


def declared_again(
    project: Project, undone: Planned, recorded: RecordedFacts
) -> tuple[Address, ...]:
    """Return the objects of which the files still declare what an undo takes back, sorted.

    The next apply would change them again. The account after the undo is known from the plan of
    the undo, so no request is made.

    Raises:
        InvalidProjectError: the project would not fit the account.
    """
    plan, objects = undone.plan, dict(undone.live.objects)
    undoing = {change.address.identity: change for change in plan.effective}
    for identity, change in undoing.items():
        existing = objects.pop(identity, None)
        if change.action is Action.UPDATE and existing and change.after:
            objects[identity] = replace(existing, attributes=change.after)
    after = replace(undone.live, objects=objects)
    comparison = compare_project(project, after, plan.target, Scope(), {}, recorded)
    by_id = {(one.address.kind, one.id): one for one in comparison.changes if one.id}
    by_identity = {one.address.identity: one for one in comparison.changes}

    def is_changed_again(change: Change) -> bool:
        kind, identity = change.address.kind, change.address.identity
        if change.action is Action.CREATE:
            entry = comparison.desired.resources.get(identity)
            deletes = project.settings.undeclared[kind] is Undeclared.DELETE
            return entry.absent if entry else deletes
        if change.action is Action.DELETE:
            return identity in by_identity and by_identity[identity].action is Action.CREATE
        again = by_id.get((kind, change.id or ""))
        return again is not None and any(
            all(map(eq, one.path, other.path)) for one in change.fields for other in again.fields
        )

    return tuple(change.address for change in plan.effective if is_changed_again(change))


def _without_declarations(
    project: Configured, options: PlanOptions, objects: int
) -> tuple[ProjectRoot, PlanOptions]:
    """Turn off the reports and guards that are about declared objects: an undo has none."""
    settings = replace(project.settings, undeclared=dict.fromkeys(Kind, Undeclared.IGNORE))
    allowed = {**options.allowed, "unmatched": objects, "replacements": objects}
    return ProjectRoot(project.root, settings), replace(options, allowed=allowed)


def _other_account(run: Run, options: PlanOptions) -> Diagnostic:
    return Diagnostic(
        code="another-account",
        summary=f'run {run.id} was on the target "{run.target}" ({run.url}), '
        f"which is now another account ({options.url})",
        hint="an undo is for the account that the run was on",
    )
