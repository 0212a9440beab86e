"""Drift: the differences of an account from the files, and the side that has changed."""

from dataclasses import replace
from typing import Any

from provisioner.address import Identity
from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.open_project import Project
from provisioner.live.state import LiveState, Surface
from provisioner.model.desired import DesiredState
from provisioner.model.fields import FieldPath
from provisioner.model.policy import ManagedScope
from provisioner.model.settings import Settings
from provisioner.planning.attribution.three_way import (
    UNKNOWN,
    DriftSides,
    EarlierValue,
    drift_sides,
    values_of_files,
)
from provisioner.planning.changes import Action, Change
from provisioner.planning.desired_on_account import UnenforcedFields
from provisioner.planning.diff import diff
from provisioner.planning.manual.capability import is_shown
from provisioner.planning.manual.left_open import left_field
from provisioner.planning.manual.new_agents import with_asked


def declared_changes(
    project: Project, planned: Planned, options: PlanOptions
) -> tuple[Change, ...]:
    """Return the differences of the account from the files, as far as its API shows them.

    Changes that only a person can make are among them, other than in a plan.
    """
    unenforced = _unenforced(project.settings, planned.live, options)
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
    left_open = options.recorded.left_open
    changes = declared_changes(project, planned, options)
    if isinstance(earlier, Project):
        desired = earlier.desired_for(options.target)
        unenforced = _unenforced(earlier.settings, planned.live, options)
        before = diff(desired, planned.live, unenforced, project.settings.scope)
        return drift_sides(since, changes, values_of_files(before), left_open)
    by_identity = {change.address.identity: change for change in changes}

    def written(identity: Identity, path: FieldPath) -> Any:
        # The last value that a run wrote is older than what the last run left to a person.
        left = left_field(left_open, by_identity[identity], path)
        return UNKNOWN if left else earlier(identity, path)

    return drift_sides(since, changes, written, left_open)


def _unenforced(settings: Settings, live: LiveState, options: PlanOptions) -> UnenforcedFields:
    unfinished = with_asked(options.unfinished, options.recorded, live)
    return UnenforcedFields(settings.initial, settings.ignored, unfinished)


def _shown(change: Change, live: LiveState) -> Change:
    """Return a change without the fields that the API does not show."""
    kind = change.address.kind
    if not live.shows(kind):
        return replace(change, fields=(), action=Action.NO_OP)
    if live.surface is Surface.FULL or change.action is not Action.UPDATE:
        return change
    fields = tuple(one for one in change.fields if is_shown(kind, one.path, live.surface))
    return replace(change, fields=fields, action=Action.UPDATE if fields else Action.NO_OP)
