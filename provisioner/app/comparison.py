"""Comparing a project with a snapshot: which changes and manual steps lie between the two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.address import Address, Kind
from provisioner.app.open_project import Project
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Severity,
    UsageError,
    has_errors,
    in_order,
)
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings, Undeclared
from provisioner.planning.attribution.base_comparison import attribute
from provisioner.planning.attribution.commits import History
from provisioner.planning.changes import Change
from provisioner.planning.checks.account_rules import check_account
from provisioner.planning.checks.refusals import DEFAULT_DEPARTMENT, protection_reason
from provisioner.planning.claims.claims import claim
from provisioner.planning.claims.disputes import disputes
from provisioner.planning.claims.renaming import Renames, rename
from provisioner.planning.diff import deletion, diff, undeclared
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.split import split
from provisioner.planning.plans.plan_data import Base
from provisioner.planning.roles import name_roles, names_of
from provisioner.planning.scope import (
    LeftOut,
    Scope,
    Selection,
    UnenforcedFields,
    Unfinished,
    partial_plan,
    select,
    unmatched_selectors,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What lies between a project and an account.

    Attributes:
        desired: what the files declare for the target.
        live: the account, under the names that the files use.
        changes: what an apply would do, and what is in sync.
        steps: what is left to people.
        roles: role id to name, where the API lists no roles.
        renames: kind and id of a live object to the address under which the files declare it.
        findings: what is odd but no obstacle.
        missing: absent and suspended entries that claim nothing in the account, sorted.
        left_out: changes that are left out since they need one that `--exclude` leaves out.
    """

    desired: DesiredState
    live: LiveState
    changes: tuple[Change, ...]
    steps: tuple[ManualStep, ...]
    roles: Mapping[str, str]
    renames: Renames
    findings: tuple[Diagnostic, ...]
    missing: tuple[Address, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def compare_project(
    project: Project,
    snapshot: LiveState,
    target: str,
    scope: Scope,
    unfinished: Unfinished,
) -> Comparison:
    """Compare a project with a snapshot of a target.

    Args:
        project: the project.
        snapshot: the account.
        target: its name.
        scope: which part of the project the run is about.
        unfinished: what runs before this one created, with the fields still to come.

    Raises:
        InvalidProjectError: the project does not fit the account.
        UsageError: the scope names nothing.
    """
    settings = project.settings
    desired = project.desired_for(target)
    role_ids = settings.role_ids_of(target)
    names = names_of(role_ids, desired)
    account = snapshot.account.completed(settings.account)
    live = name_roles(replace(snapshot, account=account), names)
    claims = claim(desired, live, settings.moves)
    doubts = [*disputes(claims)]
    if has_errors(doubts):
        raise InvalidProjectError(*in_order(doubts))
    live, desired = rename(live, claims.renames), claims.desired(desired)
    selection, findings = _changes(settings, desired, live, scope, unfinished)
    changes, steps = split(selection.changes, desired, live, role_ids)
    return Comparison(
        desired=desired,
        live=live,
        changes=changes,
        steps=steps,
        roles=names,
        renames=claims.renames,
        findings=(*doubts, *findings),
        missing=claims.missing,
        left_out=selection.left_out,
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch since its base (`plan --base`).

    Attributes:
        base: the commit that the branch began at.
        earlier: the project at the base; None where its files can't be used.
        settings: the targets and policy at the base; the defaults where they can't be used.
        history: the commits since.
    """

    base: Base
    earlier: Project | None
    settings: Settings
    history: History


def with_attribution(
    comparison: Comparison,
    branch: Branch,
    snapshot: LiveState,
    target: str,
    unfinished: Unfinished,
) -> Comparison:
    """Return a comparison with the attribution and commits of its changes and manual steps.

    Args:
        comparison: of the files of the branch.
        branch: the branch.
        snapshot: the account as the comparison used it.
        target: the account's name.
        unfinished: what runs before this one created, with the fields still to come.
    """
    base, findings = None, comparison.findings
    if branch.earlier is not None:
        try:
            base = compare_project(branch.earlier, snapshot, target, Scope(), unfinished)
        except InvalidProjectError as error:
            findings = (*findings, base_unusable(branch.base, error.diagnostics))
    changes, steps = attribute(comparison, base, branch.history)
    return replace(comparison, changes=changes, steps=steps, findings=findings)


def base_unusable(base: Base, why: tuple[Diagnostic, ...]) -> Diagnostic:
    """Return the warning that the files of the base can't be used.

    Args:
        base: the base.
        why: the errors of its files.
    """
    return Diagnostic(
        code="base-unusable",
        summary=f"the project at {base.ref} ({base.commit[:8]}) can't be planned: {why[0].summary}",
        hint="the plan is whole, but does not tell changes of this branch from earlier drift",
        severity=Severity.WARNING,
    )


def _changes(
    settings: Settings,
    desired: DesiredState,
    live: LiveState,
    scope: Scope,
    unfinished: Unfinished,
) -> tuple[Selection, list[Diagnostic]]:
    """Compare, and return the selected changes with warnings; an error ends the run."""
    unenforced = UnenforcedFields(settings.initial, settings.ignored, unfinished)
    changes = diff(desired, live, unenforced)
    findings = check_account(desired, live, changes)
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    changes = (*changes, *_undeclared_deletions(desired, live, settings))
    if unmatched := [*unmatched_selectors(changes, scope)]:
        raise UsageError(*unmatched)
    if scope.partial:
        findings.append(partial_plan(scope))
    return select(changes, scope), findings


def _undeclared_deletions(
    desired: DesiredState, live: LiveState, settings: Settings
) -> Iterator[Change]:
    """Yield the deletions of what no file declares, where the project wants them.

    What must never be deleted stays, and is reported like anything undeclared.
    """
    for kind in Kind:
        if settings.undeclared[kind] is Undeclared.DELETE:
            for existing in undeclared(desired, live, kind):
                if not (
                    existing.id in {DEFAULT_DEPARTMENT, live.account.creator}
                    or protection_reason(existing.address, live, settings.protection)
                ):
                    yield deletion(existing)
