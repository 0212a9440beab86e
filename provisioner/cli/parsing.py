"""What all commands and groups share: common options, examples, and errors of wrong usage."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import click

from provisioner.cli.invocation import Invocation
from provisioner.suggestions import closest

_LIKELY = 0.6
"""Similarity to a long option from which a word after a single dash means it."""

_LIKELY_LONG = 0.75
"""The same for a word such as `-targt`, which could also be `-t argt`."""


def _set_color(context: click.Context, _parameter: click.Parameter, given: str | None) -> None:
    console = context.ensure_object(Invocation).console
    if given is None:
        return
    if console.color_choice is not None:
        raise click.UsageError("--color can be given only once", context)
    console.color_choice = given


def _set_verbosity(context: click.Context, parameter: click.Parameter, given: bool) -> None:
    console = context.ensure_object(Invocation).console
    if given and parameter.name == "quiet":
        console.quiet = True
    elif given:
        console.verbose = True
    if console.quiet and console.verbose:
        raise click.UsageError("--quiet and --verbose exclude each other", context)


COMMON_OPTIONS = (
    click.Option(
        ["--color"],
        type=click.Choice(["auto", "always", "never"]),
        expose_value=False,
        is_eager=True,
        callback=_set_color,
        help="Whether to colour text; auto does so for a terminal.",
    ),
    click.Option(
        ["-q", "--quiet"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_verbosity,
        help="Print only results, errors, warnings and questions.",
    ),
    click.Option(
        ["-v", "--verbose"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_set_verbosity,
        help="Print more, such as each request to the account.",
    ),
)
"""Options of every command and group, so that they can be before and after a command."""


class _Parsing(click.Command):
    """Adds the common options and the examples; refuses what can only be a mistake.

    click takes the last value of an option that is given twice, so that `-t production -t sandbox`
    would silently leave one account out. It reads `-target x` as `-t arget` and an argument `x`.
    A repeated flag has no second meaning, and is accepted.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        """Take examples of command lines besides what click takes."""
        super().__init__(*args, **attributes)
        self.examples = examples

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, the common options before `--help`."""
        *own, last = super().get_params(ctx)
        return [*own, *COMMON_OPTIONS, last]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; see `click.Command`."""
        if args and not ctx.resilient_parsing:
            for word in self._short_options(ctx, args):
                if meant := _long_option(word, self._option_names(ctx)):
                    problem = f'no such option: {word}; did you mean "{meant}"?'
                    raise click.UsageError(problem, ctx)
            try:
                _, _, given = self.make_parser(ctx).parse_args(args=[*args])
            except click.NoSuchOption as error:
                raise click.UsageError(self._unknown_option(ctx, error.option_name), ctx) from None
            for parameter, times in Counter(given).items():
                if times > 1 and is_single(parameter):
                    name = max(parameter.opts, key=len)
                    raise click.UsageError(f"{name} can be given only once, not {times} times", ctx)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples at the end of the help; no line is wrapped, so they can be copied."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")

    def _option_names(self, ctx: click.Context) -> list[str]:
        return [name for parameter in self.get_params(ctx) for name in _names_of(parameter)]

    def _short_options(self, ctx: click.Context, args: list[str]) -> Iterator[str]:
        """Yield the words after a single dash that are no values of options."""
        with_value = {
            name
            for parameter in self.get_params(ctx)
            if not getattr(parameter, "is_flag", False)
            for name in _names_of(parameter)
        }
        words = iter(args)
        for word in words:
            if word == "--" or not (word.startswith("-") or ctx.allow_interspersed_args):
                return
            if word in with_value:
                next(words, None)
            elif word.startswith("-") and not word.startswith("--") and len(word) > 2:
                yield word

    def _unknown_option(self, ctx: click.Context, option: str) -> str:
        """Return the message for an unknown option, with the closest known one."""
        hint = closest(option, self._option_names(ctx))
        if not hint and isinstance(self, click.Group):
            hint = "options of a command follow its name"
        return f"no such option: {option}" + (f"; {hint}" if hint else "")


class Command(_Parsing):
    """A command with the common options, which refuses an option that is given twice."""


class Group(_Parsing, click.Group):
    """A group of commands with the common options, which suggests commands for unknown ones.

    Attributes:
        meant: mapping from frequent names of other tools to the words of the command here.
    """

    meant: Mapping[str, str] = {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that arguments mean; see `click.Group`."""
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(self.unknown_command(ctx, args[0]), ctx)
        return super().resolve_command(ctx, args)

    def unknown_command(self, ctx: click.Context, word: str) -> str:
        """Return the message for an unknown command, with a suggestion if there is one."""
        meant = self.meant.get(word.casefold())
        hint = f'did you mean "{meant}"?' if meant else self.close_command(ctx, word)
        return f'no such command: "{word}"' + (f"; {hint}" if hint else "")

    def close_command(self, ctx: click.Context, word: str) -> str:
        """Return `did you mean …?` with the closest commands, or "" if none is close."""
        return closest(word, self.visible_commands(ctx))

    def refuse_typo(self, ctx: click.Context, word: str) -> None:
        """Check that a word is no mistyped command, in a group that takes files as well.

        Raises:
            UsageError: there is no such file, and a command has a similar name.
        """
        is_word = word.replace("-", "").isalpha() and not os.path.lexists(word)
        if is_word and not ctx.resilient_parsing and self.close_command(ctx, word):
            raise click.UsageError(self.unknown_command(ctx, word), ctx)

    def visible_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that the help lists."""
        hidden = {name for name, command in self.commands.items() if command.hidden}
        return [name for name in self.list_commands(ctx) if name not in hidden]


def is_single(parameter: click.Parameter) -> bool:
    """Return whether a parameter is an option with one value."""
    return (
        isinstance(parameter, click.Option)
        and not parameter.multiple
        and not parameter.is_flag
        and not parameter.count
    )


def _names_of(parameter: click.Parameter) -> list[str]:
    return parameter.opts if isinstance(parameter, click.Option) else []


def _long_option(word: str, names: list[str]) -> str | None:
    """Return the long option that a word after a single dash means, or None.

    A short option with its value attached, such as `-tproduction`, is none, unless it is very
    close to a long option.
    """
    asked, _, _ = f"-{word}".partition("=")
    is_short = word[:2] in names
    # Two short options such as -qt are close to any long option of two letters, such as --at.
    long_names = [one for one in names if one.startswith("--") and (len(one) > 4 or one == asked)]
    close = get_close_matches(asked, long_names, 1, _LIKELY_LONG if is_short else _LIKELY)
    return close[0] if close else None
