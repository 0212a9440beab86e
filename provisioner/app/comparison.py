"""Compares a project with an account: the changes and manual steps that would make them equal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from provisioner.address import Address, Kind, fold
from provisioner.app.open_project import Project
from provisioner.diagnostics import (
    Diagnostic,
    InvalidProjectError,
    Severity,
    UsageError,
    has_errors,
    in_order,
)
from provisioner.live.leaving import LeavingFacts
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import NOTHING_RECORDED, RecordedFacts, with_deleted
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.model.settings import Settings, Undeclared
from provisioner.planning.access.access_findings import AccessFindings, access_findings
from provisioner.planning.access.managed import ManagedObjects
from provisioner.planning.access.ownership import Released
from provisioner.planning.changes import Change
from provisioner.planning.checks.account_rules import check_account
from provisioner.planning.checks.plan_refusals import DEFAULT_DEPARTMENT, protection_reason
from provisioner.planning.claims.claims import Renames, claim, rename
from provisioner.planning.claims.disputes import disputes
from provisioner.planning.dates.lapses import only_lapses
from provisioner.planning.desired_on_account import UnenforcedFields, Unfinished
from provisioner.planning.diff import deletion, diff, undeclared
from provisioner.planning.leavers import needs_facts, with_logins
from provisioner.planning.managed_scope import (
    claimed_outside,
    in_scope,
    memberships_inside,
    without_shared,
)
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.new_agents import mark_defaults, with_asked
from provisioner.planning.manual.split import split
from provisioner.planning.plans.plan_data import Base
from provisioner.planning.roles import name_roles, names_of
from provisioner.planning.scope import (
    LeftOut,
    Scope,
    Selection,
    partial_plan,
    select,
    unmatched_selectors,
)
from provisioner.planning.suspicion.suspected_renames import SuspectedRename
from provisioner.planning.unread_checks import unread_agents, unread_values

if TYPE_CHECKING:
    from provisioner.planning.attribution.commits import History


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between a project and an account.

    Attributes:
        desired: the objects that the files declare for the target.
        live: the account, under the names that the files use.
        changes: one change for each declared object, no-ops included.
        steps: the manual steps.
        roles: mapping from role id to name, if the API does not list roles.
        renames: kind and id of a live object to the address that the files give it.
        findings: warnings.
        missing: absent and suspended entries without an object in the account, sorted.
        left_out: changes left out because they need a change that is excluded or held.
        access: the access of the account, compared with the files.
        suspected: creations that are probably renames.
        released: what earlier files set and those of today do not, sorted.
        managed: what the files set, for the record of an apply; None for an undo.
        held: changes that apply does not make because of the mode of their objects.
        intended: the changes before the API's limits split off manual steps.
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
    access: AccessFindings = field(default_factory=AccessFindings)
    suspected: tuple[SuspectedRename, ...] = ()
    released: tuple[Released, ...] = ()
    managed: ManagedObjects | None = None
    held: tuple[Change, ...] = ()
    intended: tuple[Change, ...] = ()

    def with_logins(self, leaving: LeavingFacts | None) -> "Comparison":
        """Return the comparison with the ends of the logins of suspended agents."""
        changes, steps = with_logins(self.changes, self.steps, self.desired, leaving)
        held, _ = with_logins(self.held, (), self.desired, leaving)
        return replace(self, changes=changes, steps=steps, held=held)


def compare_project(
    project: Project,
    live: LiveState,
    target: str,
    scope: Scope,
    unfinished: Unfinished,
    recorded: RecordedFacts = NOTHING_RECORDED,
) -> Comparison:
    """Return the differences between a project and an account.

    `unfinished` are objects that earlier runs created, with the fields still to be written.

    Raises:
        InvalidProjectError: the project does not fit the account.
        UsageError: the scope matches no object.
    """
    settings = project.settings
    desired = project.desired_for(target)
    role_ids = {**recorded.role_ids, **settings.role_ids_of(target)}
    names = names_of(role_ids, desired)
    account = live.account.completed(settings.account)
    live = with_deleted(replace(live, account=account), recorded.deleted)
    live = name_roles(live, names)
    claims = claim(desired, live, settings.moves)
    disputed = [*disputes(claims), *claimed_outside(claims, settings.scope)]
    if has_errors(disputed):
        raise InvalidProjectError(*in_order(disputed))
    live, desired = rename(live, claims.renames), claims.desired(desired)
    if unread := [*unread_agents(desired, live)]:
        raise InvalidProjectError(*in_order(unread))
    unfinished = with_asked(unfinished, recorded, live)
    unenforced = UnenforcedFields(settings.initial, settings.ignored, unfinished)
    selection, findings = _changes(settings, desired, live, scope, unenforced)
    capabilities = settings.capabilities_of(target)
    changes, steps = split(
        selection.changes,
        desired,
        live,
        role_ids,
        creates_agents=recorded.creates(capabilities),
    )
    acknowledged = [one for one in settings.acknowledged if one.target in {"", target}]
    defaults = capabilities.new_agent_defaults
    steps = mark_defaults(steps, changes, defaults, recorded, acknowledged)
    comparison = Comparison(
        desired=desired,
        live=live,
        changes=changes,
        steps=steps,
        roles=names,
        renames=claims.renames,
        findings=(*disputed, *findings, *unread_values(desired, live)),
        missing=claims.missing,
        left_out=selection.left_out,
        access=_access((*changes, *selection.held), desired, live, settings, unenforced),
        held=selection.held,
        intended=selection.changes,
    )
    return comparison.with_logins(live.leaving)


def _access(
    changes: tuple[Change, ...],
    desired: DesiredState,
    live: LiveState,
    settings: Settings,
    unenforced: UnenforcedFields,
) -> AccessFindings:
    """Return the access of the part of an account that the project manages."""
    scope = settings.scope
    if scope.limited:
        changes = tuple(
            replace(change, before=memberships_inside(change.before, scope))
            if change.before
            else change
            for change in changes
        )
    return access_findings(changes, desired, in_scope(live, scope), settings, unenforced)


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch since its base (`plan --base`).

    Attributes:
        base: the commit that the branch began at.
        earlier: the project at the base; None if its files can't be used.
        settings: the targets and policy at the base; the defaults where they can't be used.
        history: the commits since.
    """

    base: Base
    earlier: Project | None
    settings: Settings
    history: "History"


