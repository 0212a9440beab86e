"""Desired state: one `Resource` for each object that the files declare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from provisioner.address import Address, Identity, Kind, fold
from provisioner.diagnostics import Span
from provisioner.documents.files.attachments import Photo
from provisioner.model.dates.declared import Dates
from provisioner.model.hours import Shift, ShiftCache
from provisioner.model.kinds import BUILT_IN_ROLES, KINDS, SERVICES
from provisioner.model.layers import Layer, Source, merged, merged_key, sources
from provisioner.model.team.locks import Locks

STRIPPED: Mapping[str, Any] = {
    "role": BUILT_IN_ROLES[0],
    "departments": {},
    "availability": dict.fromkeys(SERVICES, "offline"),
    "hours": [],
}
"""The fields of a suspended agent: the account stays, without rights and work."""


class Mode(StrEnum):
    """How a run treats an object that it does not write."""

    PLAN_ONLY = "plan-only"
    """A plan shows the changes; apply does not make them."""
    IMPORT_ONLY = "import-only"
    """The account is the source, and the files record it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared object.

    Attributes:
        address: its address.
        attributes: the declared fields of all layers merged, without omitted ones; null is None.
        layers: the layers: profiles first, then the object's own entry, then its overlay.
        absent: whether it is declared absent.
        suspended: whether it is an agent that keeps the account, without rights and work.
        hours: the declared shifts; None if `hours` is left out.
        previously: its former email or name; "" for none.
        pinned_id: the server's id in the files; "" for none.
        mode: how a run treats the object, if apply does not write it.
        dates: the days of an agent, and the values that hold for some days; None for none.
    """

    address: Address
    attributes: Mapping[str, Any]
    layers: Sequence[Layer]
    absent: bool = False
    suspended: bool = False
    hours: tuple[Shift, ...] | None = None
    previously: str = ""
    pinned_id: str = ""
    mode: Mode | None = None
    dates: Dates | None = None

    @property
    def own(self) -> Layer:
        """The object's own entry, without the overlay of a target."""
        return next(layer for layer in self.layers if not layer.profile)

    def span(self, *path: str, key: bool = False) -> Span:
        """Return the position of a field's effective value, or of the object for no path."""
        source = self.source(*path)
        if source is None:
            return self.own.span(*path, key=key)
        return source.layer.span(*source.field, key=key)

    def declarer(self, *path: str) -> str:
        """Return the name of the profile or object that declares a field, for messages."""
        source = self.source(*path)
        if source and source.layer.profile:
            return f'profile "{source.layer.profile}"'
        return f'{self.address.kind} "{self.attributes[KINDS[self.address.kind].identity]}"'

    def source(self, *path: str) -> Source | None:
        """Return the source of a field's effective value, or of its nearest parent.

        Of a suspended agent, the state gives the values of the stripped fields.
        """
        if self.suspended and path and path[0] in STRIPPED:
            path = ("state",)
        while path:
            if field_sources := sources(self.layers, path):
                return field_sources[-1]
            path = path[:-1]
        return None


_MODES: Mapping[str, Mode] = {mode.value: mode for mode in Mode}


def assembled(
    address: Address, layers: Sequence[Layer], shifts: ShiftCache, dates: Dates | None
) -> Resource:
    """Return an object from its layers: profiles first, then its own ones."""
    own = [layer for layer in layers if not layer.profile]
    attributes = merged(layers)
    suspended = merged_key(own, "state") == "suspended"
    if suspended:
        attributes = {**attributes, **STRIPPED}
    hours = None
    if "hours" in attributes:
        declared = attributes["hours"]
        attributes = {name: value for name, value in attributes.items() if name != "hours"}
        departments = attributes.get("departments")
        members = departments if isinstance(departments, dict) else {}
        is_valid = all(layer.path not in layer.document.invalid for layer in layers)
        hours = shifts.shifts_of(declared or [], members) if is_valid else ()
    return Resource(
        address=address,
        attributes=attributes,
        layers=tuple(layers),
        absent=merged_key(own, "state") == "absent",
        suspended=suspended,
        hours=hours,
        previously=_text(own, "previously"),
        pinned_id=_text(own, "id"),
        mode=_MODES.get(_text(own, "mode")),
        dates=dates,
    )


def _text(layers: Sequence[Layer], key: str) -> str:
    """Return the text of a key in the last layer that has it, or "" for no text."""
    value = merged_key(layers, key)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class DesiredState:
    """All declared objects by their identity.

    Attributes:
        resources: identity (kind and folded key) to resource, in no particular order.
        photos: digest to the photo's file.
        day: the day of the state; None for the permanent values, without dates.
        dated: the agents with dates, with their permanent values; none without a day.
        waiting: those of them who have not started; they are not in `resources`.
        locks: the locked fields of profiles.
    """

    resources: Mapping[Identity, Resource]
    photos: Mapping[str, Photo] = field(default_factory=dict)
    day: date | None = None
    dated: tuple[Resource, ...] = ()
    waiting: tuple[Resource, ...] = ()
    locks: Locks = field(default_factory=Locks)

    def of(self, kind: Kind) -> Iterator[Resource]:
        """Yield the resources of a kind."""
        return (resource for (k, _), resource in self.resources.items() if k is kind)

    def find(self, kind: Kind, name: str) -> Resource | None:
        """Return the resource with this email or name, in any spelling."""
        return self.resources.get((kind, fold(name)))
