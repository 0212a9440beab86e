"""The work of a worker that only reads: the drift of one account, or who has access to it.

The functions here run in processes of an engine, which find them by their names.
"""

import json
from pathlib import Path

from provisioner.app.access_report import live_access
from provisioner.cli.account.connection import among_workers
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.files.earlier_versions import open_version
from provisioner.cli.fleet.account_console import AccountConsole
from provisioner.cli.fleet.account_plan import result_of
from provisioner.cli.invocation import Exit
from provisioner.cli.run.project_drift import broken_rules, find_drift
from provisioner.fleet.account_task import AccountResult, AccountTask, PlanSeverity
from provisioner.planning.access.access_drift import has_drift
from provisioner.render.access.access_csv import as_csv
from provisioner.render.fleet.fleet_access import rows_of
from provisioner.render.fleet.fleet_json import with_fleet_key
from provisioner.render.review.drift_texts import headline


def drift_account(task: AccountTask) -> AccountResult:
    """Return the result of `provisioner drift` for one account; errors are part of it."""
    return result_of(task, _drift)


def access_account(task: AccountTask) -> AccountResult:
    """Return the result of `provisioner access` for one account; errors are part of it."""
    return result_of(task, _access)


def _drift(task: AccountTask, console: AccountConsole) -> AccountResult:
    account = task.account
    with among_workers():
        drift = find_drift(console, account.path_in(task.folder), account.target or None, task.at)
    plan = drift.planned.plan
    severity = PlanSeverity.CHANGES if has_drift(plan) else PlanSeverity.UNCHANGED
    code = Exit.CHANGES if task.detailed and has_drift(plan) else Exit.DONE
    broken = tuple(broken_rules(plan))
    if broken:
        severity, code = PlanSeverity.REFUSED, Exit.REFUSED
    documents = {"headline": headline(plan)}
    if "json" in task.formats:
        documents["json"] = with_fleet_key(account, severity, json.loads(drift.text("json")))
    elif {"text", "html"} & {*task.formats}:
        documents["text"] = drift.text("text")
    return AccountResult(
        account,
        severity,
        code,
        errors=broken,
        warnings=tuple(console.findings),
        documents=documents,
    )


def _access(task: AccountTask, console: AccountConsole) -> AccountResult:
    account = task.account
    files = open_version(console, Path(task.account.path_in(task.folder)))
    source = live_source(console, files.project, account.target or None, task.snapshot or None)
    with among_workers(), source as (reader, options):
        report = live_access(files.project, reader, options, files.commits, files.version)
    documents = {"people": json.dumps(rows_of(report)), "csv": as_csv(report)}
    return AccountResult(
        account,
        PlanSeverity.UNCHANGED,
        Exit.DONE,
        warnings=tuple(console.findings),
        documents=documents,
    )
