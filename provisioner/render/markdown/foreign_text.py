r"""Foreign text in Markdown: as it is where that is safe, or else as a code span.

Names of people and departments are plain words, and look like names. Anything that a platform could
take for markup, a link, a mention, a reference or an emoji is in a code span, in which neither
GitHub nor GitLab looks for anything. Markup that a backslash disarms is escaped instead.
"""

import re
import unicodedata
from collections.abc import Sequence

from provisioner.render import readable

LONGEST = 120
"""Characters of a quoted text that are shown."""

NOTHING = "(none)"

_MARKUP = re.compile(r"[\\*\[\]<|]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that a backslash disarms; an underscore within a word is none."""

_PUNCTUATION = frozenset(" .,;'\"()+/?:\\*_[]<>|-→…\u2019\u2013")
"""Punctuation of names and values."""

_LIVELY = re.compile(
    r"""
      //                              # an address: https://…
    | :(?![ ]|$|(?<=\d:)\d)           # mailto:x, :tada:; but not 9:00
    | www\.                           # an address without a scheme
    | \b[0-9a-fA-F]{7,}\b             # a commit
    | \b[^\W\d_]+-\d                  # a ticket: GH-123
    | ^\d+[.)](?:[ ]|$)               # an item of a list
    | [ ]{2} | [ ]$                   # spaces that Markdown drops
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What a platform could turn into something else."""


def code(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as a code span, which no parser can take for anything else."""
    shown = _cut(readable.harmless(text), longest)
    if not shown:
        return NOTHING
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in {shown[0], shown[-1]} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def quoted(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as it is, with markup escaped, or as a code span where it needs one."""
    if readable.harmless(text) != text or not _is_ordinary(text):
        return code(text, longest)
    return _MARKUP.sub(r"\\\g<0>", _cut(text, longest))


def _is_ordinary(text: str) -> bool:
    """Return whether a text is words in any script, with nothing that a platform looks for."""
    kinds = [unicodedata.category(char)[0] for char in text]
    words = all(
        kind in "LMN" or char in _PUNCTUATION for kind, char in zip(kinds, text, strict=True)
    )
    begins = text[:1] == "(" or kinds[:1] in (["L"], ["N"])
    return words and begins and _LIVELY.search(text) is None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def cell(text: str, longest: int = LONGEST) -> str:
    """Return foreign text in a table, like `quoted`."""
    return _in_table(quoted(text, longest))


def code_cell(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as a code span in a table."""
    return _in_table(code(text, longest))


def _in_table(text: str) -> str:
    r"""Return Markdown for a table, where a pipe is written `\|`.

    Parsers disagree on a pipe behind a backslash, so it is spelt out in code spans. Text that is
    no code span has its pipes escaped already.
    """
    if not text.startswith("`"):
        return text
    return text.replace("\\|", "\\\\u007c").replace("|", "\\|")


def block(lines: Sequence[str], language: str = "", *, indent: int = 0) -> str:
    """Return lines as a code block that none of them can end.

    Args:
        lines: the lines, which are made harmless.
        language: the name by which platforms colour the block; "" for none.
        indent: the number of spaces before each line, for a block inside of a list.
    """
    shown = [readable.harmless(line) for line in lines]
    fence = "`" * max(
        3, 1 + max((len(run) for run in re.findall("`+", " ".join(shown))), default=0)
    )
    space = " " * indent
    rows = (f"{fence}{language}", *shown, fence)
    return "".join(f"{space}{line}".rstrip() + "\n" for line in rows)


_LINKED = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~:/?#\[\]!&+,;=%-]*")
"""An address that no parser can take for anything but the target of a link."""


def link(address: str, text: str = "") -> str:
    """Return a link to an address, or a code span if the address has characters of Markdown.

    Args:
        address: the address.
        text: the foreign text to click on; "" for the address.
    """
    if not _LINKED.fullmatch(address):
        return code(text or address, len(text or address))
    return f"[{quoted(text, len(text))}](<{address}>)" if text else f"<{address}>"
