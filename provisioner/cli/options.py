"""Options and arguments that several commands share."""

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from provisioner.cli.account.targets import TARGET_VARIABLE
from provisioner.cli.files.opening import nearest_project
from provisioner.cli.invocation import Invocation
from provisioner.cli.parsing import Group
from provisioner.cli.shell import candidates
from provisioner.documents.files.project_files import CONFIG_NAME, FLEET_NAME
from provisioner.execution.workers import CONCURRENCY, MOST_CONCURRENCY
from provisioner.planning.scope import Scope

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class ListingGroup(Group):
    """Runs the subcommand `list` where none is named: `runs`, `runs PATH`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; a folder with the name of a subcommand is written as `./done`."""
        is_completed = ctx.resilient_parsing and not args
        if not (is_completed or self._names_command(ctx, args)):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the subcommands that begin like a word, and the request for folders."""
        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="dir")]

    def _names_command(self, ctx: click.Context, args: list[str]) -> bool:
        """Return whether the first word after the group's own options is a subcommand."""
        if args[:1] and args[0] in ctx.help_option_names:
            return True
        try:
            _, words, _ = self.make_parser(ctx).parse_args(args=[*args])
        except click.UsageError:
            return False  # an option of `list`
        if words and words[0] not in self.commands:
            self.refuse_typo(ctx, words[0])
        return words[:1] != [] and words[0] in self.commands


def path_or_nearest(given: str | None, *, needs_objects: bool = True) -> str:
    """Return the folder of the project of the command that is parsed.

    Args:
        given: the PATH of the command line; None if it was left out.
        needs_objects: see `nearest_project`.

    Raises:
        Exit: there is no project here; the projects below are printed.
    """
    if given is not None:
        return given
    context = click.get_current_context()
    console = context.ensure_object(Invocation).console
    with console.reporting("."):
        return nearest_project(console, _usage(context), needs_objects=needs_objects)


def _usage(context: click.Context) -> str:
    """Return the command as it is typed, with three dots for arguments before PATH."""
    words: list[str] = []
    arguments = [one for one in context.command.params if isinstance(one, click.Argument)]
    if [one for one in arguments if one.name != "path"]:
        words = ["..."]
    at: click.Context | None = context
    while at is not None and at.parent is not None:
        if not at.command.hidden:
            words.insert(0, at.info_name or "")
        at = at.parent
    return " ".join(["provisioner", *words])


