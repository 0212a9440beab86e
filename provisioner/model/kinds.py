"""The table of kinds: what each can declare and what each field's parts mean.

A kind is a row of `KINDS`, not a class of its own. A field's shape says how a declared value is
laid over a live one, so that 'left out', null and a value mean the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.address import Kind

SERVICES = ("tickets", "chats", "calls")
BUILT_IN_ROLES = ("agent", "admin", "owner")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. null sets it to `default`."""

    default: str | bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping with fixed keys: a key that is left out is not managed, null resets all keys."""

    fields: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping whose keys are the whole set: a live key that is not declared goes away."""

    entry: Group


@dataclass(frozen=True, slots=True)
class Overrides:
    """A mapping over defaults that the target names: what is left out has the default."""


Shape = Scalar | Group | Collection | Overrides


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind.

    Attributes:
        kind: its name.
        identity: the field that names an object of the kind.
        shape: all fields but the identity.
        required: fields without which it can't be created.
    """

    kind: Kind
    identity: str
    shape: Group
    required: tuple[str, ...] = ()


KINDS: Mapping[Kind, KindRow] = {
    row.kind: row
    for row in (
        KindRow(
            kind=Kind.AGENT,
            identity="email",
            required=("name",),
            shape=Group(
                {
                    "name": Scalar(),
                    "role": Scalar(default="agent"),
                    "availability": Group(
                        {service: Scalar(default="offline") for service in SERVICES}
                    ),
                    "departments": Collection(
                        Group({service: Scalar(default=False) for service in SERVICES})
                    ),
                }
            ),
        ),
        KindRow(kind=Kind.DEPARTMENT, identity="name", shape=Group({"name": Scalar()})),
        KindRow(
            kind=Kind.ROLE,
            identity="name",
            shape=Group({"name": Scalar(), "permissions": Overrides()}),
        ),
    )
}
