"""The canonical layout: one row for each decision, and the layouts that must survive."""

from typing import TYPE_CHECKING

import pytest

from provisioner.documents.formatting import formatted, schema_of

if TYPE_CHECKING:
    from provisioner.documents.schema.json_schema import SchemaName

CHANGED = {
    "keys of an object in the order of the schema": (
        "agents:\n  - name: Mia\n    extra: 1\n    role: admin\n    email: a@b.example\n",
        "agents:\n  - email: a@b.example\n    name: Mia\n    role: admin\n    extra: 1\n",
    ),
    "keys in brackets, too": (
        "agents:\n  - {name: Mia, email: a@b.example}\n",
        "agents:\n  - {email: a@b.example, name: Mia}\n",
    ),
    "a comment moves with its key": (
        "agents:\n  - name: Mia # née Lee\n    # work\n    email: a@b.example\n",
        "agents:\n  # work\n  - email: a@b.example\n    name: Mia # née Lee\n",
    ),
    "an anchor stays before its alias": (
        "agents:\n  - departments: &d {}\n    email: &e x\n  - departments: *d\n    email: *e\n",
        "agents:\n  - departments: &d {}\n    email: &e x\n  - email: *e\n    departments: *d\n",
    ),
    "an anchor of a key": ("agents:\n- &k name: 1\n", "agents:\n  - &k name: 1\n"),
    "a merge is first": (
        "profiles:\n  - &p {name: p}\n  - {name: q, <<: *p}\n",
        "profiles:\n  - &p {name: p}\n  - {<<: *p, name: q}\n",
    ),
    "indentation of two columns": (
        "roles:\n- name: A\n  permissions:\n      # all\n      x: grant\n      # end\n",
        "roles:\n  - name: A\n    permissions:\n      # all\n      x: grant\n      # end\n",
    ),
    "blanks and line ends": (
        "agents:   \n\n\n  - a\t\n\n\n\n  - b\n\n\n",
        "agents:\n  - a\n\n  - b\n",
    ),
    "blocks of a file are apart": (
        "version: 1\nagents:\n  - a\nroles: [b]\nprofiles: []\n",
        "version: 1\n\nagents:\n  - a\n\nroles: [b]\nprofiles: []\n",
    ),
    "blanks in brackets": ("agents: [ a,b , {c : 1,} ]\n", "agents: [a, b, {c: 1}]\n"),
    "lines in brackets": ("agents: [\n  a,\n  b\n]\n", "agents: [a, b]\n"),
    "brackets that are too long": (
        f"agents: [{'a' * 50}, {{b: {'c' * 50}}}]\n",
        f"agents:\n  - {'a' * 50}\n  - {{b: {'c' * 50}}}\n",
    ),
    "brackets with comments": (
        "agents: [ # one\n  a, # two\n  # three\n  b ] # four\n",
        "agents:   # one\n  - a  # two\n  # three\n  - b\n  # four\n",
    ),
    "needless quotes": (
        "agents: ['a b', \"c\", 'it''s', \"no\", 'y', '07:30', \"x: y\", '', \"\\u00e9\", 'é']\n",
        "agents: [a b, c, 'it''s', \"no\", 'y', '07:30', \"x: y\", '', \"\\u00e9\", é]\n",
    ),
    "quotes of keys": (
        '"agents": {"a": 1, "true": 2, "b: c": 3}\n',
        'agents: {a: 1, "true": 2, "b: c": 3}\n',
    ),
    "JSON": (
        '{"agents":[{"name":"M","email":"a@b.example"}]}',
        "{agents: [{email: a@b.example, name: M}]}\n",
    ),
    "a comment between key and value": ("a: # 1\n  # 2\n  b # 3\n", "# 1\n# 2\na: b  # 3\n"),
    "comments of nested dashes": (
        "a:\n  - # 1\n    - # 2\n      b: c\n",
        "a:\n  # 1\n  # 2\n  - - b: c\n",
    ),
    "text blocks": (
        "a: |\n      b\n        c\n\n      d\ne: >-  # why\n f\n",
        "a: |\n  b\n    c\n\n  d\n\ne: >-  # why\n  f\n",
    ),
    "text blocks with a number": ("- - |4\n       x\n      y\n", "- - |2\n     x\n    y\n"),
    "a text block at an open end": ("a: |\n  b", "a: |-\n  b\n"),
    "lines of a text": ('a: b\n      c\nd: "e \\\n      f"\n', 'a: b\n  c\n\nd: "e \\\n  f"\n'),
    "explicit keys": ("? a\n: b\n", "a: b\n"),
    "tags": ("a: !!str   5\nb: !!seq\n- 1\n", "a: !!str 5\n\nb: !!seq\n  - 1\n"),
    "old line breaks": ("a: 1\rb: 2\r", "a: 1\nb: 2\n"),
    "line breaks of Windows": (
        "a:   1\r\n# c \r\nb: |\r\n    c\r\n",
        "a: 1\r\n\r\n# c\r\nb: |\r\n  c\r\n",
    ),
    "a byte order mark": ("\ufeffa:   1\n", "\ufeffa: 1\n"),
    "several documents": (
        "--- # 1\na:   1\n...\n# 2\n---\n---\n- b\n",
        "--- # 1\na: 1\n...\n# 2\n---\n---\n- b\n",
    ),
    "no content": ("\n\n  \n", ""),
}

