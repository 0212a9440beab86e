"""Data files: CSV, JSON and YAML files of a project that rules read."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents.files.attachments import read_content
from provisioner.documents.files.project_files import CONFIG_NAME, NOTHING_UNSAVED, Unsaved
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import ShapeError
from provisioner.documents.yaml.yaml_reader import read_yaml

MAX_DATA_BYTES = 16 * 1024 * 1024
"""Maximum size of a data file: a directory of over 100,000 people."""


class _UnusableError(Exception):
    """The content is not data of the expected form; the text is the reason."""


def read_data_file(
    root: Path, path: str, span: Span, unsaved: Unsaved = NOTHING_UNSAVED
) -> Any | Diagnostic:
    """Return the data of a file, or the reason why it can't be used.

    Of a CSV file the data is a list with a mapping from column to text for each row.

    Args:
        root: the project's folder.
        path: the file, relative to it; a link out of the project is not followed.
        span: the place that names the file.
        unsaved: contents that replace files on the disk.
    """
    content = read_content(root, CONFIG_NAME, path, span, MAX_DATA_BYTES, unsaved)
    if isinstance(content, Diagnostic):
        return content
    try:
        return _parsed(content, path)
    except UnicodeDecodeError as error:
        return _unusable(path, f"byte {error.start + 1} is not UTF-8", span)
    except (ShapeError, csv.Error, _UnusableError) as error:
        return _unusable(path, str(error), span)


def _parsed(content: bytes, path: str) -> Any:
    match Path(path).suffix.lower():
        case ".csv":
            return [*_rows(content)]
        case ".json":
            return parse_json(content.decode("utf-8-sig"))
        case ".yaml" | ".yml":
            return _yaml(content, path)
        case _:
            raise _UnusableError("its name does not end with .csv, .json or .yaml")


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file; its first line has the columns, separated by `,` or `;`."""
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [name.strip() for name in next(lines, [])]
    if not columns or not all(columns) or len({*columns}) < len(columns):
        raise _UnusableError("its first line must have a different name for each column")
    for line in lines:
        if len(line) == len(columns):
            yield dict(zip(columns, line, strict=True))
        elif any(line):
            values = f"{len(line)} values for {len(columns)} columns"
            raise _UnusableError(f"line {lines.line_num} has {values}")


def _yaml(content: bytes, path: str) -> Any:
    documents, problems = read_yaml(content, path)
    if problems:
        raise _UnusableError(f"line {_line(problems[0])}: {problems[0].summary}")
    if len(documents) != 1:
        raise _UnusableError(f"it has {len(documents)} documents, not one")
    return documents[0].data


def _line(problem: Diagnostic) -> int:
    return problem.span.line if problem.span else 1


def _unusable(path: str, reason: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code="data-unusable",
        summary=f'the data file "{path}" can\'t be used: {reason}',
        span=span,
        hint="name a CSV file with a line of column names, a JSON file or a YAML file",
    )
