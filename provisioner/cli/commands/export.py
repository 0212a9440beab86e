"""`provisioner export`."""

import shlex
from dataclasses import replace
from pathlib import Path

import click

from provisioner.app.exporting.account_export import (
    Exported,
    ExportOptions,
    export_account,
    export_fragment,
)
from provisioner.cli.account.connection import connect
from provisioner.cli.account.export_reading import (
    exported_target,
    read_for_export,
    recorded_facts,
    spelled_role_ids,
)
from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import write_changes
from provisioner.cli.files.merged_export import merged_export, print_merged
from provisioner.cli.files.new_project import content_of, refuse_content, write_new_project
from provisioner.cli.files.opening import open_project_root, project_above
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import format_option, target_option
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.documents.editing import FileChange, unified_diff
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.planning.roles import with_known_roles
from provisioner.render import export_json, readable
from provisioner.render.export_json import ExportResult


@click.command(
    cls=Command,
    examples=[
        "provisioner export team -t production",
        "provisioner export . --merge --dry-run",
        "provisioner export --stdout --only agent/mia.chen@acme.example",
    ],
)
@click.argument(
    "directory", required=False, type=click.Path(), metavar="DIR", shell_complete=candidates.folders
)
@click.option(
    "--only",
    multiple=True,
    metavar="ADDRESS",
    shell_complete=candidates.selectors,
    help="Export only these objects, and the roles and departments that they need: agent/EMAIL, "
    "role/NAME (also with * and ?), agents, member-of/NAME.",
)
@click.option(
    "--stdout",
    "as_fragment",
    is_flag=True,
    help="Write exactly the objects of --only to standard output, to paste into a file.",
)
@click.option(
    "--profiles",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="Whether settings that agents share become profiles.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="DIR has a project: write only what differs, into the files where the objects are.",
)
@click.option("--dry-run", is_flag=True, help="Print the difference, and write no file.")
@target_option
@format_option("text", "json")
@pass_console
def export(
    console: Console,
    directory: str | None,
    only: tuple[str, ...],
    as_fragment: bool,
    profiles: str,
    merge: bool,
    dry_run: bool,
    target: str | None,
    format_: str,
) -> int:
    """Write the live account as a project into DIR, which must not exist or be empty.

    The target is one of the project in the current folder or above. A plan of the written
    files is empty. Roles and departments are always written, other settings only where they differ
    from the account's default; comments list what can't be declared.
    """
    _check_usage(directory, only, as_fragment=as_fragment, edits=merge or dry_run)
    with console.reporting(directory if directory and merge else "."):
        if directory is None:
            return _print_fragment(console, only, target, format_)
        folder = Path(directory)
        if merge and content_of(folder):
            name, merged = merged_export(console, folder, target, only)
            if format_ == "text":
                print_merged(console, folder, merged, dry_run=dry_run)
                return Exit.DONE
            if not dry_run:
                write_changes(folder, merged.edited.changes)
            result = ExportResult(name, directory, merged.edited.changes, notes=merged.notes)
            return _print_document(console, result, dry_run=dry_run)
        refuse_content(folder)
        name, exported, is_ready = _read(
            console, folder, target, ExportOptions(only=only, profiles=profiles == "auto")
        )
        if not dry_run:
            write_new_project(exported.files, folder)
    changes = [FileChange(file, None, content) for file, content in exported.files.items()]
    if format_ == "json":
        console.print_diagnostics(exported.warnings)
        counts = exported.objects, exported.profiles, exported.remarks
        result = ExportResult(name, directory, changes, *counts)
        return _print_document(console, result, dry_run=dry_run)
    if dry_run:
        console.print_result(unified_diff(changes))
        console.print_tip("Nothing was written (--dry-run).")
        return Exit.DONE
    _report(console, exported, directory, is_ready=is_ready)
    return Exit.DONE


def _read(
    console: Console, folder: Path, target: str | None, options: ExportOptions
) -> tuple[str, Exported, bool]:
    """Return the target, the files for a new project, and whether they name the target."""
    project = open_project_root(Path(project_above(console)))
    with connect(console, project, target) as connection:
        recorded = recorded_facts(project, connection.name, connection.url)
        role_ids = spelled_role_ids(project, connection.name, recorded)
        reader = LiveAgentReader(connection.client)
        live = with_known_roles(read_for_export(reader, options.only), role_ids)
        written = exported_target(project, connection.name, folder)
        options = replace(options, target=written, role_ids=role_ids)
        exported = export_account(live, reader.photo, options)
    return connection.name, exported, written is not None


def _print_document(console: Console, result: ExportResult, *, dry_run: bool) -> int:
    console.print_result(export_json.as_json(result, is_written=not dry_run))
    return Exit.DONE


def _check_usage(
    directory: str | None, only: tuple[str, ...], *, as_fragment: bool, edits: bool
) -> None:
    if as_fragment and (directory is not None or edits):
        raise click.UsageError("--stdout writes no files: leave DIR, --merge and --dry-run out")
    if as_fragment and not only:
        raise click.UsageError("--stdout needs --only ADDRESS: it writes a fragment to paste")
    if not as_fragment and directory is None:
        raise click.UsageError("Missing argument 'DIR'. (or add --stdout and --only ADDRESS)")


def _print_fragment(
    console: Console, only: tuple[str, ...], target: str | None, format_: str
) -> int:
    project = open_project_root(Path(project_above(console)))
    with connect(console, project, target) as connection:
        recorded = recorded_facts(project, connection.name, connection.url)
        role_ids = spelled_role_ids(project, connection.name, recorded)
        live = read_for_export(LiveAgentReader(connection.client), only)
        text, needed, remarks = export_fragment(with_known_roles(live, role_ids), only)
    if format_ == "json":
        document = export_json.fragment_as_json(connection.name, text, needed, remarks)
        console.print_result(document)
        return Exit.DONE
    console.print_result(text)
    if needed:
        console.print_note(f"It needs {', '.join(needed)}, which your project must declare.")
    _print_remarks(console, remarks)
    return Exit.DONE


def _report(console: Console, exported: Exported, directory: str, *, is_ready: bool) -> None:
    console.print_diagnostics(exported.warnings)
    counts = [readable.count(number, kind) for kind, number in exported.objects.items() if number]
    if exported.profiles:
        counts.append(readable.count(exported.profiles, "profile"))
    what = ", ".join(counts) or "nothing"
    where = "" if directory == "." else f" {shlex.quote(directory)}"
    step = "" if is_ready else f"fill in a target in {Path(directory, 'provisioner.yaml')}, then "
    console.print_summary(
        f"Exported {what} to {directory}.\n"
        f"Next: {step}provisioner plan{where}, which is empty; then commit the files.\n"
    )
    _print_remarks(console, exported.remarks)


def _print_remarks(console: Console, number: int) -> None:
    if number:
        things = readable.count(number, "thing")
        console.print_note(f"{things} can't be declared; comments in the files list it.")
