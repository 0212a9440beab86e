"""`provisioner validate`."""

import os
from datetime import date
from pathlib import Path

import click

from provisioner.app.open_project import Project
from provisioner.cli.console.output import Console, diagnostics_text
from provisioner.cli.files.opening import validate_project
from provisioner.cli.files.workspace import check_workspace
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_argument
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.documents import file_names, source_texts
from provisioner.git.checkout import shared_files
from provisioner.render import readable
from provisioner.render.diagnostics import text as render
from provisioner.render.diagnostics.github import as_github
from provisioner.render.diagnostics.junit import as_junit
from provisioner.render.diagnostics.sarif import as_sarif


@click.command(
    cls=Command, examples=["provisioner validate", "provisioner validate --format github"]
)
@path_argument
@at_option
@format_option("text", "json", "github", "sarif", "junit")
@pass_console
def validate(console: Console, path: str, at: date | None, format_: str) -> int:
    """Check the files of the project in PATH, without any network.

    All errors and warnings of the project are listed; the exit code is 1 if there is an error, and
    3 if a rule of the team refuses what the files declare.
    Formats for programs name files from the root of the git repository, if there is one.
    """
    project = validate_project(Path(path), at)
    untrusted = check_workspace(Path(path))
    findings = (*project.findings, untrusted) if untrusted else project.findings
    invalid = has_errors(findings)
    if not invalid:
        findings = (*findings, *_of_rules(project))
    failed = has_errors(findings)
    if format_ != "text":
        console.print_result(_report(findings, path, format_))
    else:
        console.print_result(diagnostics_text(findings, path, color=console.color))
        if not failed:
            console.print_summary(
                f"Valid: {readable.count(len(project.desired.resources), 'declared object')}.\n"
            )
    return Exit.ERROR if invalid else Exit.REFUSED if failed else Exit.DONE


def _of_rules(project: Project) -> tuple[Diagnostic, ...]:
    """Return what the team's rules find in the files."""
    if not project.has_rules:
        return ()
    # Imported here: most projects have no rules, and these need the whole planning.
    from provisioner.app.rules.rule_checks import file_diagnostics  # noqa: PLC0415
    from provisioner.cli.rule_process import evaluate_in_child  # noqa: PLC0415

    return file_diagnostics(project, evaluate_in_child)


def _report(findings: tuple[Diagnostic, ...], path: str, format_: str) -> str:
    root = Path(path)
    prefix, is_shared = _repository_prefix(root), shared_files(root)
    match format_:
        case "github":
            return as_github(findings, prefix=prefix, sources=source_texts(root, is_shared))
        case "sarif":
            return as_sarif(findings, prefix=prefix, sources=source_texts(root, is_shared))
        case "junit":
            return as_junit(findings, prefix=prefix, files=file_names(root, is_shared))
        case _:
            return render.as_json(findings, prefix)


def _repository_prefix(path: Path) -> str:
    """Return the path of a project from the root of its git repository, as pipelines want it.

    Without a repository it starts at the current folder. Git is not called: it may be missing, and
    it refuses to work in folders of other users, such as many checkouts in containers.
    """
    project = Path(os.path.realpath(path))
    here = Path.cwd()
    top = next((up for up in (project, *project.parents) if (up / ".git").exists()), here)
    return Path(os.path.relpath(project, top)).as_posix()
