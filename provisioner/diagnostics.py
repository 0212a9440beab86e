"""Findings: what is wrong, where, why it matters and what to do about it.

A user's mistake becomes a `Diagnostic` in a list, so that one run reports all of them.
Only what ends a run at once is raised:

    ProvisionerError            root; carries the diagnostics to show
    ├── InvalidProjectError     the files can't be used (exit 1)
    ├── TargetError             the account can't be reached or read (exit 1)
    │   ├── RejectedError       it understood one request and declined it (4xx)
    │   ├── UnansweredError     no true answer came: a write may have taken effect or not
    │   └── RunStoppedError     the run is to end: a request was not sent
    ├── RefusedError            a guard or a stale plan; nothing was written (exit 3)
    └── UsageError              the command line makes no sense (exit 64)

This module imports nothing of the project but codes and redaction, so that every layer can report.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from provisioner.codes import CODES
from provisioner.redaction import redact
from provisioner.suggestions import Vocabulary

MOST_OF_A_KIND = 100
"""Findings of one code that are shown; the others are counted."""


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
        count: how many findings this one stands for.
        meant: a word that is not known, and the names among which a close one becomes the hint,
            if the finding is shown.
    """

    code: str
    summary: str
    span: Span | None = None
    hint: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    severity: Severity = Severity.ERROR
    count: int = 1
    meant: tuple[str, Vocabulary] | None = field(default=None, compare=False, repr=False)

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


class RunStoppedError(TargetError):
    """The run is to end, so a request was not sent.

    `uncertain` is set where an earlier request for the same step may have taken effect.
    """

    def __init__(self) -> None:
        super().__init__(Diagnostic(code="interrupted", summary="the request was not sent"))


class RefusedError(ProvisionerError):
    """The run was refused before its first write."""

    exit_code = 3


class UsageError(ProvisionerError):
    """The command line makes no sense."""

    exit_code = 64


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings to show, sorted by place, those without a place last.

    Each is returned once. Of each code the first `MOST_OF_A_KIND` are; one more says how many
    there are besides. Searching for the names that were meant is slow, so it is done here.
    """
    nowhere = Span("\U0010ffff", 0, 0)
    rows: dict[tuple[str, Severity], list[Diagnostic]] = defaultdict(list)
    for finding in sorted(
        dict.fromkeys(findings), key=lambda finding: (finding.span or nowhere, finding.summary)
    ):
        rows[finding.code, finding.severity].append(finding)
    shown = [finding for same in rows.values() for finding in _first(same)]
    return sorted(shown, key=lambda finding: (finding.span or nowhere, finding.summary))


def _first(same: list[Diagnostic]) -> Iterable[Diagnostic]:
    """Yield the first of sorted findings of one code, and the number of the others."""
    single = [finding for finding in same if finding.count == 1]
    yield from map(_with_hint, single[:MOST_OF_A_KIND])
    if more := sum(one.count for one in same) - len(single[:MOST_OF_A_KIND]):
        yield and_more(same[0], more)


def and_more(example: Diagnostic, count: int) -> Diagnostic:
    """Return the finding that stands for findings like an example that are not shown."""
    return Diagnostic(
        code=example.code,
        summary=f"and {count} more of this kind",
        severity=example.severity,
        count=count,
    )


def _with_hint(finding: Diagnostic) -> Diagnostic:
    if finding.meant is None:
        return finding
    word, known = finding.meant
    return replace(finding, hint=known.closest(word) or finding.hint, meant=None)


def has_errors(findings: Iterable[Diagnostic]) -> bool:
    """Tell whether any of the findings stops the run."""
    return any(finding.severity is Severity.ERROR for finding in findings)


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
