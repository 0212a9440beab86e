"""What a child process does: the command line, trying again without waiting."""

import os
import tempfile

from provisioner.app import verification
from provisioner.cli.commands import (
    apply,  # noqa: F401  loaded once, in the fork server
    plan,  # noqa: F401  loaded once, in the fork server
    runs,  # noqa: F401  loaded once, in the fork server
)
from provisioner.cli.commands.fleet import (
    apply_fleet,  # noqa: F401  loaded once, in the fork server
    runs_fleet,  # noqa: F401  loaded once, in the fork server
)
from provisioner.cli.main import main
from provisioner.liveagent.http import answers, bounded_connections, retries
from tests.soak.harness import redirect

SECONDS = "SOAK_CALL_SECONDS"
"""The variable with the seconds that an account has to answer; the usual ones without it."""


def run(arguments: list[str], environment: dict[str, str], output: str, errors: str = "") -> None:
    """Run the command line as a process of its own would, and exit as it does."""
    redirect(output, errors or output)
    os.environ.update(environment)
    tempfile.tempdir = None  # that of the environment
    wait_less()
    main(arguments)


def wait_less() -> None:
    """Let this process try again without waiting."""
    retries.FIRST_SECONDS = 0.0
    verification.FIRST_WAIT_SECONDS = 0.0
    # The wait that a 429 asks for, and the wait for a 429 without a time.
    bounded_connections.ONE_WAIT_SECONDS = bounded_connections.DEFAULT_WAIT_SECONDS = 0.0
    vars(answers).update(MARGIN_SECONDS=0.0)
    if seconds := float(os.environ.get(SECONDS, "0")):
        vars(bounded_connections).update(READ_SECONDS=seconds, CALL_SECONDS=seconds)
