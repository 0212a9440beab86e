"""Readable names for profiles that an export finds."""

import json
from collections.abc import Collection, Mapping

from provisioner.app.exporting.file_names import slug
from provisioner.model.fields import FieldPath

STANDARD = "standard"
"""The name of the profile that most agents extend."""

LATE = "12:00"
"""The earliest begin of a late shift."""

NIGHT = "20:00"
"""The earliest begin of a night shift."""


def content_name(leaves: Mapping[FieldPath, str], departments: Collection[str]) -> str:
    """Return a name for a profile by its content, and by its department if all agents share one.

    Args:
        leaves: its settings, with values as JSON.
        departments: the main departments of the agents that extend it.
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
