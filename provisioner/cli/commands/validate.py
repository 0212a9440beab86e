"""`provisioner validate`."""

import sys
from pathlib import Path

import click

from provisioner.cli.account import opening
from provisioner.cli.console.output import findings_text, put, repository_prefix
from provisioner.cli.exits import Exit
from provisioner.cli.files.workspace import check_workspace
from provisioner.cli.options import format_option, path_argument
from provisioner.cli.single_options import Command
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.documents import file_names, source_texts
from provisioner.git import shared_files
from provisioner.render import readable
from provisioner.render.diagnostics import text as render
from provisioner.render.diagnostics.github import as_github
from provisioner.render.diagnostics.junit import as_junit
from provisioner.render.diagnostics.sarif import as_sarif


@click.command(cls=Command)
@path_argument
@format_option("text", "json", "github", "sarif", "junit")
def validate(path: str, format_: str) -> int:
    """Check the files of the project in PATH, without any network.

    Every finding of the whole project is listed in one run. Exit code 1 if there is an error.
    The formats for programs name files from the root of the git repository, where there is one.
    """
    project = opening.validate(Path(path))
    untrusted = check_workspace(Path(path))
    findings = (*project.findings, untrusted) if untrusted else project.findings
    failed = has_errors(findings)
    if format_ != "text":
        put(_report(findings, path, format_))
    else:
        put(findings_text(findings, path, sys.stdout))
        if not failed:
            put(f"Valid: {readable.count(len(project.desired.resources), 'declared object')}.\n")
    return Exit.ERROR if failed else Exit.DONE


def _report(findings: tuple[Diagnostic, ...], path: str, format_: str) -> str:
    root = Path(path)
    prefix, is_shared = repository_prefix(root), shared_files(root)
    match format_:
        case "github":
            return as_github(findings, prefix=prefix, sources=source_texts(root, is_shared))
        case "sarif":
            return as_sarif(findings, prefix=prefix, sources=source_texts(root, is_shared))
        case "junit":
            return as_junit(findings, prefix=prefix, files=file_names(root, is_shared))
        case _:
            return render.as_json(findings, prefix)
