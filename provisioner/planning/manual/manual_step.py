"""Manual steps: what a person has to do because the target's API can't.

Never silence and never a lie: each step has the path in the panel and the exact values. What the
API shows is ticked off by the next plan; what it can't show can be acknowledged.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.address import Address, Kind
from provisioner.diagnostics import Span
from provisioner.model.fields import AGENT_SETTINGS, FIELDS
from provisioner.model.settings import Acknowledgement
from provisioner.planning.changes import Attribution

ID_DIGITS = 8
"""Hex digits of the digest that binds a step's id to its values."""


DEPARTMENT = "department"
ROLE_DEFINITION = "permissions"
ROLE = "role"
MEMBERSHIP = "departments"
SETTINGS_OF_MEMBERSHIP = "department-settings"

PANEL: Mapping[str, str] = {
    DEPARTMENT: FIELDS[Kind.DEPARTMENT]["name",].panel,
    ROLE_DEFINITION: FIELDS[Kind.ROLE]["name",].panel,
    ROLE: FIELDS[Kind.AGENT]["role",].panel,
    MEMBERSHIP: FIELDS[Kind.AGENT]["departments",].panel,
    SETTINGS_OF_MEMBERSHIP: FIELDS[Kind.AGENT]["departments",].panel,
    **{name: FIELDS[Kind.AGENT][name,].panel for name in AGENT_SETTINGS},
}
"""The section of an object that a step is about, and the path in the panel where a person does it.

The order is the one of the work. The way to the agents is the vendor's own (D); the names of the
sections are those of the product page (I).
"""


@dataclass(frozen=True, slots=True)
class ManualStep:
    """What a person has to do in the panel.

    Attributes:
        address: the object it is about.
        name: the object's name as the panel shows it.
        section: which part of it, a key of `PANEL`.
        todo: what to do, a line each, with the exact values.
        values: the same as data; the id is bound to it.
        then: what an apply will do once this is done, a line each.
        verifiable: whether the API will show that it was done.
        hint: what makes it verifiable, if anything can.
        source: where the files declare it.
        acknowledged: who says that it is done; only for what can't be verified.
        attribution: whether the branch asks for it; None where the plan was made without a base.
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

    @property
    def id(self) -> str:
        """A name for the step with exactly these values: other values are another step."""
        text = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:ID_DIGITS]
        return f"{self.address}#{self.section}@{digest}"

    @property
    def panel(self) -> str:
        """The path in the panel."""
        return PANEL[self.section].replace("NAME", self.name)

    @property
    def open(self) -> bool:
        """Whether it is still to be done, as far as is known."""
        return self.acknowledged is None


def acknowledge(
    steps: Iterable[ManualStep], acknowledged: Iterable[Acknowledgement], target: str
) -> tuple[tuple[ManualStep, ...], tuple[Acknowledgement, ...]]:
    """Mark the steps that a person says are done.

    Returns:
        The steps, and the acknowledgements for this target that fit none of them.
    """
    said = {entry.step: entry for entry in acknowledged if entry.target in {"", target}}
    marked = tuple(
        step if step.verifiable else replace(step, acknowledged=said.pop(step.id, None))
        for step in steps
    )
    return marked, tuple(said.values())
