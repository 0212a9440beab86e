"""Addresses of managed objects, such as `agent/mia.chen@acme.example` and `role/Team lead`.

An address never holds a server id, so it means the same in a file, in a plan and on every target.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from provisioner import characters


class Kind(StrEnum):
    """The types of objects that a project can declare."""

    AGENT = "agent"
    DEPARTMENT = "department"
    ROLE = "role"

    @property
    def plural(self) -> str:
        """The top-level key of the YAML that holds this kind, such as `agents`."""
        return f"{self.value}s"


fold = characters.fold
"""Return the form in which emails and names are compared."""

Identity = tuple[Kind, str]
"""A kind and a folded key, which all spellings of one object share."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The address of one object: its kind, and its email or name.

    Attributes:
        kind: the kind of the object.
        key: the folded email of an agent, otherwise the name as spelt in its source.
        identity: the kind and the folded key: equal for all spellings of one object.
    """

    kind: Kind
    key: str
    identity: Identity = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Fold the key once: a plan looks each object up many times."""
        folded = fold(self.key)
        own = self.kind, self.key if folded == self.key else folded
        object.__setattr__(self, "identity", own)

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"


def parse(text: str) -> Address:
    """Return the address in a text such as `agent/mia.chen@acme.example`.

    Raises:
        ValueError: the kind is unknown.
    """
    kind, _, key = text.partition("/")
    return Address(Kind(kind), key)


def agent(email: str) -> Address:
    """Return the address of the agent with this email."""
    return Address(Kind.AGENT, fold(email))


def department(name: str) -> Address:
    """Return the address of the department with this name."""
    return Address(Kind.DEPARTMENT, name)


def role(name: str) -> Address:
    """Return the address of the custom role with this name."""
    return Address(Kind.ROLE, name)
