"""Desired state: what the validated files say, one `Resource` for each declared object."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, Kind, fold
from provisioner.diagnostics import Span
from provisioner.documents.files.attachments import Photo
from provisioner.model.hours import Shift
from provisioner.model.kinds import KINDS
from provisioner.model.layers import Layer, Source, sources


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared object.

    Attributes:
        address: its stable name.
        attributes: the declared fields with all layers merged; what is left out is not in it,
            and null is None.
        layers: what they were merged from: profiles first, then the object's own declaration.
        absent: whether the files say that it shall not exist.
        suspended: whether an agent is to be stripped of departments and services.
        hours: the declared hours; None where they are left out.
        previously: the email or name that it had before; "" for none.
        pinned_id: the server's id that the files pin; "" for none.
    """

    address: Address
    attributes: Mapping[str, Any]
    layers: Sequence[Layer]
    absent: bool = False
    suspended: bool = False
    hours: tuple[Shift, ...] | None = None
    previously: str = ""
    pinned_id: str = ""

    @property
    def own(self) -> Layer:
        """The object's own declaration; a target's overlay comes behind it."""
        return next(layer for layer in self.layers if not layer.profile)

    def span(self, *path: str, key: bool = False) -> Span:
        """Return the place that gives a field its value, or of the object for no field."""
        source = self.source(*path)
        if source is None:
            return self.own.span(*path, key=key)
        return source.layer.span(*source.field, key=key)

    def declarer(self, *path: str) -> str:
        """Return who says a field: a profile, so that it is said once, or the object itself."""
        source = self.source(*path)
        if source and source.layer.profile:
            return f'profile "{source.layer.profile}"'
        return f'{self.address.kind} "{self.attributes[KINDS[self.address.kind].identity]}"'

    def source(self, *path: str) -> Source | None:
        """Return what gives a field its value, or its nearest parent."""
        while path:
            if found := sources(self.layers, path):
                return found[-1]
            path = path[:-1]
        return None


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All declared objects, by what identifies them.

    Attributes:
        resources: identity (kind and folded key) to resource, in no order that means anything.
        photos: digest to the photo's file.
    """

    resources: Mapping[tuple[Kind, str], Resource]
    photos: Mapping[str, Photo] = field(default_factory=dict)

    def of(self, kind: Kind) -> Iterator[Resource]:
        """Yield the resources of a kind."""
        return (resource for (k, _), resource in self.resources.items() if k is kind)

    def find(self, kind: Kind, name: str) -> Resource | None:
        """Return the resource with this email or name, in any spelling."""
        return self.resources.get((kind, fold(name)))
