"""Compiles and evaluates conditions in CEL. Runs in the process of a plan, or in a child of it.

This module imports nothing else of the package, so that a child process starts fast. CEL bounds one
evaluation by 10,000 steps of `all`, `exists`, `filter` and `map`, and by the depth of an
expression. Regular expressions take linear time. A child bounds memory and time as well.
"""

import gc
import json
import pickle
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

SHARED = ("live", "account", "data")
"""The variables of every rule, beside the object that it is about."""

BEFORE = "before"
"""The variable of the same object before the plan; null for a new one."""

FUNCTIONS = {"find_agent": 1, "find_live_agent": 1, "lookup": 2}
"""The functions beside those of CEL, with the number of texts that they take.

They find one entry of thousands at once; a mapping as a variable is converted as a whole.
"""

STEPS = 10_000
"""CEL's limit of steps in one evaluation: of all loops together."""

MEMORY_MIB = 512
"""Memory that rules may use beside the data that they get."""

_TOO_MUCH_MEMORY = f"it needs more than {MEMORY_MIB} MiB of memory"
_SHARED = re.compile(rf"\b({'|'.join(SHARED)})\b")
_WORD = re.compile(r"[a-z_]+")
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
        before: for a subject, each of its objects as it was before the plan, or None.
    """

    objects: Mapping[str, Sequence[Any]]
    shared: Mapping[str, Any]
    before: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def _cel() -> Any:
    """Return the CEL library; it takes time to load, and most runs have no rules."""
    from cel_expr_python import cel  # noqa: PLC0415

    return cel


Lookup = Callable[..., Any]


def _environment(subject: str, lookups: Mapping[str, Lookup]) -> Any:
    """Return the environment of the expressions of a subject.

    `lookups` are the functions in `FUNCTIONS`; only an evaluation needs them.
    """
    from cel_expr_python.ext import (  # noqa: PLC0415
        ext_bindings,
        ext_math,
        ext_optional,
        ext_strings,
    )

    cel = _cel()
    text, anything = cel.Type.STRING, cel.Type.DYN
    return cel.NewEnv(
        variables=dict.fromkeys((subject, BEFORE, *SHARED), anything),
        functions=[
            cel.FunctionDecl(
                name,
                [cel.Overload(name, anything, [text] * number, False, lookups.get(name, _nothing))],
            )
            for name, number in FUNCTIONS.items()
        ],
        extensions=(
            ext_strings.ExtStrings(),
            ext_optional.ExtOptional(),
            ext_math.ExtMath(),
            ext_bindings.ExtBindings(),
        ),
    )


def _nothing(*_: str) -> None:
    """Return nothing: the function of an expression that is compiled only to check it."""


@cache
def _checking_environment(subject: str) -> Any:
    return _environment(subject, {})


def check_expression(subject: str, expression: str, *, is_condition: bool) -> None:
    """Compile an expression.

    Raises:
        ConditionError: it is not valid CEL, or a condition that is neither true nor false.
    """
    _compile(_checking_environment(subject), expression, is_condition=is_condition)


def _compile(environment: Any, expression: str, *, is_condition: bool = False) -> Any:
    try:
        program = environment.compile(expression)
    except RuntimeError as error:
        raise ConditionError(_compile_problem(str(error))) from None
    kind, types = program.return_type(), _cel().Type
    if is_condition and kind not in (types.BOOL, types.DYN):
        raise ConditionError(f"it is of the type {kind.name()}, not true or false")
    return program


def expressions_in(message: str) -> list[str]:
    """Return the expressions in the braces of a message."""
    return [hole.strip() for hole in _HOLE.findall(message) if hole]


def words_of(questions: Iterable[RuleQuestion]) -> frozenset[str]:
    """Return the words of all expressions and messages of questions, such as `live`."""
    texts = (text for one in questions for text in (one.condition, one.message))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def evaluate(questions: Iterable[RuleQuestion], facts: RuleFacts) -> Iterator[RuleAnswer]:
    """Yield the answer to each question, in order."""
    evaluator = Evaluator(facts)
    return map(evaluator.answer, questions)


class Evaluator:
    """Answers questions about the same data."""

    def __init__(self, facts: RuleFacts) -> None:
        self._facts = facts
        self._environments: dict[str, Any] = {}
        self._activations: dict[str, list[Any]] = {}
        self._indexes: dict[str, dict[str, Any]] = {}

    def answer(self, question: RuleQuestion) -> RuleAnswer:
        """Return the answer to a question."""
        try:
            environment = self._environment(question.subject)
            program = _compile(environment, question.condition, is_condition=True)
            return self._answer(question, program)
        except ConditionError as error:
            return RuleAnswer(problem=str(error))
        except MemoryError:
            return RuleAnswer(problem=_TOO_MUCH_MEMORY)

    def _answer(self, question: RuleQuestion, program: Any) -> RuleAnswer:
        number = len(self._facts.objects[question.subject])
        variables = self._variables(question)
        failed: list[tuple[int, str]] = []
        for place in range(number) if question.places is None else question.places:
            try:
                value = _value(program, variables(place))
            except ConditionError as error:
                return RuleAnswer(tuple(failed), str(error), place)
            if value is False:
                failed.append((place, self._filled(question, place)))
            elif value is not True:
                problem = f"its value is {value!r}, not true or false"
                return RuleAnswer(tuple(failed), problem, place)
        return RuleAnswer(tuple(failed))

    def _environment(self, subject: str) -> Any:
        if subject not in self._environments:
            lookups: dict[str, Lookup] = {
                "find_agent": partial(self._agent, "account"),
                "find_live_agent": partial(self._agent, "live"),
                "lookup": self._row,
            }
            self._environments[subject] = _environment(subject, lookups)
        return self._environments[subject]

    def _agent(self, account: str, email: str) -> Any:
        if account not in self._indexes:
            agents = self._facts.shared[account]["agents"]
            self._indexes[account] = {agent["email"]: agent for agent in agents}
        return self._indexes[account].get(email.lower())

    def _row(self, name: str, key: str) -> Any:
        rows = self._facts.shared["data"].get(name)
        return rows.get(key) if isinstance(rows, dict) else None

    def _variables(self, question: RuleQuestion) -> Callable[[int], Any]:
        """Return a function from the position of an object to the variables for it.

        The library keeps the values of variables that it has converted. The rules of a subject
        share them, except whole accounts and files: those would be kept for each object.
        """
        subject = question.subject
        if _SHARED.search(question.condition):
            return partial(self._all_variables, subject)
        if subject not in self._activations:
            make = self._environment(subject).Activation
            number = len(self._facts.objects[subject])
            self._activations[subject] = [
                make(self._own_variables(subject, place)) for place in range(number)
            ]
        return self._activations[subject].__getitem__

    def _own_variables(self, subject: str, place: int) -> dict[str, Any]:
        before = self._facts.before.get(subject)
        own = self._facts.objects[subject][place]
        return {subject: own, BEFORE: before[place] if before else None}

    def _all_variables(self, subject: str, place: int) -> Any:
        variables = {**self._facts.shared, **self._own_variables(subject, place)}
        return self._environment(subject).Activation(variables)

    def _filled(self, question: RuleQuestion, place: int) -> str:
        """Return the message for an object; an expression without a value stays as it is."""
        environment = self._environment(question.subject)

        def value(match: re.Match[str]) -> str:
            if match[1] is None:
                return match[0][0]
            try:
                program = _compile(environment, match[1].strip())
                return _text(_value(program, self._all_variables(question.subject, place)))
            except ConditionError:
                return match[0]

        return _HOLE.sub(value, question.message)


def _value(program: Any, variables: Any) -> Any:
    """Return the value of an expression.

    Raises:
        ConditionError: it has none.
    """
    try:
        result = program.eval(variables)
        value = result.value()
    except MemoryError:
        raise ConditionError(_TOO_MUCH_MEMORY) from None
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise ConditionError(_reason(str(error))) from None
    if value is not True and value is not False and result.type() == _cel().Type.ERROR:
        raise ConditionError(_reason(str(value)))
    return value


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
    gc.disable()  # the process ends soon, and most of its memory is the data
    questions, facts = pickle.load(sys.stdin.buffer)  # noqa: S301
    _limit_memory()
    evaluator = Evaluator(facts)
    for number, question in enumerate(questions):
        print(json.dumps({"begins": number}), flush=True)  # noqa: T201
        answer = evaluator.answer(question)
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
