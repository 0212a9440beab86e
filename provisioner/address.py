"""What a managed object is called, everywhere: `agent/mia.chen@acme.example`, `role/Team lead`.

An address never holds a server id, so it means the same in a file, in a plan and on every target.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The stable name of one object: its kind, and its email or name.

    Attributes:
        kind: what it is.
        key: for an agent the folded email, else the name as it is spelt where it was read.
    """

    kind: Kind
    key: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"

    @property
    def identity(self) -> tuple[Kind, str]:
        """What two spellings of the same object have in common."""
        return self.kind, fold(self.key)


def fold(text: str) -> str:
    """Return the form in which emails and names are compared, of whatever source."""
    return characters.fold(text)


def parse(text: str) -> Address:
    """Return the address that is written as `kind/key`.

    Raises:
        ValueError: there is no such kind.
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
