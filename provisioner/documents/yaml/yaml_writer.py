"""Writing YAML that the strict reader reads as the same values, for people to read and edit."""

from typing import Any

import yaml

from provisioner.documents.yaml.scalars import ScalarError, plain

WIDTH = 100
SHORT = 64
"""A mapping or list of scalars stands on one line up to this many characters."""

ALWAYS_BLOCK = 3
"""The levels that never stand on one line: the file, its lists, and their items."""

HIDDEN_BREAKS = "\x85\u2028\u2029"
"""Line breaks that PyYAML writes as they are, and our reader refuses since they can't be seen."""


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and writes short inner mappings and lists on one line."""

    _level = 0

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def represent_data(self, data: Any) -> Any:
        self._level += 1
        node = super().represent_data(data)
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = self._level > ALWAYS_BLOCK and _is_short(node)
        self._level -= 1
        return node


def _is_short(node: yaml.CollectionNode) -> bool:
    parts = [part for item in node.value for part in (item if isinstance(item, tuple) else [item])]
    return (
        all(isinstance(part, yaml.ScalarNode) and "\n" not in part.value for part in parts)
        and sum(len(part.value) + 2 for part in parts) <= SHORT
    )


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text == text.strip() else None
    # Some readers take a time such as 17:30 for a number, so none stands without quotes.
    if text[:1].isdigit() or not _is_text(text) or any(char in text for char in HIDDEN_BREAKS):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_text(text: str) -> bool:
    """Tell whether a text without quotes is read as itself; PyYAML knows YAML 1.1 only."""
    try:
        return isinstance(plain(text), str)
    except ScalarError:
        return False


_Dumper.add_representer(str, _text)


def write_yaml(content: Any) -> str:
    """Return values as YAML, keys in their order.

    Args:
        content: of dict, list, str, int, float, bool and None; a text with half of a surrogate
            pair can't be read again.
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
