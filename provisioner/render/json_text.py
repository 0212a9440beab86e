"""JSON for machines: indented, and the same bytes for the same content."""

import json


def json_text(content: object, *, sort_keys: bool = True) -> str:
    """Return content as the text of a JSON document, with its characters as they are."""
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=sort_keys) + "\n"
