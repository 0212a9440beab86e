"""Messages for YAML syntax errors.

libyaml reports the grammar rule that failed; people need the mistake to look for. The messages of
libyaml and of PyYAML's own parser differ, so the rules look for words that both use.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from yaml.error import Mark, MarkedYAMLError

from provisioner.characters import described, is_space
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.document import LINE_BREAK

_GLUED_COLON = re.compile(r"\s*(?:- +)?(?P<key>[\w.-]+):(?![\s/:])\S")


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A syntax error with the text around it.

    Attributes:
        file: the file's name for diagnostics.
        message: the parser's message, with its context first.
        lines: the lines of the file.
        at: the position of the error.
        start: the beginning of the incomplete construct.
    """

    file: str
    message: str
    lines: list[str]
    at: Mark
    start: Mark

    def diagnostic(
        self, summary: str, hint: str, mark: Mark, code: str = "yaml-syntax"
    ) -> Diagnostic:
        return Diagnostic(code=code, summary=summary, hint=hint, span=self.span(mark))

    def span(self, mark: Mark) -> Span:
        return Span(self.file, mark.line + 1, mark.column + 1)

    def line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def character(self) -> str:
        return self.line(self.at.line)[self.at.column : self.at.column + 1]


class _Rule(NamedTuple):
    """The message for one kind of error.

    Attributes:
        words: texts of which the parser's message contains one.
        summary: the problem.
        hint: what to do.
        at_start: point to the beginning of the construct, not to the position of the error.
        started: label of the beginning as a related position; "" for none.
        code: the code of the diagnostic.
    """

    words: tuple[str, ...]
    summary: str
    hint: str
    at_start: bool = False
    started: str = ""
    code: str = "yaml-syntax"


_RULES = (
    _Rule(
        ("escape character", "escape code", "hexdecimal", "hexadecimal"),
        "the backslash does not start a known escape",
        "in double quotes write two backslashes for one, or use single quotes",
    ),
    _Rule(
        ("quoted scalar",),
        "the quote that opens here is never closed",
        "close it at the end of the text; write '' for an apostrophe in single quotes",
        at_start=True,
    ),
    _Rule(
        ("expected ':'",),
        "the line is neither a key with a value nor an item of a list",
        'write "key: value" or "- item", or indent it more if it continues the text above',
        at_start=True,
    ),
    _Rule(
        ("mapping values are not allowed",),
        "a colon is not allowed here",
        'put text that holds ": " in quotes; begin all keys of one mapping in the same column',
    ),
    _Rule(
        ("sequence entries are not allowed",),
        'an item of a list ("- ") can\'t start here',
        "begin the list on a line of its own, or put the text in quotes",
    ),
    _Rule(
        ("mapping keys are not allowed",),
        'a "?" followed by a blank is not allowed here',
        "put the text in quotes",
    ),
    _Rule(
        ("parsing a flow sequence",),
        'the list that opens here with "[" is not closed, or a comma is missing in it',
        'check that each "[" has its "]", and that commas separate the items',
        at_start=True,
    ),
    _Rule(
        ("parsing a flow mapping",),
        'the mapping that opens here with "{" is not closed, or a comma is missing in it',
        'check that each "{" has its "}", and that commas separate the entries',
        at_start=True,
    ),
    _Rule(
        ("parsing a block mapping",),
        "this does not belong to the mapping around it",
        "begin all keys of one mapping in the same column; quotes must enclose a whole value",
        started="the mapping begins here",
    ),
    _Rule(
        ("parsing a block collection", "parsing a block sequence"),
        "this does not belong to the list around it",
        'begin all items of one list with "- " in the same column',
        started="the list begins here",
    ),
    _Rule(
        ("node content",),
        "a value is missing here",
        "close all brackets; put text that starts with one of , ] } in quotes",
    ),
    _Rule(
        ("scanning an alias",),
        'a value that starts with "*" refers to an anchor, but no name follows',
        "if this is text, put it in quotes",
        at_start=True,
    ),
    _Rule(
        ("scanning an anchor",),
        'a value that starts with "&" is an anchor, but no name follows',
        "if this is text, put it in quotes",
        at_start=True,
    ),
    _Rule(
        ("scanning a tag", "parsing a tag", "tag handle"),
        'a value that starts with "!" is a tag, and this one is not known',
        "if this is text, put it in quotes; else remove the tag",
        at_start=True,
        code="yaml-unknown-tag",
    ),
    _Rule(
        ("directive", "incompatible YAML", "%"),
        'a line that starts with "%" is an instruction for YAML, and this one is not known',
        "remove the line; if this is text, put it in quotes",
        at_start=True,
    ),
    _Rule(
        ("<document start>",),
        "the document has ended before this line",
        'check its indentation; a line "---" would begin another document',
    ),
    _Rule(
        ("block scalar",),
        'nothing may follow "|" or ">" on the same line',
        "write the text on the next lines, indented; if this is one line of text, put it in quotes",
        at_start=True,
    ),
)