UNCHANGED = [
    "",
    "# nothing yet\n",
    "---\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: |+\n  b\n\n\nc: |+\n  d\n\n",
    "a: |\n  b\n     \n",
    "# file\n\n# first\na: 1\n# second\n\nb: 2     # aligned\nlong: 3  # aligned\n\n# end\n",
    "a:\n  b:\n    c: 1\n    # c\n  # b\n\n# a\nd: 1\n",
    "a: {}\nb: []\nc:\nd: ~\ne: {f, g: 1}\n",
    'a: "\\ud83d\\ude00"\nb: 🙂\n"": 1\n',
    "a: &x\n  b: 1\n\nc: *x\nd: {<<: *x, e: 1}\n",
    "departments:\n  - name: B\n\nagents:\n  - email: z@b.example\n  - email: a@b.example\n",
    f"agents:\n  - note: {'long ' * 30}end\n",
]


@pytest.mark.parametrize("name", CHANGED)
def test_a_layout_becomes_canonical(name: str) -> None:
    before, after = CHANGED[name]
    assert text(before) == after
    assert text(after) == after


@pytest.mark.parametrize("content", UNCHANGED)
def test_a_canonical_layout_stays(content: str) -> None:
    assert text(content) == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: [\n", "yaml-syntax"),
        ("a: 1\na: 2\n", "yaml-duplicate-key"),
        ("? 'a\n  b'\n: c\n", "unusual-layout"),
        ("services: {web: {}}\n", "unknown-key"),
    ],
)
def test_a_file_with_an_error_is_reported_at_its_place(content: str, code: str) -> None:
    schema: SchemaName = "file" if code == "unknown-key" else "rule-test"
    result, [finding] = formatted(content.encode(), "team.yaml", schema)
    assert (result, finding.code) == (None, code)
    assert finding.span is not None
    assert finding.span.file == "team.yaml"


@pytest.mark.parametrize(
    ("name", "content", "schema"),
    [
        ("team/agents.yaml", "", "file"),
        ("provisioner.yaml", "", "provisioner"),
        ("a/fleet.yaml", "", "fleet"),
        ("rule-tests/one.yaml", "", "rule-test"),
        ("", "accounts: []\nwaves: {}\n", "fleet"),
        ("", "targets: {}\n", "provisioner"),
        ("", "agents: []\n", "file"),
        ("", "a: [\n", "file"),
    ],
)
def test_the_schema_of_a_file(name: str, content: str, schema: str) -> None:
    assert schema_of(name, content.encode()) == schema


def text(content: str) -> str:
    """Return the formatted text; of any keys, since the layout does not depend on them."""
    schema: SchemaName = "file" if "agents" in content or "profiles" in content else "rule-test"
    result, findings = formatted(content.encode(), "team.yaml", schema)
    assert findings == []
    assert result is not None
    return result.decode()
