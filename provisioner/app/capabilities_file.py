"""Writes what a probe has found into `capabilities.yaml`.

Only the lines of changed facts change: other targets, comments and the layout stay. The same facts
give the same bytes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.documents.editing import EditError, SetValue, edited
from provisioner.documents.yaml.yaml_reader import read_yaml
from provisioner.documents.yaml.yaml_writer import write_yaml

_HEAD = """\
# What is known of the accounts. `provisioner probe` writes this file; a person may add facts.
version: 1
"""


def with_facts(text: str, target: str, entry: Mapping[str, Any]) -> str:
    """Return the text of `capabilities.yaml` with the entry of a target.

    Args:
        text: the file as it is, or "" for no file.
        target: the name of the target.
        entry: `url`, `probe` and `facts`. Facts of the file that are not in it stay.
    """
    documents, _ = read_yaml(text.encode(), "capabilities.yaml")
    data = documents[0].data if documents else None
    if not isinstance(data, dict):
        text, data = text + _HEAD, {"version": 1}
    targets = _merged(data.get("targets"), {target: entry})
    order = tuple(sorted({*_keys(targets)}))
    try:
        return edited(text, [SetValue(("targets",), targets, order, is_sorted=True)])
    except EditError:  # the layout is too unusual
        return write_yaml({**data, "targets": targets})


def _merged(old: Any, new: Any) -> Any:
    """Return a mapping with the values of another one; new keys are sorted."""
    if not isinstance(new, Mapping):
        return new
    known = old if isinstance(old, Mapping) else {}
    return {**known, **{key: _merged(known.get(key), one) for key, one in sorted(new.items())}}


def _keys(data: Any) -> Iterator[str]:
    for key, value in data.items() if isinstance(data, Mapping) else ():
        yield key
        yield from _keys(value)
