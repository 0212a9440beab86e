"""Files of other tools among those of a project, known by their keys."""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.documents.schema.wording import listed, quoted
from provisioner.suggestions import LISTED, Vocabulary

_ANY_VERSION = "version"
"""A key that files of other tools often have, too."""

_MOST_COMPARED = 100
"""Number of unknown keys of a file that are compared with the known ones."""


def foreign_keys(schema: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """Return the keys of a file of another tool; none if a key of the file is known.

    Keys that are misspelt, or in the wrong file of the project, are left out.
    """
    unknown, known = [*keys], schema.get("properties", {}).keys()
    if "x-foreign" not in schema or not known.isdisjoint(unknown):
        return []
    names = Vocabulary(lambda: known)
    close = {key for key in unknown[:_MOST_COMPARED] if names.closest(key)}
    own = close | schema["x-elsewhere"].keys() - {_ANY_VERSION}
    foreign = [key for key in unknown if key not in own]
    return [] if foreign == [_ANY_VERSION] else foreign


def no_known_key(schema: Mapping[str, Any], file: str, foreign: list[str]) -> tuple[str, str]:
    """Return summary and hint of the error for a file of another tool."""
    names = listed(map(quoted, foreign[:LISTED]))
    more = ", …" if len(foreign) > LISTED else ""
    hint = f"{schema['x-foreign']}: exclude: [{quoted(file)}]"
    return f"no key of this file is known: {names}{more}", hint
