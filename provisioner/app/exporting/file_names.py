"""Names of exported files: ASCII, so that every file system and every tool keeps them."""

import re
import unicodedata

LONGEST_NAME = 40
"""Most characters of a file name, short enough for every file system."""

_WITHOUT_ACCENT = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ħ": "h",
    }
)
"""Letters that Unicode does not decompose into an ASCII letter and an accent."""

_DEVICES = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{name}{digit}" for name in ("com", "lpt") for digit in "123456789"),
    )
)
"""Names that Windows keeps for devices, with any ending."""


class Slugs:
    """Makes file names from the names of objects, each only once."""

    def __init__(self, *taken: str) -> None:
        self._taken = {*taken, *_DEVICES}

    def of(self, name: str) -> str:
        """Return a new file name, without ending, for the name of an object."""
        base = slug(name) or "unnamed"
        result, number = base, 1
        while result in self._taken:
            number += 1
            result = f"{base}-{number}"
        self._taken.add(result)
        return result


def slug(name: str) -> str:
    """Return a name in lowercase ASCII letters, digits and hyphens; "" if nothing remains."""
    letters = unicodedata.normalize("NFKD", name.lower().translate(_WITHOUT_ACCENT))
    plain = "".join(char for char in letters if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9_]+", "-", plain)[:LONGEST_NAME].strip("-")
