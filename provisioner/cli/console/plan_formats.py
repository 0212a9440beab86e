"""The formats that a plan is shown in."""

import shutil
import sys

from provisioner.cli.console.output import color_on, put
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.json import plan_json
from provisioner.render.markdown import comment
from provisioner.render.review.review import review_of
from provisioner.render.terminal import plan_text

FORMATS = ("text", "json", "markdown", "html")


def put_plan(plan: Plan, format_: str) -> None:
    """Write a plan to standard output in one of `FORMATS`."""
    match format_:
        case "json":
            put(plan_json.as_json(plan))
        case "markdown":
            put(comment.draw(review_of(plan)))
        case "html":
            # Imported here: only this format needs the template engine, which takes its time.
            from provisioner.render.html import html_page  # noqa: PLC0415

            put(html_page.draw(review_of(plan)))
        case _:
            width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
            put(plan_text.draw(review_of(plan), color=color_on(sys.stdout), width=width))
