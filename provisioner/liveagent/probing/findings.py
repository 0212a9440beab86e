"""What a probe has found out, its questions to a person, and lists read without assumptions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from provisioner.diagnostics import RejectedError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.contents import Content
from provisioner.liveagent.http.refusals import GONE
from provisioner.liveagent.rows.row_checks import Row

Ask = Callable[[str, tuple[str, ...]], str | None]
"""Asks a person a question with a few answers, or with any if there are none; None if nobody can
answer it."""


PROBE_NAME = "Provisioner Probe"
"""The name of every throwaway agent. An agent with another name is never changed."""

DEFAULTED, DEFAULT, OTHER = "gender", "X", "F"
"""An optional field of an Agent that a probe may change, its default (D), and another value."""


def new_agent(email: str) -> dict[str, str]:
    """Return the body that creates a throwaway agent."""
    return {"name": PROBE_NAME, "email": email, "role": "agent", DEFAULTED: DEFAULT}


@dataclass(slots=True)
class ProbeFindings:
    """The results of a probe, as far as it has come.

    Attributes:
        facts: the value of each assumption that was found out.
        unknown: assumption to the reason why it was not found out, and how to do it by hand.
        new_agent_defaults: what the account gave the new agent, in the form of an agent.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    new_agent_defaults: dict[str, Any] = field(default_factory=dict)

    def learn(self, **facts: Any) -> None:
        """Add facts; they replace earlier reasons."""
        self.facts |= facts
        for name in facts:
            self.unknown.pop(name, None)

    def give_up(self, reason: str, *names: str) -> None:
        """Note why assumptions were not found out."""
        self.unknown |= {name: reason for name in names if name not in self.facts}


@dataclass(frozen=True, slots=True)
class ProbedAgent:
    """The throwaway agent of a probe.

    Attributes:
        id: the id in the account.
        email: the email.
        is_new: whether this probe has created it; only a new agent shows the defaults.
    """

    id: str
    email: str
    is_new: bool

    def body(self, **changes: Any) -> Mapping[str, Any]:
        """Return the agent as a whole documented object."""
        return {"id": self.id, **new_agent(self.email), **changes}


SMALLEST_PAGE = 10
"""Rows of a page without `_perPage` (D); a smaller page is not asked for."""


class RawLists:
    """Reads whole lists by number or by cursor; their rows are not checked.

    Attributes:
        page_size: the rows to ask for; a probe sets it to the largest that is accepted.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.page_size = SMALLEST_PAGE

    def rows(self, path: str) -> list[Row]:
        """Return the rows of a list that is paged by number.

        The list ends with a page without new rows, or with a 404.
        """
        found: dict[str, Row] = {}
        for number in count(1):
            page = self.page(path, number, self.page_size) or []
            added = {str(row.get("id")): row for row in page if str(row.get("id")) not in found}
            if not added:
                break
            found |= added
        return list(found.values())

    def page(self, path: str, number: int, size: int) -> list[Row] | None:
        """Return one page, or None for a 404."""
        params: dict[str, str | int] = {"_page": number, "_perPage": size}
        try:
            return _rows_of(self._client.call("GET", path, params=params).content)
        except RejectedError as error:
            if number > 1 and error.status in GONE:
                return None
            raise

    def grid(self, path: str) -> tuple[list[Row], Content]:
        """Return the rows of a list that is paged by cursor, and its first answer."""
        params: dict[str, str | int] = {"_perPage": self.page_size}
        first = answer = self._client.call("GET", path, params=params)
        rows, cursors = _rows_of(answer.content), {""}
        while (cursor := answer.headers.get("next_page_cursor") or "") not in cursors:
            cursors.add(cursor)
            params["_cursor"] = cursor
            answer = self._client.call("GET", path, params=params)
            rows += _rows_of(answer.content)
        return rows, first


def _rows_of(content: Any) -> list[Row]:
    return [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []
