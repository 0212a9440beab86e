"""Checks the files of all accounts before the first write of a fleet: none is applied in part."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from provisioner.cli.account.targets import overlay_target
from provisioner.cli.files.opening import open_project
from provisioner.cli.files.workspace import check_workspace
from provisioner.cli.fleet.account_console import AccountConsole
from provisioner.cli.fleet.account_plan import result_of
from provisioner.cli.fleet.fleet_validation import broken_rules_of, unknown_target
from provisioner.cli.fleet.lost_workers import lost
from provisioner.cli.invocation import Exit
from provisioner.diagnostics import InvalidProjectError, RefusedError, Severity
from provisioner.fleet.account_task import (
    AccountResult,
    AccountTask,
    PlanSeverity,
    failed_account,
)
from provisioner.fleet.apply_task import AccountOutcome, ApplyResult
from provisioner.fleet.engines.local import run_local
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.waves import named_accounts, not_begun


def check_account(task: AccountTask) -> AccountResult:
    """Return the errors of the files of one account, without any network."""
    return result_of(task, _checked)


def _checked(task: AccountTask, console: AccountConsole) -> AccountResult:
    del console
    account = task.account
    root = Path(account.path_in(task.folder))
    project = open_project(root, task.at)
    untrusted = check_workspace(root)
    if errors := [*([untrusted] if untrusted else []), *unknown_target(account, project)]:
        raise InvalidProjectError(*errors)
    # Rules judge what the account of this target gets, and no other one.
    target = overlay_target(project.settings, account.target or None)
    of_target = replace(project, desired=project.desired_for(target), overlaid={})
    broken = [one for one in broken_rules_of(of_target) if one.severity is Severity.ERROR]
    if broken:
        raise RefusedError(*broken)
    return AccountResult(account, PlanSeverity.UNCHANGED, Exit.DONE)


def unfit_accounts(tasks: Iterable[AccountTask], jobs: int) -> dict[str, AccountResult]:
    """Return the accounts with files that can't be applied, with the reasons."""
    results = (
        finished.result
        or failed_account(finished.task.account, lost(finished.reason, "nothing was written"))
        for finished in run_local(check_account, tasks, jobs)
    )
    return {one.account.name: one for one in results if one.errors}


def as_not_applied(
    accounts: Iterable[FleetAccount], unfit: Mapping[str, AccountResult]
) -> list[ApplyResult]:
    """Return a result for each account of a run that does not begin because of some files."""
    reason = f"the files of {named_accounts([*unfit])} can't be applied"
    results = []
    for account in accounts:
        if found := unfit.get(account.name):
            refused = found.severity is PlanSeverity.REFUSED
            outcome = AccountOutcome.REFUSED if refused else AccountOutcome.FAILED
            results.append(ApplyResult(account, outcome, found.exit_code, errors=found.errors))
        else:
            results.append(not_begun(account, reason))
    return results
