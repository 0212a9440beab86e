"""Data about the access of an account: what the files own, do not own, or own no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address, parse
from provisioner.documents.schema.shapes import anything, number, record, sequence, text
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.model.fields import FieldPath


@dataclass(frozen=True, slots=True)
class UnmanagedAccess:
    """An access field of a declared agent that no file declares, with a value beyond the default.

    Attributes:
        address: the address of the agent.
        path: the path of the field; `("departments",)` where the whole membership is left out.
        live: the live value.
        default: the account's default.
    """

    address: Address
    path: FieldPath
    live: Any
    default: Any

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "address": str(self.address),
            "path": list(self.path),
            "live": self.live,
            "default": self.default,
        }


@dataclass(frozen=True, slots=True)
class Released:
    """A field or an object that the files used to declare, with the value that they declared.

    Attributes:
        address: the address of the object.
        path: the path of the field; () for the whole object.
        value: the live value, which is still the declared one.
        since: the commit or the run since which no file declares it; "" if unknown.
    """

    address: Address
    path: FieldPath
    value: Any
    since: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "address": str(self.address),
            "path": list(self.path),
            "value": self.value,
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class PowerfulAgent:
    """An agent with more than the default role that no file declares.

    Attributes:
        address: the address of the agent.
        name: the agent's name.
        role: the agent's role.
        exception: why the agent is no drift; "" for drift.
    """

    address: Address
    name: str
    role: str
    exception: str = ""

    def as_data(self) -> dict[str, str]:
        """Return it as JSON data."""
        return {
            "address": str(self.address),
            "name": self.name,
            "role": self.role,
            "exception": self.exception,
        }


@dataclass(frozen=True, slots=True)
class Ownership:
    """How much of an account's access the files own.

    Attributes:
        people: the number of agents in the account.
        declared_people: the number of those that the files declare.
        access: the number of accounts, roles, memberships, services and roles in departments that
            the agents have beyond the defaults.
        declared_access: the number of those that the files declare.
        undeclared_powerful: undeclared agents with more than the default role, the most powerful
            first.
    """

    people: int = 0
    declared_people: int = 0
    access: int = 0
    declared_access: int = 0
    undeclared_powerful: tuple[PowerfulAgent, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "people": self.people,
            "declared_people": self.declared_people,
            "access": self.access,
            "declared_access": self.declared_access,
            "undeclared_powerful": [one.as_data() for one in self.undeclared_powerful],
        }


_PATH = sequence(text)

ACCESS_SHAPES = {
    "unmanaged": sequence(
        record({"address": ADDRESS, "path": _PATH, "live": anything, "default": anything})
    ),
    "released": sequence(
        record({"address": ADDRESS, "path": _PATH, "value": anything, "since": text})
    ),
    "ownership": record(
        {
            **dict.fromkeys(("people", "declared_people", "access", "declared_access"), number()),
            "undeclared_powerful": sequence(
                record({"address": ADDRESS, "name": text, "role": text, "exception": text})
            ),
        }
    ),
    "not_looked_at": sequence(text),
}
"""The shapes of the keys of a plan file about access; files of version 1.0 have none of them."""


def unmanaged_of(data: Mapping[str, Any]) -> UnmanagedAccess:
    """Return unmanaged access from JSON data that has its shape."""
    return UnmanagedAccess(
        parse(data["address"]), tuple(data["path"]), data["live"], data["default"]
    )


def released_of(data: Mapping[str, Any]) -> Released:
    """Return a released field or object from JSON data that has its shape."""
    return Released(parse(data["address"]), tuple(data["path"]), data["value"], data["since"])


def ownership_of(data: Mapping[str, Any]) -> Ownership:
    """Return ownership from JSON data that has its shape."""
    powerful = tuple(
        PowerfulAgent(parse(one["address"]), one["name"], one["role"], one["exception"])
        for one in data["undeclared_powerful"]
    )
    return Ownership(**{**data, "undeclared_powerful": powerful})
