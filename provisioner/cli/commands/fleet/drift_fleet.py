"""`provisioner fleet drift`."""

from datetime import date
from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.fleet.account_reports import drift_account
from provisioner.cli.fleet.fleet_options import fleet_argument, fleet_options, folder_of
from provisioner.cli.fleet.fleet_run import DocumentFile, FleetWork, json_array, plan_report
from provisioner.cli.invocation import pass_console, worst_exit
from provisioner.cli.options import at_option, format_option
from provisioner.cli.parsing import Command
from provisioner.fleet.account_task import AccountTask
from provisioner.fleet.fleet_reading import open_fleet
from provisioner.render.fleet import fleet_drift
from provisioner.render.fleet.fleet_json import planless_plan_json


@click.command(
    cls=Command,
    examples=["provisioner fleet drift", "provisioner fleet drift --detailed-exitcode"],
)
@fleet_argument
@fleet_options
@format_option("text", "json", "markdown", "html")
@at_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@pass_console
def drift(
    console: Console,
    file: str,
    only: tuple[str, ...],
    engine: str,
    jobs: int,
    format_: str,
    at: date | None,
    detailed_exitcode: bool,
) -> int:
    """Show where the accounts of the fleet in FILE differ from their files; write nothing.

    Each account is compared as by `provisioner drift`. The exit code is the worst one of all.
    """
    folder = folder_of(file)
    with console.reporting(folder):
        fleet = open_fleet(Path(file))
        accounts = fleet.selected(only)
    work = FleetWork(console, fleet, folder, accounts, engine, jobs)
    tasks = (
        AccountTask(
            account,
            folder,
            (format_,),
            detailed=detailed_exitcode,
            at=at,
            verbose=console.verbose,
        )
        for account in accounts
    )
    with console.reporting(folder), DocumentFile() as documents:
        report = plan_report(work, drift_account, tasks, documents)
        match format_:
            case "json":
                results = {one.account.name: one for one in report.results}
                elements = (
                    documents.text(one.name, "json") or planless_plan_json(results[one.name])
                    for one in accounts
                )
                console.print_lines(json_array(elements))
            case "markdown":
                console.print_result(fleet_drift.as_markdown(report, documents.text))
            case "html":
                # Imported here: only this format needs the template engine, which loads slowly.
                from provisioner.render.fleet import fleet_list_pages  # noqa: PLC0415

                console.print_lines(fleet_list_pages.draw_drift(report, documents.text))
            case _:
                console.print_lines(fleet_drift.as_text(report, documents.text))
    return worst_exit(result.exit_code for result in report.results)
