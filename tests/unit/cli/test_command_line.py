"""What people expect of a command line: help with examples, suggestions, colours, -q and -v."""

import io
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from provisioner.cli.console.output import Console
from provisioner.cli.main import main
from provisioner.cli.parsing import Command, Group
from tests.support import write_project

ESCAPE = "\x1b["
WRONG = "agents: [{email: mia@acme.example, nmae: Mia}]"


def run(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, [*words], env=environment, prog_name="provisioner")


def everything(
    command: click.Command, context: click.Context
) -> Iterator[tuple[str, click.Command]]:
    """Yield the command of a context and all below it, each with the words that call it."""
    yield context.command_path, command
    if isinstance(command, Group):
        for name in sorted({*command.list_commands(context), *command.commands}):
            below = command.get_command(context, name)
            assert below is not None
            yield from everything(below, click.Context(below, info_name=name, parent=context))


ROOT = click.Context(main, info_name="provisioner", **main.context_settings)
ALL = dict(everything(main, ROOT))


class TestHelp:
    @pytest.mark.parametrize("path", ALL)
    def test_the_help_of_every_command_ends_with_examples(self, path: str) -> None:
        command = ALL[path]
        assert isinstance(command, (Command, Group))
        words = path.split()[1:]
        shown = run(*words, "--help").stdout
        assert command.examples
        assert shown.endswith("".join(f"  {example}\n" for example in command.examples))
        assert run("help", *words).stdout == shown
        assert run(*words, "-h").stdout == shown

    @pytest.mark.parametrize("path", ALL)
    def test_every_example_is_a_right_command_line(
        self, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        for one in ALL.values():
            if not isinstance(one, Group):
                monkeypatch.setattr(one, "callback", lambda **_: 0)
        command = ALL[path]
        assert isinstance(command, (Command, Group))
        for example in command.examples:
            program, *words = shlex.split(example.partition(" > ")[0])
            assert program == "provisioner"
            result = run(*words)
            assert result.exit_code == 0, result.output

    def test_help_without_a_command_is_that_of_the_program(self) -> None:
        assert run("help").stdout == run("--help").stdout

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["plna"], 'no such command: "plna"; did you mean "plan"?'),
            (["agent", "mvoe"], 'no such command: "mvoe"; did you mean "move"?'),
            (["plan", "now"], "provisioner plan has no commands"),
        ],
    )
    def test_help_of_an_unknown_command_is_wrong_usage(
        self, words: list[str], message: str
    ) -> None:
        result = run("help", *words)
        assert (result.exit_code, result.stdout) == (64, "")
        assert message in result.stderr


