"""docs/assumptions.md is generated from the table, and every switch that it names exists."""

from pathlib import Path

import pytest

from provisioner.documents.document import Document
from provisioner.documents.schema.json_schema import check
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.render.reference import assumptions_page
from provisioner.sandbox.switches import switch_rows

PAGE = Path(__file__).parents[2] / "docs/assumptions.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == assumptions_page(), "run `make reference`"


@pytest.mark.parametrize("name", ASSUMPTIONS)
def test_a_row_has_a_switch_of_the_sandbox(name: str) -> None:
    switch = ASSUMPTIONS[name].switch
    assert switch in {row.name for row in switch_rows()}


def test_the_assumed_values_are_allowed() -> None:
    facts = {one.name: one.default for one in ASSUMPTIONS.values()}
    file = Document("capabilities.yaml", {"targets": {"production": {"facts": facts}}}, 0)
    assert check(file, "capabilities")[1] == []
