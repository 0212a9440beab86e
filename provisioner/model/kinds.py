"""The table of kinds: what each can declare and what each field's parts mean.

A kind is a row of `KINDS`, not a class of its own. A field's shape says how a declared value is
laid over a live one, so that 'left out', null and a value mean the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.address import Kind

SERVICES = ("tickets", "chats", "calls")
BUILT_IN_ROLES = ("agent", "admin", "owner")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. null sets it to `default`, or to the account's own where that names one."""

    default: str | bool | int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping with fixed keys: a key that is left out is not managed, null resets all keys."""

    fields: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping with any keys: a key that is left out is not managed, one that is null goes."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A mapping whose keys are the whole set: a live key that is not declared goes away."""

    entry: Group


@dataclass(frozen=True, slots=True)
class Whole:
    """A mapping that is replaced as a whole. null empties it."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """A mapping over defaults that the account names: what is left out has the default."""


Shape = Scalar | Group | Entries | Collection | Whole | Overrides


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


_EVENTS = {
    event: Scalar(default=False) for event in ("ticket_assigned", "customer_reply", "new_ticket")
}

_MEMBERSHIP = Group(
    {
        **{service: Scalar(default=False) for service in SERVICES},
        "role": Scalar(default="solver"),
        "change_own_status": Scalar(default=False),
        "signature": Scalar(default=""),
    }
)

_AGENT = Group(
    {
        "name": Scalar(),
        "alias": Scalar(default=""),
        "photo": Scalar(default=""),
        "gender": Scalar(default="unspecified"),
        "role": Scalar(default="agent"),
        "availability": Group({service: Scalar(default="offline") for service in SERVICES}),
        "to_solve_only": Scalar(default=False),
        "departments": Collection(_MEMBERSHIP),
        "notifications": Group(
            {"email": Group(_EVENTS), "slack": Group({"user": Scalar(default=""), **_EVENTS})}
        ),
        "signature": Scalar(default=""),
        # The defaults of the chat settings are the account's own; these stand in for them.
        "chat": Group({"max_load": Scalar(default=3), "priority": Scalar(default=50)}),
        "panel": Group({"theme": Scalar(default="bright")}),
        "level": Scalar(default=""),
        "sounds": Entries(),
        "hours": Whole(),
        "voice_status": Scalar(default="both"),
        "two_factor": Scalar(default=False),
    }
)

KINDS: Mapping[Kind, KindRow] = {
    row.kind: row
    for row in (
        KindRow(kind=Kind.AGENT, identity="email", required=("name",), shape=_AGENT),
        KindRow(kind=Kind.DEPARTMENT, identity="name", shape=Group({"name": Scalar()})),
        KindRow(
            kind=Kind.ROLE,
            identity="name",
            shape=Group({"name": Scalar(), "permissions": Overrides()}),
        ),
    )
}

PROFILE_FIELDS = frozenset(
    {
        "alias",
        "photo",
        "to_solve_only",
        "notifications",
        "signature",
        "chat",
        "panel",
        "level",
        "sounds",
        "two_factor",
    }
)
"""The fields of an agent that are kept in its profile: the documented API has no write for them."""

MEMBERSHIP_FIELDS = frozenset({"role", "change_own_status", "signature"})
"""The fields of a membership that the documented API has no write for."""
