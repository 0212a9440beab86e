"""`provisioner plan`."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from provisioner.app.make_plan import make_plan
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.console.plan_formats import (
    DATED_FORMATS,
    FORMATS,
    check_summary,
    print_plan,
    summary_option,
)
from provisioner.cli.files.private_files import is_standard_output
from provisioner.cli.invocation import Exit, Invocation, pass_invocation
from provisioner.cli.options import (
    at_option,
    format_option,
    lapsed_option,
    path_argument,
    scope_of,
    scope_options,
    target_option,
)
from provisioner.cli.parsing import Command
from provisioner.cli.run.allowing import allow_option
from provisioner.cli.run.freeze_check import Allowances, warn_of_freeze
from provisioner.diagnostics import RefusedError
from provisioner.planning.plans.revision import UNKNOWN


@click.command(
    cls=Command,
    examples=[
        "provisioner plan",
        "provisioner plan -t production --out saved.plan",
        "provisioner plan --only member-of/Support",
    ],
)
@path_argument
@target_option
@format_option(*FORMATS)
@summary_option
@allow_option
@scope_options
@lapsed_option
@at_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Save the plan for `apply FILE`.")
@click.option(
    "--base",
    metavar="REF",
    help="Separate the changes of this branch since REF, such as origin/main, from earlier drift.",
)
@click.option(
    "--snapshot",
    metavar="FILE",
    type=click.Path(),
    help="Plan against a file of `provisioner snapshot` instead of the account; needs no key.",
)
@pass_invocation
def plan(  # noqa: PLR0913, PLR0917  one for each option
    invocation: Invocation,
    path: str,
    target: str | None,
    format_: str,
    summary: bool,
    allowed: Allowances,
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    lapsed: bool,
    at: date | None,
    detailed_exitcode: bool,
    out: str | None,
    base: str | None,
    snapshot: str | None,
) -> int:
    """Show what an apply of the project in PATH would change; write nothing to the account.

    The exit code is 3 if an apply of the plan would be refused.
    """
    console = invocation.console
    check_summary(format_, summary=summary)
    scope = scope_of(only, exclude, lapsed=lapsed)
    with console.reporting(path):
        with live_project(console, path, target, snapshot, base, at) as opened:
            project, branch, reader, defaults = opened
            options = replace(defaults, allowed=allowed.numbers, scope=scope)
            planned = make_plan(project, reader, options, branch)
        console.print_diagnostics(planned.warnings, path)
        freeze = warn_of_freeze(invocation, project.settings, planned.plan, path, at)
        revision = UNKNOWN
        if out is not None or format_ in DATED_FORMATS:
            from provisioner.git.head_revision import revision_of  # noqa: PLC0415

            revision = revision_of(project.root, os.environ)
        if out is not None:
            from provisioner.cli.files.plan_files import write_plan  # noqa: PLC0415

            write_plan(Path(out), planned, project.root, revision)
        if out is None or not is_standard_output(Path(out)):
            print_plan(
                console,
                planned.plan,
                format_,
                summary=summary,
                revision=revision,
                freeze=freeze,
            )
        if planned.plan.refused:
            raise RefusedError(*planned.plan.refused)
    return Exit.CHANGES if detailed_exitcode and not planned.plan.settled else Exit.DONE
