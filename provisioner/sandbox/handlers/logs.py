"""The system log, reported working times and plugins: models (D: vendor's clients) and handlers.

The sandbox has hardly any entries.
"""

from provisioner.sandbox.call import Answer, Call
from provisioner.sandbox.database import Row
from provisioner.sandbox.fields import Field, Model
from provisioner.sandbox.paging import Listing, by_cursor, count

EVENT_LOG_ROW = Model(
    "EventLogRow",
    tuple(
        Field(name)
        for name in (
            *("id", "logid", "line", "filename", "created"),
            *("level", "type", "message", "ip", "groupid"),
        )
    ),
)
TIME_REPORT_ROW = Model(
    "TimeReportRow",
    (
        Field("id", "integer"),
        *(
            Field(name)
            for name in (
                *("agentid", "agent", "conversationid", "ticket", "contactid", "customer"),
                *("reportdate", "reportedtime", "spenttime", "note", "type"),
            )
        ),
    ),
)

PLUGIN_PURPOSE = Field("pluginPurpose", help="Selects plugins; its values are unknown (U).")
PLUGIN_ROW = Model(
    "PluginRow",
    (
        Field("code_name", help="The words are unknown (U)."),
        Field("name", help="The name in the panel."),
        Field("description"),
        Field("active", "boolean"),
        Field("help"),
        Field("multiple", "boolean"),
        Field("config_file"),
        Field("price", "integer"),
    ),
)

# The system log, not the audit log: it has no changes of agents (D).
_EVENTS = Listing(
    "SELECT 1 AS position, '1' AS id, '1' AS logid, '' AS line, '' AS filename,"
    " '2026-01-01 00:00:00' AS created, 'INFO' AS level, 'S' AS type, 'Account created' AS message,"
    " '' AS ip, '' AS groupid",
    {field.name: field.name for field in EVENT_LOG_ROW.fields},
)
_TIMES = Listing(
    "SELECT 0 AS position, "
    + ", ".join(f"NULL AS {field.name}" for field in TIME_REPORT_ROW.fields)
    + " WHERE 0",
    {field.name: field.name for field in TIME_REPORT_ROW.fields},
)


def grid_event_logs(call: Call) -> Answer:
    """List the system log."""
    return _grid(call, _EVENTS)


def count_grid_event_logs(call: Call) -> Row:
    """Count the entries of the system log."""
    return {"count": count(call, _EVENTS)}


def grid_time_reports(call: Call) -> Answer:
    """List the working times that agents reported for tickets."""
    return _grid(call, _TIMES)


def count_grid_time_reports(call: Call) -> Row:
    """Count the working times that agents reported for tickets."""
    return {"count": count(call, _TIMES)}


def _grid(call: Call, listing: Listing) -> Answer:
    rows, headers = by_cursor(call, listing)
    return Answer([{name: row[name] for name in listing.columns} for row in rows], headers=headers)
