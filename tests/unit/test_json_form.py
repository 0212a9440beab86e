"""JSON for output and digests: the bytes of the standard library, entry by entry."""

import hashlib
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.cli.console.output import Console
from provisioner.json_form import EntryList, digest, json_line, json_lines, whole
from provisioner.planning.plans.plan_json import plan_data
from tests import plans
from tests.effort import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)


def in_library(content: Any, **options: Any) -> str:
    return json.dumps(content, ensure_ascii=False, **options)


@given(st.lists(JSON, max_size=3), JSON)
@settings(max_examples=examples(40))
def test_the_bytes_are_those_of_the_standard_library(rows: list[Any], other: Any) -> None:
    content = {"b": other, "a": {"rows": EntryList(rows, lambda row: {"row": row})}, "c": []}
    for sort_keys in (True, False):
        text = in_library(whole(content), indent=2, sort_keys=sort_keys) + "\n"
        assert "".join(json_lines(content, sort_keys=sort_keys)) == text
    short = in_library(whole(content), sort_keys=True, separators=(",", ":"))
    assert "".join(json_line(content)) == short + "\n"
    assert digest(content) == "sha256:" + hashlib.sha256(short.encode()).hexdigest()


@pytest.mark.parametrize("odd", ["\ud800", 1 << 70, {1: "one"}])
def test_what_the_fast_library_refuses_is_written_too(odd: Any) -> None:
    content = {"odd": EntryList([odd], lambda row: row)}
    assert "".join(json_lines(content)) == in_library(whole(content), indent=2) + "\n"
    assert json.loads("".join(json_line(content))) == json.loads("".join(json_lines(content)))
    assert digest(content) == digest(whole(content))


def test_a_plan_is_never_whole_in_memory_while_it_is_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chunks: list[int] = []
    monkeypatch.setattr(
        Console, "print_result", staticmethod(lambda text: chunks.append(len(text)))
    )
    data = plan_data(plans.many(600))
    tracemalloc.start()
    Console.print_lines(json_line(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(chunks) < 70_000
    assert peak < sum(chunks) / 2
