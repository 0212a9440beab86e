"""Answers the questions of rules, in the process of a plan or in a child of it.

As a program, it is that child: it bounds its own memory, and its parent bounds its time.
"""

import gc
import json
import pickle
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from provisioner.planning.rules.expressions import (
    HOLE,
    MEMORY_MIB,
    TOO_MUCH_MEMORY,
    ConditionError,
    Lookup,
    compile_in,
    environment_of,
    text_of,
    value_of,
)
from provisioner.planning.rules.questions import (
    BEFORE,
    SHARED,
    RuleAnswer,
    RuleFacts,
    RuleQuestion,
    words_of,
)

_SHARED = re.compile(rf"\b({'|'.join(SHARED)})\b")
_QUOTED = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")


def evaluate(questions: Iterable[RuleQuestion], facts: RuleFacts) -> Iterator[RuleAnswer]:
    """Yield the answer to each question, in order."""
    questions = tuple(questions)
    return map(Evaluator(facts, questions).answer, questions)


class Evaluator:
    """Answers questions about the same data."""

    def __init__(self, facts: RuleFacts, questions: Sequence[RuleQuestion]) -> None:
        self._facts = facts
        self._words = words_of(questions)
        self._conditions = [(one.subject, one.condition) for one in questions]
        self._environments: dict[str, Any] = {}
        self._activations: dict[str, list[Any]] = {}
        self._indexes: dict[str, dict[str, Any]] = {}

    def answer(self, question: RuleQuestion) -> RuleAnswer:
        """Return the answer to a question."""
        try:
            environment = self._environment(question.subject)
            program = compile_in(environment, question.condition, is_condition=True)
            return self._answer(question, program)
        except ConditionError as error:
            return RuleAnswer(problem=str(error))
        except MemoryError:
            return RuleAnswer(problem=TOO_MUCH_MEMORY)

    def _answer(self, question: RuleQuestion, program: Any) -> RuleAnswer:
        number = len(self._facts.objects[question.subject])
        variables = self._variables(question)
        failed: list[tuple[int, str]] = []
        for place in range(number) if question.places is None else question.places:
            try:
                value = value_of(program, variables(place))
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
            self._environments[subject] = environment_of(subject, lookups)
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
            shorten = not self._uses_whole(subject)
            self._activations[subject] = [
                make(self._named_fields(own) if shorten else own)
                for place in range(number)
                for own in (self._own_variables(subject, place),)
            ]
        return self._activations[subject].__getitem__

    def _uses_whole(self, subject: str) -> bool:
        """Return whether a condition uses an object as a whole, or a field by a computed name."""
        whole = re.compile(rf"\b({subject}|{BEFORE})\b(?!\.)(?! *[!=]= *null\b)")
        return any(
            of == subject and whole.search(_QUOTED.sub("", text)) for of, text in self._conditions
        )

    def _named_fields(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return objects with the fields that expressions name: each one takes time."""
        return {
            variable: {name: value for name, value in own.items() if name in self._words}
            if isinstance(own, dict)
            else own
            for variable, own in variables.items()
        }

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
                program = compile_in(environment, match[1].strip())
                return text_of(value_of(program, self._all_variables(question.subject, place)))
            except ConditionError:
                return match[0]

        return HOLE.sub(value, question.message)


def main() -> int:
    """Evaluate the pickled request on standard input; write one line of JSON for each event.

    The parent process writes the request, so it is trusted. Before each rule a line names its
    position, so that the parent knows the rule if this process is ended.
    """
    gc.disable()  # the process ends soon, and most of its memory is the data
    questions, facts = pickle.load(sys.stdin.buffer)  # noqa: S301
    _limit_memory()
    evaluator = Evaluator(facts, questions)
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
