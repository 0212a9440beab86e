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
