"""Makes a plan: reads the account, compares it with the project, and checks guards and cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from provisioner.address import Identity
from provisioner.app.account_reading import agents_with_hours, needs_plugins, read_needed
from provisioner.app.acknowledged_steps import with_acknowledged
from provisioner.app.comparison import (
    Branch,
    Comparison,
    compare_project,
    with_attribution,
    with_leaving,
)
from provisioner.app.earlier_files import files_of_base, managed_after, released_fields
from provisioner.app.open_project import Configured, Project
from provisioner.app.photos import photos_to_upload, without_set_photos
from provisioner.app.plan_consent import (
    changed_policy,
    consent_warnings,
    objects_of_base,
    with_consent,
)
from provisioner.app.rename_lines import find_suspected
from provisioner.app.request_budget import Costs, request_budget
from provisioner.diagnostics import Diagnostic, InvalidProjectError, Severity, in_order
from provisioner.documents.loading import collector_paused
from provisioner.execution.looks import SINGLE_LOOKS, LookRules
from provisioner.execution.step_graph import build_graph
from provisioner.live.account_names import AccountNames
from provisioner.live.reader_protocol import Reader
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveState
from provisioner.model.account_urls import account_address
from provisioner.model.desired import DesiredState
from provisioner.model.effective import effective_policy
from provisioner.planning.access.managed import EarlierFiles
from provisioner.planning.checks.plan_check import PlanCheck
from provisioner.planning.checks.plan_refusals import refusals
from provisioner.planning.checks.referenced_names import (
    name_uses,
    unknown_names,
    with_unchecked,
)
from provisioner.planning.checks.unconfirmed_writes import unconfirmed_writes
from provisioner.planning.coverage import cover
from provisioner.planning.dates.plan_day import plan_day
from provisioner.planning.desired_on_account import UnenforcedFields, Unfinished
from provisioner.planning.diff import reported_undeclared
from provisioner.planning.leavers import find_leavers
from provisioner.planning.manual.acknowledging import Stale, stale_findings
from provisioner.planning.plans.basis import Basis, basis_of
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.policy_changes import PlanAccount
from provisioner.planning.risk import with_risks
from provisioner.planning.scope import Scope

if TYPE_CHECKING:
    from provisioner.planning.rules.judging import Evaluate, RuleFinding


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Options of a planning run.

    Attributes:
        target: name of the account in the project.
        costs: counts the requests of the account's API.
        looks: returns how an apply to the account looks at what it overwrites.
        per_minute: rate limit of an apply, in requests a minute; 0 for none.
        url: address of the account; "" for the embedded sandbox.
        api_key: where the API key comes from, such as `env LIVEAGENT_V3_API_KEY`.
        allowed: guard to the number of changes that the user allows, such as `deletes` to 3.
        scope: the part of the project to plan.
        unfinished: objects that earlier runs created, with the fields still to be written.
        recorded: facts about the account from earlier runs.
        applied_files: the files of the last complete apply; None if they are unknown.
        snapshot_time: time of the snapshot that replaces the account; "" if the account is read.
        applied: returns the objects that recorded runs created or changed.
        evaluate: answers the questions of the team's rules; None for the own evaluation in CEL.
    """

    target: str
    costs: Costs
    looks: Callable[[LiveState], LookRules] = lambda _live: SINGLE_LOOKS
    per_minute: int = 0
    url: str = ""
    api_key: str = ""
    allowed: Mapping[str, int] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    unfinished: Unfinished = field(default_factory=dict)
    recorded: RecordedFacts = field(default_factory=RecordedFacts)
    applied_files: EarlierFiles | None = None
    snapshot_time: str = ""
    applied: Callable[[], frozenset[Identity]] = frozenset
    evaluate: "Evaluate | None" = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an account.

    Attributes:
        live: the account as it was read.
        hours_of: on API v3, emails or ids of the agents with hours in `live`.
        names: the lists of names that the plan refers to.
    """

    live: LiveState
    hours_of: frozenset[str]
    names: AccountNames = field(default_factory=AccountNames)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with the state of the account that it was made from.

    Attributes:
        plan: the plan.
        basis: the parts of the account that the plan relies on.
        live: the account, under the names that the files use.
        desired: the declared objects, under the names that the account uses for absent ones.
        looks: how an apply looks at what it overwrites.
        warnings: problems that do not prevent the plan.
        stale: the acknowledgements that no manual step needs.
        rule_findings: what does not conform to the rules of the team.
    """

    plan: Plan
    basis: Basis
    live: LiveState
    desired: DesiredState
    looks: LookRules
    warnings: tuple[Diagnostic, ...] = ()
    stale: tuple[Stale, ...] = ()

    rule_findings: "tuple[RuleFinding, ...]" = ()


