"""The main command group: turns every end of a run, errors included, into an exit code.

No traceback reaches a user. With PROVISIONER_DEBUG=1 a fault of the tool shows one.
"""

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import click

from provisioner.cli.console.output import Console
from provisioner.cli.console.streams import (
    OutputLostError,
    ignore_odd_sizes,
    prepare_streams,
    silence,
)
from provisioner.cli.invocation import NOTHING_WRITTEN, Exit, Invocation
from provisioner.cli.parsing import Group
from provisioner.cli.run.interruption import exit_now, raise_on_signals
from provisioner.diagnostics import Diagnostic, ProvisionerError, fault


class InterruptedRunError(Exception):
    """Ctrl-C or a signal like it, outside of the steps of an apply."""


class CommandGroup(Group):
    """A command group that ends every run with a code of `Exit`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn an interrupt into an exception that click does not handle."""
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
        run = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        prepare_streams()
        ignore_odd_sizes()
        invocation = Invocation()
        sys.exit(_run(invocation, partial(run, obj=invocation)))


def _run(invocation: Invocation, command_line: Callable[[], Any]) -> int:
    """Run the command line and return its exit code."""
    if threading.current_thread() is threading.main_thread():
        raise_on_signals()
    try:
        code = _code_of(invocation, command_line)
    except (InterruptedRunError, KeyboardInterrupt):
        invocation.console.print_note(f"Stopped; {invocation.outcome}")
        exit_now(invocation.exit_code(Exit.ERROR))
    return invocation.exit_code(code)


def _code_of(invocation: Invocation, command_line: Callable[[], Any]) -> int:
    """Run the command line and return its exit code, as if nothing had been written."""
    console = invocation.console
    try:
        result = command_line()
        sys.stdout.flush()
    except click.UsageError as error:
        with suppress(OSError):
            error.show()
        return Exit.USAGE
    except click.Abort:
        console.print_note(f"Stopped; {NOTHING_WRITTEN}")
        return Exit.ERROR
    except ProvisionerError as error:
        console.print_diagnostics(error.diagnostics)
        return error.exit_code
    except InterruptedRunError:
        raise
    except OutputLostError as error:
        return _output_lost(console, error)
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _fault(invocation, error)
    return result if isinstance(result, int) else Exit.DONE


def _output_lost(console: Console, error: OutputLostError) -> int:
    """Report that the result can't be written, unless its reader has closed the pipe."""
    silence(sys.stdout)
    if error.errno != errno.EPIPE:
        closed = error.errno == errno.EBADF
        reason = "it is closed" if closed else error.strerror or str(error)
        console.print_diagnostics(
            (
                Diagnostic(
                    code="file-unwritable",
                    summary=f"the result can't be written to standard output: {reason}",
                    hint="check the disk, and where the output goes",
                ),
            )
        )
    return Exit.ERROR


def _fault(invocation: Invocation, error: Exception) -> int:
    """Report an unexpected exception, and whether the account was changed before it."""
    if os.environ.get("PROVISIONER_DEBUG"):
        import traceback  # noqa: PLC0415  a run without a fault does not need it

        traceback.print_exc()
    invocation.console.print_diagnostics((fault(error),))
    invocation.console.print_note(f"The run ended early; {invocation.outcome}")
    return Exit.ERROR
