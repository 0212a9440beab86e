"""Building of the desired state from documents, with the contents of the files that they name.

All errors are collected. An object with an error keeps its name in the state, so that references to
it are not reported, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from provisioner import address as addresses
from provisioner.address import Identity, Kind, fold
from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import Document, DocumentPath, LoadedProject
from provisioner.documents.files.attachments import Photo, read_photo, read_text
from provisioner.documents.files.project_files import Unsaved, is_shared_file
from provisioner.model.agent_rules import broken_rules
from provisioner.model.contradictions import contradictions
from provisioner.model.dates.declared import TEMPORARY, date_findings, read_dates
from provisioner.model.dates.resolving import versions, without_base
from provisioner.model.desired import DesiredState, Resource, assembled
from provisioner.model.hours import ShiftCache
from provisioner.model.kinds import KINDS
from provisioner.model.layers import Layer, merged_key
from provisioner.model.profiles import Profiles
from provisioner.model.references import References, reserved

_Read: TypeAlias = Callable[[Path, str, str, Span, Unsaved], str | Photo | Diagnostic]


@dataclass(slots=True)
class AttachmentReader:
    """Reads the files that documents name, and collects photos and errors.

    Attributes:
        root: the project's folder.
        unsaved: files that are not written yet.
        photos: digest to photo.
        findings: errors of the files.
    """

    root: Path
    unsaved: Unsaved = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    findings: list[Diagnostic] = field(default_factory=list)
    _read: dict[tuple[_Read, str, str], str | Photo | Diagnostic] = field(default_factory=dict)

    def text(self, document: Document, path: str, span: Span) -> str:
        """Return the text of a file that a document names, or "" if it can't be read."""
        content = self._once(read_text, document, path, span)
        return content if isinstance(content, str) else ""

    def photo(self, document: Document, path: str, span: Span) -> str:
        """Return the digest of an image that a document names, or "" if it can't be read."""
        photo = self._once(read_photo, document, path, span)
        if isinstance(photo, Photo):
            self.photos[photo.digest] = photo
            return photo.digest
        return ""

    def _once(self, read: _Read, document: Document, path: str, span: Span) -> str | Photo | None:
        """Return the content of a file; a file that many agents name is read once."""
        key = read, document.file.rpartition("/")[0], path
        if key not in self._read:
            self._read[key] = read(self.root, document.file, path, span, self.unsaved)
        result = self._read[key]
        if isinstance(result, Diagnostic):
            self.findings.append(replace(result, span=span))
            return None
        return result


def resolve(
    item: Mapping[str, Any], document: Document, path: DocumentPath, attachments: AttachmentReader
) -> Mapping[str, Any]:
    """Return the fields of an agent or profile with file names replaced; `item` without any."""
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
    if isinstance(item.get(TEMPORARY), list):
        result[TEMPORARY] = [
            resolve(entry, document, (*path, TEMPORARY, index), attachments)
            if isinstance(entry, dict)
            else entry
            for index, entry in enumerate(item[TEMPORARY])
        ]
    return item if result == item else result


OVERLAYS = "targets"
"""The folder of overlays; each subfolder applies to the target with its name."""

_ADDRESS = {
    Kind.AGENT: addresses.agent,
    Kind.DEPARTMENT: addresses.department,
    Kind.ROLE: addresses.role,
}


def overlay_of(file: str) -> str | None:
    """Return the target of an overlay file, or None for a file of all targets.

    A folder that the fleet shares can have overlays, too.
    """
    parts = file.split("/")
    if is_shared_file(file) and OVERLAYS in parts:
        parts = parts[parts.index(OVERLAYS) :]
    match parts:
        case [folder, target, _, *_] if folder == OVERLAYS:
            return target
        case _:
            return None


