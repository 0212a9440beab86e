"""`provisioner issue`."""

import os
import sys

import click

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.cli.platform.bodies import first_line, marked, read_body
from provisioner.cli.platform.tokens import check_token
from provisioner.platforms.build_facts import repository_facts
from provisioner.platforms.comment_lists import platform_api
from provisioner.platforms.kept_issue import KeptIssue

_DONE = "## ✅ "
"""How the heading of a list begins that has nothing to do."""

_REASON = "Nothing is left to do by hand."


@click.command(
    cls=Command,
    examples=[
        "provisioner issue --file manual.md --title 'Manual steps of production'",
        "provisioner issue --mark 'drift: production' --close 'The account is as declared.'",
    ],
)
@click.option(
    "--file",
    type=click.Path(),
    metavar="BODY.md",
    help="The issue in Markdown; by default standard input.",
)
@click.option("--title", metavar="TITLE", help="Its title.")
@click.option(
    "--mark",
    metavar="NAME",
    help="The hidden first line, for a text without one, such as 'drift: production'.",
)
@click.option("--close", metavar="REASON", help="Close it with this comment, instead of a file.")
@click.option(
    "--branch", metavar="BRANCH", help="Keep the one pull request of this branch, not an issue."
)
@click.option(
    "--base",
    default="main",
    metavar="BRANCH",
    show_default=True,
    help="The branch that it would be merged into.",
)
@pass_console
def issue(
    console: Console,
    file: str | None,
    title: str | None,
    mark: str | None,
    close: str | None,
    branch: str | None,
    base: str,
) -> int:
    """Keep one issue up to date, on GitHub or GitLab.

    It is found by its hidden first line, and by the author of the token: the issue is opened,
    updated, or closed if the heading of its text begins with ✅. Tasks that are still the same keep
    their ticks. Issues of others are never changed.
    """
    _check(file, title, mark, close, branch)
    with console.reporting("."):
        facts = repository_facts(os.environ)
        check_token(facts, "keep an issue with")
        text = f"{first_line(mark or '')}\n" if close else marked(read_body(file), mark)
        head, _, content = text.partition("\n")
        reason = close or (_REASON if content.startswith(_DONE) else "")
        with platform_api(facts) as api:
            kept = KeptIssue(api, facts, head, branch or "", base)
            done = kept.close(reason) if reason else kept.keep(title or "", content)
    kind = "Pull request" if branch else "Issue"
    console.print_summary(f"{kind} of {head[len('<!-- ') : -len(' -->')]}: {done.value}.\n")
    return Exit.DONE


def _check(
    file: str | None,
    title: str | None,
    mark: str | None,
    close: str | None,
    branch: str | None,
) -> None:
    """Refuse options that contradict each other."""
    if close is not None and (file or title or not mark):
        raise click.UsageError("--close goes with --mark, without --file and --title")
    if "" in {close, title, branch}:
        raise click.UsageError("--close, --title and --branch can't be empty")
    if close is None and not title:
        raise click.UsageError("name the issue with --title")
    if close is None and not file and sys.stdin.isatty():
        raise click.UsageError("name the text with --file, or write it to standard input")
