"""Desired state: what the validated files say, one `Resource` for each declared object."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Span
from provisioner.documents import Document


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared object.

    Attributes:
        address: its stable name.
        attributes: the declared fields as the YAML has them, without `state`;
            what is left out is not in it, and null is None.
        absent: whether the files say that it shall not exist.
        document: the document that declares it.
        path: where in the document it stands, such as `("agents", 3)`.
    """

    address: Address
    attributes: Mapping[str, Any]
    absent: bool
    document: Document
    path: tuple[str | int, ...]

    def span(self, *field: str, key: bool = False) -> Span:
        """Return the place of a field, or of the object where no field is named."""
        return self.document.span((*self.path, *field), key=key)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All declared objects, by what identifies them.

    Attributes:
        resources: identity (kind and folded key) to resource, in no order that means anything.
    """

    resources: Mapping[tuple[Kind, str], Resource]

    def of(self, kind: Kind) -> Iterator[Resource]:
        """Yield the resources of a kind."""
        return (resource for (k, _), resource in self.resources.items() if k is kind)

    def find(self, kind: Kind, name: str) -> Resource | None:
        """Return the resource with this email or name, in any spelling."""
        return self.resources.get((kind, fold(name)))
