"""JSON: the one spelling of each content, for digests and for output.

Contents are written in pieces, so that a long list (`EntryList`) is never whole in memory.
This module imports nothing of the project, so that every layer can use it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

_INDENT = b"  "


@dataclass(frozen=True, slots=True)
class EntryList:
    """A JSON list that makes its entries while it is written, each time anew.

    Attributes:
        objects: what the list is about.
        data: returns the entry of an object as JSON data without an `EntryList`.
    """

    objects: Sequence[Any]
    data: Callable[[Any], Any]

    def __iter__(self) -> Iterator[Any]:
        return map(self.data, self.objects)


def whole(content: Any) -> Any:
    """Return JSON data with a list in place of each `EntryList`."""
    match content:
        case EntryList():
            return list(content)
        case dict():
            return {key: whole(part) for key, part in content.items()}
    return content


def digest(content: Any) -> str:
    """Return the digest of JSON data: that of its shortest text with sorted keys."""
    algorithm = hashlib.sha256()
    for piece in _pieces(content, indent=False):
        algorithm.update(piece)
    return f"sha256:{algorithm.hexdigest()}"


def ascii_json(content: Any) -> bytes:
    """Return the shortest text of JSON data with sorted keys; other letters are escapes."""
    text = _encoded(content)
    if text.isascii():
        return text
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def json_lines(content: Any, *, sort_keys: bool = True) -> Iterator[str]:
    """Yield the text of a JSON document for people and programs, in pieces of whole lines.

    Characters are kept as they are, except for those that JSON must escape.
    """
    line = b""
    for piece in _pieces(content, sort_keys=sort_keys):
        ended, newline, rest = piece.rpartition(b"\n")
        if newline:
            yield (line + ended + newline).decode(errors="surrogatepass")
            line = b""
        line += rest
    yield line.decode(errors="surrogatepass") + "\n"


def json_line(content: Any) -> Iterator[str]:
    """Yield the text of a JSON document on one line, in pieces of whole values."""
    for piece in _pieces(content, indent=False):
        yield piece.decode(errors="surrogatepass")
    yield "\n"


def _pieces(
    content: Any, *, indent: bool = True, sort_keys: bool = True, depth: int = 0
) -> Iterator[bytes]:
    """Yield JSON in pieces: one for each entry of an `EntryList`, and one for each other value."""
    outer = b"\n" + _INDENT * depth if indent else b""
    inner = outer + _INDENT if indent else b""

    def text(part: Any, depth: int) -> bytes:
        encoded = _encoded(part, indent=indent, sort_keys=sort_keys)
        return encoded.replace(b"\n", b"\n" + _INDENT * depth) if depth and indent else encoded

    if isinstance(content, EntryList):
        opening = b"["
        for entry in content:
            yield opening + inner + text(entry, depth + 1)
            opening = b","
        yield b"[]" if opening == b"[" else outer + b"]"
    elif _holds_entries(content):
        opening, colon = b"{", b": " if indent else b":"
        for key in sorted(content) if sort_keys else content:
            yield opening + inner + _encoded(key) + colon
            yield from _pieces(content[key], indent=indent, sort_keys=sort_keys, depth=depth + 1)
            opening = b","
        yield outer + b"}"
    else:
        yield text(content, depth)


def _holds_entries(content: Any) -> bool:
    """Return whether a mapping has an `EntryList`, directly or in other mappings."""
    return isinstance(content, dict) and any(
        isinstance(part, EntryList) or _holds_entries(part) for part in content.values()
    )


def _encoded(content: Any, *, indent: bool = False, sort_keys: bool = True) -> bytes:
    option = (orjson.OPT_INDENT_2 if indent else 0) | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(content, option=option)
    except TypeError:
        # Lone surrogates, integers of more than 64 bits, and keys of other types than `str`.
        text = json.dumps(
            content,
            ensure_ascii=False,
            sort_keys=sort_keys,
            indent=2 if indent else None,
            separators=None if indent else (",", ":"),
        )
        return text.encode(errors="surrogatepass")
