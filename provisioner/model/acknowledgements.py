"""Acknowledgements: manual steps that people have done and that the API can't show.

`acknowledged.yaml` has them, and the section `acknowledged` of `provisioner.yaml` may have more.
An entry for several agents is read as one acknowledgement for each of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner import address
from provisioner.address import Kind
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.documents import Document, DocumentPath
from provisioner.suggestions import Vocabulary, known_names

SECTION = "acknowledged"
"""The key of the entries in `provisioner.yaml`, and in `acknowledged.yaml` if it is a mapping."""

EVERY_AGENT = "agent/*#"
"""The begin of a step's id in an entry that lists the agents."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A manual step that a person has done.

    Attributes:
        step: the id of the step of one object.
        by: the person.
        on: the day as YYYY-MM-DD.
        target: the target of the step; "" for all targets.
        span: the position of the agent in the entry, or of the entry.
        entry: the id as the entry has it.
        path: the path of the agent in the document, or of the entry.
    """

    step: str
    by: str
    on: str
    target: str = ""
    span: Span | None = None
    entry: str = ""
    path: DocumentPath = ()

    @property
    def label(self) -> str:
        """The id and the target as the entry has them."""
        return f"{self.entry} on {self.target}" if self.target else self.entry

    @property
    def email(self) -> str:
        """The agent, if the entry lists its agents; else ""."""
        if not self.entry.startswith(EVERY_AGENT):
            return ""
        end = self.entry.removeprefix(EVERY_AGENT)
        return self.step.removeprefix(f"{Kind.AGENT}/").removesuffix(f"#{end}")

    @property
    def subject(self) -> str:
        """The id of the step without the digest of its values."""
        return subject_of(self.step)


def subject_of(step: str) -> str:
    """Return the id of a step without the digest of its values."""
    return step.rpartition("@")[0]


def entries_path(document: Document) -> DocumentPath:
    """Return the path of the list of entries in a document."""
    return () if isinstance(document.data, list) else (SECTION,)


def entries_of(document: Document) -> list[dict[str, Any]]:
    """Return the entries of a document that conforms to its schema."""
    is_list = isinstance(document.data, list)
    return [*(document.data if is_list else document.data.get(SECTION, []))]


def read_acknowledgements(document: Document) -> Iterator[Acknowledgement]:
    """Yield an acknowledgement for each object of each entry of a document."""
    for index, entry in enumerate(entries_of(document)):
        path = (*entries_path(document), index)
        for step, inner in _steps(entry):
            yield Acknowledgement(
                step=step,
                by=entry["by"],
                on=entry["on"],
                target=entry.get("target", ""),
                span=document.span((*path, *inner)),
                entry=entry["step"],
                path=(*path, *inner),
            )


def _steps(entry: Mapping[str, Any]) -> Iterator[tuple[str, DocumentPath]]:
    """Yield the id of each step of an entry, with the path of its agent in the entry."""
    step: str = entry["step"]
    if "for" not in entry:
        yield step, ()
    for number, email in enumerate(entry.get("for", ())):
        yield f"{address.agent(email)}#{step.removeprefix(EVERY_AGENT)}", ("for", number)


def check_acknowledgements(document: Document, targets: list[str]) -> Iterator[Diagnostic]:
    """Yield errors and warnings about the entries of a document that the schema can't express.

    Args:
        document: the document.
        targets: the names that an entry may have as its target.
    """
    for index, entry in enumerate(entries_of(document)):
        path, step = (*entries_path(document), index), entry["step"]
        is_grouped, target = step.startswith(EVERY_AGENT), entry.get("target", "")
        if is_grouped and "for" not in entry:
            yield Diagnostic(
                code="acknowledgement-agents",
                summary=f'"{step}" does not list its agents',
                span=document.span((*path, "step")),
                hint="add for: with the emails of the agents",
            )
        if "for" in entry and not is_grouped:
            yield Diagnostic(
                code="acknowledgement-agents",
                summary=f'"{step}" is the step of one object, and has a list of agents',
                span=document.span((*path, "for"), key=True),
                hint="remove for:, or begin the id with agent/*",
            )
        if target and target not in targets:
            yield Diagnostic(
                code="stale-acknowledgement",
                summary=f'"{step}" is acknowledged for the target "{target}", which does not exist',
                span=document.span((*path, "target")),
                hint=known_names(targets),
                meant=(target, Vocabulary(lambda: targets)),
                severity=Severity.WARNING,
            )
