"""Writing YAML that the strict reader reads as the same values."""

from collections.abc import Mapping
from typing import Any

import yaml

from provisioner.documents.scalars import ScalarError, plain

WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and quotes what our reader would not take for text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text == text.strip() else None
    if not _is_text(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_text(text: str) -> bool:
    """Tell whether a text without quotes is read as itself; PyYAML knows YAML 1.1 only."""
    try:
        return isinstance(plain(text), str)
    except ScalarError:
        return False


_Dumper.add_representer(str, _text)


def write_yaml(content: Mapping[str, Any] | list[Any]) -> str:
    """Return values as YAML: keys in their order, the innermost mappings on one line."""
    text: str = yaml.dump(
        content,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=WIDTH,
    )
    return text
