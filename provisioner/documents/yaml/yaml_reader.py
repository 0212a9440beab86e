"""Strict reader of YAML 1.2 that keeps the position of every value."""

from collections.abc import Callable
from typing import Any, TypeAlias

import yaml

from provisioner.diagnostics import Diagnostic
from provisioner.documents.document import Document
from provisioner.documents.yaml.composer import Composer
from provisioner.documents.yaml.encoding import decode, disguised, restored
from provisioner.documents.yaml.problems import FatalError, Problems
from provisioner.documents.yaml.syntax import explain


class PureLoader(yaml.SafeLoader):
    """PyYAML's own parser, for Pythons without libyaml, as strict about escapes as libyaml."""

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Any) -> list[str]:
        """Refuse the escapes of surrogates and of numbers beyond Unicode."""
        try:
            chunks: list[str] = super().scan_flow_scalar_non_spaces(double, start_mark)
            "".join(chunks).encode()
        except ValueError as error:
            raise yaml.scanner.ScannerError(
                "while scanning a quoted scalar",
                start_mark,
                "found invalid Unicode character escape code",
                self.get_mark(),
            ) from error
        return chunks


Loader: TypeAlias = Callable[[str], Any]

LOADER: Loader = getattr(yaml, "CSafeLoader", PureLoader)


def read_yaml(
    content: bytes, file: str, *, loader: Loader = LOADER
) -> tuple[list[Document], list[Diagnostic]]:
    """Read the documents of one YAML file.

    Args:
        content: the file's bytes.
        file: its path relative to the project's root, for positions.
        loader: libyaml's parser or PyYAML's own.

    Returns:
        The documents, including empty ones, and the diagnostics. After a syntax error there are no
        documents. After other errors there are, with the first of two equal keys and the text of
        values that can't be represented.
    """
    text = decode(content, file)
    if isinstance(text, Diagnostic):
        return [], [text]
    problems = Problems(file)
    try:
        halves = disguised(text)
        events = loader(text if halves is None else halves).get_event
        if halves is not None:
            events = restored(events, halves, problems)
        documents = Composer(problems, events).documents()
    except FatalError as error:
        return [], [*problems.findings, error.diagnostic]
    except yaml.MarkedYAMLError as error:
        return [], [*problems.findings, explain(error, text, file)]
    return documents, problems.findings
