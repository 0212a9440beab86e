"""One run of the command line: its output, and the exit code that the first write fixes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import click

from provisioner.cli.console.output import Console
from provisioner.fleet.stop_request import StopRequest

if TYPE_CHECKING:
    from provisioner.cli.console.run_document import RunDocument


class Exit(IntEnum):
    """Exit codes of the program."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    REFUSED = 3
    INCOMPLETE = 4
    USAGE = 64


_WORST_FIRST = (
    Exit.INCOMPLETE,
    Exit.USAGE,
    Exit.ERROR,
    Exit.REFUSED,
    Exit.CHANGES,
    Exit.DONE,
)
"""The order in which codes of several accounts count: of an error, less is known than of a refusal;
what was written only in part is the worst."""


def worst_exit(codes: Iterable[int]) -> Exit:
    """Return the exit code of a run for several accounts; `DONE` for none."""
    known = {*codes}
    return next((code for code in _WORST_FIRST if code in known), Exit.DONE)


NOTHING_WRITTEN = "nothing was written."


def utc_now() -> datetime:
    """Return the time. No layer below the command line reads a clock to decide what a run does."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Invocation:
    """State of one run of the command line; the main group makes a new one for each run.

    Attributes:
        console: its output.
        fixed_code: the exit code of the run once it may have changed the account; None before.
        outcome: the end of a sentence that states what was written, or where to look it up.
        document: collects the result of an apply or undo with `--format json`; None for text.
        clock: returns the time, with a zone.
        interrupted: whether a signal has stopped the steps of an apply.
        stop: asks the run to stop where it can't handle signals; None where it can.
    """

    console: Console = field(default_factory=Console)
    fixed_code: Exit | None = None
    outcome: str = NOTHING_WRITTEN
    document: "RunDocument | None" = None
    clock: Callable[[], datetime] = field(default_factory=lambda: utc_now)
    interrupted: bool = False
    stop: StopRequest | None = None

    @property
    def may_have_written(self) -> bool:
        """Whether this run may have changed the account."""
        return self.fixed_code is not None

    def fix_exit_code(self, code: Exit, outcome: str) -> None:
        """Fix the exit code of this run, since the account may have been changed.

        Args:
            code: the exit code, whatever fails from now on; a later call replaces it.
            outcome: the end of a sentence that names where to look up what was written.
        """
        self.fixed_code, self.outcome = code, outcome

    def exit_code(self, code: int) -> int:
        """Return the fixed exit code, or else the given one."""
        return code if self.fixed_code is None else self.fixed_code


Options = ParamSpec("Options")

pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
"""Decorates a command: its first parameter is the `Invocation`."""


def pass_console(command: Callable[Concatenate[Console, Options], int]) -> Callable[Options, int]:
    """Decorate a command: its first parameter is the `Console`."""

    @pass_invocation
    def with_console(
        invocation: Invocation, /, *args: Options.args, **options: Options.kwargs
    ) -> int:
        return command(invocation.console, *args, **options)

    return update_wrapper(with_console, command)
