"""Diagnostics of one YAML file, collected while it is composed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from yaml.events import AliasEvent, Event

from provisioner.diagnostics import MOST_OF_A_KIND, Diagnostic, Span, and_more
from provisioner.documents.document import Positions, span_at, span_of
from provisioner.documents.yaml.scalars import ScalarError
from provisioner.suggestions import Vocabulary

MAX_DEPTH = 100  # a declaration is less than ten deep, and Python's stack ends at about 300
TOO_DEEP = f"lists and mappings are nested more than {MAX_DEPTH} deep"
TOO_DEEP_HINT = "check the brackets and the indentation"


class FatalError(Exception):
    """Ends the reading of a file.

    Attributes:
        diagnostic: the reason.
    """

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.summary)
        self.diagnostic = diagnostic


class Problems:
    """Collects the diagnostics of one file. Of each code the first ones are kept, others counted.

    Attributes:
        file: the file's name for diagnostics.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._findings: list[Diagnostic] = []
        self._counts: Counter[str] = Counter()

    @property
    def findings(self) -> list[Diagnostic]:
        """The diagnostics in the order of the file."""
        examples = {diagnostic.code: diagnostic for diagnostic in self._findings}
        more = [
            and_more(examples[code], count - MOST_OF_A_KIND)
            for code, count in self._counts.items()
            if count > MOST_OF_A_KIND
        ]
        return [*self._findings, *more]

    def __len__(self) -> int:
        """Return the number of diagnostics."""
        return self._counts.total()

    def _is_shown(self, code: str) -> bool:
        self._counts[code] += 1
        return self._counts[code] <= MOST_OF_A_KIND

    def report(self, code: str, summary: str, event: Event, hint: str) -> None:
        """Add a diagnostic that does not end the reading."""
        if self._is_shown(code):
            self._findings.append(self._diagnostic(code, summary, event, hint))

    def scalar(self, error: ScalarError, event: Event) -> None:
        """Report an invalid scalar or tag."""
        self.report(error.code, error.summary, event, error.hint)

    def duplicate(self, key: str, event: Event, first: Callable[[], Positions]) -> None:
        """Report a duplicate key; the two may differ in their Unicode form."""
        if self._is_shown("yaml-duplicate-key"):
            self._findings.append(
                Diagnostic(
                    code="yaml-duplicate-key",
                    summary=f'the key "{key}" is used twice in the same mapping',
                    span=self._span(event),
                    hint="keep one of the two, or merge them",
                    related=(("the first one", span_of(self.file, first())),),
                )
            )

    def complex_key(self, event: Event) -> None:
        """Report a key that is not plain text."""
        self.report(
            "yaml-key",
            "a key must be plain text",
            event,
            "if this is text, put it in quotes: a value that starts with { [ * ! or & needs them",
        )

    def empty_key(self, event: Event) -> None:
        """Report a colon without a key."""
        self.report(
            "yaml-key",
            "the key before the colon is missing",
            event,
            "write the key, or remove the line",
        )

    def merge(self, event: Event) -> None:
        """Report a merge key with a value that can't be merged."""
        self.report(
            "yaml-merge",
            'the merge key "<<" needs a mapping or a list of mappings',
            event,
            'refer to the anchor of a mapping, such as "<<: *name"',
        )

    def recursive_alias(self, event: AliasEvent) -> None:
        """Report an alias inside the value that it refers to."""
        name = str(event.anchor)
        self.report(
            "yaml-alias",
            f'the alias "*{name}" is inside its own anchor "&{name}"',
            event,
            "write the values out",
        )

    def undefined_alias(self, event: AliasEvent, anchors: Vocabulary) -> None:
        """Report an alias without an anchor before it."""
        name = str(event.anchor)
        if self._is_shown("yaml-alias"):
            hint = f'if this is text, put it in quotes: "*{name}"'
            summary = f'the alias "*{name}" has no anchor "&{name}" before it'
            diagnostic = self._diagnostic("yaml-alias", summary, event, hint)
            self._findings.append(replace(diagnostic, meant=(name, anchors)))

    def lone_surrogate(self, escape: str, text: str, position: Callable[[], int]) -> None:
        """Report one half of a surrogate pair without the other half."""
        if self._is_shown("yaml-syntax"):
            self._findings.append(
                Diagnostic(
                    code="yaml-syntax",
                    summary=f'"{escape}" is one half of a character, and the other is missing',
                    span=span_at(self.file, text, position()),
                    hint="write the character itself, or both halves next to each other",
                )
            )

    def too_deep(self, event: Event) -> FatalError:
        """Return the error for too many levels of nesting."""
        return FatalError(self._diagnostic("yaml-too-deep", TOO_DEEP, event, TOO_DEEP_HINT))

    def alias_bomb(self, limit: int, event: Event) -> FatalError:
        """Return the error for aliases of too many values."""
        return FatalError(
            self._diagnostic(
                "yaml-alias-bomb",
                f"the aliases of this file expand to more than {limit:,} values",
                event,
                "write the values out, without aliases to aliases",
            )
        )

    def _diagnostic(self, code: str, summary: str, event: Event, hint: str) -> Diagnostic:
        return Diagnostic(code=code, summary=summary, span=self._span(event), hint=hint)

    def _span(self, event: Event) -> Span:
        mark: Any = event.start_mark
        return Span(self.file, mark.line + 1, mark.column + 1)
