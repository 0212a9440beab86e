"""`provisioner manual`."""

import shlex
import sys
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

import click

from provisioner.app.file_edits.acknowledgement_edits import (
    acknowledge_steps,
    prunable,
    remove_acknowledgements,
)
from provisioner.app.make_plan import Planned, make_plan
from provisioner.cli.account.live_sources import live_project
from provisioner.cli.console.output import Console
from provisioner.cli.console.tick_walk import TickWalk
from provisioner.cli.files.edited_files import carry_out
from provisioner.cli.files.opening import open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import (
    ListingGroup,
    dry_run_option,
    format_option,
    path_argument,
    path_or_nearest,
    target_option,
)
from provisioner.cli.parsing import Command
from provisioner.cli.run.shared_run import git_author
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.git.checkout import shared_files
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.ticking import OpenSteps, named_steps, open_steps
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import work_files
from provisioner.render.markdown import manual_steps
from provisioner.render.readable import count
from provisioner.render.review import work_texts
from provisioner.render.terminal import work_text

_SHOWN_NAMES = 10
"""Agents whom a message names; more are counted."""


@click.group(cls=ListingGroup, examples=["provisioner manual"])
def manual() -> None:
    """Work in the panel: `manual [PATH]` lists it, and `done` acknowledges what is done."""


@manual.command(
    name="list",
    hidden=True,
    cls=Command,
    examples=["provisioner manual", "provisioner manual -t production --format markdown"],
)
@path_argument
@target_option
@format_option("text", "markdown", "html", "csv", "json")
@pass_console
def list_steps(console: Console, path: str, target: str | None, format_: str) -> int:
    """List the open manual steps of a plan of the project in PATH; write nothing."""
    with console.reporting(path):
        with live_project(console, path, target) as (project, _, reader, options):
            planned = make_plan(project, reader, options)
        console.print_diagnostics(planned.warnings, path)
    console.print_result(_text(console, planned.plan, format_))
    return Exit.DONE


def _text(console: Console, plan: Plan, format_: str) -> str:
    match format_:
        case "json":
            return work_files.as_json(plan)
        case "csv":
            return work_files.as_csv(plan)
        case "html":
            # Imported here: only this format needs the template engine, which loads slowly.
            from provisioner.render.html import manual_page  # noqa: PLC0415

            return manual_page.draw(plan)
        case "markdown":
            return manual_steps.draw(plan)
        case _:
            return work_text.draw(plan, color=console.color, width=console.width)


@manual.command(
    cls=Command,
    examples=[
        "provisioner manual done",
        "provisioner manual done 'agent/mia.chen@acme.example#alias@9c5e5bfb'",
        "provisioner manual done --all-as-is -t production",
    ],
)
@click.argument("words", nargs=-1, metavar="[STEP]... [PATH]")
@target_option
@click.option(
    "--all-as-is",
    is_flag=True,
    help="Acknowledge every open step that the API can't show: all is as declared.",
)
@dry_run_option
@pass_console
def done(
    console: Console, words: tuple[str, ...], target: str | None, all_as_is: bool, dry_run: bool
) -> int:
    """Acknowledge manual steps that are done, in acknowledged.yaml.

    Without STEP, a terminal asks page by page: y, n, v for everybody with this value, a for all of
    the page, q to quit with what is ticked so far. STEP is the id of a step, as `manual --format
    json` has it, or of all agents with the same value: agent/*#SECTION@DIGEST. Steps that the API
    shows tick themselves off.
    """
    ids, given = _steps_and_path(words)
    if ids and all_as_is:
        raise click.UsageError("--all-as-is acknowledges every step: leave STEP out")
    path = path_or_nearest(given)
    with console.reporting(path):
        if not (ids or all_as_is or sys.stdin.isatty()):
            raise UsageError(_nobody_to_ask())
        with live_project(console, path, target) as (project, _, reader, options):
            planned = make_plan(project, reader, options)
        _print_warnings(console, planned, path)
        known = open_steps(planned.plan.manual_steps, planned.plan.changes)
        if ids:
            steps = named_steps(known, ids)
        elif all_as_is:
            steps = known.ready
        else:
            steps = _asked(console, planned, known, given)
            # The files may have changed while somebody worked in the panel.
            project = open_project(Path(path))
        notes = [] if ids else [*_left(known, steps)]
        if steps:
            today = datetime.now().astimezone().date().isoformat()
            by, is_shared = git_author(project.root), shared_files(project.root)
            edited = acknowledge_steps(project, steps, options.target, by, today, is_shared)
            carry_out(console, project.root, edited, (), dry_run=dry_run)
        console.print_note(_summary(len(steps), dry_run=dry_run))
        for note in notes:
            console.print_note(note)
    return Exit.DONE


