"""Collects what a reading did not understand: parts of rows, and rows that another list lacks.

No document promises that every agent of one list is in the other (U). Deleted agents, bots and
service users may be in one list only, and memberships may name departments that are gone. Two
readings decide: only if they differ, somebody is changing the account.
"""

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provisioner.address import Kind, fold
from provisioner.live.unread import Unread
from provisioner.liveagent.http.contents import API_ROOT
from provisioner.liveagent.rows import codecs
from provisioner.liveagent.rows.row_checks import Row
from provisioner.model.fields import FieldPath
from provisioner.redaction import shown

_LABEL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that several rows of a list can have; see `Unread` for the attributes."""

    path_of_list: str
    field: str
    text: str
    kind: Kind = Kind.AGENT
    path: FieldPath = ()
    whole: bool = False
    is_documented: bool = False


@dataclass(slots=True)
class _Rows:
    labels: dict[str, None] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)


class UnreadParts:
    """Collects problems of rows."""

    def __init__(self) -> None:
        self._rows: dict[Problem, _Rows] = {}

    def add(self, problem: Problem, object_id: str, *, label: Any = None, email: str = "") -> None:
        """Add a row with a problem.

        `label` is the row in messages; None for the id. `email` is that of an agent who is not read
        at all.
        """
        rows = self._rows.setdefault(problem, _Rows())
        text = object_id if label is None else str(label)
        rows.labels[shown(text, _LABEL_LENGTH)] = None
        rows.ids.add(object_id)
        if email:
            rows.emails.add(fold(email))

    def all(self) -> tuple[Unread, ...]:
        """Return all parts, sorted by their text."""
        parts = [
            Unread(
                call=f"GET {API_ROOT}{problem.path_of_list}",
                field=problem.field,
                problem=problem.text,
                rows=tuple(sorted(rows.labels)),
                kind=problem.kind,
                ids=tuple(sorted(rows.ids)),
                path=problem.path,
                whole=problem.whole,
                emails=tuple(sorted(rows.emails)),
                is_documented=problem.is_documented,
            )
            for problem, rows in self._rows.items()
        ]
        return tuple(sorted(parts, key=lambda part: (str(part), part.path)))


AGENTS_LIST, SETTINGS_LIST = "/agents", "/agents/profiles"
PATHS = {
    "agents": AGENTS_LIST,
    "statuses": "/grid/agents",
    "agent_settings": SETTINGS_LIST,
    "departments": "/grid/departments",
}
"""The paths of the lists that are compared, by name."""

MEMBERSHIP_FIELD, SHIFT_FIELD = "departments_statuses.departmentid", "plans.department_id"

Lists = Mapping[str, list[Row]]
"""The lists of an account by name: `agents`, `agent_settings`, `deleted`, `departments`,
`devices`, `permissions`, `roles` and `statuses`, as far as the surface has them."""


class Mismatch(NamedTuple):
    """A row of one list that another list lacks or contradicts.

    Attributes:
        has: the name of the list that has the row.
        other: the name of the other list.
        field: the field with the id that the other list lacks.
        agent_id: the agent of the row.
        id: the id that the other list lacks: of the agent, or of a department.
    """

    has: str
    other: str
    field: str
    agent_id: str
    id: str

    @property
    def is_of_agent(self) -> bool:
        """Whether the agent can't be read; otherwise only a reference to a department is lost."""
        return self.other != "departments"

    @property
    def problem(self) -> str:
        """The problem in words that complete a sentence about the field."""
        path = f"GET {API_ROOT}{PATHS[self.other]}"
        if self.field == "status":
            return f"is {codecs.DELETED} in only one of this list and {path}"
        if self.is_of_agent:
            return f"is not in {path}"
        return f'is "{self.id}", and {path} has no such department'


def mismatches(lists: Lists) -> frozenset[Mismatch]:
    """Return the mismatches between the lists of a reading."""
    return frozenset(_mismatches(lists))


def living_agents(lists: Lists) -> set[str]:
    """Return the ids of the agents in `/agents` that are not deleted by any list."""
    deleted = {row["agentid"] for row in lists["statuses"] if is_deleted(row.get("userstatus"))}
    return {
        row["id"]
        for row in lists["agents"]
        if row["id"] != codecs.SYSTEM_AGENT
        and not is_deleted(row.get("status"))
        and row["id"] not in deleted
    }


def is_deleted(status: object) -> bool:
    """Return whether a status is that of a deleted account, in either list of agents (D)."""
    return status == codecs.DELETED


def _mismatches(lists: Lists) -> Iterator[Mismatch]:
    living = living_agents(lists)
    yield from _agents_in_one_list(lists, living)
    departments = {row["id"] for row in lists["departments"]}
    references = [
        ("statuses", MEMBERSHIP_FIELD, row["agentid"], status["departmentid"])
        for row in lists["statuses"]
        for status in row["departments_statuses"]
    ]
    references += [
        ("agent_settings", SHIFT_FIELD, row["agent_id"], shift["department_id"])
        for row in lists.get("agent_settings", ())
        for shift in row.get("plans") or ()
    ]
    for has, name, agent_id, department_id in references:
        if agent_id in living and department_id not in departments:
            yield Mismatch(has, "departments", name, agent_id, department_id)


def _agents_in_one_list(lists: Lists, living: AbstractSet[str]) -> Iterator[Mismatch]:
    in_agents = {row["id"]: row.get("status") for row in lists["agents"]}
    in_grid = {row["agentid"]: row.get("userstatus") for row in lists["statuses"]}
    others: dict[str, AbstractSet[str]] = {"statuses": in_grid.keys()}
    if "agent_settings" in lists:
        others["agent_settings"] = {row["agent_id"] for row in lists["agent_settings"]}
    for other, ids in others.items():
        for agent_id in living - ids:
            yield Mismatch("agents", other, "id", agent_id, agent_id)
    for agent_id, status in in_grid.items():
        if agent_id not in in_agents:
            if agent_id != codecs.SYSTEM_AGENT and not is_deleted(status):
                yield Mismatch("statuses", "agents", "agentid", agent_id, agent_id)
        elif {status, in_agents[agent_id]} == {codecs.ACTIVE, codecs.DELETED}:
            yield Mismatch("agents", "statuses", "status", agent_id, agent_id)


def report_mismatches(found: Collection[Mismatch], lists: Lists, unread: UnreadParts) -> None:
    """Add mismatches that two readings had to the parts that were not understood."""
    agents = {row["id"]: row for row in lists["agents"]}
    grid = {row["agentid"]: row for row in lists["statuses"]}
    for one in sorted(found):
        row, status = agents.get(one.agent_id, {}), grid.get(one.agent_id, {})
        problem = Problem(PATHS[one.has], one.field, one.problem, whole=one.is_of_agent)
        name = row.get("name") or status.get("system_name") or status.get("username")
        unread.add(
            problem,
            one.agent_id,
            label=f"{one.agent_id} ({name})" if name and one.is_of_agent else None,
            email=(row.get("email") or status.get("username") or "") if one.is_of_agent else "",
        )
