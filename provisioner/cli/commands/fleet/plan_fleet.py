"""`provisioner fleet plan`."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.private_files import write_private
from provisioner.cli.fleet.account_plan import plan_account
from provisioner.cli.fleet.fleet_options import (
    changed_since_option,
    fleet_argument,
    fleet_options,
    folder_of,
    out_option,
)
from provisioner.cli.fleet.fleet_run import DocumentFile, FleetWork, json_array, plan_report
from provisioner.cli.fleet.touched_accounts import touched_since
from provisioner.cli.invocation import pass_console, worst_exit
from provisioner.cli.options import at_option, format_option
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.fleet.account_task import AccountResult, AccountTask
from provisioner.fleet.engines.local import LOCAL
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.fleet_reading import open_fleet
from provisioner.fleet.fleet_report import FleetReport
from provisioner.render.fleet import fleet_comment, fleet_text
from provisioner.render.fleet.fleet_json import planless_plan_json

SNAPSHOT_ENDING = ".snapshot"


@click.command(
    cls=Command,
    examples=[
        "provisioner fleet plan",
        "provisioner fleet plan fleet.yaml --only eu --only tag/emea",
        "provisioner fleet plan --format json --jobs 16",
        "provisioner fleet plan --changed-since origin/main",
    ],
)
@fleet_argument
@fleet_options
@changed_since_option
@format_option("text", "json", "markdown", "html")
@out_option
@at_option
@click.option(
    "--base",
    metavar="REF",
    help="Separate the changes of this branch since REF, such as origin/main, from earlier drift.",
)
@click.option(
    "--snapshots",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help=f"Plan against the files NAME{SNAPSHOT_ENDING} in FOLDER instead of the accounts.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@pass_console
def plan(  # noqa: PLR0913, PLR0917  one for each option
    console: Console,
    file: str,
    only: tuple[str, ...],
    engine: str,
    jobs: int,
    changed_since: str | None,
    format_: str,
    out: str | None,
    at: date | None,
    base: str | None,
    snapshots: str | None,
    detailed_exitcode: bool,
) -> int:
    """Show what an apply of every account of the fleet in FILE would change; write nothing.

    Each account is planned as by `provisioner plan`. One that can't be planned is reported, and
    does not stop the others. The exit code is the worst one of all accounts: 1 if one could not be
    planned, else 3 if one is refused, else 2 or 0.
    """
    folder = folder_of(file)
    with console.reporting(folder):
        fleet = open_fleet(Path(file))
        accounts = fleet.selected(only)
        touched, others = touched_since(fleet, accounts, changed_since)
        if base is not None and engine != LOCAL:
            summary = "--base needs the repository, which the workers of Dask don't have"
            raise UsageError(Diagnostic(code="usage", summary=summary, hint="leave --engine out"))

    def task(account: FleetAccount) -> AccountTask:
        return AccountTask(
            account=account,
            folder=folder,
            formats=(format_, *(("json",) if out else ())),
            detailed=detailed_exitcode,
            at=at,
            base=base,
            snapshot=str(Path(snapshots) / f"{account.name}{SNAPSHOT_ENDING}") if snapshots else "",
            verbose=console.verbose,
        )

    with console.reporting(folder), DocumentFile() as documents:
        work = FleetWork(console, fleet, folder, touched, engine, jobs)
        tasks, since = map(task, touched), changed_since or ""
        report = plan_report(work, plan_account, tasks, documents, others, since)
        if out:
            lines = _array(report, accounts, documents)
            write_private(Path(out), (line.encode(errors="backslashreplace") for line in lines))
        _print(console, report, accounts, documents, folder, format_)
    return worst_exit(result.exit_code for result in report.results)


def _print(
    console: Console,
    report: FleetReport,
    accounts: Sequence[FleetAccount],
    documents: DocumentFile,
    folder: str,
    format_: str,
) -> None:
    match format_:
        case "json":
            console.print_lines(_array(report, accounts, documents))
        case "markdown":
            console.print_result(fleet_comment.draw(report, folder))
        case "html":
            # Imported here: only this format needs the template engine, which loads slowly.
            from provisioner.render.fleet import fleet_page  # noqa: PLC0415

            pages = partial(documents.text, format_="html")
            console.print_lines(fleet_page.draw(report, folder, pages))
        case _:
            text = fleet_text.draw(
                report,
                folder,
                color=console.color,
                width=console.width,
                verbose=console.verbose,
            )
            console.print_result(text)


def _array(
    report: FleetReport, accounts: Sequence[FleetAccount], documents: DocumentFile
) -> Iterator[str]:
    """Yield an array of the plans, in the order of the fleet."""
    results: dict[str, AccountResult] = {one.account.name: one for one in report.results}
    yield from json_array(
        documents.text(one.name, "json") or planless_plan_json(results[one.name], report.since)
        for one in accounts
    )
