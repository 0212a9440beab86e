"""The work of a worker: the plan of one account, made as by `provisioner plan`.

The functions here run in processes of an engine, which find them by their names.
"""

import os
from collections.abc import Callable

from provisioner.cli.account.connection import among_workers
from provisioner.cli.fleet.account_console import AccountConsole
from provisioner.cli.fleet.account_places import in_fleet
from provisioner.cli.fleet.fleet_allowances import allowances_of
from provisioner.cli.invocation import Exit, Invocation
from provisioner.cli.run.project_plan import PlanRequest, plan_exit, plan_project
from provisioner.diagnostics import ProvisionerError, fault, in_order
from provisioner.fleet.account_task import CHANGES, AccountResult, AccountTask, PlanSeverity
from provisioner.planning.plans.plan_json import changes_digest
from provisioner.render.fleet.fleet_json import account_json
from provisioner.render.fleet.plan_digest import digest_of, severity_of
from provisioner.render.review.review import review_of


def plan_account(task: AccountTask) -> AccountResult:
    """Return the result of the plan of one account; errors are part of it."""
    return result_of(task, _planned)


def result_of(
    task: AccountTask, work: Callable[[AccountTask, AccountConsole], AccountResult]
) -> AccountResult:
    """Return the result of the work for one account; errors are part of it."""
    console = AccountConsole(quiet=True, verbose=task.verbose)
    try:
        result = work(task, console)
    except ProvisionerError as error:
        refused = error.exit_code == Exit.REFUSED
        severity = PlanSeverity.REFUSED if refused else PlanSeverity.FAILED
        found = (*error.diagnostics, *console.findings)
        result = AccountResult(task.account, severity, error.exit_code, errors=found)
    except Exception as error:  # noqa: BLE001  one account must not stop the others
        found = (fault(error), *console.findings)
        result = AccountResult(task.account, PlanSeverity.FAILED, Exit.ERROR, errors=found)
    return AccountResult(
        account=result.account,
        severity=result.severity,
        exit_code=int(result.exit_code),
        digest=result.digest,
        errors=in_fleet(in_order(result.errors), task.account.project),
        warnings=in_fleet(in_order(result.warnings), task.account.project),
        messages=tuple(console.messages),
        documents=result.documents,
    )


def _planned(task: AccountTask, console: AccountConsole) -> AccountResult:
    account = task.account
    request = PlanRequest(
        path=account.path_in(task.folder),
        target=account.target or None,
        snapshot=task.snapshot or None,
        base=task.base,
        at=task.at,
        allowed=allowances_of(task.allowed, task.at),
    )
    with among_workers():
        made = plan_project(Invocation(console), request)
    plan = made.planned.plan
    review = review_of(plan, freeze=made.freeze)
    severity = severity_of(review)
    documents = {"json": account_json(account, severity, plan)} if "json" in task.formats else {}
    if CHANGES in task.formats:
        documents[CHANGES] = changes_digest(plan)
    if "html" in task.formats:
        # Imported here: only this format needs the template engine, which loads slowly.
        from provisioner.git.head_revision import revision_of  # noqa: PLC0415
        from provisioner.render.html.html_page import draw_framed  # noqa: PLC0415

        dated = review_of(plan, revision_of(made.root, os.environ), made.freeze)
        documents["html"] = draw_framed(dated)
    return AccountResult(
        account,
        severity,
        plan_exit(plan, detailed=task.detailed),
        digest_of(review),
        errors=plan.refused,
        warnings=tuple(console.findings),
        documents=documents,
    )
