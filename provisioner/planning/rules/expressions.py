"""Expressions in CEL: compiles them, and returns their values and problems.

CEL bounds one evaluation by 10,000 steps of `all`, `exists`, `filter` and `map`, and by the depth
of an expression. Regular expressions take linear time. A child bounds memory and time as well.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from provisioner.planning.rules.questions import BEFORE, SHARED

FUNCTIONS = {"find_agent": 1, "find_live_agent": 1, "lookup": 2}
"""The functions beside those of CEL, with the number of texts that they take.

They find one entry of thousands at once; a mapping as a variable is converted as a whole.
"""

STEPS = 10_000
"""CEL's limit of steps in one evaluation: of all loops together."""

MEMORY_MIB = 512
"""Memory that rules may use beside the data that they get."""

TOO_MUCH_MEMORY = f"it needs more than {MEMORY_MIB} MiB of memory"
_PLACE = re.compile(r"<input>:(-?\d+):(-?\d+): (.*)")
_FRAME = re.compile(r"^[A-Z_]+: (?P<text>.*?)(?: \[[A-Z_]+\])?$", re.DOTALL)
HOLE = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


class ConditionError(Exception):
    """An expression can't be compiled or evaluated; the text is the reason."""


Lookup = Callable[..., Any]


def _cel() -> Any:
    """Return the CEL library; it takes time to load, and most runs have no rules."""
    from cel_expr_python import cel  # noqa: PLC0415

    return cel


def environment_of(subject: str, lookups: Mapping[str, Lookup]) -> Any:
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
    return environment_of(subject, {})


def check_expression(subject: str, expression: str, *, is_condition: bool) -> None:
    """Compile an expression.

    Raises:
        ConditionError: it is not valid CEL, or a condition that is neither true nor false.
    """
    compile_in(_checking_environment(subject), expression, is_condition=is_condition)


def compile_in(environment: Any, expression: str, *, is_condition: bool = False) -> Any:
    """Return a compiled expression; see `check_expression`."""
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
    return [hole.strip() for hole in HOLE.findall(message) if hole]


def value_of(program: Any, variables: Any) -> Any:
    """Return the value of an expression.

    Raises:
        ConditionError: it has none.
    """
    try:
        result = program.eval(variables)
        value = result.value()
    except MemoryError:
        raise ConditionError(TOO_MUCH_MEMORY) from None
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise ConditionError(_reason(str(error))) from None
    if value is not True and value is not False and result.type() == _cel().Type.ERROR:
        raise ConditionError(_reason(str(value)))
    return value


def text_of(value: Any) -> str:
    """Return a value of CEL as text for people; lists are joined with commas."""
    if isinstance(value, list):
        return ", ".join(
            text_of(one.value() if isinstance(one, _cel().Value) else one) for one in value
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
    if "SELECT to non-message" in reason:
        return "it reads a field of null, so compare with null first: before == null || …"
    return reason.replace("Key not found in map : ", "there is no key ")
