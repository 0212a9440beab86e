"""Reads an agent's performance report and logins, and ends logins."""

from collections.abc import Mapping

from provisioner.address import fold
from provisioner.live.agent_report import Login, Period
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.leaving_reader import PHONE_KEY
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.lists import read_cursor, read_pages

_IDENTITY = {"id", "contactid", "firstname", "lastname"}


class LiveAgentReportReader:
    """Implements `provisioner.live.agent_report.AgentReportReader` for LiveAgent."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def emails(self) -> dict[str, str]:
        """Return a mapping from folded email to id of the agents."""
        return {
            fold(str(row.get("email"))): str(row["id"])
            for row in read_pages(self._client, "/agents", "id", row_shapes.AGENT)
            if row.get("status") != codecs.DELETED and row["id"] != codecs.SYSTEM_AGENT
        }

    def report(self, agent_id: str, period: Period) -> Mapping[str, int] | None:
        """Return the agent's row of the reports of a period (extended surface), or None."""
        bounds = {"date_from": period.since, "date_to": period.until}
        params = {name: day.isoformat() for name, day in bounds.items() if day}
        rows = read_pages(self._client, "/reports/agents", "id", row_shapes.REPORT, params)
        row = next((row for row in rows if row["id"] == agent_id), None)
        return row and {name: value for name, value in row.items() if name not in _IDENTITY}

    def logins(self, agent_id: str) -> tuple[Login, ...]:
        """Return the agent's logins by LivePhone, without their keys."""
        return tuple(
            Login(str(row["id"]), str(row.get("name") or ""), str(row.get("valid_to_date") or ""))
            for row in read_cursor(self._client, "/apikeys", "id", row_shapes.API_KEY)
            if row.get("userid") == agent_id and row.get("type") == PHONE_KEY
        )

    def disconnect(self, login: Login) -> None:
        """End a login; a login that has already ended is no error.

        Raises:
            TargetError: it was not ended.
        """
        self._client.delete(f"/apikeys/{quoted(login.id)}")
