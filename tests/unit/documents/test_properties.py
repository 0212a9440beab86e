"""Laws of reading YAML, with data that nobody thought of."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from provisioner.characters import composed
from provisioner.documents import Document, DocumentPath
from provisioner.documents.yaml.problems import MAX_DEPTH
from provisioner.documents.yaml.yaml_reader import PureLoader, read_yaml

# Everything that YAML can hold without being lost on the way: no controls, no odd line breaks.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")).filter(
    lambda character: character != "\ufeff"
)
# Texts are read in the composed form.
TEXTS = st.text(CHARACTERS | st.sampled_from("\n\t:#-{}[]&*!|>'\"%@`, "), max_size=12).map(composed)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | TEXTS
    | st.sampled_from(["NO", "on", "22:30", "012", "1_000", "0x1F", "2026-11-22", "~", "true"])
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def nested(scalars: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=10,
    )


DATA = nested(SCALARS)


def as_json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).replace("\x7f", "\\u007f").encode()


def as_flat_json(data: object) -> bytes:
    return as_json(data).replace(b"\n", b" ")


def quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


class Dumper(yaml.SafeDumper):
    """Block style, as people write; texts in quotes since YAML 1.1 leaves them out elsewhere."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


Dumper.add_representer(str, quoted)


def as_block(data: object) -> bytes:
    return yaml.dump(data, Dumper=Dumper, allow_unicode=False, sort_keys=False).encode()


def read_one(content: bytes) -> Document:
    documents, findings = read_yaml(content, "a.yaml")
    assert findings == []
    [document] = documents
    return document


@given(nested(SCALARS | FLOATS))
@pytest.mark.parametrize("dump", [as_json, as_flat_json])
def test_what_is_read_is_what_was_written(dump: Any, data: object) -> None:
    read = read_one(dump(data)).data
    assert read == data
    assert json.dumps(read) == json.dumps(data)  # 1, 1.0 and true are equal, but not the same


@given(DATA)
def test_block_style_is_read_as_well(data: object) -> None:
    assert read_one(as_block(data)).data == data


@given(st.dictionaries(TEXTS, DATA, min_size=1, max_size=4))
@pytest.mark.parametrize("dump", [as_json, as_flat_json, as_block])
def test_places_point_at_the_text_of_keys_and_values(dump: Any, data: dict[str, object]) -> None:
    content = dump(data)
    document = read_one(content)
    lines = content.decode().split("\n")
    for path, value in walk(document.data, ()):
        span = document.span(path)
        at = lines[span.line - 1][span.column - 1 :]
        assert at.startswith(start_of(value)), (path, at)
        if path and isinstance(path[-1], str):
            span = document.span(path, key=True)
            assert lines[span.line - 1][span.column - 1] in {'"', "?"}


@given(DATA)
def test_both_parsers_agree(data: object) -> None:
    for content in (as_json(data), as_block(data)):
        fast, slow = read_yaml(content, "a"), read_yaml(content, "a", loader=PureLoader)
        # PyYAML's own parser takes tabs in flow style for indentation.
        if b"\t" not in content:
            assert fast == slow


@given(st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
@example(b"\xff\xfe")
@example(b"?")
@example(b"- ? [\n")
@example(b"&a *a : 1")
@example(b"%TAG ! x\n--- !a b")
def test_no_bytes_make_it_fail(content: bytes) -> None:
    for loader in ({}, {"loader": PureLoader}):
        documents, findings = read_yaml(content, "a.yaml", **loader)
        assert documents is not None
        for finding in findings:
            assert finding.span
            assert finding.span.line >= 1
            assert finding.span.column >= 1


SNIPPETS = ["a: ", "- ", "? ", "&x ", "*x", "!t ", "!!str ", "<<: ", "{", "}", "[", "]", ",", ": "]
SNIPPETS += ["\n", "\n  ", "\n\t", '"', "'", "|\n ", "#", "---\n", "...\n", "%A", "\\", "12", "é"]


@given(st.lists(st.sampled_from(SNIPPETS), max_size=30).map("".join))
def test_no_mixture_of_yaml_makes_it_fail(text: str) -> None:
    for loader in ({}, {"loader": PureLoader}):
        documents, findings = read_yaml(text.encode(), "a.yaml", **loader)
        for document in documents:
            for path, _ in walk(document.data, ()):
                assert document.span(path).line >= 1
        assert len(findings) <= len(text) + 1


@given(st.integers(0, 2 * MAX_DEPTH))
def test_depth_is_limited_at_one_point(depth: int) -> None:
    _, findings = read_yaml(b"[" * depth + b"]" * depth, "a.yaml")
    assert [finding.code for finding in findings] == ["yaml-too-deep"] * (depth > MAX_DEPTH)


def walk(data: object, path: DocumentPath) -> Any:
    yield path, data
    steps = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for step in steps:
        value: Any = data[step]  # type: ignore[index]
        yield from walk(value, (*path, step))


def start_of(value: object) -> tuple[str, ...]:
    match value:
        case bool() | None:
            return (json.dumps(value),)
        case str():
            return ('"',)
        case int():
            return (str(value),)
        case list():
            return ("[", "-")
    return ("{", '"', "?")
