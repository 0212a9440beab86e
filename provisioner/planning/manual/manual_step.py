"""Manual steps: work in the panel that the target's API can't do.

Each step has the path in the panel and the exact values. The next plan has no step for what the
API shows as done. A person can acknowledge the steps that the API can't show.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Span
from provisioner.model.acknowledgements import EVERY_AGENT, Acknowledgement
from provisioner.model.fields import AGENT_SETTINGS, FIELDS
from provisioner.planning.changes import Attribution

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode

ID_DIGITS = 8
"""Hex digits of the digest that binds a step's id to its values."""

CREATION = "create"
DEPARTMENT = "department"
ROLE_DEFINITION = "permissions"
ROLE = "role"
MEMBERSHIP = "departments"
SETTINGS_OF_MEMBERSHIP = "department-settings"
LOGINS = "logins"

NAME = "NAME"
"""The placeholder for the name of an object in `PANEL`."""

PANEL: Mapping[str, str] = {
    DEPARTMENT: FIELDS[Kind.DEPARTMENT]["name",].panel,
    ROLE_DEFINITION: FIELDS[Kind.ROLE]["name",].panel,
    CREATION: "Configuration > Agents > Create agent",
    ROLE: FIELDS[Kind.AGENT]["role",].panel,
    MEMBERSHIP: FIELDS[Kind.AGENT]["departments",].panel,
    SETTINGS_OF_MEMBERSHIP: FIELDS[Kind.AGENT]["departments",].panel,
    **{name: FIELDS[Kind.AGENT][name,].panel for name in AGENT_SETTINGS},
    LOGINS: "Configuration > Agents > NAME > Authorised applications",
}
"""The section of an object that a step changes, with its path in the panel, in the order of work.

The path to the agents is LiveAgent's own (D); the names of the sections are those of the product
page (I).
"""


@dataclass(frozen=True)
class ManualStep:
    """One piece of work in the panel.

    Attributes:
        address: the object to change.
        name: the object's name as the panel shows it.
        section: the section of the object, a key of `PANEL`.
        todo: the actions with the exact values, one in a line.
        values: the values as data; the id depends on them.
        then: the actions of the next apply after this step, one in a line.
        verifiable: whether the API shows that the step was done.
        hint: how the step can become verifiable, or what of it is unchecked; "" for neither.
        source: the place in the files that declares the object.
        acknowledged: the acknowledgement of a step that is not verifiable.
        attribution: branch or earlier drift; None if the plan was made without a base.
        is_default: whether nobody needs to do it: provisioner creates or created the agent, and
            LiveAgent gives a new agent these values (`new_agent_defaults`).
    """

    address: Address
    name: str
    section: str
    todo: tuple[str, ...]
    values: Mapping[str, Any]
    then: tuple[str, ...] = ()
    verifiable: bool = True
    hint: str = ""
    source: Span | None = None
    acknowledged: Acknowledgement | None = None
    attribution: Attribution | None = None
    is_default: bool = False

    @cached_property
    def id(self) -> str:
        """The id of the step with exactly these values; other values have another id."""
        text = _encode(self.values)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:ID_DIGITS]
        return f"{self.address}#{self.section}@{digest}"

    @property
    def shared_id(self) -> str:
        """The id that the steps of several agents with exactly these values have in common."""
        is_agent = self.address.kind is Kind.AGENT
        return self.id.replace(f"{self.address}#", EVERY_AGENT, 1) if is_agent else self.id

    @property
    def panel(self) -> str:
        """The path in the panel."""
        return PANEL[self.section].replace(NAME, self.name)

    @property
    def renames(self) -> bool:
        """Whether the step gives a department or role another name, and frees the former one."""
        return self.address.kind is not Kind.AGENT and self.todo[0].startswith("rename ")

    @property
    def open(self) -> bool:
        """Whether a person has still to do the step."""
        return self.acknowledged is None and not self.is_default


def on_one_line(text: str) -> str:
    """Return a text as a line of `todo` shows it."""
    return text.replace("\n", " ⏎ ")
