"""Laws of the canonical layout: same values, same comments, and nothing left to change."""

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.documents.formatting import formatted
from provisioner.documents.yaml.yaml_reader import read_yaml
from tests.effort import examples
from tests.properties.edited_files import File
from tests.properties.test_editing import comments

PIECES = [
    *("a", "b: ", "- ", "\n", "\n  ", "\n    ", "# c", "  # d", "{", "}", "[", "]", ", ", ": "),
    *("&x ", "*x", "'q'", '"z"', "|", "|+", "|2", ">", "\n---\n", "\n...\n", "? ", "!!str "),
    *("<<: ", "name: ", "email: ", "\t", "\\", "é", "12", "~", "\r\n", "a: 1\nb: 2\n", "\n\n"),
]


@given(seed=st.integers(0, 10**9), of_agent=st.booleans())
@settings(max_examples=examples(150))
def test_random_files_keep_values_and_comments(seed: int, of_agent: bool) -> None:
    before = as_agent(File(seed)) if of_agent else File(seed).text
    after = check(before, "file" if of_agent else "rule-test")
    assert Counter(comments(after)) == Counter(comments(before))
    assert after.count("#") == before.count("#")


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
@settings(max_examples=examples(300))
def test_odd_texts_keep_their_values_or_are_refused(pieces: list[str]) -> None:
    check("".join(pieces), "rule-test")


def check(before: str, schema: Any) -> str:
    """Return a formatted text with the same values, which formatting again does not change."""
    result, findings = formatted(before.encode(), "a.yaml", schema)
    if result is None:
        assert findings
        return before
    assert values(result) == values(before.encode())
    assert formatted(result, "a.yaml", schema) == (result, [])
    text = result.decode()
    if "|" not in before and ">" not in before:  # their texts may have blanks at the end
        assert all(line == line.rstrip() for line in text.splitlines())
        assert not text.endswith("\n\n")
    return text


def as_agent(file: File) -> str:
    """Return a file as the entry of an agent, which has known keys in an order."""
    lines = [f"    {line}" for line in file.lines if line != "---"]
    return file.newline.join(["agents:", "  -", *lines, ""])


def values(content: bytes) -> str:
    """Return the values of all documents; the order of lists counts, that of keys does not."""
    documents, findings = read_yaml(content, "a.yaml")
    assert findings == []
    return json.dumps([document.data for document in documents], sort_keys=True)
