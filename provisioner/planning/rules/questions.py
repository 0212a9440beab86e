"""The questions that rules ask about a plan, their answers, and the data that they are about.

These modules import nothing else of the package, so that a child process starts fast: this one,
`expressions` and `evaluation`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SHARED = ("live", "account", "data")
"""The variables of every rule, beside the object that it is about."""

BEFORE = "before"
"""The variable of the same object before the plan; null for a new one."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class RuleQuestion:
    """One rule to evaluate.

    Attributes:
        subject: the name of the variable for the object, such as `agent`.
        condition: the expression.
        message: the text of a finding, with expressions in braces.
        places: the positions of the objects to evaluate; None for all.
    """

    subject: str
    condition: str
    message: str = ""
    places: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """The result of a rule.

    Attributes:
        failed: the positions of objects that do not conform, each with its message.
        problem: the reason why the rule can't be evaluated; "" if it could.
        at: the position of the object at which the problem occurred; None for no certain one.
    """

    failed: tuple[tuple[int, str], ...] = ()
    problem: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """The data that rules are about.

    Attributes:
        objects: the objects of each subject.
        shared: the values of the variables in `SHARED`.
        before: for a subject, each of its objects as it was before the plan, or None.
    """

    objects: Mapping[str, Sequence[Any]]
    shared: Mapping[str, Any]
    before: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def words_of(questions: Iterable[RuleQuestion]) -> frozenset[str]:
    """Return the words of all expressions and messages of questions, such as `live`."""
    texts = (text for one in questions for text in (one.condition, one.message))
    return frozenset(word for text in texts for word in _WORD.findall(text))
