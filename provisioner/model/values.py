"""From the values of a document to values that can be compared.

Signatures in files become their text, photos the digest of their content, hours a canonical week.
Values of a wrong type are left alone: the schema has reported them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import Document
from provisioner.documents.files.attachments import Photo, read_photo, read_text
from provisioner.model import hours
from provisioner.model.kinds import SERVICES
from provisioner.model.zones import shift_between

Place = tuple[str | int, ...]
Reader: TypeAlias = Callable[[Path, str, str, Span], str | Photo | Diagnostic]


@dataclass(slots=True)
class AttachmentReader:
    """Reads the files that documents name, and keeps what was found on the way.

    Attributes:
        root: the project's folder.
        photos: digest to the photo's file.
        findings: what is wrong with the files.
    """

    root: Path
    photos: dict[str, Photo] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    _read: dict[tuple[Reader, str, str], str | Photo | Diagnostic] = field(default_factory=dict)

    def text(self, document: Document, path: str, span: Span) -> str:
        """Return the text of a file that a document names, or "" where it can't be read."""
        found = self._once(read_text, document, path, span)
        return found if isinstance(found, str) else ""

    def photo(self, document: Document, path: str, span: Span) -> str:
        """Return the digest of an image that a document names, or "" where it can't be read."""
        found = self._once(read_photo, document, path, span)
        if isinstance(found, Photo):
            self.photos[found.digest] = found
            return found.digest
        return ""

    def _once(self, read: Reader, document: Document, path: str, span: Span) -> str | Photo | None:
        """Return what a file holds; one that many agents name is read once."""
        key = read, document.file.rpartition("/")[0], path
        if key not in self._read:
            self._read[key] = read(self.root, document.file, path, span)
        found = self._read[key]
        if isinstance(found, Diagnostic):
            self.findings.append(replace(found, span=span))
            return None
        return found


def resolve(
    item: Mapping[str, Any], document: Document, path: Place, attachments: AttachmentReader
) -> dict[str, Any]:
    """Return an agent's or profile's fields with the files that they name read."""
    result = dict(item)

    def signature(value: Any, *place: str | int) -> Any:
        if isinstance(value, dict) and isinstance(value.get("file"), str):
            where = (*path, *place, "file")
            return attachments.text(document, value["file"], document.span(where))
        return value

    def membership(entry: Any, *place: str | int) -> Any:
        if isinstance(entry, dict) and "signature" in entry:
            return {**entry, "signature": signature(entry["signature"], *place, "signature")}
        return entry

    if "signature" in item:
        result["signature"] = signature(item["signature"], "signature")
    if "each_department" in item:
        result["each_department"] = membership(item["each_department"], "each_department")
    if isinstance(item.get("photo"), str):
        span = document.span((*path, "photo"))
        result["photo"] = attachments.photo(document, item["photo"], span)
    if isinstance(item.get("departments"), dict):
        result["departments"] = {
            name: membership(entry, "departments", name)
            for name, entry in item["departments"].items()
        }
    return result


@dataclass(frozen=True, slots=True)
class Block:
    """One block of declared hours, with the zone that its times are told in.

    Attributes:
        zone: an IANA name; "" is the account's own.
        departments: names of departments.
        services: for which of their services the hours are.
        pieces: spans in minutes of the week.
    """

    zone: str
    departments: Collection[str]
    services: Collection[str]
    pieces: Sequence[tuple[int, int]]


def blocks_of(declared: list[dict[str, Any]], departments: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return the blocks of an agent's declared hours.

    Args:
        declared: the list as the YAML has it, of the schema's shape.
        departments: what the agent is declared a member of: the default of each block.
    """
    return tuple(
        Block(
            zone=block.get("timezone", ""),
            departments=block.get("departments", departments),
            services=block.get("services", SERVICES),
            pieces=hours.block_spans(block["days"], block["from"], block["to"]),
        )
        for block in declared
    )


class HoursBlocks:
    """Makes the blocks of declared hours; those that a profile gives many agents once."""

    def __init__(self) -> None:
        # The values are kept with the blocks, so that no other value gets their id.
        self._made: dict[tuple[int, int], tuple[object, object, tuple[Block, ...]]] = {}

    def of(
        self, declared: list[dict[str, Any]], departments: Mapping[str, Any]
    ) -> tuple[Block, ...]:
        """Return what `blocks_of` returns for the same values."""
        key = id(declared), id(departments)
        if key not in self._made:
            self._made[key] = declared, departments, blocks_of(declared, departments)
        return self._made[key][2]


def week_of(blocks: Iterable[Block], account_zone: str) -> hours.Week:
    """Return the week that blocks make in the account's zone.

    Hours of a zone that differs from it by more at one time of the year than at another are left
    out: there is no week that says them.
    """
    spans: hours.Spans = {}
    for block in blocks:
        shift = shift_between(block.zone or account_zone, account_zone)
        if shift is not None:
            pieces = hours.shifted(block.pieces, shift)
            for key in product(block.departments, block.services):
                spans.setdefault(key, []).extend(pieces)
    return hours.week(spans)
