"""A change that the base has, too, is earlier drift; any other change is the branch's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from provisioner.address import agent
from provisioner.diagnostics import Span
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState
from provisioner.planning.attribution.base_comparison import attribute
from provisioner.planning.attribution.parts import by_attribution, lost_coverage
from provisioner.planning.changes import Action, Attribution, Change, Commit, FieldChange, Reason
from provisioner.planning.field_changes import field_changes
from provisioner.planning.manual.manual_step import ManualStep

MIA = agent("mia@acme.example")
LIVE: dict[str, Any] = {
    "name": "Mia",
    "alias": "A",
    "departments": {"Support": {"chats": True, "tickets": False}},
}


class NoHistory:
    """A branch without commits."""

    def of_line(self, _place: Span) -> Commit | None:
        return None

    def of_file(self, _file: str) -> Commit | None:
        return None

    def of_removal(self, _place: Span) -> Commit | None:
        return None

    def is_own(self, _commit: Commit) -> bool:
        return False


@dataclass
class Compared:
    """One side of a comparison with the base."""

    changes: tuple[Change, ...]
    desired: DesiredState = DesiredState({})  # noqa: RUF009  frozen
    live: LiveState = LiveState({})  # noqa: RUF009  frozen
    steps: tuple[ManualStep, ...] = ()


def update(**fields: Any) -> Change:
    after = {**LIVE, **fields}
    changes = field_changes(LIVE, after)
    action = Action.UPDATE if changes else Action.NO_OP
    return Change(MIA, "Mia", action, Reason.DIFFERS, LIVE, after, changes, "i1")


def deletion() -> Change:
    return Change(MIA, "Mia", Action.DELETE, Reason.UNDECLARED, LIVE, None, (), "i1")


def origins(fields: Iterable[FieldChange]) -> dict[str, str | None]:
    return {".".join(field.path): field.attribution for field in fields}


@pytest.mark.parametrize(
    ("branch", "base", "whole", "fields"),
    [
        (update(alias="B"), update(), "branch", {"alias": "branch"}),
        (update(alias="B"), update(alias="B"), "drift", {"alias": "drift"}),
        (update(alias="B"), update(alias="C"), "branch", {"alias": "branch"}),
        (update(alias="B"), deletion(), "branch", {"alias": "branch"}),
        (update(alias="B", name="M"), update(name="M"), "branch",
         {"alias": "branch", "name": "drift"}),
        (update(), update(alias="B"), None, {}),
        (deletion(), deletion(), "drift", {}),
        (deletion(), update(), "branch", {}),
    ],
    ids=str,
)  # fmt: skip
def test_a_change_is_of_the_branch_or_drift(
    branch: Change, base: Change, whole: str | None, fields: Mapping[str, str]
) -> None:
    [change], _ = attribute(Compared((branch,)), Compared((base,)), NoHistory())
    assert (change.attribution, origins(change.fields)) == (whole, fields)


def test_without_a_usable_base_no_change_has_an_attribution() -> None:
    [change], _ = attribute(Compared((update(alias="B"),)), None, NoHistory())
    assert change.attribution is None


def test_an_update_of_both_is_split_by_attribution() -> None:
    changes, _ = attribute(
        Compared((update(alias="B", name="M"),)), Compared((update(name="M"),)), NoHistory()
    )
    parts = [(part, origins(change.fields)) for part, [change] in by_attribution(changes)]
    assert parts == [
        (Attribution.BRANCH, {"alias": "branch"}),
        (Attribution.DRIFT, {"name": "drift"}),
    ]
    assert parts == [
        (Attribution.BRANCH, {"alias": "branch"}),
        (Attribution.DRIFT, {"name": "drift"}),
    ]


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (update(alias="B"), []),
        (update(departments={}), [("Support", "chats")]),
        (
            update(departments={"Support": {"chats": False, "tickets": True}}),
            [("Support", "chats")],
        ),
        (deletion(), [("Support", "chats")]),
    ],
    ids=str,
)
def test_a_change_takes_services_away(change: Change, lost: list[tuple[str, str]]) -> None:
    assert [*lost_coverage(change)] == lost
