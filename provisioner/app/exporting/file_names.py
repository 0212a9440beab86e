"""Names of exported files and profiles.

Files have ASCII names, so that every file system and every tool keeps them.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Mapping

from provisioner.model.fields import FieldPath

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


STANDARD = "standard"
"""The name of the profile that most agents extend."""

LATE = "12:00"
"""The earliest begin of a late shift."""

NIGHT = "20:00"
"""The earliest begin of a night shift."""


def content_name(leaves: Mapping[FieldPath, str], departments: Collection[str]) -> str:
    """Return a name for a profile by its content, and by its department if all agents share one.

    The settings have values as JSON.
    """
    sections = [*dict.fromkeys(path[0].replace("_", " ") for path in leaves)]
    hours = leaves.get(("hours",))
    name = _shift_name(hours) if hours else " and ".join(sections[:2])
    [department] = departments if len(departments) == 1 else [""]
    return f"{department} {name}" if slug(department) else name


def _shift_name(hours: str) -> str:
    """Return the name of a shift by its first entry."""
    shift = json.loads(hours)[0]
    begin, end = shift["from"], shift["to"]
    if end <= begin or begin >= NIGHT:
        return "night shift"
    return "late shift" if begin >= LATE else "day shift"