def _path_argument(
    *,
    needs_objects: bool,
    shell_complete: candidates.Complete = candidates.folders,
    or_fleet: bool = False,
) -> Callable[[Decorated], Decorated]:
    def nearest(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
        if context.resilient_parsing:
            return given or "."
        if given is None and or_fleet and _is_fleet_here():
            return "."
        return path_or_nearest(given, needs_objects=needs_objects)

    return click.argument(
        "path",
        required=False,
        type=click.Path(),
        callback=nearest,
        shell_complete=shell_complete,
    )


def _is_fleet_here() -> bool:
    """Return whether the current folder has the file of a fleet, and is no project itself."""
    return os.path.lexists(FLEET_NAME) and not os.path.lexists(CONFIG_NAME)


path_argument = _path_argument(needs_objects=True)
"""PATH of a command that needs declared objects; left out, the nearest project above is used."""

path_or_fleet_argument = _path_argument(
    needs_objects=True, shell_complete=candidates.files, or_fleet=True
)
"""The same for a command that takes a fleet's file or its folder as well."""


def _paths_or_nearest(
    context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    if given or context.resilient_parsing:
        return given
    return (".",) if _is_fleet_here() else (path_or_nearest(None),)


paths_or_fleets_argument = click.argument(
    "paths",
    nargs=-1,
    type=click.Path(allow_dash=True),
    metavar="[PATH]...",
    callback=_paths_or_nearest,
    shell_complete=candidates.files,
)
"""The same for any number of projects, fleets and files."""

path_or_plan_argument = _path_argument(needs_objects=True, shell_complete=candidates.files)
"""The same for a command that takes a saved plan as well."""

account_path_argument = _path_argument(needs_objects=False)
"""PATH of a command that needs only a target, which environment variables can define, too."""

target_option = click.option(
    "-t",
    "--target",
    metavar="TARGET",
    envvar=TARGET_VARIABLE,
    show_envvar=True,
    shell_complete=candidates.targets,
    help="The account: a target of provisioner.yaml, or 'sandbox' for the embedded one.",
)

yes_option = click.option("-y", "--yes", is_flag=True, help="Write without asking first.")


def scope_options(command: Decorated) -> Decorated:
    """Add the options that limit a run to a part of the project."""
    for name, words in (
        ("exclude", "Leave out these objects"),
        ("only", "Plan only these objects"),
    ):
        command = click.option(
            f"--{name}",
            multiple=True,
            metavar="ADDRESS",
            shell_complete=candidates.selectors,
            help=f"{words}: agent/EMAIL, role/NAME (also with * and ?), agents, member-of/NAME.",
        )(command)
    return command


def _day(_context: click.Context, _parameter: click.Parameter, given: str | None) -> date | None:
    try:
        return None if given is None else datetime.strptime(given, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        raise click.BadParameter(f"{given!r} is no day such as 2027-01-31") from None


at_option = click.option(
    "--at",
    metavar="DATE",
    callback=_day,
    help="Take the dates of agents as on this day, instead of today in the account's zone.",
)

lapsed_option = click.option(
    "--lapsed",
    is_flag=True,
    help="Only take away what has lapsed by the dates of agents; leave all other changes.",
)


def scope_of(only: tuple[str, ...], exclude: tuple[str, ...], *, lapsed: bool) -> Scope:
    """Return the scope of a command line.

    Raises:
        UsageError: --lapsed is combined with selectors.
    """
    if lapsed and (only or exclude):
        raise click.UsageError(
            "--lapsed concerns the whole project: leave --only and --exclude out"
        )
    return Scope(only, exclude, lapsed)


dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Print the difference, and write no file."
)


def edit_options(command: Decorated) -> Decorated:
    """Add the options of a command that edits files."""
    command = click.option(
        "--no-plan", is_flag=True, help="Don't read the account to show the plan of the edit."
    )(command)
    return dry_run_option(command)


def _set_log_format(context: click.Context, _parameter: click.Parameter, given: str) -> None:
    context.ensure_object(Invocation).console.json_log = given == "json"


log_format_option = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    expose_value=False,
    is_eager=True,
    callback=_set_log_format,
    help="Format of what goes to standard error: messages, progress, errors and warnings.",
)

lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Wait up to SECONDS for another run on the same target to end; 0 doesn't wait.",
)


parallelism_option = click.option(
    "--parallelism",
    type=click.IntRange(1, MOST_CONCURRENCY),
    default=CONCURRENCY,
    show_default=True,
    metavar="N",
    help=f"Send up to N requests at a time, 1 to {MOST_CONCURRENCY}; the limit a minute stays.",
)


def format_option(*formats: str) -> Callable[[Decorated], Decorated]:
    """Return the option `--format` with these choices; the first is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Format of the result.",
    )


def _set_run_format(context: click.Context, _parameter: click.Parameter, given: str) -> None:
    if given == "json":
        # Imported here: it loads the renderers.
        from provisioner.cli.console.run_document import RunDocument  # noqa: PLC0415

        invocation = context.ensure_object(Invocation)
        invocation.document = RunDocument(context.command.name or "")


run_format_option = click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    expose_value=False,
    callback=_set_run_format,
    help="Format of the result; json is one document with the plan and each step.",
)

pull_request_option = click.option(
    "--pull-request",
    "number",
    type=click.IntRange(1, 10**10 - 1),
    metavar="NUMBER",
    help="The pull request; by default the job's.",
)
"""The pull request that a command of pipelines is for, in place of that of the job."""
