"""`provisioner schema`."""

from importlib import resources

import click

from provisioner.cli.console.output import Console
from provisioner.cli.invocation import Exit, pass_console
from provisioner.cli.parsing import Command
from provisioner.cli.shell import candidates
from provisioner.diagnostics import Diagnostic, UsageError
from provisioner.suggestions import did_you_mean

_ENDING = ".schema.json"
_FOLDER = resources.files("provisioner.schemas")


def schema_names() -> list[str]:
    """Return the names of the schemas, sorted."""
    files = (file.name for file in _FOLDER.iterdir())
    return sorted(name.removesuffix(_ENDING) for name in files if name.endswith(_ENDING))


@click.command(cls=Command, examples=["provisioner schema", "provisioner schema agent"])
@click.argument("name", required=False, shell_complete=candidates.schemas)
@pass_console
def schema(console: Console, name: str | None) -> int:
    """Print the JSON Schema called NAME, or the names of all.

    Editors use them to complete and explain the files of a project.
    """
    names = schema_names()
    if name is None:
        console.print_result("".join(f"{known}\n" for known in names))
    elif name in names:
        console.print_result(_FOLDER.joinpath(name + _ENDING).read_text(encoding="utf-8"))
    else:
        raise UsageError(
            Diagnostic(code="usage", summary=f'no schema "{name}"', hint=did_you_mean(name, names))
        )
    return Exit.DONE
