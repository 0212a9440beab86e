"""Edits of `capabilities.yaml`: only the wanted facts change, whatever the layout."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.app.capabilities_file import with_facts
from tests.effort import examples

FACTS = st.dictionaries(
    st.sampled_from(["page_size", "plan_day_base", "end_of_pages", "creates_agents"]),
    st.sampled_from([1, 500, True, False, "empty", "24:00"]),
    min_size=1,
)
NAMES = st.sampled_from(["production", "staging", "a.b"])

LAYOUTS = [
    "",
    "# nothing yet\n",
    "version: 1\n",
    "version: 1\ntargets: {}\n",
    "targets:\n",
    "targets: {production: {facts: {page_size: 7}}}\n",
    "targets:\n  production: {facts: {page_size: 7}}\n",
    "targets:\n    staging:\n        facts:\n            page_size: 7 # seen\n",
    "targets:\n  production:\n    facts:\n      page_size: 7",
    "targets:\n  production:\n    # why\n    facts:\n\n      # many\n      page_size: 7   # seen\n",
    'targets:\n  "production":\n    url: "https://acme.example"\n    facts: {}  # none\n',
]


def facts(text: str, target: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)["targets"][target]["facts"]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=examples(10))
@given(added=FACTS, target=NAMES)
def test_the_facts_are_added_and_others_stay(
    layout: str, added: dict[str, Any], target: str
) -> None:
    after = with_facts(layout, target, {"facts": added})
    before = ((yaml.safe_load(layout) or {}).get("targets")) or {}
    expected = {name: entry["facts"] for name, entry in before.items()}
    expected[target] = {**expected.get(target, {}), **added}
    assert {name: facts(after, name) for name in expected} == expected
    assert with_facts(after, target, {"facts": added}) == after


@pytest.mark.parametrize("layout", [text for text in LAYOUTS if "{facts" not in text])
@settings(max_examples=examples(10))
@given(added=FACTS)
def test_comments_stay(layout: str, added: dict[str, Any]) -> None:
    after = with_facts(layout, "production", {"facts": added})
    for line in layout.splitlines():
        _, mark, comment = line.partition("#")
        assert not mark or f"#{comment}\n" in after


def test_facts_are_sorted_and_only_their_lines_change() -> None:
    before = "targets:\n  production:\n    facts:\n      b: 1 # b\n      d: 2\n# end\n"
    after = with_facts(before, "production", {"facts": {"a": 0, "b": 3, "c": "x", "e": True}})
    assert after == (
        "targets:\n  production:\n    facts:\n"
        "      a: 0\n      b: 3 # b\n      c: x\n      d: 2\n      e: true\n# end\n"
    )
