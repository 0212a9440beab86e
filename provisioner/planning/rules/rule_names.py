"""Names in conditions and messages: fields that no object has, and data files that nobody names.

CEL finds them only when an object is evaluated, so a misspelt name could stay until an apply.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic
from provisioner.model.policy import known_fields
from provisioner.model.team_rules import DataFile, Subject, TeamRule
from provisioner.planning.rules.expressions import expressions_in
from provisioner.suggestions import Vocabulary, known_names

TEXT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
"""A text in an expression."""

_DATA = re.compile(r"(?<![\w.])data\.(\w+)(?![\w(])")
_LOOKUP = re.compile(r"(?<![\w.])lookup\(\s*(?:'([^']*)'|\"([^\"]*)\")")
_BRACES = re.compile(r"\{\{|\}\}|\{[^{}]+\}")

_GROUP = frozenset({"name", "members", "declared"})
_KEYS = {
    Subject.AGENT: frozenset({"email", "name", "departments", "declared", "state"}),
    Subject.DEPARTMENT: _GROUP | {"covers", "hours"},
    Subject.ROLE: _GROUP,
    Subject.CHANGE: frozenset(
        ["address", "kind", "name", "action", "before", "after", "fields", "risk", "attribution"]
    ),
    Subject.PLAN: frozenset(
        ["model_version", "target", "surface", "summary", "requests", "manual_steps"]
    ),
}
"""The keys of each kind of object beside the fields of the YAML; docs/rules.md describes them."""


def check_names(rule: TeamRule, files: Mapping[str, DataFile]) -> Iterator[Diagnostic]:
    """Yield an error for each field and data file that a rule names and that does not exist."""
    expressions = [rule.condition, *expressions_in(rule.message)]
    texts = [TEXT.sub("''", one) for one in expressions]
    keyed = [name for name, file in files.items() if file.key]
    for word in _found(_DATA, texts):
        if word not in files:
            yield _unknown(rule, f'there is no data file "{word}"', word, files)
    for word in _found(_LOOKUP, expressions):
        if word not in keyed:
            reason = "has no key" if word in files else "does not exist"
            yield _unknown(rule, f'lookup: the data file "{word}" {reason}', word, keyed)
    subject = rule.subject.value
    if any(re.search(rf"\(\s*{subject}\s*,", text) for text in texts):
        return  # A loop gives the name to something else.
    field = re.compile(rf"(?<![\w.]){subject}\.(\w+)(?![\w(])")
    known = _keys_of(rule.subject)
    for word in _found(field, texts):
        if word not in known:
            yield _unknown(rule, f'{subject} has no field "{word}"', word, known)


def check_braces(rule: TeamRule) -> Iterator[Diagnostic]:
    """Yield an error for a message with a brace that has no other one."""
    if {"{", "}"} & {*_BRACES.sub("", rule.message)}:
        yield Diagnostic(
            code="rule-invalid",
            summary=f'rule "{rule.id}", message: a brace has no other one',
            span=rule.span,
            hint="write {{ and }} for braces as text",
        )


def _found(pattern: re.Pattern[str], texts: Collection[str]) -> list[str]:
    """Return the names that a pattern finds, each once."""
    matches = (match for text in texts for match in pattern.finditer(text))
    return [*dict.fromkeys(match[match.lastindex or 1] for match in matches)]


def _keys_of(subject: Subject) -> frozenset[str]:
    kind = next((one for one in Kind if one.value == subject.value), None)
    fields = (path.split(".") for path in known_fields()) if kind else ()
    return _KEYS[subject] | {path[1] for path in fields if kind and path[0] == kind.plural}


def _unknown(rule: TeamRule, problem: str, word: str, known: Collection[str]) -> Diagnostic:
    return Diagnostic(
        code="rule-invalid",
        summary=f'rule "{rule.id}": {problem}',
        span=rule.span,
        hint=known_names(sorted(known)),
        meant=(word, Vocabulary(lambda: known)),
    )
