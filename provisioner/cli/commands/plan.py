"""`provisioner plan`."""

import os
from datetime import date
from pathlib import Path

import click

from provisioner.cli.console.plan_formats import (
    DATED_FORMATS,
    FORMATS,
    check_summary,
    print_plan,
    summary_option,
)
from provisioner.cli.files.private_files import is_standard_output
from provisioner.cli.invocation import Invocation, pass_invocation
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
from provisioner.cli.run.freeze_check import Allowances
from provisioner.cli.run.project_plan import PlanRequest, plan_exit, plan_project
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
        request = PlanRequest(path, target, snapshot, base, at, allowed, scope)
        made = plan_project(invocation, request)
        result = made.planned.plan
        revision = UNKNOWN
        if out is not None or format_ in DATED_FORMATS:
            from provisioner.git.head_revision import revision_of  # noqa: PLC0415

            revision = revision_of(made.root, os.environ)
        if out is not None:
            from provisioner.cli.files.plan_files import write_plan  # noqa: PLC0415

            write_plan(Path(out), made.planned, made.root, revision)
        if out is None or not is_standard_output(Path(out)):
            print_plan(
                console,
                result,
                format_,
                summary=summary,
                revision=revision,
                freeze=made.freeze,
            )
        if result.refused:
            raise RefusedError(*result.refused)
    return plan_exit(result, detailed=detailed_exitcode)
