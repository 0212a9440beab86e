"""Foreign text in Markdown: always a code span, in which no platform looks for anything."""

import re

from provisioner.render import readable

LONGEST = 120
"""Characters of a quoted text that are shown."""


def code(text: str, longest: int = LONGEST) -> str:
    """Return foreign text as a code span, which no parser can take for anything else."""
    shown = readable.harmless(text)
    shown = shown if len(shown) <= longest else f"{shown[:longest]}…"
    if not shown:
        return "(none)"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in {shown[0], shown[-1]} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(text: str, longest: int = LONGEST) -> str:
    r"""Return foreign text as a code span in a table.

    There a pipe is written `\|`; parsers disagree on one behind a backslash, so it is spelt out.
    """
    return code(text, longest).replace("\\|", "\\\\u007c").replace("|", "\\|")


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
    return f"[{code(text, len(text))}](<{address}>)" if text else f"<{address}>"
