"""The question before an apply of a fleet: its plan is shown first, and it is asked once."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from provisioner.cli.console.output import Console
from provisioner.cli.fleet.account_plan import plan_account
from provisioner.cli.fleet.fleet_run import DocumentFile, plan_report, run_plans
from provisioner.fleet.account_task import CHANGES, AccountTask
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.waves import Stage
from provisioner.render import readable
from provisioner.render.fleet import fleet_text


def confirmed_plans(
    console: Console,
    engine: str,
    fleet: Fleet,
    accounts: Sequence[FleetAccount],
    tasks: Iterable[AccountTask],
    jobs: int,
    stages: Sequence[Stage],
    *,
    to_stderr: bool,
) -> dict[str, str] | None:
    """Show the plan of a fleet, ask once, and return the digest of each account's changes.

    Nothing is asked if no plan changes anything.

    Args:
        console: the output.
        engine: where the plans are made.
        fleet: the fleet.
        accounts: the accounts to apply.
        tasks: the tasks of their plans.
        jobs: the number of processes.
        stages: the stages of the apply.
        to_stderr: whether standard output is for the result only.

    Returns:
        Mapping from an account to a digest; None if the answer was no.
    """
    with DocumentFile() as documents:
        wanted = (replace(task, formats=(CHANGES,)) for task in tasks)
        came = run_plans(console, engine, fleet, plan_account, wanted, jobs, len(accounts))
        report = plan_report(console, fleet, accounts, came, documents)
        stream = sys.stderr if to_stderr else sys.stdout
        color, width = console.is_colored(stream), console.width_of(stream)
        folder = str(fleet.folder)
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
