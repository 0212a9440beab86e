"""New entries of objects, each put into the file where a person would look for it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Identity, Kind, fold
from provisioner.app.file_edits.field_edits import at_layer, section_of
from provisioner.app.file_edits.project_edits import FileEdit
from provisioner.documents.editing import AppendItem
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.kinds import KINDS
from provisioner.model.layers import Layer

_NEW_FILE = "{}.accepted.yaml"
"""The file for a kind of which the project has no object yet."""


@dataclass(slots=True)
class NewEntries:
    """Entries of objects that no file declares yet.

    Attributes:
        desired: the declared objects.
        items: the entries by the identity of their object.
    """

    desired: DesiredState
    items: dict[Identity, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: Kind, entry: dict[str, Any]) -> None:
        """Add an entry, unless there is one of the same object."""
        self.items.setdefault((kind, fold(entry[KINDS[kind].identity])), entry)

    def file_of(self, kind: Kind, entry: dict[str, Any]) -> str:
        """Return the file that an entry is put into."""
        layer = self._neighbour(kind, entry)
        return layer.document.file if layer else _NEW_FILE.format(kind.plural)

    def edits(self) -> list[FileEdit]:
        """Return the edits of files that hold objects of the same kind already."""
        return [
            at_layer(layer, AppendItem(section_of(layer), entry))
            for (kind, _), entry in self.items.items()
            if (layer := self._neighbour(kind, entry))
        ]

    def new_files(self) -> dict[str, bytes]:
        """Return the files for kinds of which the project has no object yet."""
        contents: dict[Kind, list[dict[str, Any]]] = {}
        for (kind, _), entry in self.items.items():
            if self._neighbour(kind, entry) is None:
                contents.setdefault(kind, []).append(entry)
        return {
            _NEW_FILE.format(kind.plural): write_yaml({kind.plural: entries}).encode()
            for kind, entries in contents.items()
        }

    def _neighbour(self, kind: Kind, entry: dict[str, Any]) -> Layer | None:
        """Return an entry of the list that a new one is put into; None if there is none.

        It is in the file with the most agents of the same departments.
        """
        departments = {fold(name) for name in entry.get("departments", ())}
        scores: Counter[tuple[str, int]] = Counter()
        last: dict[tuple[str, int], Layer] = {}
        for resource in self.desired.of(kind):
            place = resource.own.document.file, resource.own.document.number
            scores[place] += 1 + 1000 * len(departments & _departments(resource))
            last[place] = resource.own
        if not scores:
            return None
        best = max(scores.values())
        return last[min(place for place, score in scores.items() if score == best)]


def _departments(resource: Resource) -> set[str]:
    known = resource.attributes.get("departments")
    return {fold(name) for name in known} if isinstance(known, dict) else set()
