"""`provisioner explain`."""

from pathlib import Path

import click

from provisioner.address import Kind
from provisioner.cli.account.opening import open_project
from provisioner.cli.console.output import prefix_of, put, reporting
from provisioner.cli.exits import Exit
from provisioner.cli.options import target_option
from provisioner.cli.single_options import Command
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.model.desired import DesiredState, Resource
from provisioner.render.terminal.explanation import explanation, fields_of
from provisioner.suggestions import did_you_mean


@click.command(cls=Command)
@click.argument("address")
@click.argument("rest", nargs=-1, metavar="[FIELD] [PATH]")
@target_option
def explain(address: str, rest: tuple[str, ...], target: str | None) -> int:
    """Show where each value of an object comes from, and what it won over.

    ADDRESS is such as agent/mia.chen@acme.example or "role/Team lead"; FIELD such as
    chat.max_load. With -t the overlay of the target is laid on top.
    """
    field, path = _field_and_path(rest)
    with reporting(path):
        project = open_project(Path(path))
        desired = project.desired_for(target) if target else project.desired
        resource = _find(desired, address)
        text = explanation(
            resource, tuple(field.split(".")) if field else (), prefix=prefix_of(path)
        )
        if not text:
            raise UsageError(
                Diagnostic(
                    code="usage",
                    summary=f'{address} declares no "{field}"',
                    hint=did_you_mean(field, fields_of(resource)),
                )
            )
    put(text)
    return Exit.DONE


def _field_and_path(rest: tuple[str, ...]) -> tuple[str, str]:
    """Tell a field from the project's path: a folder that exists is the path."""
    match rest:
        case ():
            return "", "."
        case (word,):
            return ("", word) if Path(word).is_dir() or "/" in word else (word, ".")
        case (field, path):
            return field, path
        case _:
            raise click.UsageError("at most a field and a path can follow the address")


def _find(desired: DesiredState, address: str) -> Resource:
    kind, _, key = address.partition("/")
    found = desired.find(Kind(kind), key) if kind in set(Kind) else None
    if found is None:
        known = [str(resource.address) for resource in desired.resources.values()]
        raise UsageError(
            Diagnostic(
                code="usage",
                summary=f'"{address}" is not declared',
                hint=did_you_mean(address, known),
            )
        )
    return found
