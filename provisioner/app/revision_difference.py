"""Compares two revisions of a project: what the later one would change after the earlier one.

The earlier files are applied to an empty account in memory, and the later ones are planned against
it. So profiles, overlays, renames and suspensions are resolved, and no account is read.
"""

from dataclasses import replace
from typing import NamedTuple

from provisioner.address import Address
from provisioner.app.comparison import Comparison, compare_project
from provisioner.app.earlier_files import files_of_project, released_fields
from provisioner.app.open_project import Project
from provisioner.app.rename_lines import find_suspected
from provisioner.documents.loading import collector_paused
from provisioner.live.recorded_facts import NOTHING_RECORDED
from provisioner.live.state import AccountFacts
from provisioner.model.desired import DesiredState
from provisioner.model.effective import effective_policy
from provisioner.planning.coverage import cover
from provisioner.planning.dates.plan_day import plan_day
from provisioner.planning.declared_account import declared_account, with_ids_of
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import lock_changes, policy_changes
from provisioner.planning.plans.requests import RequestBudget
from provisioner.planning.plans.revision import Version, Versions
from provisioner.planning.risk import with_risks
from provisioner.planning.scope import Scope


class Revised(NamedTuple):
    """A project at a revision."""

    project: Project
    version: Version


@collector_paused()
def compare_revisions(before: Revised, after: Revised, target: str) -> Plan:
    """Return the difference between two revisions as a plan that nobody can apply.

    It has no requests, no manual steps and no refusals: these depend on the account.

    `target` has the overlay that applies; "" for none.

    Raises:
        InvalidProjectError: the later files contradict the earlier ones, as in a circle of renames.
    """
    settings = after.project.settings
    earlier, day = before.project, after.project.desired.day
    if day:
        earlier = earlier.on(day)  # the zone of the account may differ between the revisions
    files = files_of_project(earlier, target, "")
    live = declared_account(files.desired, AccountFacts().completed(settings.account))
    desired = with_ids_of(after.project.desired_for(target), live, settings.moves)
    project = replace(after.project, desired=desired, overlaid={})
    files = replace(files, desired=with_ids_of(files.desired, live, files.moves))
    comparison = compare_project(project, live, target, Scope(), {})
    suspected = find_suspected(comparison, project.root, target, None, frozenset)
    changes = with_risks(comparison.changes, comparison.live)
    return Plan(
        target=target,
        surface=live.surface,
        changes=changes,
        manual_steps=(),
        undeclared=(),
        refused=(),
        snapshot=live.fingerprint,
        requests=RequestBudget(0, {}, 0),
        day=plan_day(after.project.desired_for(target), (), earlier=earlier.desired_for(target)),
        versions=Versions(before.version, after.version),
        coverage=cover(comparison.live, changes),
        missing=_newly_missing(comparison, files.desired),
        held=with_risks(comparison.held, comparison.live),
        policy=effective_policy(settings, target),
        policy_changes=(
            *lock_changes(files.desired.locks, desired.locks),
            *policy_changes(before.project.settings, settings),
        ),
        warnings=tuple(one.diagnostic() for one in suspected),
        released=released_fields(comparison, live, (files,), NOTHING_RECORDED, Scope()),
        suspected_renames=suspected,
    )


def _newly_missing(comparison: Comparison, earlier: DesiredState) -> tuple[Address, ...]:
    """Return the entries that end the access of somebody whom the earlier files do not declare."""
    ended = {identity for identity, one in earlier.resources.items() if one.absent or one.suspended}
    return tuple(one for one in comparison.missing if one.identity not in ended)
