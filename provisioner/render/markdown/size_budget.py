"""Text within a size limit: each section has a share, and counts the rows that it leaves out.

Sizes are bytes of UTF-8: a text never has more characters than bytes, however they are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def within(rows: Sequence[str], limit: int) -> Sequence[str]:
    """Return as many of the first rows as there is room for."""
    count = 0
    for row in rows:
        limit -= size(row)
        if limit < 0:
            break
        count += 1
    return rows[:count]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text that can be cut between its rows.

    Attributes:
        share: bytes that it may take where there is no room for all sections.
        head: the text before the rows.
        rows: lines that can be left out, the last ones first.
        tail: the text after the rows.
        more: the note about rows that are left out, with `{}` for their number.
    """

    share: int
    head: str
    rows: tuple[str, ...]
    tail: str = ""
    more: str = "\n{} more are in the whole report.\n"

    @property
    def whole(self) -> str:
        """The section with all of its rows."""
        return f"{self.head}{''.join(self.rows)}{self.tail}\n"

    def within(self, limit: int) -> str:
        """Return the section with as many rows as there is room for."""
        if size(self.whole) <= limit:
            return self.whole
        number = len(self.rows)
        room = limit - size(self.head + self.tail + self.more.format(number)) - 1
        if room < 0:
            return ""
        rows = within(self.rows, room)
        more = self.more.format(number - len(rows))
        return f"{self.head}{''.join(rows)}{more}{self.tail}\n"


def fit(sections: Sequence[Section], limit: int) -> str:
    """Return sections within a limit; shares that some don't need go to the first sections.

    Args:
        sections: in the order of the text, the most important first.
        limit: the size of the whole text in bytes.
    """
    sizes = [size(section.whole) for section in sections]
    shares = sum(section.share for section in sections)
    granted = [
        min(needed, section.share * limit // shares)
        for needed, section in zip(sizes, sections, strict=True)
    ]
    spare = limit - sum(granted)
    for number, needed in enumerate(sizes):
        more = min(spare, needed - granted[number])
        granted[number] += more
        spare -= more
    return "".join(section.within(room) for section, room in zip(sections, granted, strict=True))
