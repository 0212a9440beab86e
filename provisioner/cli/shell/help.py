"""`provisioner help`."""

import click

from provisioner.cli.invocation import Exit
from provisioner.cli.parsing import Command, Group
from provisioner.cli.shell.candidates import commands


@click.command(
    name="help", cls=Command, examples=["provisioner help plan", "provisioner help agent move"]
)
@click.argument("words", nargs=-1, metavar="[COMMAND]", shell_complete=commands)
@click.pass_context
def help_(context: click.Context, words: tuple[str, ...]) -> int:
    """Show the help of COMMAND, such as `agent move`, or of the whole program."""
    at = context.find_root()
    for word in words:
        group = at.command
        if not isinstance(group, Group):
            raise click.UsageError(f"{at.command_path} has no commands", at)
        command = group.get_command(at, word)
        if command is None:
            raise click.UsageError(group.unknown_command(at, word), at)
        at = click.Context(command, info_name=word, parent=at)
    click.echo(at.get_help())
    return Exit.DONE
