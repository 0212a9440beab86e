"""Translates the two forms of `_filters` into SQL conditions on a list's columns.

`{"column": "value"}` means equality, a list with commas any of its values (C: phone app);
`[["column", "operator", "value"], ...]` must hold as a whole (D: vendor's documents).
"""

import json
from collections.abc import Mapping

from provisioner.sandbox.errors import InvalidError
from provisioner.sandbox.fields import is_text

# The operators seen in clients (C); KB 513528 lists more that could not be read.
_OPERATORS = {
    "=": "{column} = ? COLLATE NOCASE",
    ">=": "{column} >= ?",
    "<=": "{column} <= ?",
    "LIKE": "{column} LIKE ?",
    "L": "{column} LIKE '%' || ? || '%'",
    "D>": "{column} > ?",
    "D<": "{column} < ?",
    "D>=": "{column} >= ?",
    "D<=": "{column} <= ?",
}

# Far above any real filter, and below the limits of SQLite.
_MOST_CONDITIONS = 100
_LONGEST_VALUE = 1000

INCORRECT = "Incorrect _filters parameter value"  # D: changelog 2025-05-02


def parse_filters(
    text: str, columns: Mapping[str, str], *, ignore_unknown: bool
) -> tuple[str, list[str]]:
    """Return the SQL condition of a filter and the values of its placeholders.

    Args:
        text: the received parameter.
        columns: the SQL of each column that can be filtered.
        ignore_unknown: whether conditions on other columns are ignored instead of refused.

    Raises:
        InvalidError: it has neither form, or names an unknown column or operator.
    """
    conditions: list[str] = []
    values: list[str] = []
    for column, operator, wanted in _triples(text):
        if column not in columns:
            if ignore_unknown:
                continue
            raise InvalidError(INCORRECT)
        pattern = _OPERATORS[operator].format(column=columns[column])
        conditions.append("(" + " OR ".join(pattern for _ in wanted) + ")")
        values += wanted
    return " AND ".join(conditions) or "1", values


def _triples(text: str) -> list[tuple[str, str, list[str]]]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(INCORRECT) from error
    if isinstance(given, dict):
        triples = [(name, "=", _value(value).split(",")) for name, value in given.items()]
    elif isinstance(given, list):
        triples = [_triple(member) for member in given]
    else:
        raise InvalidError(INCORRECT)
    if sum(len(values) for _, _, values in triples) > _MOST_CONDITIONS:
        raise InvalidError(INCORRECT)
    return triples


def _triple(given: object) -> tuple[str, str, list[str]]:
    match given:
        case [str(column), str(operator), value] if operator in _OPERATORS:
            return column, operator, [_value(value)]
        case _:
            raise InvalidError(INCORRECT)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or not is_text(value) or len(value) > _LONGEST_VALUE:
        raise InvalidError(INCORRECT)
    return value
