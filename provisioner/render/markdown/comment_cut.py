"""Cuts a finished comment between its lines, for platforms with a lower limit than `comment.LIMIT`.

A section that can be cut on its own counts its rows; see `size_budget`. Here only lines are known.
"""

from provisioner.render.markdown.size_budget import size, within

_MORE = "\n{} more lines are in the whole report.\n"
_FENCE = "```"


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` bytes, which ends with the number of lines left out.

    A code block or a folded part that is open at the cut is closed.
    """
    if size(text) <= limit:
        return text
    lines = text.splitlines(keepends=True)
    room = limit - size(_MORE.format(len(lines))) - size(f"{_FENCE}\n\n</details>\n")
    shown = "".join(within(lines, room))
    fences = sum(line.startswith(_FENCE) for line in shown.splitlines())
    ends = f"{_FENCE}\n" if fences % 2 else ""
    if shown.count("<details>") > shown.count("</details>"):
        ends += "\n</details>\n"
    return shown + ends + _MORE.format(len(lines) - shown.count("\n"))
