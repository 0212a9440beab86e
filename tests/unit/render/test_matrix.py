"""Coverage as tables."""

from typing import Any

import pytest

from provisioner.address import agent, department
from provisioner.planning.coverage import Cell, Coverage, Holder, PlannedHours
from provisioner.render.html.coverage_tables import hour_grids, matrix

MIA = Holder(agent("mia@acme.example"), "Mia")
NAMELESS = Holder(department("mia@acme.example"), "")


@pytest.mark.parametrize(
    ("before", "after", "only", "shown"),
    [
        (0, 0, None, {"text": "0", "tone": "empty", "note": ""}),
        (3, 3, None, {"text": "3", "tone": "", "note": ""}),
        (2, 3, None, {"text": "2 → 3", "tone": "more", "note": ""}),
        (3, 2, None, {"text": "3 → 2", "tone": "less", "note": ""}),
        (1, 1, MIA, {"text": "1", "tone": "alone", "note": "only Mia"}),
        (0, 1, MIA, {"text": "0 → 1", "tone": "more", "note": "only Mia"}),
        (2, 1, NAMELESS, {"text": "2 → 1", "tone": "one", "note": "only mia@acme.example"}),
        (2, 0, None, {"text": "2 → 0", "tone": "zero", "note": "nobody left"}),
        (2, None, None, {"text": "2 → gone", "tone": "empty", "note": ""}),
        (None, 2, None, {"text": "0 → 2", "tone": "more", "note": ""}),
    ],
)
def test_a_cell_shows_what_the_plan_does_to_it(
    before: int | None, after: int | None, only: Holder | None, shown: dict[str, Any]
) -> None:
    (row,) = matrix(Coverage((Cell("Support", "chats", before, after, only),)))
    assert row["cells"] == [shown]
    assert row["note"] == ("is new" if before is None else "is deleted" if after is None else "")


def test_hours_are_marked_where_they_rise_or_fall() -> None:
    quiet = ((0,) * 24,) * 6
    before = ((3, 2, 1, 0, 1, *[0] * 19), *quiet)
    after = ((2, 1, 0, 1, 1, *[0] * 19), *quiet)
    (grid,) = hour_grids(Coverage(hours=(PlannedHours("Support", "chats", before, after),)))
    assert grid["falls"] == "1 h without anybody, 1 h with one agent"
    (day, cells), *_ = grid["days"]
    assert day == "mon"
    assert [(cell["text"], cell["tone"]) for cell in cells[:6]] == [
        ("3→2", "less"),
        ("2→1", "one"),
        ("1→0", "zero"),
        ("0→1", "more"),
        ("1", ""),
        ("0", "empty"),
    ]


def test_what_waits_for_a_person_is_not_known() -> None:
    cells = [Cell("Dept 10", "chats", 2, 2), Cell("Dept 2", "chats", 1, 0)]
    leaving = {("Dept 2", "chats"): "1 by X"}
    rows = matrix(Coverage(tuple(cells)), {"Dept 10", "Dept 2", "New"}, leaving)
    assert [row["department"] for row in rows] == ["Dept 2", "Dept 10", "New"]
    assert [row["cells"][0]["text"] for row in rows] == ["1 → 0", "2 → ?", "0 → ?"]
    note = "nobody left; 1 by X; waits for a manual step"
    assert rows[0]["cells"][0]["note"] == note
