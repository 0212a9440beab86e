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

This module imports nothing of the project, so that every layer can report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

CODES: dict[str, str] = {
    # Reading files
    "path-missing": "Without the project's folder there is nothing to compare with the account.",
    "not-a-directory": "A project is a folder, so that it can be split into files.",
    "empty-project": "A project that declares nothing is most often a wrong path. "
    "Taken at its word it could remove everybody.",
    "file-unreadable": "A file that can't be read might declare anything, so nothing is planned.",
    "file-too-large": "A file of this size is not a hand-kept declaration.",
    "encoding": "YAML files of a project are UTF-8, so that names are the same on every machine.",
    "invisible-character": "What can't be seen can't be reviewed.",
    "yaml-syntax": "What follows a syntax error can't be trusted, so nothing of the file is used.",
    "yaml-tab": "YAML forbids tabs in indentation, since their width depends on the editor.",
    "yaml-duplicate-key": "Only one of the two values could be used, and the other silently lost.",
    "yaml-unknown-tag": "Tags can make a loader run code or change types; a project needs none.",
    "yaml-alias": "Aliases must refer to an anchor that stands complete before them.",
    "yaml-too-deep": "No declaration needs such nesting; it is a mistake or an attack.",
    "yaml-alias-bomb": "Aliases that multiply could fill the memory of the machine.",
    "yaml-key": "Keys of a project are plain text.",
    "yaml-merge": "A merge key (<<) takes a mapping or a list of mappings.",
    "yaml-number": "The number can't be represented without losing digits.",
    # The shape
    "unknown-key": "An unknown key is most often misspelt; ignored, its value would silently "
    "not be managed.",
    "missing-key": "Without it the object can't be identified or created.",
    "wrong-type": "The value would not mean what it looks like.",
    "invalid-value": "LiveAgent or this tool does not know this value.",
    "invalid-email": "The email is the login and the identity of an agent.",
    "invalid-length": "LiveAgent would refuse or cut the text.",
    "null-not-allowed": "null resets a value to the account's default; this one has none.",
    "secret-in-project": "Everybody who can read the files, now or in their history, has the key.",
    # Across files
    "duplicate-agent": "There is one account per email, and letter case makes no difference.",
    "duplicate-role": "A role's name is its identity, and letter case makes no difference.",
    "duplicate-department": "A department's name is its identity, "
    "and letter case makes no difference.",
    "duplicate-profile": "Which of the two an agent extends would be chance.",
    "unknown-profile": "What an unknown profile was meant to give would silently not be managed.",
    "profile-circle": "A profile can't be part of itself.",
    "attachment-unreadable": "Without the file its value is not known.",
    "attachment-outside": "What lies outside of the project is not reviewed, and not the same "
    "on another machine.",
    "attachment-too-large": "The file is not what it is meant to be.",
    "attachment-changed": "What is uploaded must be what was reviewed.",
    "attachment-type": "LiveAgent could not use the file.",
    "unknown-timezone": "The hours would be planned at another time of the day.",
    "hours-without-department": "LiveAgent keeps hours for each department.",
    "hours-without-membership": "LiveAgent keeps hours with the membership of a department.",
    "hours-of-another-zone": "LiveAgent keeps hours in the account's zone, the same ones all year.",
    "unknown-role": "A role that nobody declares might be a misspelling that grants wrong rights.",
    "unknown-department": "A department that nobody declares might be a misspelling "
    "that takes away work.",
    "reference-to-absent": "What is to be deleted can't be used at the same time.",
    "reserved-role": "agent, admin and owner are built in and can't be changed.",
    "role-id-twice": "One id belongs to one role.",
    "unknown-field": "A field that does not exist can't be left alone; the one that was meant is "
    "still enforced.",
    "misplaced-config": "Targets and policy are read from provisioner.yaml at the root only, "
    "in one document.",
    # Plan time
    "id-mismatch": "A wrong id would make one person into another.",
    "rename-conflict": "Both exist, so one can't be the other's new name.",
    "suspected-rename": "A new account has none of the old one's tickets, devices and settings.",
    "protected": "Losing it could lock people out, or nobody could undo the run.",
    "too-few-owners": "Without an owner nobody can manage the account any more.",
    "too-many-deletes": "So many deletions are more often an accident than meant.",
    "too-many-updates": "So many updates are more often an accident than meant.",
    "no-live-agent-declared": "A project that knows nobody of the account is most often meant for "
    "another one.",
    "department-in-use": "Its members would lose its tickets, chats and calls unnoticed.",
    "default-department": "LiveAgent keeps its default department.",
    "role-in-use": "LiveAgent deletes no role that somebody has.",
    "unknown-permission": "The target does not know this permission, so it could not be granted.",
    "service-off": "LiveAgent hands out no work of a service that the account does not have.",
    "plugin-off": "The setting has no effect without its plugin, and may not be kept.",
    "roles-not-in-plan": "LiveAgent has custom roles on the larger plans only.",
    "too-many-roles": "LiveAgent would refuse to create the role.",
    "owner-by-owner": "LiveAgent lets only owners make owners.",
    "priority-ignored": "The chat routing of the account does not look at priorities.",
    "to-solve-only-role": "LiveAgent has 'to solve only' for the role agent.",
    "slack-without-user": "Without a Slack user nobody would be told.",
    "selector-without-object": "A selector that fits nothing is most often misspelt.",
    "partial-plan": "What is not shown may still differ.",
    "stale-acknowledgement": "An acknowledgement holds for exactly the values that it was given "
    "for; other values are to be done again.",
    "no-history": "Without the history nobody can tell what a branch changes.",
    "unknown-base": "Without the base nobody can tell what a branch changes.",
    "base-unusable": "Whose a change is shows only next to a plan of the base.",
    "plan-file": "Only what was reviewed may be applied.",
    "snapshot-file": "A snapshot that is not whole, or is one of another account, says nothing "
    "about this one.",
    "stale-plan": "What was looked at is not what would happen.",
    "not-read-back": "What was reported as written could not be compared with the account.",
    "changed-meanwhile": "Somebody changed the same values after the account was read; "
    "writing would undo that.",
    "maybe-created": "Created a second time, the object would stand twice.",
    "gave-up": "Every further call would only take its time to fail.",
    "not-taken": "The account reported success and shows another value all the same.",
    "locked": "Two runs at once would overwrite each other.",
    "run-record": "Without its record nothing is known of a run.",
    "run-record-unwritable": "What is not recorded can be neither reported nor brought back.",
    "unknown-run": "Only a run that has a record can be shown or undone.",
    "another-account": "What was read in one account says nothing of another.",
    "cannot-come-back": "An undo restores values, and not what happened because of them.",
    "create-needs": "LiveAgent creates no account without it.",
    "ambiguous-live": "Two live objects share the identity, so it is unclear which one is meant.",
    # Targets
    "unknown-target": "A run against the wrong account can lock people out.",
    "no-target": "Without a target there is no live account to compare with.",
    "api-key-missing": "The account answers only to an API key.",
    "target-url": "The address of the account must be an http or https URL without credentials.",
    "target-unreachable": "Without an answer the live state is unknown, and nothing is planned.",
    "target-refused": "The account does not accept this API key for this call.",
    "target-error": "The account answered with an error, so the live state is not known.",
    "target-not-liveagent": "The answer is not what API v3 sends, so the live state is not known.",
    "short-read": "A list that is cut short would look as if people had been removed.",
    "empty-account": "An account without any agent can't exist, so the read must be wrong.",
    "unknown-agent": "Only an agent of the account can be shown or disconnected.",
    "no-device": "Availability is kept with the device that LiveAgent makes for each service.",
    "insecure-target": "The API key and the names of people would travel unencrypted.",
    "sandbox-not-installed": "The embedded sandbox needs the packages of the extra 'sandbox'.",
    "sandbox-failed": "The sandbox could not start.",
    # Running
    "confirmation-needed": "Without a terminal nobody can be asked, and the account "
    "would be changed.",
    "usage": "The command line was not understood.",
    "file-exists": "Files of yours are never overwritten.",
    "file-unwritable": "The result could not be stored.",
    "interrupted": "The run was stopped before its end; running it again does the rest.",
    "internal": "This is a fault of the tool, not of your project.",
}
"""Every code that a user can meet, and why it matters. `docs/diagnostics.md` lists the same."""


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
        """Refuse a code that the documentation does not list."""
        if self.code not in CODES:
            raise ValueError(f"unknown diagnostic code {self.code!r}")

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