@collector_paused()
def make_plan(
    project: Project, reader: Reader, options: PlanOptions, branch: Branch | None = None
) -> Planned:
    """Read the account and return a plan for it. Nothing is written.

    Changes are attributed to `branch` or to earlier drift (`plan --base`).

    Raises:
        TargetError: the account could not be read completely.
        InvalidProjectError: the project does not fit the account.
        UsageError: the scope matches no object.
    """
    target, unfinished, recorded = options.target, options.unfinished, options.recorded
    hours_of = agents_with_hours(project.desired_for(target), project.settings.moves)
    if branch and branch.earlier:
        moves = branch.earlier.settings.moves
        hours_of |= agents_with_hours(branch.earlier.desired_for(target), moves)
    plugins = needs_plugins(project.desired_for(target))
    live = reader.read(hours_of=hours_of, plugins=plugins)
    comparison = compare_project(project, live, target, options.scope, unfinished, recorded)
    live, comparison = with_leaving(comparison, live, reader)
    if branch:
        comparison = with_attribution(comparison, branch, live, target, unfinished, recorded)
    comparison = _with_released(comparison, project, live, options, branch)
    notes = [one for one in project.findings if one.severity is Severity.WARNING]
    suspected = find_suspected(comparison, project.root, target, branch, options.applied)
    comparison, stale = with_acknowledged(
        comparison, project.settings, target, partial=options.scope.partial
    )
    comparison = replace(
        comparison,
        findings=(*notes, *comparison.findings, *stale_findings(stale)),
        suspected=suspected,
    )
    comparison = without_set_photos(comparison, reader)
    uses = name_uses(comparison.changes, comparison.steps)
    names = read_needed(reader, uses, live.surface)
    if unknown := [*unknown_names(uses, names, comparison.desired)]:
        raise InvalidProjectError(*in_order(unknown))
    reading = Reading(live, hours_of, names)
    planned = replace(plan_changes(comparison, project, options, reading, branch), stale=stale)
    if not project.has_rules:
        return planned
    # Imported here: only a project with rules needs the expressions.
    from provisioner.app.rules.rule_checks import apply_rules  # noqa: PLC0415

    complete = not options.scope.partial
    judged = apply_rules(planned.plan, comparison, project, options.evaluate, complete=complete)
    return replace(
        planned,
        plan=judged.plan,
        warnings=tuple(in_order((*planned.warnings, *judged.warnings))),
        rule_findings=judged.findings,
    )


def _with_released(
    comparison: Comparison,
    project: Project,
    live: LiveState,
    options: PlanOptions,
    branch: Branch | None,
) -> Comparison:
    """Return a comparison with what earlier files set, and what these ones set."""
    settings, recorded, scope = project.settings, options.recorded, options.scope
    base = files_of_base(branch, comparison, options.target) if branch else None
    unenforced = UnenforcedFields(settings.initial, settings.ignored)
    return replace(
        comparison,
        released=released_fields(comparison, live, (base, options.applied_files), recorded, scope),
        managed=managed_after(comparison, live, options.applied_files, unenforced, recorded, scope),
    )


def plan_changes(
    comparison: Comparison,
    project: Configured,
    options: PlanOptions,
    reading: Reading,
    branch: Branch | None = None,
) -> Planned:
    """Return the plan of changes, with their risks, refusals and requests.

    Policies are compared with those of `branch` (`plan --base`).

    Raises:
        InvalidProjectError: a photo has changed since the project was read, or the form of hours
            is unknown.
    """
    settings, target = project.settings, options.target
    desired, live = comparison.desired, comparison.live
    changes = with_risks(comparison.changes, live)
    suspected = [one.diagnostic() for one in comparison.suspected]
    warnings = [*suspected, *unconfirmed_writes(changes, reading.live, reading.names)]
    warnings += consent_warnings(settings, live, desired)
    leaving = reading.live.leaving
    looks = options.looks(live)
    check = PlanCheck(
        changes,
        desired,
        live,
        settings.guards_of(target),
        settings.protection,
        options.allowed,
        settings.scope,
    )
    declared = settings.targets.get(target)
    name, panel_url = (declared.account_name, declared.panel_url) if declared else ("", "")
    plan = Plan(
        target=target,
        surface=live.surface,
        day=plan_day(desired, changes, settings.waivers, objects_of_base(branch, target)),
        changes=changes,
        manual_steps=with_unchecked(comparison.steps, reading.names),
        undeclared=reported_undeclared(desired, live, settings, changes),
        refused=tuple(in_order(refusals(check))),
        snapshot=reading.live.fingerprint,
        snapshot_time=options.snapshot_time,
        requests=request_budget(
            build_graph(changes, looks),
            changes,
            live,
            options.costs,
            hours_of=reading.hours_of,
            names=reading.names.total_requests,
            per_minute=options.per_minute,
            leaving=leaving,
        ),
        coverage=cover(live, changes),
        missing=comparison.missing,
        left_out=comparison.left_out,
        held=with_risks(comparison.held, live),
        leavers=find_leavers(changes, comparison.steps, desired, leaving, settings.scope),
        base=branch.base if branch else None,
        account=PlanAccount(account_address(options.url), options.api_key, panel_url, name),
        policy=effective_policy(settings, target),
        policy_changes=changed_policy(branch, settings, desired, target),
        warnings=tuple(warnings),
        unmanaged=comparison.access.unmanaged,
        ownership=comparison.access.ownership,
        not_looked_at=comparison.access.not_looked_at,
        suspected_renames=comparison.suspected,
        released=comparison.released,
    )
    plan = with_consent(plan, live, settings, branch.settings if branch else None, options.allowed)
    basis = basis_of(
        plan,
        live,
        roles=comparison.roles,
        hours_of=reading.hours_of,
        attachments=photos_to_upload(project.root, desired, changes),
        url=options.url,
        renames=comparison.renames,
        listed=reading.live.deleted,
        managed=comparison.managed,
    )
    warnings += comparison.findings
    return Planned(plan, basis, live, desired, looks, tuple(in_order(warnings)))
