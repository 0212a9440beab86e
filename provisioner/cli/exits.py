"""Exit codes, and the one place where an error becomes one.

No traceback reaches a user. With PROVISIONER_DEBUG=1 a fault of the tool shows one.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import click

from provisioner.cli.output import prepare_streams, say, show_findings
from provisioner.diagnostics import Diagnostic, ProvisionerError


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


class Group(click.Group):
    """A command group that ends every run with a code of `Exit`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an interrupt is told here, and not by click."""
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
    if threading.current_thread() is threading.main_thread():
        # A pipeline that is cancelled sends SIGTERM: to be told like Ctrl-C what was written.
        for number in ending_signals():
            signal.signal(number, _end_like_ctrl_c)
    try:
        result = main()
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except click.Abort:
        say("Stopped; nothing was written.")
        return Exit.ERROR
    except (InterruptedRunError, KeyboardInterrupt):
        say("Stopped; nothing was written.")
        leave(Exit.ERROR)
    except ProvisionerError as error:
        show_findings(error.diagnostics)
        return error.exit_code
    except OSError as error:
        return _unwritable(error)
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _fault(error)
    return result if isinstance(result, int) else Exit.DONE


def _unwritable(error: OSError) -> int:
    """Report that the output can't be written; whoever read it may just have gone."""
    # Python would try again when it ends, and complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        show_findings(
            (
                Diagnostic(
                    code="file-unwritable",
                    summary=f"writing failed: {error.strerror or error}",
                    hint="check the disk, and where the output goes",
                ),
            )
        )
    return Exit.ERROR


def _fault(error: Exception) -> int:
    if os.environ.get("PROVISIONER_DEBUG"):
        traceback.print_exc()
    show_findings(
        (
            Diagnostic(
                code="internal",
                summary=f"{type(error).__name__}: {error}",
                hint="set PROVISIONER_DEBUG=1 to see where, and report it with the version",
            ),
        )
    )
    return Exit.ERROR