def _asked(
    console: Console, planned: Planned, known: OpenSteps, path: str | None
) -> tuple[ManualStep, ...]:
    """Return the steps that a user ticks; a walk that is broken off can be completed later."""
    walk = TickWalk(console, known.ready)
    try:
        walk.walk(planned.plan.work_list)
    except click.Abort:
        if walk.done:
            words = map(shlex.quote, (*walk.done, *([path] if path else [])))
            command = work_texts.list_command(planned.plan.target, "done", *words)
            console.print_note(f"\nTo acknowledge what was ticked: {command}")
        raise
    return tuple(walk.done.values())


@manual.command(cls=Command, examples=["provisioner manual prune --dry-run"])
@path_argument
@target_option
@dry_run_option
@pass_console
def prune(console: Console, path: str, target: str | None, dry_run: bool) -> int:
    """Remove acknowledgements that no manual step of the target needs any more."""
    with console.reporting(path):
        with live_project(console, path, target) as (project, _, reader, options):
            planned = make_plan(project, reader, options)
        _print_warnings(console, planned, path)
        pruned = prunable(project, planned, options)
        for one, reason in pruned.kept:
            console.print_note(f"{one.span}: kept: {reason}")
        if pruned.removed:
            is_shared = shared_files(project.root)
            edited = remove_acknowledgements(project, pruned.removed, is_shared)
            carry_out(console, project.root, edited, (), dry_run=dry_run)
        else:
            console.print_note("Every acknowledgement is needed; nothing was written.")
    return Exit.DONE


def _print_warnings(console: Console, planned: Planned, path: str) -> None:
    """Print the warnings of a plan, other than those that these commands deal with."""
    warnings = [one for one in planned.warnings if one.code != "stale-acknowledgement"]
    console.print_diagnostics(warnings, path)


def _steps_and_path(words: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Split the arguments into ids of steps, and the path."""
    path = None
    if words and ("#" not in words[-1] or Path(words[-1]).is_dir()):
        *rest, path = words
        words = tuple(rest)
    if wrong := [word for word in words if "#" not in word]:
        raise click.UsageError(f"{wrong[0]!r} is no step, such as agent/EMAIL#SECTION@DIGEST")
    return words, path


def _nobody_to_ask() -> Diagnostic:
    return Diagnostic(
        code="usage",
        summary="manual done has no terminal to ask at",
        hint="name the steps (provisioner manual --format json), or write --all-as-is",
    )


def _left(known: OpenSteps, steps: Collection[ManualStep]) -> Iterator[str]:
    """Yield what stays open, and why."""
    left = sum(one.open for one in known.ready) - sum(one.open for one in steps)
    if left:
        yield f"Still to do: {count(left, 'step')}."
    if known.too_early:
        names = sorted({one.address.key for one in known.too_early})
        shown, more = ", ".join(names[:_SHOWN_NAMES]), len(names) - _SHOWN_NAMES
        shown += f" and {more} more" if more > 0 else ""
        yield f"Not acknowledged, since the agent or the membership does not exist yet: {shown}."
    if known.shown:
        number = count(len(known.shown), "step")
        yield f"The plan itself ticks off {number} that the API shows, once they are done."


def _summary(number: int, *, dry_run: bool) -> str:
    if not number:
        return "Nothing was acknowledged."
    done = "would be acknowledged" if dry_run else "acknowledged"
    return f"{count(number, 'manual step')} {done}."
