"""`provisioner undo`."""

import sys
from pathlib import Path

import click

from provisioner.app.account_reading import check_still_true
from provisioner.app.undo_run import plan_undo
from provisioner.cli.account.connection import connect
from provisioner.cli.account.opening import open_project_root
from provisioner.cli.console.confirmation import yes_option
from provisioner.cli.console.output import color_on, put, reporting, say
from provisioner.cli.exits import Exit
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.options import (
    allow_option,
    lock_timeout_option,
    log_format_option,
    path_argument,
)
from provisioner.cli.run.exclusive_run import approved, exclusive_run, show
from provisioner.cli.single_options import Command
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.render.terminal import run_history as runs_text
from provisioner.runs.store import RunStore


@click.command(cls=Command)
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1))
@path_argument
@yes_option
@allow_option
@lock_timeout_option
@log_format_option
def undo(run_id: int, path: str, yes: bool, allowed: dict[str, int], lock_timeout: float) -> int:
    """Bring back what a run of the project in PATH changed, from the values in its record.

    An ordinary plan is made and shown, under the same guards, with what can't come back. Without
    --yes it is asked before the first write; without a terminal it is only shown.
    """
    with reporting(path):
        place = open_project_root(Path(path))
        store = RunStore(existing_workspace(place.root))
        with (
            connect(place, store.load(run_id).target) as connection,
            exclusive_run(place.root, connection, lock_timeout, "undo") as running,
        ):
            run = store.load(run_id)  # again: it may have been at work until now
            reader = LiveAgentReader(connection.client)
            undone = plan_undo(run, place, reader, connection.plan_options(allowed, (), ()))
            plan, basis = undone.planned.plan, undone.planned.basis
            put(runs_text.lost(undone.lost, color=color_on(sys.stdout)))
            if plan.empty:
                put(f"Nothing of run {run_id} is left to bring back.\n")
                return Exit.DONE
            if not (yes or sys.stdin.isatty()):
                show(plan)
                say("Nothing was written; --yes applies this.")
                return Exit.DONE
            if not approved(plan, connection, yes=yes):
                return Exit.ERROR
            live = undone.planned.live
            if not yes and plan.effective:
                live = check_still_true(plan, basis, reader)
            code = running.apply(plan, basis, live)
    if plan.effective and code == Exit.DONE:
        say(
            "The files still declare what was undone: change them, or the next apply does it again."
        )
    return code
