"""`provisioner fleet access`."""

import json
from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.fleet.account_reports import access_account
from provisioner.cli.fleet.fleet_options import fleet_and_person, fleet_options, folder_of
from provisioner.cli.fleet.fleet_run import DocumentFile, FleetWork, plan_report
from provisioner.cli.invocation import pass_console, worst_exit
from provisioner.cli.options import format_option
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.fleet.account_task import AccountTask
from provisioner.fleet.fleet_reading import open_fleet
from provisioner.render.fleet import fleet_access


@click.command(
    cls=Command,
    examples=[
        "provisioner fleet access mia.chen@acme.example",
        "provisioner fleet access fleet.yaml --format csv > access.csv",
    ],
)
@click.argument("words", nargs=-1, metavar="[FILE] [PERSON]", shell_complete=candidates.files)
@fleet_options
@format_option("text", "csv", "json", "markdown", "html")
@click.pass_context
@pass_console
def access(
    console: Console,
    context: click.Context,
    words: tuple[str, ...],
    only: tuple[str, ...],
    engine: str,
    jobs: int,
    format_: str,
) -> int:
    """Show who has access to which accounts of a fleet: role, departments and where declared.

    PERSON is an email, or a part of an email or name; left out, everybody is listed. An account
    that can't be read is reported, and the exit code is 1. Nothing is written.
    """
    file, person = fleet_and_person(context, words)
    folder = folder_of(file)
    with console.reporting(folder):
        fleet = open_fleet(Path(file))
        accounts = fleet.selected(only)
    work = FleetWork(console, fleet, folder, accounts, engine, jobs)
    tasks = (AccountTask(account, folder, verbose=console.verbose) for account in accounts)
    with console.reporting(folder), DocumentFile() as documents:
        report = plan_report(work, access_account, tasks, documents)
        kind = "csv" if format_ == "csv" else "people"
        texts = {one.name: text for one in accounts if (text := documents.text(one.name, kind))}
    if format_ == "csv":
        console.print_result(fleet_access.as_csv(texts, person))
    else:
        rows = {name: json.loads(text) for name, text in texts.items()}
        people = fleet_access.by_person(rows, person)
        failed = [one.name for one in accounts if one.name not in texts]
        match format_:
            case "json":
                console.print_result(fleet_access.as_json(people, failed, len(texts)))
            case "markdown":
                console.print_result(fleet_access.as_markdown(people, len(texts), failed))
            case "html":
                # Imported here: only this format needs the template engine, which loads slowly.
                from provisioner.render.fleet import fleet_list_pages  # noqa: PLC0415

                console.print_lines(fleet_list_pages.draw_access(report, people, len(texts)))
            case _:
                console.print_result(fleet_access.as_text(people, len(texts), failed))
    return worst_exit(result.exit_code for result in report.results)
