"""Writes what a probe has found into `capabilities.yaml`.

Only the lines of changed facts change: other targets, comments and the layout stay. The same facts
give the same bytes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.documents import Document, DocumentPath
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.documents.yaml.yaml_writer import write_yaml

_HEAD = """\
# What is known of the accounts. `provisioner probe` writes this file; a person may add facts.
version: 1
"""

_SCALAR = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#][^#]*?(?=\s+#|\s*$)""")
"""A scalar of one line in block style; a comment may follow it."""


def with_facts(text: str, target: str, entry: Mapping[str, Any]) -> str:
    """Return the text of `capabilities.yaml` with the entry of a target.

    Args:
        text: the file as it is, or "" for no file.
        target: the name of the target.
        entry: `url`, `probe` and `facts`. Facts of the file that are not in it stay.
    """
    before = _data(text)
    edited = text if before else text + _HEAD
    values = {
        path: value
        for path, value in _leaves({"targets": {target: entry}})
        if value != {} or _present(before, path) != path
    }
    for path, value in values.items():
        edited = _with_value(edited, path, value)
    wanted = before or {"version": 1}
    for path, value in values.items():
        wanted = _set(wanted, path, value)
    # Layouts that can't be edited line by line, such as flow style, are written anew.
    return edited if _data(edited) == wanted else write_yaml(wanted)


def _leaves(data: Mapping[str, Any], path: DocumentPath = ()) -> Iterator[tuple[DocumentPath, Any]]:
    for key, value in sorted(data.items()):
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _set(data: Mapping[str, Any], path: DocumentPath, value: Any) -> dict[str, Any]:
    key, *rest = map(str, path)
    inner = _set(data.get(key) or {}, tuple(rest), value) if rest else value
    return {**data, key: inner}


def _data(text: str) -> dict[str, Any] | None:
    document = _document(text)
    return document.data if document and isinstance(document.data, dict) else None


def _document(text: str) -> Document | None:
    documents, _ = read_yaml(text.encode(), "capabilities.yaml")
    return documents[0] if documents else None


def _with_value(text: str, path: DocumentPath, value: Any) -> str:
    """Return the text with a value in a mapping; the value is inserted or replaced."""
    document = _document(text)
    if document is None or not isinstance(document.data, dict):
        return text
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    present = _present(document.data, path)
    if len(present) == len(path):
        return _replaced(lines, document, path, value)
    for key in reversed(path[len(present) + 1 :]):
        value = {key: value}
    return _inserted(lines, document, present, str(path[len(present)]), value)


def _present(data: Any, path: DocumentPath) -> DocumentPath:
    """Return the longest part of a path that leads to a value."""
    for length, key in enumerate(path):
        if not isinstance(data, dict) or key not in data:
            return path[:length]
        data = data[key]
    return path


def _replaced(lines: list[str], document: Document, path: DocumentPath, value: Any) -> str:
    old: Any = document.data
    for key in path:
        old = old[key]
    span = document.span(path)
    line = lines[span.line - 1]
    before, after = line[: span.column - 1], line[span.column - 1 :]
    match = _SCALAR.match(after.rstrip("\n"))
    if old != value and match and not isinstance(old, dict | list):
        lines[span.line - 1] = before + _scalar(value) + after[match.end() :]
    return "".join(lines)


def _inserted(
    lines: list[str], document: Document, parent: DocumentPath, key: str, value: Any
) -> str:
    """Return the lines with a new key of a mapping in block style, in the order of its keys."""
    siblings: Any = document.data
    for step in parent:
        siblings = siblings[step]
    if siblings:
        spans = {name: document.span((*parent, name), key=True) for name in siblings}
        indent = next(iter(spans.values())).column - 1
        later = [span.line for name, span in spans.items() if name > key]
        last = max(span.line for span in spans.values())
        at = min(later) - 1 if later and parent else _end_of_block(lines, last - 1)
    else:
        span = document.span(parent, key=True)
        indent, at = span.column + 1, span.line
        lines[at - 1] = re.sub(r":\s*(?:\{\s*\}|null|~)?(\s*(?:#.*)?)$", r":\1", lines[at - 1])
    lines[at:at] = _block(key, value, indent)
    return "".join(lines)


def _block(key: str, value: Any, indent: int) -> Iterator[str]:
    """Yield the lines of a key in block style, which later probes can extend."""
    name = f"{'':{indent}}{_scalar(key)}:"
    if isinstance(value, Mapping) and value:
        yield f"{name}\n"
        for inner, part in value.items():
            yield from _block(inner, part, indent + 2)
    else:
        yield f"{name} {_scalar(value)}\n"


def _end_of_block(lines: list[str], start: int) -> int:
    """Return the index after a key and its value; comments below belong to neither."""
    indent = _indent(lines[start])
    end = start + 1
    for index in range(start + 1, len(lines)):
        content = lines[index].strip()
        if content and not content.startswith("#"):
            if _indent(lines[index]) <= indent:
                break
            end = index + 1
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _scalar(value: Any) -> str:
    return write_yaml({"value": value}).removeprefix("value: ").rstrip("\n")