class TestSuggestions:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("plna", 'no such command: "plna"; did you mean "plan"?'),
            ("aply --yes", 'did you mean "apply"?'),
            ("rollback 3", 'did you mean "undo"?'),
            ("preview", 'did you mean "plan"?'),
            ("status", 'did you mean "drift"?'),
            ("Import", 'did you mean "export"?'),
            ("rename a@acme.example b@acme.example", 'did you mean "agent rename"?'),
            ("serve", 'did you mean "sandbox serve"?'),
            ("zzz", 'no such command: "zzz"\n'),
            ("agent mvoe", 'no such command: "mvoe"; did you mean "move"?'),
            ("sandbox sevre", 'did you mean "serve"?'),
            ("apps disconect x", 'did you mean "disconnect"?'),
            ("runs verfy", 'did you mean "verify"?'),
            ("runs shwo 3", 'did you mean "show"?'),
            ("show agnet mia@acme.example", 'did you mean "agent"?'),
            ("plan --traget x", 'no such option: --traget; did you mean "--target"'),
            ("plan --zzz", "no such option: --zzz\n"),
            ("plan -target sandbox", 'no such option: -target; did you mean "--target"?'),
            ("plan -traget sandbox", 'no such option: -traget; did you mean "--target"?'),
            ("plan -target=sandbox", 'did you mean "--target"?'),
            ("plan . -format json", 'no such option: -format; did you mean "--format"?'),
            ("apply -yes", 'no such option: -yes; did you mean "--yes"?'),
            ("plan -z", "no such option: -z\n"),
            ("-verbose plan", 'no such option: -verbose; did you mean "--verbose"?'),
            ("--target x plan", "no such option: --target; options of a command follow its name"),
        ],
    )
    def test_a_mistyped_word_is_wrong_usage_with_the_closest_one(
        self, line: str, message: str
    ) -> None:
        result = run(*line.split())
        assert (result.exit_code, result.stdout) == (64, "")
        assert f"Error: {message}" in result.stderr or message in result.stderr

    @pytest.mark.parametrize(
        "line", ["-tproduction", "-t -target", "--target -target", "-qt production", "-- -target"]
    )
    def test_short_options_with_values_and_words_that_are_no_options_are_taken(
        self, tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("plan", *line.split()).exit_code == 1

    def test_a_folder_may_have_a_name_like_that_of_a_command(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_project(tmp_path / "verfy", a="departments: [{name: Support}]")
        monkeypatch.chdir(tmp_path)
        assert run("runs", "verfy").stdout == "No runs yet.\n"


class TestColors:
    @pytest.fixture
    def project(self, tmp_path: Path) -> str:
        return str(write_project(tmp_path, a=WRONG))

    @pytest.mark.parametrize(
        "words", [["--color", "always", "validate"], ["validate", "--color=always"]]
    )
    def test_color_is_an_option_before_and_after_the_command(
        self, project: str, words: list[str]
    ) -> None:
        assert ESCAPE in run(*words, project).stdout
        assert ESCAPE in run(*words, project, NO_COLOR="1").stdout

    @pytest.mark.parametrize(
        ("environment", "colored"),
        [
            ({}, False),
            ({"FORCE_COLOR": "1"}, True),
            ({"FORCE_COLOR": "true"}, True),
            ({"FORCE_COLOR": ""}, False),
            ({"FORCE_COLOR": "0"}, False),
            ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ],
    )
    def test_the_environment_decides_without_the_option(
        self, project: str, environment: dict[str, str], colored: bool
    ) -> None:
        assert (ESCAPE in run("validate", project, **environment).stdout) is colored
        assert ESCAPE not in run("validate", project, "--color=never", **environment).stdout
        assert (ESCAPE in run("plan", project, **environment).stderr) is colored

    @pytest.mark.parametrize(
        ("environment", "colored"),
        [
            ({}, True),
            ({"NO_COLOR": ""}, True),
            ({"NO_COLOR": "0"}, False),
            ({"TERM": "dumb"}, False),
            ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ],
    )
    def test_a_terminal_is_coloured_unless_the_environment_objects(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool
    ) -> None:
        monkeypatch.setenv("TERM", "xterm")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        terminal = io.StringIO()
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        assert Console().is_colored(terminal) is colored
        assert Console(color_choice="always").is_colored(terminal)
        assert not Console(color_choice="never").is_colored(terminal)

    @pytest.mark.parametrize(
        "line",
        ["--color=never validate --color=never", "--color=auto --color=auto validate"],
    )
    def test_color_twice_is_wrong_usage(self, line: str) -> None:
        result = run(*line.split())
        assert result.exit_code == 64
        assert "--color can be given only once" in result.stderr

    def test_data_is_never_coloured(self, project: str) -> None:
        assert ESCAPE not in run("validate", project, "--format", "json", "--color=always").stdout


class TestQuietAndVerbose:
    @pytest.mark.parametrize("line", ["-q plan -v", "--quiet --verbose plan", "-v agent -q"])
    def test_they_exclude_each_other(self, line: str) -> None:
        result = run(*line.split())
        assert result.exit_code == 64
        assert "--quiet and --verbose exclude each other" in result.stderr

    def test_a_quiet_run_prints_no_message_that_all_is_well(self, tmp_path: Path) -> None:
        right = str(write_project(tmp_path / "right", a="departments: [{name: Support}]"))
        wrong = str(write_project(tmp_path / "wrong", a=WRONG))
        assert run("validate", right).stdout == "Valid: 1 declared object.\n"
        assert run("validate", right, "-q").output == ""
        assert run("-q", "validate", wrong).stdout == run("validate", wrong).stdout != ""


def test_one_guard_can_be_loosened_only_once() -> None:
    result = run("plan", "--allow", "deletes=1", "--allow", "deletes=2")
    assert result.exit_code == 64
    assert "deletes can be given only once" in result.stderr
