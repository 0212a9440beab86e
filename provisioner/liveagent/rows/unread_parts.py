"""Collects the parts of an account that a reading did not understand, one for each problem."""

from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind, fold
from provisioner.live.unread import Unread
from provisioner.liveagent.http.answers import shown
from provisioner.liveagent.http.client import API_ROOT
from provisioner.model.fields import FieldPath

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

        Args:
            problem: the problem.
            object_id: the id of the object that the row is about.
            label: the row in messages; None for the id of the object.
            email: the email of an agent that is not read at all.
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
