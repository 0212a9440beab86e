"""Formats a file of a project: the same values and comments in the canonical order and layout."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.document import LINE_BREAK, Document
from provisioner.documents.editing.tree import read_tree
from provisioner.documents.files.file_selection import RULE_TESTS
from provisioner.documents.files.project_files import (
    ACKNOWLEDGED_NAME,
    CAPABILITIES_NAME,
    CONFIG_NAME,
    FLEET_NAME,
)
from provisioner.documents.formatting.canonical import CanonicalText, LayoutError
from provisioner.documents.formatting.comments import Commented, has_gap
from provisioner.documents.formatting.key_order import order_of
from provisioner.documents.schema.foreign_files import foreign_keys, no_known_key
from provisioner.documents.schema.json_schema import SchemaName, schemas
from provisioner.documents.yaml.yaml_reader import read_yaml

_BY_NAME: dict[str, SchemaName] = {
    CONFIG_NAME: "provisioner",
    CAPABILITIES_NAME: "capabilities",
    ACKNOWLEDGED_NAME: "acknowledged",
    FLEET_NAME: "fleet",
}

_BLANK_END = re.compile(r"(?<=\n)[ \t]+\Z")

_KINDS: tuple[SchemaName, ...] = ("file", *_BY_NAME.values(), "rule-test")


def schema_of(name: str, content: bytes = b"") -> SchemaName:
    """Return the schema of a file.

    Args:
        name: its path in the project, with forward slashes; "" if it has none.
        content: its content, which decides if there is no name.
    """
    path = PurePosixPath(name)
    if path.name in _BY_NAME:
        return _BY_NAME[path.name]
    if RULE_TESTS in path.parts[:-1]:
        return "rule-test"
    if name:
        return "file"
    documents, _ = read_yaml(content, name)
    keys = {
        key for document in documents if isinstance(document.data, dict) for key in document.data
    }
    return max(_KINDS, key=lambda kind: len(keys & schemas()[kind].get("properties", {}).keys()))


def formatted(
    content: bytes, file: str, schema: SchemaName, name: str = ""
) -> tuple[bytes | None, list[Diagnostic]]:
    """Return a file in its canonical order and layout.

    The values, the comments, the byte order mark and the kind of line breaks stay. The result is
    read again to prove it.

    Args:
        content: the content of the file.
        file: its path in errors.
        schema: its schema.
        name: its path in the project, for `exclude:`; by default `file`.

    Returns:
        The content, or None and the errors of a file that can't be read, that belongs to another
        tool, or that can't be laid out anew.
    """
    before, findings = read_yaml(content, file)
    findings = findings or [*_foreign(before, schema, name or file)]
    if findings:
        return None, findings
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    text = content.removeprefix(mark).decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = _BLANK_END.sub("", LINE_BREAK.sub("\n", text))
    try:
        result = _laid_out(plain, schema)
    except (LayoutError, yaml.YAMLError):
        return None, [_unusual(file)]
    after, findings = read_yaml(result.encode(), file)
    if findings or _values(after) != _values(before) or _comments(result) != _comments(plain):
        return None, [_unusual(file)]
    return mark + result.replace("\n", newline).encode(), []


def _laid_out(text: str, schema: SchemaName) -> str:
    roots = read_tree(text)
    commented = Commented(text, roots)
    layout = CanonicalText(text)
    for root in roots:
        layout.between(commented.before(commented.content_start(root)))
        layout.document(
            commented.document(root),
            order_of(schema),
            gap=has_gap(text, root.start),
        )
    layout.between(commented.before(len(text) + 1))
    return layout.text()


def _foreign(documents: list[Document], schema: SchemaName, name: str) -> Iterator[Diagnostic]:
    """Yield an error for each document of another tool."""
    for document in documents:
        keys = document.data if isinstance(document.data, dict) else ()
        if foreign := foreign_keys(schemas()[schema], keys):
            summary, hint = no_known_key(schemas()[schema], name, foreign)
            span = document.span((foreign[0],), key=True)
            yield Diagnostic(code="unknown-key", summary=summary, hint=hint, span=span)


def _values(documents: list[Document]) -> str:
    """Return the values of documents in a form in which 1, 1.0 and true differ."""
    return json.dumps([document.data for document in documents], sort_keys=True)


def _comments(text: str) -> Counter[str]:
    comments = Commented(text, read_tree(text)).before(len(text) + 1)
    return Counter(comment.text for comment in comments)


def _unusual(file: str) -> Diagnostic:
    return Diagnostic(
        code="unusual-layout",
        summary="the file can't be laid out anew without a change of its values",
        span=Span(file, 1, 1),
        hint="write each key on one line; the file was not changed",
    )
