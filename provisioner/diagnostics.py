"""Findings: what is wrong, where, why it matters and what to do about it.

A user's mistake becomes a `Diagnostic` in a list, so that one run reports all of them.
Only what ends a run at once is raised:

    ProvisionerError            root; carries the diagnostics to show
    ├── InvalidProjectError     the files can't be used (exit 1)
    ├── TargetError             the account can't be reached or read (exit 1)
    │   ├── RejectedError       it understood one request and declined it (4xx)
    │   └── UnansweredError     no true answer came: a write may have taken effect or not
    ├── RefusedError            a guard or a stale plan; nothing was written (exit 3)
    └── UsageError              the command line makes no sense (exit 64)

This module imports nothing of the project but codes and redaction, so that every layer can report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from provisioner.codes import CODES
from provisioner.redaction import redact


class Severity(StrEnum):
    """How grave a finding is: errors stop the run, warnings don't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file of the project.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        line: counted from 1.
        column: in characters, counted from 1.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: stable kebab-case name, a key of `CODES`.
        summary: what is wrong, one sentence that names the object.
        span: where, if it comes from a file.
        hint: what to do, if something can be said.
        related: other places that matter, each with a word why.
        severity: error or warning.
    """

    code: str
    summary: str
    span: Span | None = None
    hint: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        """Refuse a code that the documentation does not list, and redact API keys."""
        if self.code not in CODES:
            raise ValueError(f"unknown diagnostic code {self.code!r}")
        object.__setattr__(self, "summary", redact(self.summary))
        object.__setattr__(self, "hint", redact(self.hint))

    @property
    def why(self) -> str:
        """Why it matters: the same sentence for every finding of a code."""
        return CODES[self.code]


class ProvisionerError(Exception):
    """Ends a run; the command line shows the diagnostics and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(finding.summary for finding in diagnostics))
        self.diagnostics = diagnostics


class InvalidProjectError(ProvisionerError):
    """The files of the project can't be used."""


class TargetError(ProvisionerError):
    """The account can't be reached, read or understood.

    Attributes:
        uncertain: whether a write may have taken effect all the same, in whole or in part.
    """

    def __init__(self, *diagnostics: Diagnostic, uncertain: bool = False) -> None:
        super().__init__(*diagnostics)
        self.uncertain = uncertain


class RejectedError(TargetError):
    """The account understood one request and declined it: other requests may still succeed.

    Attributes:
        status: the HTTP status of the answer.
    """

    def __init__(self, diagnostic: Diagnostic, status: int) -> None:
        super().__init__(diagnostic)
        self.status = status


class UnansweredError(TargetError):
    """No true answer came: a write may have taken effect or not.

    Attributes:
        status: the HTTP status where there was one; 0 where the connection failed.
        sent: whether the request may have reached the account at all.
        retry_after: how many seconds the account asks to wait.
    """

    def __init__(
        self, diagnostic: Diagnostic, *, status: int = 0, sent: bool = True, retry_after: float = 0
    ) -> None:
        super().__init__(diagnostic)
        self.status = status
        self.sent = sent
        self.retry_after = retry_after

    def about(self, diagnostic: Diagnostic) -> "UnansweredError":
        """Return the same failure in other words."""
        return UnansweredError(
            diagnostic, status=self.status, sent=self.sent, retry_after=self.retry_after
        )


class RefusedError(ProvisionerError):
    """The run was refused before its first write."""

    exit_code = 3


class UsageError(ProvisionerError):
    """The command line makes no sense."""

    exit_code = 64


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings sorted by place, those without a place last, each only once."""
    nowhere = Span("\U0010ffff", 0, 0)
    return sorted(
        dict.fromkeys(findings), key=lambda finding: (finding.span or nowhere, finding.summary)
    )


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """Tell whether any of the findings stops the run."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def closest(word: str, known: Iterable[str]) -> str:
    """Return a question that names the closest known words, or "" where none is close."""
    by_fold = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(word.casefold(), list(by_fold), n=2, cutoff=0.6)
    return (
        "did you mean " + " or ".join(f'"{by_fold[name]}"' for name in close) + "?" if close else ""
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the closest known words, or else what is known at all."""
    names = sorted(known)
    question = closest(word, names)
    if question or not names:
        return question
    shown = ", ".join(f'"{name}"' for name in names[:10])
    return f"known: {shown}" + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def fault(error: BaseException) -> Diagnostic:
    """Return the finding for an exception that nobody expected.

    It is a limit of the machine (`system-limit`), or else a fault of the tool (`internal`).
    """
    match error:
        case MemoryError():
            reason = "there is not enough memory"
        case RuntimeError() if "start new thread" in str(error):
            reason = "no new thread can be started"
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            reason = f"{place}{error.strerror or error}"
        case _:
            return Diagnostic(
                code="internal",
                summary=f"{type(error).__name__}: {error}",
                hint="set PROVISIONER_DEBUG=1 to see where, and report it with the version",
            )
    return Diagnostic(
        code="system-limit",
        summary=reason,
        hint="give the run what it lacks: memory, processes, open files or rights; then run again",
    )
