"""`provisioner validate`."""

import os
import re
from datetime import date
from pathlib import Path

import click

from provisioner.cli.console.output import Console, diagnostics_text
from provisioner.cli.fleet.fleet_validation import (
    Validation,
    is_fleet,
    validated_fleet,
    validated_project,
)
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_or_fleet_argument
from provisioner.cli.parsing import Command
from provisioner.diagnostics import has_errors
from provisioner.documents import file_names, source_texts
from provisioner.git.checkout import shared_files
from provisioner.render.diagnostics import text as render
from provisioner.render.diagnostics.github import as_github
from provisioner.render.diagnostics.gitlab import as_gitlab
from provisioner.render.diagnostics.junit import as_junit
from provisioner.render.diagnostics.sarif import as_sarif
from provisioner.render.readable import harmless

_ADDRESS = re.compile(r"https?://[!$&-;=@A-Z_a-z~%]+")
"""An address of the web without a query, to which the name of a page can be added."""


@click.command(
    cls=Command,
    examples=[
        "provisioner validate",
        "provisioner validate --format github",
        "provisioner validate fleet.yaml",
    ],
)
@path_or_fleet_argument
@at_option
@format_option("text", "json", "github", "gitlab", "sarif", "junit")
@pass_console
def validate(console: Console, path: str, at: date | None, format_: str) -> int:
    """Check the files of the project in PATH, without any network.

    All errors and warnings of the project are listed; the exit code is 1 if there is an error, and
    3 if a rule of the team refuses what the files declare. If PATH is a fleet's file or its folder,
    all its accounts are checked, and each finding names its accounts.
    Formats for programs name files from the root of the git repository, if there is one.
    """
    result = validated_fleet(path, at) if is_fleet(path) else validated_project(path, at)
    failed = has_errors(result.findings)
    if format_ != "text":
        console.print_result(_report(result, format_))
    else:
        console.print_result(diagnostics_text(result.findings, result.folder, color=console.color))
        if not failed:
            console.print_summary(f"{result.valid}\n")
    return Exit.ERROR if result.invalid else Exit.REFUSED if failed else Exit.DONE


def _report(result: Validation, format_: str) -> str:
    root, findings = Path(result.folder), result.findings
    prefix, is_shared = _repository_prefix(root), shared_files(root)
    match format_:
        case "github":
            return as_github(findings, prefix=prefix, sources=source_texts(root, is_shared))
        case "gitlab":
            return as_gitlab(findings, prefix=prefix)
        case "sarif":
            sources = source_texts(root, is_shared)
            return as_sarif(findings, prefix=prefix, sources=sources, docs_url=_docs_url())
        case "junit":
            files = result.files or file_names(root, is_shared)
            return as_junit(findings, prefix=prefix, files=files)
        case _:
            return render.as_json(findings, prefix)


def _docs_url() -> str:
    """Return the address of the team's copy of the documentation, or "".

    Raises:
        click.UsageError: it is not an address.
    """
    url = os.environ.get("PROVISIONER_DOCS_URL", "")
    if url and not _ADDRESS.fullmatch(url):
        raise click.UsageError(
            f'PROVISIONER_DOCS_URL is no address: "{harmless(url)}"; it must begin with https://'
        )
    return url


def _repository_prefix(path: Path) -> str:
    """Return the path of a project from the root of its git repository, as pipelines want it.

    Without a repository it starts at the current folder. Git is not called: it may be missing, and
    it refuses to work in folders of other users, such as many checkouts in containers.
    """
    project = Path(os.path.realpath(path))
    here = Path.cwd()
    top = next((up for up in (project, *project.parents) if (up / ".git").exists()), here)
    return Path(os.path.relpath(project, top)).as_posix()
