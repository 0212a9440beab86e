"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

path_argument = click.argument("path", default=".", type=click.Path())

target_option = click.option(
    "-t",
    "--target",
    metavar="TARGET",
    help="The account: a target of provisioner.yaml, or 'sandbox' for the embedded one.",
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
