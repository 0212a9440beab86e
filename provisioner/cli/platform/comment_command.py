"""`provisioner comment`."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from provisioner.cli.console.output import Console
from provisioner.cli.files.plan_files import saved_data
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import pull_request_option
from provisioner.cli.parsing import Command
from provisioner.cli.platform.bodies import marked, read_body
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.planning.plans.written_digest import written_digest
from provisioner.platforms.build_facts import (
    TOKEN_VARIABLE,
    TOKENS,
    BuildFacts,
    build_facts,
    pull_request_facts,
)
from provisioner.platforms.comment_lists import comment_list, platform_api
from provisioner.platforms.kept_comment import keep_comment
from provisioner.platforms.platform_api import CODE
from provisioner.render.markdown.comment import marker

_SHOWN_OF_COMMIT = 8

_UNPLANNED = "## ⛔ Could not be planned{at}\n\n{log} shows the reason.\n"


@click.command(
    cls=Command,
    examples=[
        "provisioner comment --file plan.md --plan plan.json",
        "provisioner comment --unplanned production",
    ],
)
@click.option(
    "--file",
    type=click.Path(),
    metavar="BODY.md",
    help="The comment in Markdown; by default standard input.",
)
@click.option(
    "--mark",
    metavar="NAME",
    help="The hidden first line, for a comment without one, such as 'plan: production'.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(),
    metavar="PLANFILE",
    help="A saved plan: add its digest, the commit, and a link to the log.",
)
@click.option(
    "--reviewed",
    type=click.Path(),
    metavar="PLANFILE",
    help="With --plan: a plan that was reviewed, as for show --digest.",
)
@click.option(
    "--unplanned",
    metavar="TARGET",
    help="Comment that the commit could not be planned for this target, instead of a file.",
)
@pull_request_option
@click.option("--dry-run", is_flag=True, help="Print the comment, and write nothing.")
@pass_console
def comment(
    console: Console,
    file: str | None,
    mark: str | None,
    plan_file: str | None,
    reviewed: str | None,
    unplanned: str | None,
    number: int | None,
    dry_run: bool,
) -> int:
    """Keep one comment of a pull request up to date.

    It is found by its hidden first line, and by the author of the token: the comment is created,
    updated, or deleted if nothing is below its first line. Comments of others are never changed.

    The platform is detected by the variables of its jobs: GitHub, GitLab, Bitbucket, Azure DevOps,
    Gitea, Forgejo, and Jenkins for any of them. A comment that the platform refuses is a warning.
    """
    _check(file, mark, plan_file, reviewed, unplanned)
    with console.reporting("."):
        facts = _facts(number, needed=not dry_run)
        if unplanned is not None:
            text = marker(unplanned) + _unplanned(facts)
        else:
            text = marked(read_body(file), mark)
        foot = _foot(facts, plan_file, reviewed) if plan_file else ""
        if dry_run:
            console.print_result(text + foot)
        else:
            _write(console, facts, text, foot)
    return Exit.DONE


def _check(
    file: str | None,
    mark: str | None,
    plan_file: str | None,
    reviewed: str | None,
    unplanned: str | None,
) -> None:
    """Refuse options that contradict each other."""
    if unplanned is not None and (file or mark or plan_file):
        raise click.UsageError("--unplanned excludes --file, --mark and --plan")
    if unplanned is None and not file and sys.stdin.isatty():
        raise click.UsageError("name the comment with --file, or write it to standard input")
    if reviewed and not plan_file:
        raise click.UsageError("--reviewed goes with --plan")


def _facts(number: int | None, *, needed: bool) -> BuildFacts:
    """Return what the job knows of its pull request; a comment that is only printed needs none."""
    if needed:
        return pull_request_facts(os.environ, number)
    return build_facts(os.environ) or BuildFacts("", "", "", "")


def _unplanned(facts: BuildFacts) -> str:
    at = f" at {facts.commit[:_SHOWN_OF_COMMIT]}" if facts.commit else ""
    log = f"[The log]({facts.run_url})" if facts.run_url else "The log"
    return _UNPLANNED.format(at=at, log=log)


def _foot(facts: BuildFacts, plan_file: str, reviewed: str | None) -> str:
    """Return the last line: the commit that was planned, the log, and the digest."""
    plan = saved_data(plan_file)
    digest = written_digest(plan, saved_data(reviewed) if reviewed else None)
    at = f"Planned at {facts.commit[:_SHOWN_OF_COMMIT]}. " if facts.commit else ""
    run = f"[The run]({facts.run_url}) keeps the whole report. " if facts.run_url else ""
    return f"\n{_way_out(facts, plan, digest)}<sub>{at}{run}Plan {digest}</sub>\n"


def _way_out(facts: BuildFacts, plan: Mapping[str, Any], digest: str) -> str:
    """Return the comment that allows a plan beyond the guards; "" if comments can't."""
    hints = " ".join(str(one.get("hint")) for one in plan.get("refused", ()))
    words = " ".join(dict.fromkeys(re.findall(r"--allow ([a-z_]+=[0-9]+)", hints)))
    if not words or facts.platform != "github":
        return ""
    return (
        "If this is intended, a person with write access, other than the author, can allow exactly "
        f"this plan by a comment: `/provisioner allow {words} {digest}`\n\n"
    )


def _write(console: Console, facts: BuildFacts, text: str, foot: str) -> None:
    """Write the comment; what the platform refuses is a warning."""
    if not facts.token:
        names = ", ".join((TOKEN_VARIABLE, *TOKENS[facts.platform]))
        console.print_warning(
            Diagnostic(
                code=CODE,
                summary="the comment is not written: there is no token",
                hint=f"set one of {names}; docs/commands.md lists what the token needs",
            )
        )
        return
    try:
        with platform_api(facts) as api:
            done = keep_comment(comment_list(api, facts), text, foot, facts.author)
    except TargetError as error:
        for diagnostic in error.diagnostics:
            summary = f"the comment is not written: {diagnostic.summary}"
            console.print_warning(replace(diagnostic, summary=summary))
        return
    console.print_summary(f"Comment of pull request {facts.number}: {done.value}.\n")
