"""`provisioner fleet runs`."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.workspace import existing_workspace
from provisioner.cli.fleet.fleet_options import fleet_argument, folder_of, only_option
from provisioner.cli.fleet.fleet_run import json_array
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import format_option
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.fleet_reading import open_fleet
from provisioner.render import readable
from provisioner.render.fleet.fleet_json import with_fleet_key
from provisioner.render.terminal import run_history
from provisioner.runs.record import Run
from provisioner.runs.store import RunStore


@click.command(cls=Command, examples=["provisioner fleet runs", "provisioner fleet runs --only eu"])
@fleet_argument
@only_option
@format_option("text", "json")
@pass_console
def runs(console: Console, file: str, only: tuple[str, ...], format_: str) -> int:
    """List the runs of all accounts of the fleet in FILE, the latest of each first."""
    folder = folder_of(file)
    with console.reporting(folder):
        fleet = open_fleet(Path(file))
        accounts = fleet.selected(only)
        stores = {one: RunStore(existing_workspace(fleet.folder / one.project)) for one in accounts}
        if format_ == "json":
            console.print_lines(
                json_array(
                    with_fleet_key(
                        one,
                        None,
                        json.loads(run_history.overview_data(_runs(one, store))),
                    )
                    for one, store in stores.items()
                )
            )
            return Exit.DONE
        for one, store in stores.items():
            console.print_result(f"{readable.harmless(one.name)}:\n")
            console.print_result(run_history.overview(_runs(one, store), color=console.color))
    return Exit.DONE


def _runs(account: FleetAccount, store: RunStore) -> Iterator[Run | Diagnostic]:
    """Yield the runs on the account's target; all of the project if the fleet names none."""
    for run in store.all():
        if isinstance(run, Diagnostic) or account.target in {"", run.target}:
            yield run
