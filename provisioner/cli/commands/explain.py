"""`provisioner explain`."""

from datetime import date
from pathlib import Path

import click

from provisioner.address import Kind
from provisioner.cli.console.output import Console, path_prefix
from provisioner.cli.files.opening import desired_for, open_project
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.options import at_option, format_option, path_or_nearest, target_option
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.model.desired import DesiredState, Resource
from provisioner.render.terminal.explanation import explanation, explanation_data, fields_of
from provisioner.suggestions import did_you_mean


@click.command(
    cls=Command,
    examples=[
        "provisioner explain agent/mia.chen@acme.example",
        "provisioner explain agent/mia.chen@acme.example chat.max_load",
    ],
)
@click.argument("address", shell_complete=candidates.addresses)
@click.argument("rest", nargs=-1, metavar="[FIELD] [PATH]", shell_complete=candidates.folders)
@target_option
@at_option
@format_option("text", "json")
@pass_console
def explain(
    console: Console,
    address: str,
    rest: tuple[str, ...],
    target: str | None,
    at: date | None,
    format_: str,
) -> int:
    """Show the source of each value of an object, and the values that it replaces.

    ADDRESS is for example agent/mia.chen@acme.example or "role/Team lead", and FIELD chat.max_load.
    With -t, the target's overlay is included.
    """
    field, given = _field_and_path(rest)
    path = path_or_nearest(given)
    with console.reporting(path):
        project = open_project(Path(path), at)
        desired = desired_for(project, target)
        resource = _find(desired, address)
        below = tuple(field.split(".")) if field else ()
        render = explanation_data if format_ == "json" else explanation
        text = render(resource, below, prefix=path_prefix(path))
        if field and not explanation(resource, below, prefix=""):
            raise UsageError(
                Diagnostic(
                    code="usage",
                    summary=f'{address} declares no "{field}"',
                    hint=did_you_mean(field, fields_of(resource)),
                )
            )
    console.print_result(text)
    return Exit.DONE


def _field_and_path(rest: tuple[str, ...]) -> tuple[str, str | None]:
    """Split the arguments after the address; a lone one with a slash, or a folder, is the path."""
    match rest:
        case ():
            return "", None
        case (word,):
            return ("", word) if Path(word).is_dir() or "/" in word else (word, None)
        case (field, path):
            return field, path
        case _:
            raise click.UsageError("at most a field and a path can follow the address")


def _find(desired: DesiredState, address: str) -> Resource:
    kind, _, key = address.partition("/")
    resource = desired.find(Kind(kind), key) if kind in set(Kind) else None
    if resource is None:
        known = [str(declared.address) for declared in desired.resources.values()]
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f'"{address}" is not declared',
                hint=did_you_mean(address, known),
            )
        )
    return resource
