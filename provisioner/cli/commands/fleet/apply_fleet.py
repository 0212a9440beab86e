"""`provisioner fleet apply`."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from provisioner.cli.console.confirmation import require_yes
from provisioner.cli.fleet.apply_question import confirmed_plans
from provisioner.cli.fleet.file_checks import unfit_accounts
from provisioner.cli.fleet.fleet_allowances import ByAccount, allow_option, check_accounts
from provisioner.cli.fleet.fleet_apply import FleetApply
from provisioner.cli.fleet.fleet_options import (
    changed_since_option,
    fleet_argument,
    fleet_options,
    folder_of,
    reviewed_option,
)
from provisioner.cli.fleet.fleet_run import FleetWork
from provisioner.cli.fleet.reviewed_plans import ReviewedPlans
from provisioner.cli.fleet.touched_accounts import touched_since
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import (
    at_option,
    format_option,
    lock_timeout_option,
    log_format_option,
    parallelism_option,
    yes_option,
)
from provisioner.cli.parsing import Command
from provisioner.fleet.account_task import AccountTask
from provisioner.fleet.apply_task import ApplyResult, ApplyTask
from provisioner.fleet.engines.local import LOCAL, default_jobs
from provisioner.fleet.fleet_file import Fleet, FleetAccount
from provisioner.fleet.fleet_reading import open_fleet
from provisioner.fleet.waves import left_out, stages_of
from provisioner.liveagent.http.machine_limits import connections_of_run

MOST_MINUTES = 7 * 24 * 60
"""The longest time for one account."""


@click.command(
    cls=Command,
    examples=[
        "provisioner fleet apply",
        "provisioner fleet apply fleet.yaml --only wave/1 --yes",
        "provisioner fleet apply --only eu --allow eu:deletes=3",
    ],
)
@fleet_argument
@fleet_options
@changed_since_option
@reviewed_option
@yes_option
@allow_option
@at_option
@lock_timeout_option
@click.option(
    "--account-timeout",
    type=click.FloatRange(min=0, max=MOST_MINUTES),
    default=0,
    metavar="MINUTES",
    help="Stop the apply of an account after MINUTES, as by Ctrl-C, and go on with the others; 0 "
    "is no limit.",
)
@parallelism_option
@log_format_option
@format_option("text", "json", "markdown", "html")
@pass_invocation
def apply(  # noqa: PLR0913, PLR0917  one for each option
    invocation: Invocation,
    file: str,
    only: tuple[str, ...],
    engine: str,
    jobs: int,
    changed_since: str | None,
    reviewed: str | None,
    yes: bool,
    allowed: ByAccount,
    at: date | None,
    lock_timeout: float,
    account_timeout: float,
    parallelism: int,
    format_: str,
) -> int:
    """Make the accounts of the fleet in FILE match their files, wave after wave.

    Each account is applied as by `provisioner apply`. A wave begins when the one before is applied
    and verified, and the canary goes first. The plan of the fleet is shown first, and a question
    asked once. --yes answers it in advance, and is needed where there is no terminal.
    """
    console, folder = invocation.console, folder_of(file)
    with console.reporting(folder):
        require_yes("fleet apply", yes=yes, preview=f"provisioner fleet plan {folder}")
        fleet = open_fleet(Path(file))
        accounts = fleet.selected(only)
        check_accounts(allowed, accounts)
        plans = ReviewedPlans.read(reviewed)
        touched, untouched = _sorted(fleet, accounts, changed_since, plans)
    jobs = max(1, min(jobs, len(touched)))
    work = FleetWork(console, fleet, folder, touched, engine, jobs)
    stages = stages_of(touched, fleet.waves.canary)
    confirmed: dict[str, str] | None = None
    tasks = [AccountTask(one, folder, at=at, allowed=allowed.get(one.name, {})) for one in touched]
    unfit = unfit_accounts(tasks, min(jobs, default_jobs(waits=False)))
    if touched and not (yes or unfit):
        confirmed = confirmed_plans(work, tasks, stages, to_stderr=format_ != "text")
        if confirmed is None:
            return Exit.ERROR

    if engine == LOCAL:
        parallelism = connections_of_run(parallelism, jobs)

    def task(account: FleetAccount) -> ApplyTask:
        return ApplyTask(
            account=account,
            folder=folder,
            confirmed=plans.confirmed(account, confirmed),
            reviewed=plans.of(account),
            allowed=allowed.get(account.name, {}),
            at=at,
            lock_timeout=lock_timeout,
            timeout=60 * account_timeout,
            parallelism=parallelism,
            detailed=format_ == "json",
            verbose=console.verbose,
        )

    run = FleetApply(invocation, work, stages, task, format_, unfit, untouched)
    with console.reporting(folder):
        return run.run()


def _sorted(
    fleet: Fleet, accounts: Sequence[FleetAccount], since: str | None, plans: ReviewedPlans
) -> tuple[list[FleetAccount], list[ApplyResult]]:
    """Return the accounts to apply, and the results of those that are left out."""
    touched, others = touched_since(fleet, accounts, since)
    untouched = [left_out(one, f"not touched since {since}") for one in others]
    unseen = [one for one in touched if plans.leaves_out(one)]
    untouched += [left_out(one, "not touched in the reviewed plan") for one in unseen]
    return [one for one in touched if not plans.leaves_out(one)], untouched
