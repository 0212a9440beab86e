"""Asking before the account is changed."""

import sys

import click

from provisioner.diagnostics import Diagnostic, UsageError

yes_option = click.option("-y", "--yes", is_flag=True, help="Don't ask before writing.")


def need_yes(command: str, *, yes: bool, first: str) -> None:
    """Check that somebody can be asked.

    Args:
        command: what needs an answer.
        yes: whether it was given in advance.
        first: what to look at before giving it.

    Raises:
        UsageError: there is nobody to ask.
    """
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            Diagnostic(
                code="confirmation-needed",
                summary=f"{command} needs --yes where there is no terminal to ask at",
                hint=f"look first: {first}",
            )
        )
