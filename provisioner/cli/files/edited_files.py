"""Carries out edits of a project: the difference, the files, and the plan of the edited objects."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from provisioner.app.file_edits.project_edits import EditedProject, FileEdit, Rewrite, edit_project
from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import live_source
from provisioner.cli.console.output import Console
from provisioner.cli.console.plan_formats import print_plan
from provisioner.cli.files.opening import today
from provisioner.diagnostics import Diagnostic, ProvisionerError, Severity
from provisioner.documents.editing import FileChange, unified_diff, write_all
from provisioner.git.checkout import shared_files
from provisioner.planning.scope import Scope


def edited_project(root: Path, edits: tuple[FileEdit, ...]) -> EditedProject:
    """Return a project with edits; nothing is written yet.

    Raises:
        InvalidProjectError: an edit can't be made, or the project would have errors.
    """
    return edit_project(root, edits, shared_files(root))


def carry_out(
    console: Console, root: Path, edited: EditedProject, notes: tuple[str, ...], *, dry_run: bool
) -> None:
    """Print the difference that edits make, and write the files unless it is a dry run.

    Raises:
        ProvisionerError: a file can't be written; no file is changed.
    """
    if not edited.changes:
        console.print_note("The files have these values already; nothing was written.")
        return
    console.print_result(unified_diff(edited.changes))
    for note in notes:
        console.print_note(f"Note: {note}")
    if dry_run:
        console.print_tip("Nothing was written (--dry-run).")
        return
    write_changes(root, edited.changes)


def write_changes(root: Path, changes: Sequence[FileChange]) -> None:
    """Write changed files of a project.

    Raises:
        ProvisionerError: a file can't be written; no file is changed.
    """
    try:
        write_all(root, changes)
    except OSError as error:
        raise ProvisionerError(
            Diagnostic(
                code="file-unwritable",
                summary=f"{error.filename or root}: {error.strerror or error}",
                hint="no file was changed; correct that and run it again",
            )
        ) from error


def show_plan(
    console: Console,
    path: str,
    edited: EditedProject,
    rewrite: Rewrite,
    target: str | None,
    *,
    dry_run: bool,
) -> None:
    """Print the plan of edited objects only, if the account can be read; else print the reason.

    The files are written already, so the exit code stays 0 without a target or a key, and if an
    apply would be refused.
    """
    if not (edited.changes and rewrite.addresses):
        return
    only = tuple(str(address) for address in rewrite.addresses)
    try:
        project = edited.project.on(today(edited.project))
        with live_source(console, project, target) as (reader, options):
            planned = make_plan(project, reader, replace(options, scope=Scope(only=only)))
    except ProvisionerError as error:
        warnings = [replace(one, severity=Severity.WARNING) for one in error.diagnostics]
        console.print_diagnostics(warnings)
        console.print_note("The plan of this edit can't be shown; run provisioner plan.")
        return

    def print_findings(findings: Sequence[Diagnostic]) -> None:
        # A dry run leaves other lines in the files, so that the line at a position is another one.
        shown = [replace(one, span=None) for one in findings] if dry_run else findings
        console.print_diagnostics(shown, path)

    # The person has chosen no part of the plan, so the hint of this warning would not fit.
    print_findings([one for one in planned.warnings if one.code != "partial-plan"])
    console.print_result("\n")
    print_plan(console, planned.plan, "text")
    if planned.plan.refused:
        print_findings(planned.plan.refused)
        console.print_note("An apply of this edit would be refused.")