def explain(error: MarkedYAMLError, text: str, file: str) -> Diagnostic:
    """Return the diagnostic for a syntax error.

    Args:
        error: what the parser raised.
        text: the whole file.
        file: the file's name for diagnostics.
    """
    at: Any = error.problem_mark
    message = f"{error.context or ''}: {error.problem or ''}"
    trouble = _Trouble(file, message, LINE_BREAK.split(text), at, error.context_mark or at)
    for special in _SPECIAL:
        if diagnostic := special(trouble):
            return diagnostic
    return _by_rule(trouble)


def _tab(trouble: _Trouble) -> Diagnostic | None:
    if trouble.character() != "\t" and "tab character" not in trouble.message:
        return None
    summary = "a tab can't be used to indent"
    return trouble.diagnostic(summary, "indent with spaces", trouble.at, "yaml-tab")


def _other_space(trouble: _Trouble) -> Diagnostic | None:
    """Find a line near the error with an indentation of other spaces, which are text in YAML."""
    for number in range(trouble.at.line, max(trouble.start.line - 2, -1), -1):
        line = trouble.line(number)
        for column, char in enumerate(line):
            if char != " " and is_space(char):
                return Diagnostic(
                    code="yaml-space",
                    summary=f"{described(char)} can't be used to indent",
                    hint="indent with ordinary spaces; it usually comes from text copied out of "
                    "a web page or a document",
                    span=Span(trouble.file, number + 1, column + 1),
                )
            if not is_space(char):
                break
    return None


def _first_character(trouble: _Trouble) -> Diagnostic | None:
    if "cannot start any token" not in trouble.message:
        return None
    character = trouble.character()
    return trouble.diagnostic(
        f'a value can\'t start with "{character}"',
        f'put the text in quotes: "{character}…"',
        trouble.at,
    )


def _missing_space(trouble: _Trouble) -> Diagnostic | None:
    """Find `key:value`, which is text in YAML, in a line before the error."""
    if not re.search("expected ':'|mapping values are not allowed", trouble.message):
        return None
    for number in (trouble.start.line, trouble.at.line - 1):
        if found := _GLUED_COLON.match(trouble.line(number)):
            key = found.group("key")
            return Diagnostic(
                code="yaml-syntax",
                summary=f'the space after the colon of "{key}" is missing',
                hint=f'write "{key}: " with a space',
                span=Span(trouble.file, number + 1, found.end("key") + 1),
            )
    return None


def _after_quote(trouble: _Trouble) -> Diagnostic | None:
    """Find text after a closing quote, such as after an apostrophe in single quotes."""
    before = trouble.line(trouble.at.line)[: trouble.at.column].rstrip()
    if "parsing a block mapping" not in trouble.message or before[-1:] not in {"'", '"'}:
        return None
    return trouble.diagnostic(
        "the text goes on after its closing quote",
        "put the whole text in quotes; inside single quotes write '' for an apostrophe",
        trouble.at,
    )


def _early_end(trouble: _Trouble) -> Diagnostic | None:
    if "node content" not in trouble.message or "".join(trouble.lines[trouble.at.line :]).strip():
        return None
    last = max(number for number, line in enumerate(trouble.lines) if line.strip())
    return Diagnostic(
        code="yaml-syntax",
        summary="the file ends in the middle of a value",
        hint="close all brackets",
        span=Span(trouble.file, last + 1, len(trouble.lines[last].rstrip()) + 1),
    )


def _by_rule(trouble: _Trouble) -> Diagnostic:
    for rule in _RULES:
        if any(words in trouble.message for words in rule.words):
            span = trouble.span(trouble.start if rule.at_start else trouble.at)
            start = trouble.span(trouble.start)
            return Diagnostic(
                code=rule.code,
                summary=rule.summary,
                span=span,
                hint=rule.hint,
                related=((rule.started, start),) if rule.started and start != span else (),
            )
    return trouble.diagnostic(
        "this is not valid YAML", "check quotes, colons, brackets and the indentation", trouble.at
    )


_SPECIAL: tuple[Callable[[_Trouble], Diagnostic | None], ...] = (
    _tab,
    _other_space,
    _first_character,
    _missing_space,
    _after_quote,
    _early_end,
)
