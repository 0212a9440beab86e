"""`SuspectedRename`: a creation that is probably a rename, with the line to paste."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address, parse
from provisioner.diagnostics import Diagnostic, Severity, Span
from provisioner.documents.schema.shapes import flag, number, optional, record, sequence, text
from provisioner.documents.yaml.yaml_writer import write_inline
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.plans.change_json import source_data, source_of

CODE = "suspected-rename"


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to insert into a file of the project.

    Attributes:
        file: path relative to the project's root, with forward slashes.
        line: the line before or in which it is inserted, counted from 1.
        column: the column before which it is inserted, counted from 1.
        text: the text; a whole line ends with a line break.
    """

    file: str
    line: int
    column: int
    text: str

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {"file": self.file, "line": self.line, "column": self.column, "text": self.text}


@dataclass(frozen=True, slots=True)
class SuspectedRename:
    """A creation that is probably a rename.

    Attributes:
        address: the object to be created.
        former: the live object that it probably is.
        former_name: the email or name of that object, as the account spells it.
        score: the points of the evidence.
        reasons: the evidence for a rename, in words.
        was_declared: whether the files declared the object to be created earlier. Then it was
            probably renamed in the panel.
        span: the email or name of its entry, or the line `previously` that it has already.
        entry: its entry; None if the plan was read from a file.
        insertion: the change of the files that declares the rename; None if it has no simple form.
    """

    address: Address
    former: Address
    former_name: str
    score: int
    reasons: tuple[str, ...]
    was_declared: bool = False
    span: Span | None = None
    entry: Resource | None = field(default=None, compare=False, repr=False)
    insertion: Insertion | None = None

    @property
    def line(self) -> str:
        """The line to paste, without its indentation."""
        return f"previously: {write_inline(self.former_name)}"

    @property
    def place(self) -> str:
        """Where to paste the line, in words; "" if the entry has no place in a file."""
        if self.insertion is None:
            return f"at {self.span.file}:{self.span.line}" if self.span else ""
        where = f"{self.insertion.file}:{self.insertion.line}"
        if self.insertion.text.endswith("\n"):
            return f"as a new line {where}"
        return f"at {where}:{self.insertion.column}"

    @property
    def pasted(self) -> str:
        """The text to paste, with commas inside of brackets, without indentation."""
        return self.insertion.text.strip() if self.insertion else self.line

    def diagnostic(self) -> Diagnostic:
        """Return the warning about it."""
        kind = self.address.kind
        return Diagnostic(
            code=CODE,
            summary=f"maybe a rename: {self.address} is to be created, and {self.former} is to go "
            f"or is not declared: {', '.join(self.reasons)}",
            hint=f"{self._advice()}; if they are two {kind.plural}, the plan is right",
            span=self.span,
            severity=Severity.WARNING,
        )

    def _advice(self) -> str:
        paste = f"paste {self.place}: {self.pasted}"
        if not self.was_declared:
            return f"if it is a rename, {paste}"
        naming = KINDS[self.address.kind].identity
        return (
            f"if it was renamed in the panel, declare its new {naming}: "
            f"{write_inline(self.former_name)}; to rename it back, {paste}"
        )

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "address": str(self.address),
            "former": str(self.former),
            "previously": self.former_name,
            "score": self.score,
            "reasons": list(self.reasons),
            "was_declared": self.was_declared,
            "source": source_data(self.span),
            "insert": self.insertion.as_data() if self.insertion else None,
        }


SUSPECTED_RENAME = record(
    {
        "address": ADDRESS,
        "former": ADDRESS,
        "previously": text,
        "score": number(),
        "reasons": sequence(text),
        "was_declared": flag,
        "source": optional(record({"file": text, "line": number(1)})),
        "insert": optional(
            record({"file": text, "line": number(1), "column": number(1), "text": text})
        ),
    }
)
"""The shape of a suspected rename in a plan file."""


def suspected_of(data: Mapping[str, Any]) -> SuspectedRename:
    """Return a suspected rename from JSON data that has its shape."""
    insertion = data["insert"]
    return SuspectedRename(
        address=parse(data["address"]),
        former=parse(data["former"]),
        former_name=data["previously"],
        score=data["score"],
        reasons=tuple(data["reasons"]),
        was_declared=data["was_declared"],
        span=source_of(data["source"]),
        insertion=Insertion(**insertion) if insertion else None,
    )
