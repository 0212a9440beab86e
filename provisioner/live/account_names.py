"""Lists of the names that an account offers, for values of the files that refer to them.

They are read only if a planned value refers to one, so they are no part of the live state.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioner.documents.schema.shapes import mapping, number, one_of, record, text
from provisioner.live.state import Surface


class NameList(StrEnum):
    """A list of names; its value is the noun for one of them."""

    SLACK_USER = "Slack user"
    SOUND = "sound"
    ALERT = "alert"
    LEVEL = "level"

    def is_shown_by(self, surface: Surface) -> bool:
        """Return whether an API has the list: v3 has only that of the Slack users (D)."""
        return surface is Surface.FULL or self is NameList.SLACK_USER


@dataclass(frozen=True, slots=True)
class AccountNames:
    """The lists that were read of an account.

    Attributes:
        labels: list to a mapping from name to label, such as id to full name of a Slack user;
            without the lists that the account refused to show.
        requests: list to the number of requests for reading it.
    """

    labels: Mapping[NameList, Mapping[str, str]] = field(default_factory=dict)
    requests: Mapping[NameList, int] = field(default_factory=dict)

    @property
    def total_requests(self) -> int:
        """The number of requests for reading all lists."""
        return sum(self.requests.values())

    def only(self, wanted: Collection[NameList]) -> "AccountNames":
        """Return the wanted ones of the lists."""
        return AccountNames(
            {name: labels for name, labels in self.labels.items() if name in wanted},
            {name: number for name, number in self.requests.items() if name in wanted},
        )


_LIST = one_of(tuple(NameList))

names_shape = record(
    {"labels": mapping(mapping(text), key=_LIST), "requests": mapping(number(), key=_LIST)}
)
"""The shape of lists in a snapshot."""


def names_of(data: Mapping[str, Mapping[str, Any]]) -> AccountNames:
    """Return the lists in a snapshot."""
    labels, requests = (
        {NameList(name): value for name, value in data[part].items()}
        for part in ("labels", "requests")
    )
    return AccountNames(labels, requests)
