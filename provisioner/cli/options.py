"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from provisioner.cli.console.output import use_json_log
from provisioner.planning.checks.guards import ALLOWANCES

Command = TypeVar("Command", bound=Callable[..., Any])

path_argument = click.argument("path", default=".", type=click.Path())

target_option = click.option(
    "-t",
    "--target",
    metavar="TARGET",
    help="The account: a target of provisioner.yaml, or 'sandbox' for the embedded one.",
)


_ALLOWANCES = ", ".join(f"{allowance}=N" for allowance in ALLOWANCES)


def _allowances(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, int]:
    allowed = {}
    for word in given:
        name, _, number = word.partition("=")
        if name not in ALLOWANCES or not (number.isascii() and number.isdecimal()):
            raise click.BadParameter(f"{word!r} is none of {_ALLOWANCES}")
        allowed[name] = int(number)
    return allowed


allow_option = click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="KIND=N",
    callback=_allowances,
    help=f"Let this run go past a guard: {_ALLOWANCES}.",
)


def scope_options(command: Command) -> Command:
    """Add the options that select a part of the project."""
    for name, words in (
        ("exclude", "Leave out these objects"),
        ("only", "Look at these objects only"),
    ):
        command = click.option(
            f"--{name}",
            multiple=True,
            metavar="ADDRESS",
            help=f"{words}: agent/EMAIL, role/NAME (also with * and ?), agents, member-of/NAME.",
        )(command)
    return command


def _use_log_format(_context: click.Context, _parameter: click.Parameter, given: str) -> None:
    use_json_log(on=given == "json")


log_format_option = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    expose_value=False,
    is_eager=True,
    callback=_use_log_format,
    help="How to write everything that is no result, to standard error.",
)

lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="How long to wait for another run on the same target to end; 0 doesn't wait.",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Return the option `--format` with these choices, the first being the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to show the result.",
    )
