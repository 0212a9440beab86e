"""JSON for machines: indented, and the same bytes for the same content."""

from provisioner.json_form import json_lines


def json_text(content: object, *, sort_keys: bool = True) -> str:
    """Return content as the text of a JSON document, with its characters as they are."""
    return "".join(json_lines(content, sort_keys=sort_keys))