def build(project: LoadedProject, target: str | None) -> tuple[DesiredState, list[Diagnostic]]:
    """Build the desired state of a loaded project for a target.

    `target` has the overlay to apply; None for none.

    Returns:
        The state, and errors of references between the files. If the project or this call has an
        error, the state may only be used to look up names.
    """
    attachments = AttachmentReader(project.root, project.unsaved)
    base = [document for document in project.documents if overlay_of(document.file) is None]
    overlay = [
        document
        for document in project.documents
        if target is not None and overlay_of(document.file) == target
    ]
    profiles = Profiles(
        _layers([*base], "profiles", attachments), _layers(overlay, "profiles", attachments)
    )
    findings: list[Diagnostic] = []
    shifts = ShiftCache()
    resources: dict[Identity, Resource] = {}
    for kind, row in KINDS.items():
        own = _by_identity(_layers(base, kind.plural, attachments), kind, findings)
        top = _by_identity(_layers(overlay, kind.plural, attachments), kind, findings)
        for key in own | top:
            layers = [layer for part in (own, top) if (layer := part.get(key))]
            resource = _resource(kind, row.identity, layers, profiles, shifts)
            resources[resource.address.identity] = resource
    resources, more = contradictions(resources)
    findings += [*profiles.findings, *more]
    state = DesiredState(resources, attachments.photos, locks=profiles.locks)
    for resource in state.of(Kind.ROLE):
        findings += reserved(resource)
    references = References(state, incomplete=project.incomplete)
    for resource in state.of(Kind.AGENT):
        findings += references.check(resource)
        findings += broken_rules(resource)
        if resource.dates:
            findings += _date_findings(resource, references, findings)
    return state, [*findings, *attachments.findings]


def _date_findings(
    agent: Resource, references: References, known: Sequence[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield the errors of an agent's dates, and those that the agent has only on some days."""
    own = [layer for layer in agent.layers if not layer.profile]
    if agent.dates:
        yield from date_findings(agent.address.key, own, agent.dates)
        if not any(layer.path in layer.document.invalid for layer in own):
            yield from without_base(agent)
    for version in versions(agent):
        found = (*references.check(version), *broken_rules(version))
        yield from (one for one in found if one not in known)


def _layers(
    documents: Iterable[Document], section: str, attachments: AttachmentReader
) -> list[Layer]:
    """Return a layer for each entry of a section that is a mapping; files it names are read."""
    return [
        Layer(resolve(item, document, (section, index), attachments), document, (section, index))
        for document in documents
        for index, item in enumerate(_items(document.data, section))
        if isinstance(item, dict)
    ]


def _items(data: Mapping[str, Any], section: str) -> list[Any]:
    items = data.get(section)
    return items if isinstance(items, list) else []


def _by_identity(
    layers: Iterable[Layer], kind: Kind, findings: list[Diagnostic]
) -> dict[str, Layer]:
    """Index layers by the identity of their object, and report duplicates."""
    identity = KINDS[kind].identity
    by_identity: dict[str, Layer] = {}
    for layer in layers:
        key = layer.fields.get(identity)
        if isinstance(key, str):
            first = by_identity.setdefault(fold(key), layer)
            if first is not layer:
                findings.append(_duplicate(kind, identity, layer, first))
    return by_identity


def _resource(
    kind: Kind, identity: str, own: list[Layer], profiles: Profiles, shifts: ShiftCache
) -> Resource:
    layers = [*profiles.layers_of(merged_key(own, "extends"), own[-1]), *own]
    dates = read_dates(own) if kind is Kind.AGENT else None
    return assembled(_ADDRESS[kind](own[0].fields[identity]), layers, shifts, dates)


def _duplicate(kind: Kind, identity: str, layer: Layer, first: Layer) -> Diagnostic:
    return Diagnostic(
        code=f"duplicate-{kind}",
        summary=f'{kind} "{layer.fields[identity]}" is declared twice',
        span=layer.span(identity),
        hint="remove one of the two, or merge them into one",
        related=(("first declared", first.span(identity)),),
    )
