"""Every option of every command: one that takes one value is given once."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from provisioner.cli.parsing import Command, is_single


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield the commands below a group, each with the words that call it."""
    context = click.Context(group)
    for name in sorted({*group.list_commands(context), *getattr(group, "commands", {})}):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


ALL = [*commands(main)]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_an_option_with_one_value_is_refused_twice(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert isinstance(command, Command)
    for option in filter(is_single, command.params):
        for name in option.opts:
            given = [name, "1", name, "2"]
            result = CliRunner().invoke(main, [*path, *given])
            assert result.exit_code == 64, (name, result.output)
            longest = max(option.opts, key=len)
            assert f"{longest} can be given only once, not 2 times" in result.stderr


def test_the_short_and_the_long_name_are_one_option() -> None:
    for twice in (["-t", "a", "--target", "b"], ["--target=a", "-tb"], ["-t", "a", "-t", "a"]):
        result = CliRunner().invoke(main, ["plan", *twice])
        assert result.exit_code == 64
        assert "--target can be given only once" in result.stderr


def test_repeatable_options_and_flags_can_be_repeated() -> None:
    repeated = [
        "--only",
        "agents",
        "--only",
        "roles",
        "--allow",
        "deletes=1",
        "--allow",
        "updates=1",
    ]
    flags = ["--detailed-exitcode", "--detailed-exitcode"]
    result = CliRunner().invoke(main, ["plan", "nowhere", *repeated, *flags])
    assert result.exit_code == 1
    assert "[path-missing]" in result.stderr
