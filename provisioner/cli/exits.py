"""Exit codes, and the one place where an error becomes one.

No traceback reaches a user. With PROVISIONER_DEBUG=1 a fault of the tool shows one.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import click

from provisioner.cli.output import say, show_findings
from provisioner.diagnostics import Diagnostic, ProvisionerError


class Exit(IntEnum):
    """What a run tells the program that started it."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    REFUSED = 3
    INCOMPLETE = 4
    USAGE = 64


class Group(click.Group):
    """A command group that ends every run with a code of `Exit`."""

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
        code = _run(super().main, args, prog_name, complete_var, extra)
        sys.exit(code)


def _run(main: Any, args: Any, prog_name: Any, complete_var: Any, extra: dict[str, Any]) -> int:
    try:
        result = main(args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("Stopped; nothing more was done.")
        return Exit.ERROR
    except ProvisionerError as error:
        show_findings(error.diagnostics)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the output has gone. Python would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception as error:  # noqa: BLE001  the last line of defence
        return _fault(error)
    return result if isinstance(result, int) else Exit.DONE


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
