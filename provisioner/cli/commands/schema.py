"""`provisioner schema`."""

from importlib import resources

import click

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.suggestions import did_you_mean

_ENDING = ".schema.json"


@click.command(cls=Command, examples=["provisioner schema", "provisioner schema agent"])
@click.argument("name", required=False)
@pass_console
def schema(console: Console, name: str | None) -> int:
    """Print the JSON Schema called NAME, or the names of all.

    Editors use them to complete and explain the files of a project.
    """
    folder = resources.files("provisioner.schemas")
    names = sorted(
        file.name.removesuffix(_ENDING) for file in folder.iterdir() if file.name.endswith(_ENDING)
    )
    if name is None:
        console.print_result("".join(f"{known}\n" for known in names))
    elif name in names:
        console.print_result(folder.joinpath(name + _ENDING).read_text(encoding="utf-8"))
    else:
        raise UsageError(
            Diagnostic(code="usage", summary=f'no schema "{name}"', hint=did_you_mean(name, names))
        )
    return Exit.DONE
