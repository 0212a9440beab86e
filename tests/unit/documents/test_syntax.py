from pathlib import Path

import pytest
from yaml.error import Mark, MarkedYAMLError

from provisioner.documents import load_project
from provisioner.documents.yaml.syntax import explain
from provisioner.documents.yaml.yaml_reader import LOADER, Loader, PureLoader, read_yaml

TROUBLES = [
    ('a: "x\nb: 2\n', "1:4", "the quote that opens here is never closed"),
    ("a: 'x\n---\nb: 2\n", "1:4", "the quote that opens here is never closed"),
    ("a: 'it's'\n", "1:8", "the text goes on after its closing quote"),
    ('a: "x" y\n', "1:8", "the text goes on after its closing quote"),
    ("a:1\nb: 2\n", "1:2", 'the space after the colon of "a" is missing'),
    ("x: 1\nfoo:2\nb: 3\n", "2:4", 'the space after the colon of "foo" is missing'),
    ("- a: 1\n  b:2\n  c: 3\n", "2:4", 'the space after the colon of "b" is missing'),
    ("a: 1\nfoo\nb: 2\n", "2:1", "the line is neither a key with a value nor an item of a list"),
    ("a:\n  b: 1\n c: 2\n", "3:2", "this does not belong to the mapping around it"),
    ("a: 1\n- b\n", "2:1", "this does not belong to the mapping around it"),
    ("a:\n  b: 1\n   c: 2\n", "3:5", "a colon is not allowed here"),
    ("a: b: c\n", "1:5", "a colon is not allowed here"),
    ("http://x: y: z\n", "1:12", "a colon is not allowed here"),
    ("a:\n  - b\n  c: 1\n", "3:3", "this does not belong to the list around it"),
    ("a: - b\n", "1:4", 'an item of a list ("- ") can\'t start here'),
    ("a: ? b\n", "1:4", 'a "?" followed by a blank is not allowed here'),
    ("a:\n\tb: 1\n", "2:1", "a tab can't be used to indent"),
    ("a:\n  b: 1\n\tc: 2\n", "3:1", "a tab can't be used to indent"),
    ("a: @foo\n", "1:4", 'a value can\'t start with "@"'),
    ("a: `foo`\n", "1:4", 'a value can\'t start with "`"'),
    ("a: %foo\n", "1:4", 'a value can\'t start with "%"'),
    (
        "a: [1, 2\nb: 3\n",
        "1:4",
        'the list that opens here with "[" is not closed, or a comma is missing in it',
    ),
    (
        "a: {b: 1\nc: 2\n",
        "1:4",
        'the mapping that opens here with "{" is not closed, or a comma is missing in it',
    ),
    ("a: [\n\n", "1:5", "the file ends in the middle of a value"),
    ("a: [1,,2]\n", "1:7", "a value is missing here"),
    ("a: ]\n", "1:4", "a value is missing here"),
    (
        "a: **b**\n",
        "1:4",
        'a value that starts with "*" refers to an anchor, but no name follows',
    ),
    ("a: & b\n", "1:4", 'a value that starts with "&" is an anchor, but no name follows'),
    (
        "a: !e!x y\n",
        "1:4",
        'a value that starts with "!" is a tag, and this one is not known',
    ),
    ("a: !<x y\n", "1:4", 'a value that starts with "!" is a tag, and this one is not known'),
    (
        "a: 1\n%b: 2\n",
        "2:1",
        'a line that starts with "%" is an instruction for YAML, and this one is not known',
    ),
    (
        "%YAML 3.0\n---\na: 1\n",
        "1:1",
        'a line that starts with "%" is an instruction for YAML, and this one is not known',
    ),
    ("[a]\nb\n", "2:1", "the document has ended before this line"),
    ("a: |x\n  foo\n", "1:4", 'nothing may follow "|" or ">" on the same line'),
]


