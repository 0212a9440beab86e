"""What a child process does: the command line, trying again without waiting."""

import os

from provisioner.app import verification
from provisioner.cli.commands import (
    apply,  # noqa: F401  loaded once, in the fork server
    plan,  # noqa: F401  loaded once, in the fork server
    runs,  # noqa: F401  loaded once, in the fork server
)
from provisioner.cli.main import main
from provisioner.liveagent.http import answers, bounded_connections, retries
from tests.soak.harness import redirect


def run(arguments: list[str], environment: dict[str, str], output: str) -> None:
    """Run the command line as a process of its own would, and exit as it does."""
    redirect(output)
    os.environ.update(environment)
    retries.FIRST_SECONDS = 0.0
    verification.FIRST_WAIT_SECONDS = 0.0
    # The wait that a 429 asks for, and the wait for a 429 without a time.
    bounded_connections.ONE_WAIT_SECONDS = bounded_connections.DEFAULT_WAIT_SECONDS = 0.0
    vars(answers).update(MARGIN_SECONDS=0.0)
    main(arguments)
