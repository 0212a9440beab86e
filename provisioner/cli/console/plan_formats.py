"""The formats in which a plan can be printed."""

import sys
from typing import TextIO

import click

from provisioner.cli.console.output import Console
from provisioner.json_form import json_line
from provisioner.planning.consent.freeze import Freeze
from provisioner.planning.plans.plan_data import Plan
from provisioner.planning.plans.plan_json import plan_data
from provisioner.planning.plans.revision import UNKNOWN, Revision

FORMATS = ("text", "json", "markdown", "html")

DATED_FORMATS = ("markdown", "html")
"""Those that have the commit and the day of the files: they are read later, and elsewhere."""


summary_option = click.option(
    "--summary", is_flag=True, help="Show the first screen only: what matters most, and the counts."
)


def check_summary(format_: str, *, summary: bool) -> None:
    """Refuse `--summary` for a format that has no first screen.

    Raises:
        click.UsageError: if a summary of another format than text is asked for.
    """
    if summary and format_ != "text":
        raise click.UsageError("--summary is for the format text")


def print_plan(
    console: Console,
    plan: Plan,
    format_: str,
    *,
    summary: bool = False,
    revision: Revision = UNKNOWN,
    freeze: Freeze | None = None,
) -> None:
    """Print a plan.

    Args:
        console: where to print it.
        plan: the plan.
        format_: one of `FORMATS`.
        summary: whether to print only the first screen of the text.
        revision: the commit of the plan's files, for `DATED_FORMATS`.
        freeze: why an apply would be refused now; None if it may write. JSON does not have it: a
            plan as data is the same at any time.
    """
    match format_:
        case "json":
            # On one line: terraform-compliance reads no other document.
            console.print_lines(json_line(plan_data(plan)))
            return
        case "markdown":
            # Imported here, as for the other formats: each has many modules of its own.
            from provisioner.render.markdown import comment  # noqa: PLC0415
            from provisioner.render.review.review import review_of  # noqa: PLC0415

            text = comment.draw(review_of(plan, revision, freeze))
        case "html":
            from provisioner.render.html import html_page  # noqa: PLC0415
            from provisioner.render.review.review import review_of  # noqa: PLC0415

            text = html_page.draw(review_of(plan, revision, freeze))
        case _:
            text = _text(console, plan, sys.stdout, summary=summary, freeze=freeze)
    console.print_result(text)


def print_plan_for_question(console: Console, plan: Plan) -> None:
    """Print a plan to standard error, where the question about it is."""
    console.print_note(_text(console, plan, sys.stderr).rstrip("\n"))


def _text(
    console: Console,
    plan: Plan,
    stream: TextIO,
    *,
    summary: bool = False,
    freeze: Freeze | None = None,
) -> str:
    from provisioner.render.review.review import review_of  # noqa: PLC0415  as above
    from provisioner.render.terminal import plan_text  # noqa: PLC0415

    return plan_text.draw(
        review_of(plan, freeze=freeze),
        color=console.is_colored(stream),
        width=console.width_of(stream),
        verbose=console.verbose,
        summary=summary,
    )
