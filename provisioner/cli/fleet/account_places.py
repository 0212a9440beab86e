"""Places of an account's findings as places of the fleet, and findings that accounts share."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace

from provisioner.diagnostics import Diagnostic, Span

SHOWN_ACCOUNTS = 5
"""The accounts of a finding that are named; more are counted."""


def in_fleet(findings: Iterable[Diagnostic], project: str) -> tuple[Diagnostic, ...]:
    """Return findings of a project, with files named from the folder of the fleet.

    `project` is the project's folder, relative to that of the fleet.
    """

    def moved(span: Span) -> Span:
        return replace(span, file=posixpath.normpath(posixpath.join(project, span.file)))

    return tuple(
        replace(
            one,
            span=moved(one.span) if one.span else None,
            related=tuple((label, moved(span)) for label, span in one.related),
        )
        for one in findings
    )


def shared_once(by_account: Mapping[str, Iterable[Diagnostic]]) -> list[Diagnostic]:
    """Return the findings of all accounts, each with its accounts named.

    A finding at a place that several accounts share is returned once.

    Args:
        by_account: the name of an account to its findings, with places of the fleet.
    """
    accounts: dict[Diagnostic, list[str]] = {}
    for name, findings in by_account.items():
        for finding in dict.fromkeys(findings):
            accounts.setdefault(finding, []).append(name)
    return [_named(finding, names) for finding, names in accounts.items()]


def _named(finding: Diagnostic, names: list[str]) -> Diagnostic:
    shown = ", ".join(names[:SHOWN_ACCOUNTS])
    more = len(names) - SHOWN_ACCOUNTS
    listed = f"{shown} and {more} more" if more > 0 else shown
    word = "account" if len(names) == 1 else "accounts"
    return replace(finding, summary=f"{finding.summary} ({word} {listed})", accounts=tuple(names))
