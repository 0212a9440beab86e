"""Writer of YAML for people, which the strict reader reads as the same values."""

from typing import Any

import yaml

from provisioner.documents.yaml.scalars import ScalarError, plain

WIDTH = 100
SHORT = 64
"""Maximum length of a mapping or list of scalars on one line."""

ALWAYS_BLOCK = 3
"""Number of outer levels that are never on one line: the file, its lists, and their items."""

HIDDEN_BREAKS = "\x85\u2028\u2029"
"""Line breaks that PyYAML writes unescaped, and the reader refuses as invisible characters."""


_SWITCHES = {"y", "Y", "n", "N"}
"""Texts that some readers of YAML 1.1 read as true or false."""


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
    lines = text.removesuffix("\n")
    style = "|" if "\n" in text and lines and lines == lines.strip() else None
    # Some YAML readers read 17:30 as a number, so every text that starts with a digit is quoted.
    is_hidden = any(char in text for char in HIDDEN_BREAKS)
    if text[:1].isdigit() or text in _SWITCHES or not _is_text(text) or is_hidden:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_text(text: str) -> bool:
    """Return whether a text without quotes is read as itself; PyYAML knows only YAML 1.1."""
    try:
        return isinstance(plain(text), str)
    except ScalarError:
        return False


_Dumper.add_representer(str, _text)


class _LineDumper(_Dumper):
    """Writes every inner value on one line, and texts in the quotes of their neighbours."""

    quote = ""

    def represent_data(self, data: Any) -> Any:
        node = super().represent_data(data)
        if isinstance(node, yaml.CollectionNode):
            node.flow_style = self._level > 0 or isinstance(data, list)
        elif isinstance(data, str):
            is_hidden = any(char in data for char in "\n\r" + HIDDEN_BREAKS)
            node.style = '"' if is_hidden else self.quote or node.style
        return node


class _SingleQuoting(_LineDumper):
    quote = "'"


class _DoubleQuoting(_LineDumper):
    quote = '"'


_LINE_DUMPERS = {"": _LineDumper, "'": _SingleQuoting, '"': _DoubleQuoting}

_UNLIMITED: Any = float("inf")
"""Lines are never folded: the indentation of a continuation depends on the lines around it."""


def write_yaml(content: Any) -> str:
    """Return values as YAML, keys in their order.

    Args:
        content: values of dict, list, str, int, float, bool and None. A text with one half of a
            surrogate pair can't be read back.
    """
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


def write_inline(content: Any, quote: str = "", *, in_brackets: bool = False) -> str:
    """Return a value as YAML on one line.

    `quote` is "" for none where none are needed. `in_brackets` is whether the value is to be put
    between the brackets of a flow collection.
    """
    dumper = _LINE_DUMPERS[quote]
    holder: Any = [content] if in_brackets else {"k": content}
    text: str = yaml.dump(
        holder, Dumper=dumper, allow_unicode=True, width=_UNLIMITED, sort_keys=False
    )
    return text.rstrip("\n")[1:-1] if in_brackets else text.rstrip("\n").partition(": ")[2]


def write_text_block(text: str, step: int) -> list[str]:
    """Return the lines of a text as a block scalar; nothing if it is not written as one."""
    written: str = yaml.dump(
        {"k": text}, Dumper=_Dumper, allow_unicode=True, width=_UNLIMITED, indent=step
    )
    header, *lines = written.removeprefix("k: ").rstrip("\n").split("\n")
    return [header, *lines] if header.startswith("|") else []


def needs_quotes(text: str) -> bool:
    """Return whether a text is written in quotes in a file without quotes."""
    return write_inline(text, in_brackets=True) != text
