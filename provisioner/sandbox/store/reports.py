"""Rows of agents' activity by day, and the report of a period."""

from collections.abc import Iterable
from datetime import date

from provisioner.sandbox.database import Database, Row

# D: vendor's v1 report of agents.
_NAMES = """
    worktime answers answers_ph newAnswerAvgTime newAnswerAvgTimeSla nextAnswerAvgTime
    nextAnswerAvgTimeSla calls calls_ph missed_calls missed_calls_ph call_seconds call_seconds_ph
    chats chats_ph chat_answers chat_answers_ph missed_chats missed_chats_ph chat_pickup
    chatPickupAvgTime chatAvgTime not_ranked not_ranked_p not_ranked_ph rewards rewards_p
    rewards_ph punishments punishments_p punishments_ph created_tickets resolved_tickets u_chats
    u_calls notes firstAssignAvgTime firstAssignAvgTimeSla firstResolveAvgTime
    firstResolveAvgTimeSla calls_outgoing call_outgoing_seconds call_outgoing_avg_time
    call_pickup_avg_time call_avg_time calls_internal call_internal_avg_time
    call_internal_seconds o_calls
"""
COLUMNS = tuple(_NAMES.split())
# The other columns are computed from these.
STORED = tuple(column for column in COLUMNS if not column.endswith(("_p", "_ph")))


def select(columns: Iterable[str]) -> str:
    """Return the statement that reads columns for all agents; it takes the first and last day.

    Args:
        columns: some of `COLUMNS`.
    """
    values = "".join(f", {_value(column)} AS {column}" for column in columns)
    return f"""
        SELECT a.position, a.id, a.id AS contactid, a.name{values}
        FROM agents a LEFT JOIN activity t ON t.agent_id = a.id AND t.day BETWEEN ? AND ?
        WHERE a.status = 'A' GROUP BY a.id"""


def _value(column: str) -> str:
    """Return the SQL of a column over several days (U: the formulas of computed columns)."""
    base, _, suffix = column.rpartition("_")
    if suffix == "ph":
        value = f"3600 * total({base}) / total(worktime)"
    elif suffix == "p":
        ranked = "total(rewards) + total(punishments) + total(not_ranked)"
        value = f"100 * total({base}) / ({ranked})"
    elif "avg" in column.lower():
        value = f"avg({column})"
    else:
        value = f"sum({column})"
    return f"CAST(coalesce(round({value}), 0) AS INTEGER)"


def add(database: Database, agent_id: str, day: date, values: Row) -> None:
    """Insert the activity of an agent on a day."""
    columns = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    database.run(
        f"INSERT INTO activity (agent_id, day, {columns}) VALUES (?, ?, {marks})",
        (agent_id, day.isoformat(), *values.values()),
    )


def is_empty(database: Database, agent_id: str) -> bool:
    """Return whether an agent has no activity."""
    return not database.value("SELECT count(*) FROM activity WHERE agent_id = ?", (agent_id,))
