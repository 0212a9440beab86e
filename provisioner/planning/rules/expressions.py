"""Compiles and evaluates conditions in CEL. Runs in the process of a plan, or in a child of it.

This module imports nothing else of the package, so that a child process starts fast. CEL bounds one
evaluation by 10,000 steps of `all`, `exists`, `filter` and `map`, and by the depth of an
expression. Regular expressions take linear time. A child bounds memory and time as well.
"""

import json
import pickle
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

SHARED = ("live", "account", "data")
"""The variables of every rule, beside the object that it is about."""

STEPS = 10_000
"""CEL's limit of steps in one evaluation: of all loops together."""

MEMORY_MIB = 512
"""Memory that rules may use beside the data that they get."""

_PLACE = re.compile(r"<input>:(-?\d+):(-?\d+): (.*)")
_FRAME = re.compile(r"^[A-Z_]+: (?P<text>.*?)(?: \[[A-Z_]+\])?$", re.DOTALL)
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


class ConditionError(Exception):
    """An expression can't be compiled or evaluated; the text is the reason."""


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
    """

    objects: Mapping[str, Sequence[Any]]
    shared: Mapping[str, Any]


def _cel() -> Any:
    """Return the CEL library; it takes time to load, and most runs have no rules."""
    from cel_expr_python import cel  # noqa: PLC0415

    return cel


@cache
def _environment(subject: str) -> Any:
    from cel_expr_python.ext import (  # noqa: PLC0415
        ext_bindings,
        ext_math,
        ext_optional,
        ext_strings,
    )

    cel = _cel()
    variables = dict.fromkeys((subject, *SHARED), cel.Type.DYN)
    extensions = (
        ext_strings.ExtStrings(),
        ext_optional.ExtOptional(),
        ext_math.ExtMath(),
        ext_bindings.ExtBindings(),
    )
    return cel.NewEnv(variables=variables, extensions=extensions)


@cache
def compiled(subject: str, expression: str, *, is_condition: bool = False) -> Any:
    """Return a compiled expression.

    Raises:
        ConditionError: it is not valid CEL, or a condition that is neither true nor false.
    """
    try:
        program = _environment(subject).compile(expression)
    except RuntimeError as error:
        raise ConditionError(_compile_problem(str(error))) from None
    kind, types = program.return_type(), _cel().Type
    if is_condition and kind not in (types.BOOL, types.DYN):
        raise ConditionError(f"it is of the type {kind.name()}, not true or false")
    return program


def expressions_in(message: str) -> list[str]:
    """Return the expressions in the braces of a message."""
    return [hole.strip() for hole in _HOLE.findall(message) if hole]


def evaluate(questions: Iterable[RuleQuestion], facts: RuleFacts) -> Iterator[RuleAnswer]:
    """Yield the answer to each question, in order."""
    for question in questions:
        try:
            yield _answer(question, facts)
        except (ConditionError, MemoryError) as error:
            yield RuleAnswer(problem=str(error) or "it needs too much memory")


def _answer(question: RuleQuestion, facts: RuleFacts) -> RuleAnswer:
    subject, objects = question.subject, facts.objects[question.subject]
    program = compiled(subject, question.condition, is_condition=True)
    variables = dict(facts.shared)
    failed: list[tuple[int, str]] = []
    places = range(len(objects)) if question.places is None else question.places
    for place in places:
        variables[subject] = objects[place]
        try:
            value = _value(program, variables)
        except ConditionError as error:
            return RuleAnswer(tuple(failed), str(error), place)
        if value is False:
            failed.append((place, _filled(question, variables)))
        elif value is not True:
            return RuleAnswer(tuple(failed), f"its value is {value!r}, not true or false", place)
    return RuleAnswer(tuple(failed))


def _value(program: Any, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression.

    Raises:
        ConditionError: it has none.
    """
    try:
        result = program.eval(data=variables)
        value = result.value()
    except MemoryError:
        raise ConditionError(f"it needs more than {MEMORY_MIB} MiB of memory") from None
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise ConditionError(_reason(str(error))) from None
    if value is not True and value is not False and result.type() == _cel().Type.ERROR:
        raise ConditionError(_reason(str(value)))
    return value


def _filled(question: RuleQuestion, variables: Mapping[str, Any]) -> str:
    """Return the message for an object; an expression without a value stays as it is written."""

    def value(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        try:
            shown = _value(compiled(question.subject, match[1].strip()), variables)
        except ConditionError:
            return match[0]
        return _text(shown)

    return _HOLE.sub(value, question.message)


def _text(value: Any) -> str:
    """Return a value of CEL as text for people; lists are joined with commas."""
    if isinstance(value, list):
        return ", ".join(
            _text(one.value() if isinstance(one, _cel().Value) else one) for one in value
        )
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _compile_problem(text: str) -> str:
    """Return the first problem that the compiler reports, with its column."""
    for _, column, problem in _PLACE.findall(text):
        if int(column) < 0:
            return "it is nested too deeply"
        named = problem.removesuffix(" (in container '')")
        return f"column {column}: {named}"
    return _reason(text)


def _reason(text: str) -> str:
    if "Iteration budget exceeded" in text:
        return f"it takes more than {STEPS:,} steps of all, exists, filter and map for one object"
    match = _FRAME.match(text)
    reason = match["text"] if match else text
    return reason.replace("Key not found in map : ", "there is no key ")


def main() -> int:
    """Evaluate the pickled request on standard input; write one line of JSON for each event.

    The parent process writes the request, so it is trusted. Before each rule a line names its
    position, so that the parent knows the rule if this process is ended.
    """
    questions, facts = pickle.load(sys.stdin.buffer)  # noqa: S301
    _limit_memory()
    for number, question in enumerate(questions):
        print(json.dumps({"begins": number}), flush=True)  # noqa: T201
        (answer,) = evaluate([question], facts)
        line = {"failed": answer.failed, "problem": answer.problem, "at": answer.at}
        print(json.dumps(line), flush=True)  # noqa: T201
    return 0


def _limit_memory() -> None:
    """Limit the memory of this process, where the system can do that."""
    try:
        import resource  # noqa: PLC0415  Windows does not have it
    except ImportError:
        return
    unit = 1 if sys.platform == "darwin" else 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    limit = used + MEMORY_MIB * 2**20
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
