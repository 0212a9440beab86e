"""`provisioner drift`."""

from datetime import date

import click

from provisioner.app.file_edits.accept_drift import accept_drift
from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.open_project import Project
from provisioner.cli.account.webhook import post_headline
from provisioner.cli.console.output import Console
from provisioner.cli.files.edited_files import carry_out
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_argument, target_option
from provisioner.cli.parsing import Command
from provisioner.cli.run.project_drift import broken_rules, find_drift
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, InvalidProjectError, RefusedError, Severity
from provisioner.git.checkout import shared_files
from provisioner.planning.access.access_drift import has_drift
from provisioner.render.review.drift_texts import ACCEPT, headline


@click.command(
    cls=Command,
    examples=[
        "provisioner drift",
        "provisioner drift -t production --detailed-exitcode",
        "provisioner drift --accept agent/mia.chen@acme.example",
    ],
)
@path_argument
@target_option
@at_option
@format_option("text", "json", "markdown")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there is drift.")
@click.option(
    "--since",
    metavar="REF",
    help="Show which side has changed since this commit, instead of since the last apply.",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="ADDRESS",
    shell_complete=candidates.addresses,
    help="Write what the account has into the files, for this object; also with * and ?.",
)
@click.option("--accept-all", is_flag=True, help="Write all drift of the account into the files.")
@click.option(
    "--dry-run", is_flag=True, help="With --accept: print the difference, and write no file."
)
@click.option(
    "--notify",
    is_flag=True,
    help="If there is drift, post a line to the webhook in PROVISIONER_WEBHOOK.",
)
@pass_console
def drift(  # noqa: PLR0913, PLR0917  one for each option
    console: Console,
    path: str,
    target: str | None,
    at: date | None,
    format_: str,
    detailed_exitcode: bool,
    since: str | None,
    accepted: tuple[str, ...],
    accept_all: bool,
    dry_run: bool,
    notify: bool,
) -> int:
    """Show where the account differs from the files of the project in PATH.

    Meant for a schedule, on the branch that was applied last. Nothing is written to the account,
    and guards do not apply. The exit code is 3 if the account does not conform to a rule of the
    team. --accept and --accept-all write into the files what the account has.
    """
    accepts = bool(accepted) or accept_all
    _check_options(accepts=accepts, format_=format_, dry_run=dry_run)
    with console.reporting(path):
        found = find_drift(console, path, target, at, since, with_sides=not accepts)
        if accepts:
            return _accept(
                console,
                found.project,
                found.planned,
                found.options,
                () if accept_all else accepted,
                dry_run,
            )
    plan = found.planned.plan
    text = found.text(format_, color=console.color)
    console.print_result(text)
    if format_ == "text" and plan.day and plan.day.lapsed:
        console.print_tip(
            "To take away what has lapsed, and nothing else: provisioner apply --lapsed"
        )
    if format_ == "text" and has_drift(plan):
        console.print_tip(f"To write what the account has into the files: {ACCEPT}.")
    if notify and has_drift(plan):
        post_headline(console, headline(plan))
    if broken := broken_rules(plan):
        with console.reporting(path):
            raise RefusedError(*broken)
    return Exit.CHANGES if detailed_exitcode and has_drift(plan) else Exit.DONE


def _check_options(*, accepts: bool, format_: str, dry_run: bool) -> None:
    if accepts and format_ != "text":
        raise click.UsageError("--accept prints the difference of the files: leave --format out")
    if dry_run and not accepts:
        raise click.UsageError("--dry-run goes with --accept or --accept-all")


def _accept(
    console: Console,
    project: Project,
    planned: Planned,
    options: PlanOptions,
    accepted: tuple[str, ...],
    dry_run: bool,
) -> int:
    result = accept_drift(project, planned, options, accepted, shared_files(project.root))
    skipped = [
        Diagnostic(
            code="not-accepted",
            summary=reason,
            severity=Severity.ERROR if accepted else Severity.WARNING,
        )
        for reason in result.skipped
    ]
    if skipped and accepted:
        raise InvalidProjectError(*skipped)
    console.print_diagnostics(skipped)
    carry_out(console, project.root, result.edited, (), dry_run=dry_run)
    return Exit.DONE
