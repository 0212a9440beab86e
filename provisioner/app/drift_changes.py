"""Drift: the differences of an account from the files, and the side that has changed."""

from dataclasses import replace

from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.open_project import Project
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.policy import ManagedScope
from provisioner.model.settings import Settings
from provisioner.planning.attribution.three_way import (
    DriftSides,
    EarlierValue,
    drift_sides,
    values_of_files,
)
from provisioner.planning.changes import Action, Change
from provisioner.planning.desired_on_account import UnenforcedFields
from provisioner.planning.diff import diff
from provisioner.planning.manual.capability import is_shown


def declared_changes(
    project: Project, planned: Planned, options: PlanOptions
) -> tuple[Change, ...]:
    """Return the differences of the account from the files, as far as its API shows them.

    Changes that only a person can make are among them, other than in a plan.
    """
    unenforced = _unenforced(project.settings, options)
    return differences(planned.desired, planned.live, unenforced, project.settings.scope)


def differences(
    desired: DesiredState,
    live: LiveState,
    unenforced: UnenforcedFields,
    scope: ManagedScope,
) -> tuple[Change, ...]:
    """Return the differences of an account from declared objects; see `declared_changes`.

    The declared objects have the names of the account, and the account those of the files.
    """
    return tuple(
        shown
        for change in diff(desired, live, unenforced, scope)
        if (shown := _shown(change, live)).action is not Action.NO_OP
    )


def sides_of(
    since: str,
    project: Project,
    planned: Planned,
    options: PlanOptions,
    earlier: Project | EarlierValue,
) -> DriftSides:
    """Return the side that has changed for each difference."""
    if isinstance(earlier, Project):
        desired = earlier.desired_for(options.target)
        unenforced = _unenforced(earlier.settings, options)
        before = diff(desired, planned.live, unenforced, project.settings.scope)
        earlier = values_of_files(before)
    return drift_sides(since, declared_changes(project, planned, options), earlier)


def _unenforced(settings: Settings, options: PlanOptions) -> UnenforcedFields:
    return UnenforcedFields(settings.initial, settings.ignored, options.unfinished)


def _shown(change: Change, live: LiveState) -> Change:
    """Return a change without the fields that the API does not show."""
    kind = change.address.kind
    if not live.shows(kind):
        return replace(change, fields=(), action=Action.NO_OP)
    if live.surface is Surface.FULL or change.action is not Action.UPDATE:
        return change
    fields = tuple(one for one in change.fields if is_shown(kind, one.path, live.surface))
    return replace(change, fields=fields, action=Action.UPDATE if fields else Action.NO_OP)
