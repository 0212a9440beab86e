"""docs/commands.md has every command of the program, with every option."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from provisioner.cli.main import main
from provisioner.cli.parsing import COMMON_OPTIONS

PAGE = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## `(.*?)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(PAGE))


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield the usage of each command that does something."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            # A hidden name can be left out: `show PLANFILE`.
            yield from commands(found, *path, *([] if found.hidden else [name]))
    else:
        arguments = [
            parameter.make_metavar(click.Context(command))
            for parameter in command.params
            if isinstance(parameter, click.Argument)
        ]
        yield " ".join(["provisioner", *path, *filter(None, arguments)]), command


COMMANDS = dict(commands(main))


def test_the_introduction_has_the_options_of_every_command() -> None:
    introduction = PAGE.partition("\n## ")[0]
    options = [name for option in COMMON_OPTIONS for name in option.opts]
    assert [name for name in options if f"`{name}" not in introduction] == []


def test_the_page_has_the_commands_in_the_program_s_order() -> None:
    assert list(SECTIONS) == list(COMMANDS)


@pytest.mark.parametrize("usage", COMMANDS)
def test_a_command_has_its_options_exit_codes_and_an_example(usage: str) -> None:
    text = SECTIONS[usage]
    options = [
        option
        for parameter in COMMANDS[usage].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    ]
    assert [option for option in options if f"`{option}" not in text] == []
    assert "xit codes: 0" in text
    assert re.search(r"^```(console|text)\n\$ ", text, re.MULTILINE)
