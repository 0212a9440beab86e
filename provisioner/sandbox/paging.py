"""Reads lists by page, by row numbers or by cursor, filtered and sorted (D: vendor's documents).

`_filters` has two forms. `{"column": "value"}` means equality, a list with commas any of its
values (C: phone app); `[["column", "operator", "value"], ...]` must hold as a whole (D: vendor's
documents).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.sandbox.call import Answer, Call
from provisioner.sandbox.database import Parameters, Row
from provisioner.sandbox.errors import InvalidError, MissingError
from provisioner.sandbox.fields import LARGEST_NUMBER, Choices, Field, is_text

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

    `columns` maps each column that can be filtered to its SQL.

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


FILTERS = Field(
    "_filters",
    help='JSON: {"column": "value"} or [["column", "operator", "value"], ...].',
)
_PER_PAGE = Field("_perPage", "integer", "Rows per page.", default=10, minimum=0)
_DIRECTIONS = Choices("SortDirection", ("ASC", "DESC"))
_SORT = (
    Field("_sortDir", help="Sorting direction.", choices=_DIRECTIONS, default="ASC"),
    Field("_sortField", help="Column to sort by."),
)
PAGE = (
    Field("_page", "integer", "Page; the first is 1.", default=1, minimum=0),
    _PER_PAGE,
    Field("_from", "integer", "First row, from 0. Overrides _page.", minimum=0),
    Field("_to", "integer", "Row after the last one. Only with _from.", minimum=0),
    *_SORT,
    FILTERS,
)
SORT_FIELDS = Field("_sortFields", help='JSON: {"column": "ASC"}. Overrides _sortField.')
PER_PAGE_ONLY = (_PER_PAGE, FILTERS)
CURSOR = (
    _PER_PAGE,
    Field("_cursor", help="From the header next_page_cursor.", pattern="[0-9a-f]{1,12}"),
    *_SORT,
    FILTERS,
)
NEXT_CURSOR = "next_page_cursor"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the API.

    Attributes:
        select: the statement that reads all rows.
        columns: the columns for filters and sorting: name in the API → SQL on these rows.
        order: the default order of the rows.
    """

    select: str
    columns: Mapping[str, str]
    order: str = "position"


def by_page(call: Call, listing: Listing, parameters: Parameters = ()) -> list[Row]:
    """Return the rows of `_page`, or from `_from` to `_to`."""
    query = call.query
    length = _page_length(call)
    start = (max(query["_page"], 1) - 1) * length
    if "_from" in query:
        start = query["_from"]
        if query.get("_to"):
            end = query["_to"] + call.switches.range_end_included
            length = min(max(end - start, 0), call.switches.per_page_cap)
    rows = _read(call, listing, parameters, (length, min(start, LARGEST_NUMBER)))
    if not rows and start and "_from" not in query and call.switches.page_past_end == "missing":
        raise MissingError("Page does not exist")
    return rows


def by_cursor(
    call: Call, listing: Listing, parameters: Parameters = ()
) -> tuple[list[Row], dict[str, str]]:
    """Return the rows after the cursor, and the header with the next one.

    There is no header at the end (C: keboola).
    """
    length = _page_length(call)
    start = int(call.query.get("_cursor", "0"), 16)
    rows = _read(call, listing, parameters, (length + 1, start))
    more = len(rows) > length
    return rows[:length], {NEXT_CURSOR: f"{start + length:x}"} if more and length else {}


def count(call: Call, listing: Listing, parameters: Parameters = ()) -> int:
    """Return the number of rows that match the filter."""
    condition, values = _condition(call, listing)
    statement = f"SELECT count(*) FROM ({listing.select}) WHERE {condition}"
    number: int = call.database.value(statement, (*parameters, *values))
    return number


def listed(call: Call, rows: list[Row]) -> Answer:
    """Return the answer for a list that is read by page."""
    return Answer(rows, status=call.switches.plain_list_status)


def _page_length(call: Call) -> int:
    """Return the number of rows of a page.

    Raises:
        InvalidError: the request asks for more than the account allows.
    """
    wanted: int = call.query["_perPage"]
    limit = call.switches.per_page_limit
    if limit and wanted > limit:
        raise InvalidError(f"Invalid value for '_perPage', must be at most {limit}")
    return min(wanted, call.switches.per_page_cap)


def _read(
    call: Call, listing: Listing, parameters: Parameters, window: tuple[int, int]
) -> list[Row]:
    condition, values = _condition(call, listing)
    order = _order(call, listing)
    return call.database.all(
        f"SELECT * FROM ({listing.select}) WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",
        (*parameters, *values, *window),
    )


def _condition(call: Call, listing: Listing) -> tuple[str, list[str]]:
    text = call.query.get("_filters")
    if not text:
        return "1", []
    ignore = call.switches.unknown_filter_column == "ignore"
    return parse_filters(text, listing.columns, ignore_unknown=ignore)


def _order(call: Call, listing: Listing) -> str:
    direction = call.query.get("_sortDir", "ASC")
    wanted = call.query.get("_sortField")
    fields = {wanted: direction} if wanted else {}
    if call.query.get("_sortFields"):
        fields = _sort_fields(call.query["_sortFields"])
    for column in fields:
        if column not in listing.columns:
            allowed = ", ".join(listing.columns)
            raise InvalidError(f"Invalid value for '_sortField', must be one of {allowed}")
    terms = [f"{listing.columns[column]} {way}" for column, way in fields.items()]
    return ", ".join([*terms, listing.order if terms else f"{listing.order} {direction}"])


def _sort_fields(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError("Invalid value for '_sortFields', must be a JSON object") from error
    if not isinstance(given, dict) or not all(way in ("ASC", "DESC") for way in given.values()):
        raise InvalidError("Invalid value for '_sortFields', must be one of ASC, DESC")
    return given
