"""Manual steps: work in the panel that the target's API can't do.

Each step has the path in the panel and the exact values. The next plan has no step for what the
API shows as done. A person can acknowledge the steps that the API can't show.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.model.fields import AGENT_SETTINGS, FIELDS
from provisioner.model.settings import Acknowledgement
from provisioner.planning.changes import Attribution

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


@dataclass(frozen=True, slots=True)
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

    @property
    def id(self) -> str:
        """The id of the step with exactly these values; other values have another id."""
        text = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:ID_DIGITS]
        return f"{self.address}#{self.section}@{digest}"

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


def acknowledge(
    steps: Iterable[ManualStep], acknowledged: Iterable[Acknowledgement], target: str
) -> tuple[tuple[ManualStep, ...], tuple[Acknowledgement, ...]]:
    """Return manual steps with their acknowledgements.

    Returns:
        The steps, and the acknowledgements for this target that no step uses.
    """
    unused = {entry.step: entry for entry in acknowledged if entry.target in {"", target}}
    marked = tuple(
        step if step.verifiable else replace(step, acknowledged=unused.pop(step.id, None))
        for step in steps
    )
    return marked, tuple(unused.values())


def unused_acknowledgement(entry: Acknowledgement, steps: Iterable[ManualStep]) -> Diagnostic:
    """Return the warning about an acknowledgement that no step of a plan uses."""
    if any(step.id == entry.step for step in steps):
        return Diagnostic(
            code="stale-acknowledgement",
            summary=f'the API itself shows whether "{entry.step}" is done',
            span=entry.span,
            hint="remove the entry; the plan ticks the step off once it is done",
            severity=Severity.WARNING,
        )
    return Diagnostic(
        code="stale-acknowledgement",
        summary=f'no manual step "{entry.step}" is waiting to be acknowledged',
        span=entry.span,
        hint="remove the entry, or look in the plan for the step's new id",
        severity=Severity.WARNING,
    )
