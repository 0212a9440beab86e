"""`provisioner access`."""

from pathlib import Path

import click

from provisioner.app.access_report import declared_access, live_access
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.account.targets import overlay_target
from provisioner.cli.console.output import Console
from provisioner.cli.files.earlier_versions import ProjectVersion, open_version
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import format_option, path_argument, target_option
from provisioner.cli.parsing import Command
from provisioner.planning.access.access_difference import AccessDifference, access_difference
from provisioner.planning.access.access_list import AccessList
from provisioner.render.access import access_csv, access_table
from provisioner.render.json_text import json_text


@click.command(
    cls=Command,
    examples=[
        "provisioner access",
        "provisioner access --format csv > access.csv",
        "provisioner access --since origin/main",
    ],
)
@path_argument
@target_option
@format_option("text", "csv", "json", "html")
@click.option(
    "--at",
    "at_ref",
    metavar="REF",
    help="List the access that the files declare at this commit, without the account.",
)
@click.option(
    "--since",
    metavar="REF",
    help="Show only the difference between this commit and the files, or --at, without the "
    "account.",
)
@click.option(
    "--snapshot",
    metavar="FILE",
    help="Take the account from a file of provisioner snapshot, without requests.",
)
@pass_console
def access(
    console: Console,
    path: str,
    target: str | None,
    format_: str,
    at_ref: str | None,
    since: str | None,
    snapshot: str | None,
) -> int:
    """Show who has which role and departments, where that is declared, and since which commit.

    Access that the files do not declare is marked. Nothing is written.
    """
    if snapshot is not None and (at_ref is not None or since is not None):
        raise click.UsageError("--snapshot is an account, and --at and --since read only files")
    with console.reporting(path):
        files = open_version(console, Path(path), at_ref)
        if since is not None:
            difference = _difference(open_version(console, Path(path), since), files, target)
            console.print_result(_difference_text(console, difference, format_))
            return Exit.DONE
        if at_ref is not None:
            report = _declared(files, target)
        else:
            with live_source(console, files.project, target, snapshot) as (reader, options):
                report = live_access(files.project, reader, options, files.commits, files.version)
    console.print_result(_text(console, report, format_))
    return Exit.DONE


def _declared(files: ProjectVersion, target: str | None) -> AccessList:
    name = overlay_target(files.project.settings, target)
    return declared_access(files.project, name, files.commits, files.version)


def _difference(
    before: ProjectVersion, after: ProjectVersion, target: str | None
) -> AccessDifference:
    later = _declared(after, target)
    earlier = declared_access(before.project, later.target, before.commits, before.version)
    return access_difference(earlier, later, after.project.desired_for(later.target))


def _text(console: Console, report: AccessList, format_: str) -> str:
    match format_:
        case "json":
            return json_text(report.as_data())
        case "csv":
            return access_csv.as_csv(report)
        case "html":
            # Imported here: only this format needs the template engine, which loads slowly.
            from provisioner.render.html import access_page  # noqa: PLC0415

            return access_page.draw(report)
        case _:
            return access_table.as_text(report, color=console.color, width=console.width)


def _difference_text(console: Console, report: AccessDifference, format_: str) -> str:
    match format_:
        case "json":
            return json_text(report.as_data())
        case "csv":
            return access_csv.difference_as_csv(report)
        case "html":
            from provisioner.render.html import access_page  # noqa: PLC0415

            return access_page.draw_difference(report)
        case _:
            return access_table.difference_as_text(report, color=console.color, width=console.width)
