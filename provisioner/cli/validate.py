"""`provisioner validate`."""

import sys
from pathlib import Path

import click

from provisioner.app import project as projects
from provisioner.cli.exits import Exit
from provisioner.cli.options import format_option, path_argument
from provisioner.cli.output import findings_text, prefix_of, put
from provisioner.diagnostics import has_errors
from provisioner.render import findings, words


@click.command()
@path_argument
@format_option("text", "json")
def validate(path: str, format_: str) -> int:
    """Check the files of the project in PATH, without any network.

    Every finding of the whole project is listed in one run. Exit code 1 if there is an error.
    """
    project = projects.validate(Path(path))
    if format_ == "json":
        put(findings.as_json(project.findings, prefix_of(path)))
    elif project.findings:
        put(findings_text(project.findings, path, sys.stdout))
    if has_errors(project.findings):
        return Exit.ERROR
    if format_ == "text":
        put(f"Valid: {words.count(len(project.desired.resources), 'declared object')}.\n")
    return Exit.DONE
