"""The formats that a plan is shown in."""

import shutil
import sys

from provisioner.cli.output import color_on, put
from provisioner.planning.plan import Plan
from provisioner.render import machine, markdown, text

FORMATS = ("text", "json", "markdown", "html")


def put_plan(plan: Plan, format_: str) -> None:
    """Write a plan to standard output in one of `FORMATS`."""
    match format_:
        case "json":
            put(machine.plan(plan))
        case "markdown":
            put(markdown.plan(plan))
        case "html":
            # Imported here: only this format needs the template engine, which takes its time.
            from provisioner.render import html  # noqa: PLC0415

            put(html.plan(plan))
        case _:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            put(text.plan(plan, color=color_on(sys.stdout), width=width))
