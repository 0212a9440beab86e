"""Diagnostics: errors and warnings with a position, a reason and a hint.

A user's mistake becomes a `Diagnostic` in a list, so that one run reports all mistakes.
Only errors that end a run at once are raised:

    ProvisionerError            root; carries the diagnostics to show
    ├── InvalidProjectError     the files can't be used (exit 1)
    ├── TargetError             the account can't be reached or read (exit 1)
    │   ├── RejectedError       it understood one request and declined it (4xx)
    │   ├── UnansweredError     no valid answer came: a write may have taken effect or not
    │   └── RunStoppedError     the run is to end: a request was not sent
    ├── RefusedError            a guard or a stale plan; nothing was written (exit 3)
    └── UsageError              the command line is not valid (exit 64)

This module imports only codes, redaction and suggestions, so that every layer can report.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from provisioner.codes import CODES
from provisioner.redaction import redact
from provisioner.suggestions import Vocabulary

MOST_OF_A_KIND = 100
"""Number of diagnostics of one code that are shown; the others are counted."""


class Severity(StrEnum):
    """The severity of a diagnostic: errors stop the run, warnings don't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A position in a file of the project.

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
    """One error or warning.

    Attributes:
        code: stable kebab-case name, a key of `CODES`.
        summary: the problem in one sentence that names the object.
        span: the position in a file, if there is one.
        hint: what to do, or "".
        related: other positions that matter, each with a label.
        severity: error or warning.
        count: number of problems that this diagnostic represents.
        accounts: the accounts of a fleet that it concerns; none outside of a fleet.
        rule: the id of the rule of the team that it is about, or "".
        object: the address of the object that does not conform to the rule, or `plan`.
        meant: an unknown word and the known names; a close name becomes the hint when the
            diagnostic is shown.
    """

    code: str
    summary: str
    span: Span | None = None
    hint: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    severity: Severity = Severity.ERROR
    count: int = 1
    accounts: tuple[str, ...] = ()
    rule: str = ""
    object: str = ""
    meant: tuple[str, Vocabulary] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a code that the documentation does not list, and redact API keys."""
        if self.code not in CODES:
            raise ValueError(f"unknown diagnostic code {self.code!r}")
        object.__setattr__(self, "summary", redact(self.summary))
        object.__setattr__(self, "hint", redact(self.hint))

    @property
    def why(self) -> str:
        """The reason why the problem matters: the same sentence for all diagnostics of a code."""
        return CODES[self.code]

    @property
    def is_about_policy(self) -> bool:
        """Whether it is about rules, waivers or reviewers, and not about the account."""
        return bool(self.rule) or self.code == "reviewers-of-nothing"

    @property
    def about_rule(self) -> dict[str, str]:
        """The rule and the object that it is about, as keys of JSON; none for other problems."""
        keys = {"rule": self.rule, "object": self.object}
        return {key: value for key, value in keys.items() if value}


class ProvisionerError(Exception):
    """Ends a run; the command line shows the diagnostics and exits with `exit_code`."""

    exit_code = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.summary for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class InvalidProjectError(ProvisionerError):
    """The files of the project can't be used."""


class TargetError(ProvisionerError):
    """The account can't be reached, read or understood.

    Attributes:
        uncertain: whether a write may have taken effect despite the error, at least partly.
        status: HTTP status of the answer; 0 if there is none.
    """

    def __init__(self, *diagnostics: Diagnostic, uncertain: bool = False, status: int = 0) -> None:
        super().__init__(*diagnostics)
        self.uncertain = uncertain
        self.status = status


class RejectedError(TargetError):
    """The account declined one valid request; other requests may still succeed."""

    def __init__(self, diagnostic: Diagnostic, status: int) -> None:
        super().__init__(diagnostic, status=status)


class UnansweredError(TargetError):
    """No valid answer came: a write may have taken effect or not.

    Attributes:
        sent: whether the request may have reached the account.
        retry_after: seconds that the account asks to wait.
    """

    def __init__(
        self, diagnostic: Diagnostic, *, status: int = 0, sent: bool = True, retry_after: float = 0
    ) -> None:
        super().__init__(diagnostic, status=status)
        self.sent = sent
        self.retry_after = retry_after

    def about(self, diagnostic: Diagnostic) -> "UnansweredError":
        """Return the same failure with another diagnostic."""
        return UnansweredError(
            diagnostic, status=self.status, sent=self.sent, retry_after=self.retry_after
        )


class RunStoppedError(TargetError):
    """The run is to end, so a request was not sent.

    `uncertain` is set where an earlier request for the same step may have taken effect.

    Attributes:
        why: why the run is to end; None if a person stopped it.
    """

    def __init__(self, why: Diagnostic | None = None) -> None:
        super().__init__(why or Diagnostic(code="interrupted", summary="the request was not sent"))
        self.why = why


class RefusedError(ProvisionerError):
    """The run was refused before its first write."""

    exit_code = 3


class UsageError(ProvisionerError):
    """The command line is not valid."""

    exit_code = 64


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics to show, sorted by position, those without a position last.

    Duplicates are removed. Of each code the first `MOST_OF_A_KIND` are returned, and one more with
    the number of the others. Searching for close names is slow, so it is done only for these.
    """
    nowhere = Span("\U0010ffff", 0, 0)
    rows: dict[tuple[str, Severity], list[Diagnostic]] = defaultdict(list)
    for diagnostic in sorted(
        dict.fromkeys(findings),
        key=lambda diagnostic: (diagnostic.span or nowhere, diagnostic.summary),
    ):
        rows[diagnostic.code, diagnostic.severity].append(diagnostic)
    shown = [diagnostic for same in rows.values() for diagnostic in _first(same)]
    return sorted(shown, key=lambda one: (one.span or nowhere, one.count > 1, one.summary))


def _first(same: list[Diagnostic]) -> Iterable[Diagnostic]:
    """Yield the first of sorted diagnostics of one code, and the number of the others."""
    single = [diagnostic for diagnostic in same if diagnostic.count == 1]
    yield from map(_with_hint, single[:MOST_OF_A_KIND])
    if more := sum(one.count for one in same) - len(single[:MOST_OF_A_KIND]):
        yield and_more(same[0], more)


def and_more(example: Diagnostic, count: int) -> Diagnostic:
    """Return the diagnostic that counts the hidden diagnostics of the same code."""
    return Diagnostic(
        code=example.code,
        summary=f"and {count} more of this kind",
        severity=example.severity,
        count=count,
    )


def _with_hint(diagnostic: Diagnostic) -> Diagnostic:
    if diagnostic.meant is None:
        return diagnostic
    word, known = diagnostic.meant
    return replace(diagnostic, hint=known.closest(word) or diagnostic.hint, meant=None)


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """Return whether any of the diagnostics is an error."""
    return any(diagnostic.severity is Severity.ERROR for diagnostic in findings)


def fault(error: BaseException) -> Diagnostic:
    """Return the diagnostic for an unexpected exception.

    The code is `system-limit` for a limit of the machine, otherwise `internal`.
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
        hint="raise the limit (memory, processes, open files) or grant the access, then run again",
    )
