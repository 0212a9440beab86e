"""The question before an apply of a fleet: its plan is shown first, and it is asked once."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from provisioner.cli.fleet.account_plan import plan_account
from provisioner.cli.fleet.fleet_run import DocumentFile, FleetWork, plan_report
from provisioner.fleet.account_task import CHANGES, AccountTask
from provisioner.fleet.waves import Stage
from provisioner.render import readable
from provisioner.render.fleet import fleet_text


def confirmed_plans(
    work: FleetWork, tasks: Iterable[AccountTask], stages: Sequence[Stage], *, to_stderr: bool
) -> dict[str, str] | None:
    """Show the plan of a fleet, ask once, and return the digest of each account's changes.

    Nothing is asked if no plan changes anything.

    Args:
        work: the accounts to apply.
        tasks: the tasks of their plans.
        stages: the stages of the apply.
        to_stderr: whether standard output is for the result only.

    Returns:
        Mapping from an account to a digest; None if the answer was no.
    """
    console, folder, accounts = work.console, work.folder, work.accounts
    with DocumentFile() as documents:
        wanted = (replace(task, formats=(CHANGES,)) for task in tasks)
        report = plan_report(work, plan_account, wanted, documents)
        stream = sys.stderr if to_stderr else sys.stdout
        color, width = console.is_colored(stream), console.width_of(stream)
        text = fleet_text.draw(report, folder, color=color, width=width, verbose=console.verbose)
        (console.print_note if to_stderr else console.print_result)(text)
        digests = {one.name: documents.text(one.name, CHANGES) or "" for one in accounts}
    if not report.numbers.get("requests"):
        return digests
    number = readable.count(len(accounts), "account")
    order = ", then ".join(stage.title for stage in stages)
    if click.confirm(f"Apply this to {number} ({order})?", err=True):
        return digests
    console.print_note("Not applied; nothing was written.")
    return None
