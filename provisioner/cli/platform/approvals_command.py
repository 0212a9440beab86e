"""`provisioner approvals`."""

import os
from contextlib import ExitStack
from dataclasses import replace

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.plan_files import saved_data
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.cli.platform.tokens import check_token
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.planning.consent.approvals import Approvals, approvals_in
from provisioner.platforms.build_facts import BuildFacts, pull_request_facts
from provisioner.platforms.comment_lists import platform_api
from provisioner.platforms.review_approvals import GivenApprovals, given_approvals, set_status

_TEAMS_VARIABLE = "PROVISIONER_TEAMS_TOKEN"

_NO_PLAN = "There is no plan of this commit"


@click.command(
    cls=Command,
    examples=["provisioner approvals plan.json", "provisioner approvals --unplanned"],
)
@click.argument("plan_file", default="plan.json", type=click.Path(), metavar="[PLANFILE]")
@click.option(
    "--unplanned", is_flag=True, help="This commit has no plan, so the merge must wait for one."
)
@pass_console
def approvals(console: Console, plan_file: str, unplanned: bool) -> int:
    """Ask the reviewers of a saved plan, and hold the merge until they approve.

    On GitHub, sets the status provisioner/approvals of the commit to success or pending. On GitLab,
    fails as long as approvals are missing. An approval of the author does not count; on GitHub,
    neither does one of an earlier commit, or of people who may not write.
    """
    with console.reporting("."):
        facts = pull_request_facts(os.environ)
        needed = None if unplanned else approvals_in(saved_data(plan_file)) or Approvals(0)
        if facts.platform == "github":
            _hold_github(console, facts, needed)
        else:
            _hold_job(console, facts, needed)
    return Exit.DONE


def _hold_github(console: Console, facts: BuildFacts, needed: Approvals | None) -> None:
    """Set the status of the commit, which holds the merge."""
    check_token(facts, "set a status with")
    with platform_api(facts) as api:
        if needed is None:
            line = set_status(api, facts, _NO_PLAN, is_success=False)
        else:
            given = _given(console, facts, needed)
            line = set_status(api, facts, str(given), is_success=given.are_enough)
    console.print_result(f"{line}\n")


def _hold_job(console: Console, facts: BuildFacts, needed: Approvals | None) -> None:
    """End with an error, which holds the merge where it needs a pipeline that succeeds."""
    if needed is None:
        raise _missing(_NO_PLAN)
    if needed.required or needed.reviewers:
        check_token(facts, "read approvals with")
    given = _given(console, facts, needed)
    if not given.are_enough:
        raise _missing(str(given))
    console.print_result(f"{given}.\n")


def _given(console: Console, facts: BuildFacts, needed: Approvals) -> GivenApprovals:
    """Return the approvals, and print what is not known of them."""
    token = os.environ.get(_TEAMS_VARIABLE, "").strip() or facts.token
    with ExitStack() as stack:
        api = stack.enter_context(platform_api(facts))
        teams = stack.enter_context(platform_api(replace(facts, token=token)))
        given = given_approvals(api, facts, needed, teams)
    for warning in given.warnings:
        console.print_warning(warning)
    return given


def _missing(summary: str) -> ProvisionerError:
    hint = "run this job again after the plan is approved"
    return ProvisionerError(Diagnostic(code="approvals-missing", summary=summary, hint=hint))
