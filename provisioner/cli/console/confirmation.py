"""Confirmation of a change of the account: the question, and `--yes` where nobody can be asked."""

import sys

import click

from provisioner.cli.console.output import Console
from provisioner.cli.console.plan_formats import print_plan
from provisioner.diagnostics import Diagnostic, RefusedError, UsageError
from provisioner.planning.plans.plan_data import Plan


def require_yes(command: str, *, yes: bool, preview: str) -> None:
    """Check that a command has `--yes` or a terminal to ask at.

    Args:
        command: the command, for the message.
        yes: whether the user gave `--yes`.
        preview: a command that shows what would happen, for the hint.

    Raises:
        UsageError: it has neither.
    """
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            Diagnostic(
                code="confirmation-needed",
                summary=f"{command} needs --yes where there is no terminal to ask at",
                hint=f"look first: {preview}",
            )
        )


def print_plan_to_apply(console: Console, plan: Plan) -> None:
    """Print a plan, and check that it may be applied.

    Raises:
        RefusedError: it may not.
    """
    print_plan(console, plan, "text")
    if plan.refused:
        raise RefusedError(*plan.refused)


def confirm_plan(console: Console, plan: Plan, target: str, *, yes: bool) -> bool:
    """Print a plan and return whether to apply it; the user is asked if it changes anything.

    Raises:
        RefusedError: the plan may not be applied.
    """
    print_plan_to_apply(console, plan)
    if yes or not plan.effective:
        return True
    if click.confirm(f"Apply this to {target}?", err=True):
        return True
    console.print_note("Not applied; nothing was written.")
    return False
