"""Messages for YAML syntax errors.

libyaml reports the grammar rule that failed; people need to know which mistake to look for. The
messages of libyaml and of PyYAML's own parser differ, so the rules look for words that both use.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from yaml.error import Mark, MarkedYAMLError

from provisioner.characters import described, is_space
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.document import LINE_BREAK
from provisioner.documents.yaml.problems import TOO_DEEP, TOO_DEEP_HINT

_GLUED_COLON = r"\s*(?:- +)?(?P<key>[\w.-]+):(?![\s/:])\S"


@dataclass(frozen=True, slots=True)
class _SyntaxError:
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
    # libyaml looks ahead, and since PyYAML 6.0.4 it has a limit of its own.
    _Rule(("maximum nesting depth",), TOO_DEEP, TOO_DEEP_HINT, code="yaml-too-deep"),
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
    """Return the diagnostic for a syntax error."""
    at: Any = error.problem_mark
    message = f"{error.context or ''}: {error.problem or ''}"
    problem = _SyntaxError(file, message, LINE_BREAK.split(text), at, error.context_mark or at)
    for explanation in _SPECIAL:
        if diagnostic := explanation(problem):
            return diagnostic
    return _by_rule(problem)


def _explain_tab(problem: _SyntaxError) -> Diagnostic | None:
    if problem.character() != "\t" and "tab character" not in problem.message:
        return None
    summary = "a tab can't be used to indent"
    return problem.diagnostic(summary, "indent with spaces", problem.at, "yaml-tab")


def _explain_other_space(problem: _SyntaxError) -> Diagnostic | None:
    """Return the diagnostic for a line that is indented with other spaces, near the error."""
    for number in range(problem.at.line, max(problem.start.line - 2, -1), -1):
        line = problem.line(number)
        for column, char in enumerate(line):
            if char != " " and is_space(char):
                return Diagnostic(
                    code="yaml-space",
                    summary=f"{described(char)} can't be used to indent",
                    hint="indent with ordinary spaces; it usually comes from text copied out of "
                    "a web page or a document",
                    span=Span(problem.file, number + 1, column + 1),
                )
            if not is_space(char):
                break
    return None


def _explain_first_character(problem: _SyntaxError) -> Diagnostic | None:
    if "cannot start any token" not in problem.message:
        return None
    character = problem.character()
    return problem.diagnostic(
        f'a value can\'t start with "{character}"',
        f'put the text in quotes: "{character}…"',
        problem.at,
    )


def _explain_missing_space(problem: _SyntaxError) -> Diagnostic | None:
    """Return the diagnostic for `key:value` before the error; YAML reads it as text."""
    if not re.search("expected ':'|mapping values are not allowed", problem.message):
        return None
    for number in (problem.start.line, problem.at.line - 1):
        if match := re.match(_GLUED_COLON, problem.line(number)):
            key = match.group("key")
            return Diagnostic(
                code="yaml-syntax",
                summary=f'the space after the colon of "{key}" is missing',
                hint=f'write "{key}: " with a space',
                span=Span(problem.file, number + 1, match.end("key") + 1),
            )
    return None


def _explain_text_after_quote(problem: _SyntaxError) -> Diagnostic | None:
    """Return the diagnostic for text after a closing quote, as after an apostrophe."""
    before = problem.line(problem.at.line)[: problem.at.column].rstrip()
    if "parsing a block mapping" not in problem.message or before[-1:] not in {"'", '"'}:
        return None
    return problem.diagnostic(
        "the text goes on after its closing quote",
        "put the whole text in quotes; inside single quotes write '' for an apostrophe",
        problem.at,
    )


def _explain_early_end(problem: _SyntaxError) -> Diagnostic | None:
    if "node content" not in problem.message or "".join(problem.lines[problem.at.line :]).strip():
        return None
    last = max(number for number, line in enumerate(problem.lines) if line.strip())
    return Diagnostic(
        code="yaml-syntax",
        summary="the file ends in the middle of a value",
        hint="close all brackets",
        span=Span(problem.file, last + 1, len(problem.lines[last].rstrip()) + 1),
    )


def _by_rule(problem: _SyntaxError) -> Diagnostic:
    for rule in _RULES:
        if any(words in problem.message for words in rule.words):
            span = problem.span(problem.start if rule.at_start else problem.at)
            start = problem.span(problem.start)
            return Diagnostic(
                code=rule.code,
                summary=rule.summary,
                span=span,
                hint=rule.hint,
                related=((rule.started, start),) if rule.started and start != span else (),
            )
    return problem.diagnostic(
        "this is not valid YAML", "check quotes, colons, brackets and the indentation", problem.at
    )


_SPECIAL: tuple[Callable[[_SyntaxError], Diagnostic | None], ...] = (
    _explain_tab,
    _explain_other_space,
    _explain_first_character,
    _explain_missing_space,
    _explain_text_after_quote,
    _explain_early_end,
)