@pytest.mark.parametrize("loader", [LOADER, PureLoader], ids=["libyaml", "pure"])
@pytest.mark.parametrize(("text", "place", "summary"), TROUBLES)
def test_a_syntax_error_is_one_clear_finding(
    text: str, place: str, summary: str, loader: Loader
) -> None:
    documents, [finding] = read_yaml(text.encode(), "a.yaml", loader=loader)
    assert documents == []
    assert (str(finding.span), finding.summary) == (f"a.yaml:{place}", summary)
    assert finding.hint


@pytest.mark.parametrize("loader", [LOADER, PureLoader], ids=["libyaml", "pure"])
@pytest.mark.parametrize("escape", [r"\q", r"\xzz", r"\U0000d800", r"\U00110000"])
def test_a_wrong_escape_is_found(escape: str, loader: Loader) -> None:
    _, [finding] = read_yaml(f'a: "{escape}"\n'.encode(), "a.yaml", loader=loader)
    assert finding.summary == "the backslash does not start a known escape"


@pytest.mark.parametrize("text", ["a:\n\tb: 1\n", "a: !e!x y\n"])
def test_tabs_and_tags_have_codes_of_their_own(text: str) -> None:
    _, [finding] = read_yaml(text.encode(), "a.yaml")
    assert finding.code in {"yaml-tab", "yaml-unknown-tag"}


def test_what_was_found_before_the_error_is_reported_too() -> None:
    _, findings = read_yaml(b"a: 1\na: 2\nb: [\n", "a.yaml")
    assert [finding.code for finding in findings] == ["yaml-duplicate-key", "yaml-syntax"]


def test_an_error_in_unknown_words_is_still_a_finding() -> None:
    error = MarkedYAMLError(problem="something new", problem_mark=Mark("", 0, 1, 2, "", 0))
    finding = explain(error, "a\nb: x\n", "a.yaml")
    assert (str(finding.span), finding.summary) == ("a.yaml:2:3", "this is not valid YAML")


@pytest.mark.parametrize("loader", [LOADER, PureLoader], ids=["libyaml", "pure"])
class TestHalvesOfCharacters:
    r"""JSON writes characters beyond U+FFFF as two escapes."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            (r'"\ud83d\ude00"', "😀"),
            (r'"a \uD83D\uDE00 \ud83D\uDe00\u00fc"', "a 😀 😀ü"),
            (r'"\\ud83d and \ud83d\ude00"', r"\ud83d and 😀"),
            (r"'\ud83d'", r"\ud83d"),
            (r"\uD83D", r"\uD83D"),
        ],
    )
    def test_are_joined(self, text: str, value: str, loader: Loader) -> None:
        content = f'{{"a": {text}, "b": {{"c": 1}}}}'
        [document], findings = read_yaml(content.encode(), "a.json.yaml", loader=loader)
        assert findings == []
        assert document.data == {"a": value, "b": {"c": 1}}
        span = document.span(("b", "c"))
        assert content[span.column - 1] == "1"

    @pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00", r"\ud83d\ud83d", r"\ude00\ud83d"])
    def test_are_found_where_one_stands_alone(self, half: str, loader: Loader) -> None:
        content = f'{{"a": "x",\n "b": "\\ud83d\\ude00 {half}"}}'
        _, [finding] = read_yaml(content.encode(), "a.yaml", loader=loader)
        assert finding.code == "yaml-syntax"
        assert finding.span
        assert finding.span.line == 2
        assert finding.summary.endswith("is one half of a character, and the other is missing")


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u202f"])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("agents:\n  - email: a@b.example\n{}   name: A\n", "3:1"),
        ("agents:\n  - email: a@b.example\n   {}name: A\n", "3:4"),
        ("agents:\n  - email: a@b.example\n    {}name: A\n", "3:5"),
        ("agents:\n{0}{0}- email: a@b.example\n", "2:1"),
        ("agents:\n  - email: a@b.example\n    chat:\n    {0}{0}max_load: 2\n", "4:5"),
    ],
)
def test_another_space_as_indentation_is_found_first(
    text: str, place: str, space: str, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(text.format(space), "utf-8")
    found = load_project(tmp_path).findings
    assert (f"a.yaml:{place}", "yaml-space") in [(str(one.span), one.code) for one in found]