def with_leaving(
    comparison: Comparison, live: LiveState, reader: Reader
) -> tuple[LiveState, Comparison]:
    """Read what the account shows about agents who leave, if a plan has any."""
    every = (*comparison.changes, *comparison.held)
    needs_keys, needs_tickets = needs_facts(every, comparison.desired)
    if not needs_keys:
        return live, comparison
    live = replace(live, leaving=reader.read_leaving(tickets=needs_tickets))
    return live, comparison.with_logins(live.leaving)


def with_attribution(
    comparison: Comparison,
    branch: Branch,
    live: LiveState,
    target: str,
    unfinished: Unfinished,
    recorded: RecordedFacts = NOTHING_RECORDED,
) -> Comparison:
    """Return a comparison with the attribution and commits of its changes and manual steps.

    `unfinished` are objects that earlier runs created, with the fields still to be written.
    """
    # Imported here: only a plan with a base needs it.
    from provisioner.planning.attribution.base_comparison import attribute  # noqa: PLC0415

    base, findings = None, comparison.findings
    if branch.earlier is not None:
        try:
            base = compare_project(branch.earlier, live, target, Scope(), unfinished, recorded)
        except InvalidProjectError as error:
            findings = (*findings, base_unusable(branch.base, error.diagnostics))
    changes, steps = attribute(comparison, base, branch.history)
    return replace(comparison, changes=changes, steps=steps, findings=findings)


def base_unusable(base: Base, why: tuple[Diagnostic, ...]) -> Diagnostic:
    """Return the warning that the files of the base can't be used."""
    return Diagnostic(
        code="base-unusable",
        summary=f"the project at {base.ref} ({base.commit[:8]}) can't be planned: {why[0].summary}",
        hint="the plan is complete, but does not separate this branch from earlier drift",
        severity=Severity.WARNING,
    )


def _changes(
    settings: Settings,
    desired: DesiredState,
    live: LiveState,
    scope: Scope,
    unenforced: UnenforcedFields,
) -> tuple[Selection, list[Diagnostic]]:
    """Return the changes that the scope selects, and warnings; raise on errors."""
    changes = diff(desired, live, unenforced, settings.scope)
    changes, shared = without_shared(changes, live, settings.scope)
    findings = [*check_account(desired, live, changes), *shared]
    if has_errors(findings):
        raise InvalidProjectError(*in_order(findings))
    if scope.lapsed:
        return select(only_lapses(changes, desired, live), Scope()), [
            *findings,
            partial_plan(scope),
        ]
    changes = (*changes, *_undeclared_deletions(desired, live, settings))
    if unmatched := [*unmatched_selectors(changes, scope)]:
        raise UsageError(*unmatched)
    if scope.partial:
        findings.append(partial_plan(scope))
    return select(changes, scope), findings


def _undeclared_deletions(
    desired: DesiredState, live: LiveState, settings: Settings
) -> Iterator[Change]:
    """Yield deletions of undeclared objects, for the kinds that the project wants deleted.

    Objects that must never be deleted, and agents who have not started, are reported as undeclared
    instead.
    """
    waiting = {
        name
        for agent in desired.waiting
        for name in (agent.address.identity[1], fold(agent.previously), agent.pinned_id)
    }
    for kind in Kind:
        if settings.undeclared[kind] is Undeclared.DELETE:
            for existing in undeclared(desired, live, kind):
                if settings.scope.prunes(kind, existing.address.key) and not (
                    existing.id in {DEFAULT_DEPARTMENT, live.account.creator, *waiting}
                    or (kind is Kind.AGENT and existing.address.identity[1] in waiting)
                    or protection_reason(existing.address, live, settings.protection)
                ):
                    yield deletion(existing)
