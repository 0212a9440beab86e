"""The assumptions about an account that no document confirms, and what is known of one account.

Code that depends on an assumption asks `AccountCapabilities` and has no constant of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from provisioner.address import fold
from provisioner.documents import Document
from provisioner.documents.schema.json_schema import schemas


class Assumption(NamedTuple):
    """Behaviour of an account that the client relies on without a document.

    Attributes:
        name: the key in `capabilities.yaml`.
        text: the assumed behaviour.
        mark: I inferred, or U unknown.
        source: the source of the inference, or what the documents have in its place.
        default: the assumed value, of those that the schema allows.
        switch: the sandbox's switch that makes the assumption wrong.
        when_wrong: what the client does if an account behaves otherwise.
    """

    name: str
    text: str
    mark: str
    source: str
    default: Any
    switch: str
    when_wrong: str


def _read_table() -> Mapping[str, Assumption]:
    target = schemas()["capabilities"]["properties"]["targets"]["additionalProperties"]
    facts = target["properties"]["facts"]["properties"]
    return {
        name: Assumption(
            name=name,
            text=fact["description"],
            mark=fact["x-mark"],
            source=fact["x-source"],
            default=fact["x-default"],
            switch=fact["x-switch"],
            when_wrong=fact["x-when-wrong"],
        )
        for name, fact in facts.items()
    }


ASSUMPTIONS: Mapping[str, Assumption] = MappingProxyType(_read_table())
"""Every assumption by its name.

The rows are the facts of `schemas/capabilities.schema.json`, so that each is in one place with the
values that it can have. `make reference` writes them to `docs/assumptions.md`, too.
"""


@dataclass(frozen=True, slots=True)
class AccountCapabilities:
    """What is known of the behaviour of one account.

    Attributes:
        facts: the confirmed values by the name of their assumption; anything else is assumed.
        url: the address of the account that the facts are about; "" for any.
        probe: `email` and `id` of the throwaway agent of the last probe.
        new_agent_defaults: what it gives a new agent, in the form of an agent; a section that is
            left out is unknown.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    probe: Mapping[str, str] = field(default_factory=dict)
    new_agent_defaults: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """Return the confirmed value of an assumption, or else the assumed one."""
        return self.facts.get(name, ASSUMPTIONS[name].default)

    def confirms(self, name: str) -> bool:
        """Return whether the value of an assumption is known, and not assumed."""
        return ASSUMPTIONS[name].name in self.facts

    def probe_id(self, email: str) -> str:
        """Return the id of the throwaway agent with an email, or ""."""
        is_same = fold(self.probe.get("email", "")) == fold(email)
        return self.probe.get("id", "") if is_same else ""


def read_capabilities(document: Document | None) -> dict[str, AccountCapabilities]:
    """Return what is known of each target, from a `capabilities.yaml` that conforms to its schema.

    Args:
        document: the file; None if it is missing or empty.
    """
    targets = document.data.get("targets", {}) if document else {}
    return {
        name: AccountCapabilities(
            entry["facts"],
            entry.get("url", ""),
            entry.get("probe", {}),
            entry.get("new_agent_defaults", {}),
        )
        for name, entry in targets.items()
    }
