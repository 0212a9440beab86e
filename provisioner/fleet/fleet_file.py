"""A fleet: its accounts with their tags and waves, and the words that select some of them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from provisioner.diagnostics import Diagnostic, Span, UsageError
from provisioner.documents.files.project_files import FLEET_NAME
from provisioner.suggestions import did_you_mean

TAG, WAVE = "tag/", "wave/"
"""The beginnings of selectors that are no names."""


@dataclass(frozen=True, slots=True)
class FleetAccount:
    """One account of a fleet.

    Attributes:
        name: its name in the fleet.
        project: the folder of its project, relative to the fleet's folder, with forward slashes.
        target: the target of the project; "" for the project's default.
        wave: the wave of an apply, counted from 1.
        tags: the words that select it.
        span: the place of its entry.
    """

    name: str
    project: str
    target: str = ""
    wave: int = 1
    tags: tuple[str, ...] = ()
    span: Span | None = None

    def path_in(self, folder: str) -> str:
        """Return the path of its project; a folder that begins with ./ keeps that."""
        return os.path.join(folder, self.project)  # noqa: PTH118

    def matches(self, selector: str) -> bool:
        """Return whether a selector means this account: NAME with * and ?, tag/TAG or wave/N."""
        if selector.startswith(TAG):
            return any(fnmatchcase(tag, selector.removeprefix(TAG)) for tag in self.tags)
        if selector.startswith(WAVE):
            return selector.removeprefix(WAVE) == str(self.wave)
        return fnmatchcase(self.name, selector)


@dataclass(frozen=True, slots=True)
class WaveSettings:
    """How an apply goes through the waves.

    Attributes:
        canary: the number of accounts of the first wave that go before all others.
        stop_after_failures: the number of failed accounts after which no further one begins.
    """

    canary: int = 0
    stop_after_failures: int = 1


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet.

    Attributes:
        folder: the folder of its file.
        file: the name of the file in that folder.
        accounts: its accounts, in the order of the file; those of a pattern by folder.
        waves: how an apply goes through the waves.
        findings: errors of the file.
    """

    folder: Path
    file: str
    accounts: tuple[FleetAccount, ...]
    waves: WaveSettings = field(default_factory=WaveSettings)
    findings: tuple[Diagnostic, ...] = ()

    def selected(self, only: Iterable[str]) -> tuple[FleetAccount, ...]:
        """Return the accounts that any of the selectors means; all without selectors.

        Raises:
            UsageError: a selector means no account.
        """
        selectors = [*only]
        for selector in selectors:
            if not any(account.matches(selector) for account in self.accounts):
                hint = did_you_mean(selector, self._like(selector))
                summary = f'--only: "{selector}" is no account of {self.file}'
                raise UsageError(Diagnostic(code="usage", summary=summary, hint=hint))
        return tuple(
            account
            for account in self.accounts
            if not selectors or any(account.matches(one) for one in selectors)
        )

    def _like(self, selector: str) -> list[str]:
        """Return the selectors of the same kind that mean an account: tags, waves or names."""
        if selector.startswith(TAG):
            return sorted({f"{TAG}{tag}" for account in self.accounts for tag in account.tags})
        if selector.startswith(WAVE):
            return [f"{WAVE}{wave}" for wave in sorted({one.wave for one in self.accounts})]
        return [account.name for account in self.accounts]


def fleet_file(path: Path) -> Path:
    """Return the file of a fleet that a command line names: the file, or its folder."""
    return path / FLEET_NAME if path.is_dir() else path
