"""The output of one account of a fleet: it is collected, since many accounts run at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioner.cli.console.output import Console
from provisioner.diagnostics import Diagnostic
from provisioner.redaction import redact

MOST_MESSAGES = 100
"""The messages of one account that are kept."""


@dataclass(slots=True)
class AccountConsole(Console):
    """Collects what a run would write to standard error.

    Attributes:
        findings: the errors and warnings.
        messages: the other messages.
    """

    findings: list[Diagnostic] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def print_note(self, text: str) -> None:
        """Collect a message."""
        if len(self.messages) < MOST_MESSAGES:
            self.messages.append(redact(text))

    def print_diagnostics(self, findings: Sequence[Diagnostic], path: str = ".") -> None:
        """Collect errors and warnings; the report of the fleet has the path."""
        del path
        self.findings += findings
