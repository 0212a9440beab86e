"""Strict reading of JSON files that the tool has written: plan files, snapshots and records."""

import json
from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from provisioner.diagnostics import Diagnostic
from provisioner.documents.files.regular import read_regular
from provisioner.documents.schema.shapes import ShapeError

MAX_BYTES = 256 * 1024 * 1024
"""Over ten times the largest plan file, snapshot or record in the benchmarks."""


def read_saved(file: Path) -> bytes:
    """Return the content of a file that the tool wrote.

    Raises:
        OSError: it can't be read, is not a regular file, or is too large.
    """
    return read_regular(file, MAX_BYTES)


def unreadable_file(file: Path, error: OSError, code: str, command: str) -> Diagnostic:
    """Return the error for a file that the system does not let us read.

    Args:
        file: the file.
        error: of the system.
        code: the code of the error.
        command: the command that writes such files.
    """
    return Diagnostic(
        code=code,
        summary=f"{file} can't be read: {error.strerror}",
        hint=f"name a file that {command} wrote",
    )


def parse_json(content: bytes | str) -> Any:
    """Return the data of strict JSON: without NaN, duplicate keys and huge numbers.

    Equal mappings of texts are one object, which must not be changed.

    Raises:
        ShapeError: it is not strict JSON; the message names the position.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        hook = partial(_mapping, {})
        return json.loads(text, object_pairs_hook=hook, parse_constant=_refuse_constant)
    except ShapeError:
        raise
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ShapeError(f"it is not JSON: {error.msg} ({place})") from error
    except UnicodeDecodeError as error:
        raise ShapeError(f"byte {error.start + 1} is not UTF-8") from error
    except RecursionError as error:
        raise ShapeError("it is nested too deeply") from error
    except ValueError as error:
        raise ShapeError("it has a number with too many digits") from error


def _mapping(known: dict[Hashable, dict[str, Any]], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ShapeError(f'the key "{twice}" is used twice')
    # The types, too: for Python, True equals 1.
    types = tuple(map(type, data.values()))
    if dict in types or list in types:
        return data
    return known.setdefault((types, *pairs), data)


def _refuse_constant(word: str) -> NoReturn:
    raise ShapeError(f"{word} is not a JSON number")
