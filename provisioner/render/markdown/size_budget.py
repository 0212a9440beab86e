"""Text that must not be longer than a limit: each section has a share, and says what it left out.

Lengths are bytes of UTF-8: there are never fewer of these than characters, however counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def within(rows: Sequence[str], limit: int) -> Sequence[str]:
    """Return as many of the first rows as there is room for."""
    kept = 0
    for row in rows:
        limit -= size(row)
        if limit < 0:
            break
        kept += 1
    return rows[:kept]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text that can be cut between its rows.

    Attributes:
        share: bytes that it may take where there is not room for all.
        head: what stands before the rows.
        rows: what can be left out, from the last one on.
        tail: what stands behind the rows.
        more: says that rows are left out, with `{}` for their number.
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
        left = limit - size(self.head + self.tail + self.more.format(number)) - 1
        if left < 0:
            return ""
        kept = within(self.rows, left)
        more = self.more.format(number - len(kept))
        return f"{self.head}{''.join(kept)}{more}{self.tail}\n"


def fit(sections: Sequence[Section], limit: int) -> str:
    """Return sections within a limit; what some don't need of their shares goes to the first ones.

    Args:
        sections: in the order of the text, which is that of their importance.
        limit: bytes that there is room for.
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
