"""Results of the checks of `provisioner doctor`."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.redaction import redact


class CheckStatus(StrEnum):
    """The result of a check; only an error makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: the subject of the check, such as `clock`.
        status: ok, warning or error.
        summary: the finding in one sentence.
        hint: what to do, or "".
    """

    name: str
    status: CheckStatus
    summary: str
    hint: str = ""

    def __post_init__(self) -> None:
        """Redact API keys, as in diagnostics."""
        object.__setattr__(self, "summary", redact(self.summary))
        object.__setattr__(self, "hint", redact(self.hint))


def passed(name: str, summary: str) -> CheckResult:
    """Return the result of a check without a problem."""
    return CheckResult(name, CheckStatus.OK, summary)


def warned(name: str, summary: str, hint: str) -> CheckResult:
    """Return the result of a check with a problem that stops no run."""
    return CheckResult(name, CheckStatus.WARNING, summary, hint)


def failed(name: str, summary: str, hint: str) -> CheckResult:
    """Return the result of a check with a problem that stops runs."""
    return CheckResult(name, CheckStatus.ERROR, summary, hint)


def of_diagnostic(name: str, diagnostic: Diagnostic) -> CheckResult:
    """Return the result of a check that ended with a diagnostic."""
    is_error = diagnostic.severity is Severity.ERROR
    status = CheckStatus.ERROR if is_error else CheckStatus.WARNING
    where = f"{diagnostic.span}: " if diagnostic.span else ""
    return CheckResult(name, status, f"{where}{diagnostic.summary}", diagnostic.hint)


def has_failed(results: Iterable[CheckResult]) -> bool:
    """Return whether a check found an error."""
    return any(result.status is CheckStatus.ERROR for result in results)
