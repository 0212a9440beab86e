"""Reading what an agent did and is logged in with, and ending logins."""

from collections.abc import Mapping

from provisioner.address import fold
from provisioner.live.agent_report import Login, Period
from provisioner.liveagent.deletion import delete
from provisioner.liveagent.http.client import Client, quoted
from provisioner.liveagent.rows import codecs, row_shapes
from provisioner.liveagent.rows.lists import read_cursor, read_pages

PHONE_KEY = "P"
"""ApiKey.type of the key that a LivePhone login makes (C: phone app)."""

_IDENTITY = {"id", "contactid", "firstname", "lastname"}


class LiveAgentFacts:
    """Knows the calls for facts; see `provisioner.live.agent_report.AgentReportReader`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def emails(self) -> dict[str, str]:
        """Return folded email to id of the agents."""
        return {
            fold(str(row.get("email"))): str(row["id"])
            for row in read_pages(self._client, "/agents", "id", row_shapes.AGENT)
            if row.get("status") != codecs.DELETED and row["id"] != codecs.SYSTEM_AGENT
        }

    def report(self, agent_id: str, period: Period) -> Mapping[str, int] | None:
        """Read all reports of the period and return the agent's (extended surface)."""
        bounds = {"date_from": period.since, "date_to": period.until}
        params = {name: day.isoformat() for name, day in bounds.items() if day}
        rows = read_pages(self._client, "/reports/agents", "id", row_shapes.REPORT, params)
        row = next((row for row in rows if row["id"] == agent_id), None)
        return row and {name: value for name, value in row.items() if name not in _IDENTITY}

    def logins(self, agent_id: str) -> tuple[Login, ...]:
        """Return the agent's keys that LivePhone made; the keys themselves stay here."""
        return tuple(
            Login(str(row["id"]), str(row.get("name") or ""), str(row.get("valid_to_date") or ""))
            for row in read_cursor(self._client, "/apikeys", "id", row_shapes.API_KEY)
            if row.get("userid") == agent_id and row.get("type") == PHONE_KEY
        )

    def disconnect(self, login: Login) -> None:
        """End a login; one that has ended already is what was wanted.

        Raises:
            TargetError: it was not ended.
        """
        delete(self._client, f"/apikeys/{quoted(login.id)}")
