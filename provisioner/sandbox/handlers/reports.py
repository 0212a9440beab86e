"""The handler of the report of agents (extended), with the columns of API v1."""

from datetime import date

from provisioner.sandbox.call import Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.errors import InvalidError
from provisioner.sandbox.fields import Field, Model
from provisioner.sandbox.handlers.statuses import split_name
from provisioner.sandbox.paging import Listing, by_page, listed
from provisioner.sandbox.policy import may_view_reports
from provisioner.sandbox.store import reports

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATE_FROM = Field("date_from", help="First day.", default="0001-01-01", pattern=_DAY)
DATE_TO = Field("date_to", help="Last day.", default="9999-12-31", pattern=_DAY)
COLUMNS = Field("columns", help="Columns joined by commas; all without it.")
IDENTITY = ("id", "contactid", "firstname", "lastname")
AGENT_REPORT = Model(
    "AgentReport",
    (
        *(Field(name) for name in IDENTITY),
        *(Field(name, "integer") for name in reports.COLUMNS),
    ),
)


def list_agent_reports(call: Call) -> Answer:
    """List the activity of agents in a period; without the permission, only one's own."""
    period = [_day(call, "date_from"), _day(call, "date_to")]
    if period != sorted(period):
        raise InvalidError("Invalid value for 'date_to', must be at least date_from")
    columns = _columns(call)
    numbers = [column for column in columns if column in reports.COLUMNS]
    select, parameters = reports.select(numbers), tuple(period)
    if not may_view_reports(call):
        select = f"SELECT * FROM ({select}) WHERE id = ?"
        parameters += (call.caller["agent_id"],)
    listing = Listing(select, {name: name for name in ("id", "contactid", *numbers)})
    return listed(call, [_public(row, columns) for row in by_page(call, listing, parameters)])


def _day(call: Call, name: str) -> str:
    text: str = call.query[name]
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError(f"Invalid value for '{name}', must be a date") from error
    return text


def _columns(call: Call) -> list[str]:
    """Return the requested columns, always with the agent's id and name."""
    known = (*IDENTITY, *reports.COLUMNS)
    wanted = call.query["columns"].split(",") if "columns" in call.query else known
    for column in wanted:
        if column not in known:
            raise InvalidError(f"Invalid value for 'columns', must be one of {', '.join(known)}")
    return list(dict.fromkeys(("id", "firstname", "lastname", *wanted)))


def _public(row: Row, columns: list[str]) -> Row:
    row["firstname"], row["lastname"] = split_name(row["name"])
    return {column: row[column] for column in columns}
