"""Exit codes, and the one place where an error becomes one.

No traceback reaches a user. With PROVISIONER_DEBUG=1 a fault of the tool shows one.
"""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import click

from provisioner.cli.console.output import say, show_findings
from provisioner.cli.console.streams import (
    OutputLostError,
    ignore_odd_sizes,
    prepare_streams,
    silence,
)
from provisioner.diagnostics import Diagnostic, ProvisionerError, fault


class Exit(IntEnum):
    """What a run tells the program that started it."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    REFUSED = 3
    INCOMPLETE = 4
    USAGE = 64


class InterruptedRunError(Exception):
    """Ctrl-C, or a signal like it, before anything was written."""


NOTHING_WRITTEN = "nothing was written."


@dataclass
class _Account:
    """What this run has done to the account.

    Attributes:
        code: the exit code of the run, once it may have written; None before.
        look: the end of a sentence that says what was written, or where to see it.
    """

    code: Exit | None = None
    look: str = NOTHING_WRITTEN

    def ends_with(self, code: int) -> int:
        """Return the exit code of a run that would end with a code, had it not written."""
        return code if self.code is None else self.code


_account = _Account()


def account_written(code: Exit, look: str) -> None:
    """Fix the exit code of this run, since the account may have been changed.

    Args:
        code: the code, whatever goes wrong from now on; a later call replaces it.
        look: the end of a sentence that says where a user sees what was written.
    """
    _account.code, _account.look = code, look


def is_account_written() -> bool:
    """Tell whether this run may have changed the account."""
    return _account.code is not None


def _nothing_written() -> None:
    _account.code, _account.look = None, NOTHING_WRITTEN


class CommandGroup(click.Group):
    """A command group that ends every run with a code of `Exit`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interrupt is reported here, and not by click."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedRunError from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; see `click.Command.main`."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        prepare_streams()
        ignore_odd_sizes()
        run = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.exit(_run(run))


def leave(code: int) -> NoReturn:
    """End the process now: threads that wait for an answer are not waited for."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def ending_signals() -> list[signal.Signals]:
    """Return the signals that ask a run to end; not a hang-up that `nohup` has switched off."""
    hung_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return [signal.SIGTERM, signal.SIGHUP] if hung_up else [signal.SIGTERM]


def _end_like_ctrl_c(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run(main: Callable[[], Any]) -> int:
    _nothing_written()
    if threading.current_thread() is threading.main_thread():
        # A pipeline that is cancelled sends SIGTERM: to be told like Ctrl-C what was written.
        for number in ending_signals():
            signal.signal(number, _end_like_ctrl_c)
    try:
        code = _code_of(main)
    except (InterruptedRunError, KeyboardInterrupt):
        say(f"Stopped; {_account.look}")
        leave(_account.ends_with(Exit.ERROR))
    return _account.ends_with(code)


def _code_of(main: Callable[[], Any]) -> int:
    """Run the command line and return its exit code, as if nothing had been written."""
    try:
        result = main()
        sys.stdout.flush()
    except click.UsageError as error:
        with suppress(OSError):
            error.show()
        return Exit.USAGE
    except click.Abort:
        say(f"Stopped; {NOTHING_WRITTEN}")
        return Exit.ERROR
    except ProvisionerError as error:
        show_findings(error.diagnostics)
        return error.exit_code
    except InterruptedRunError:
        raise
    except OutputLostError as error:
        return _output_lost(error)
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _fault(error)
    return result if isinstance(result, int) else Exit.DONE


def _output_lost(error: OutputLostError) -> int:
    """Report that the result can't be written; whoever read it may just have gone."""
    silence(sys.stdout)
    if error.errno != errno.EPIPE:
        closed = error.errno == errno.EBADF
        why = "it is closed" if closed else error.strerror or str(error)
        show_findings(
            (
                Diagnostic(
                    code="file-unwritable",
                    summary=f"the result can't be written to standard output: {why}",
                    hint="check the disk, and where the output goes",
                ),
            )
        )
    return Exit.ERROR


def _fault(error: Exception) -> int:
    """Report what nobody expected, and whether the account was written to."""
    if os.environ.get("PROVISIONER_DEBUG"):
        traceback.print_exc()
    show_findings((fault(error),))
    say(f"The run ended early; {_account.look}")
    return Exit.ERROR
