"""Confirmation of a change of the account: the question, and `--yes` where nobody can be asked."""

import sys

import click

from provisioner.cli.console.plan_formats import print_plan, print_plan_for_question
from provisioner.cli.console.run_document import Ended
from provisioner.cli.invocation import Invocation
from provisioner.diagnostics import Diagnostic, RefusedError, UsageError
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.readable import brief
from provisioner.render.review.titles import where_text
from provisioner.render.sentences import to_text


def has_terminal() -> bool:
    """Return whether there is a terminal to ask at."""
    return sys.stdin.isatty()


def require_yes(command: str, *, yes: bool, preview: str) -> None:
    """Check that a command has `--yes` or a terminal to ask at.

    `preview` is a command that shows what would happen, for the hint.

    Raises:
        UsageError: it has neither.
    """
    if not yes and not has_terminal():
        raise UsageError(
            Diagnostic(
                code="confirmation-needed",
                summary=f"{command} needs --yes where there is no terminal to ask at",
                hint=f"look first: {preview}",
            )
        )


def print_plan_to_apply(invocation: Invocation, plan: Plan) -> None:
    """Print a plan, or add it to the document of the run, and check that it may be applied.

    Raises:
        RefusedError: it may not.
    """
    if invocation.document is None:
        print_plan(invocation.console, plan, "text")
    else:
        invocation.document.plan = plan
    if plan.refused:
        raise RefusedError(*plan.refused)


def confirm_plan(invocation: Invocation, plan: Plan, *, yes: bool) -> bool:
    """Return whether to apply a plan that was printed; the user is asked if it changes anything."""
    console, document = invocation.console, invocation.document
    if document and not plan.effective:
        document.ended = Ended.NOTHING_TO_CHANGE
    if yes or not plan.effective:
        return True
    if document:
        print_plan_for_question(console, plan)
        document.ended = Ended.DECLINED
    if click.confirm(f"Apply this to {to_text(where_text(plan), brief)}?", err=True):
        if document:
            document.ended = Ended.FAILED  # until there is a report
        return True
    console.print_note("Not applied; nothing was written.")
    return False
