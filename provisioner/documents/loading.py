"""A project's folder, read and checked against the schemas."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.documents.document import Document
from provisioner.documents.files.boundary import Boundary, IsShared, nothing_shared
from provisioner.documents.files.file_selection import FileSelection
from provisioner.documents.files.project_files import (
    ACKNOWLEDGED_NAME,
    CAPABILITIES_NAME,
    CONFIG_NAME,
    NOTHING_UNSAVED,
    SourceFile,
    Unsaved,
    check_root,
    discover,
    root_file,
)
from provisioner.documents.schema.json_schema import SchemaName, check, schemas
from provisioner.documents.yaml.unseen import check_characters
from provisioner.documents.yaml.yaml_reader import read_yaml


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector, and exclude the objects made meanwhile from its later runs.

    Reading a large project makes millions of objects and no garbage. The collector would scan all
    of them repeatedly, which takes up to two thirds of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """The content of the files of a project.

    Attributes:
        root: the project's folder.
        config: the document of `provisioner.yaml`; None if it is missing or empty.
        capabilities: the document of `capabilities.yaml`; None if it is missing or empty.
        acknowledged: the document of `acknowledged.yaml`; None if it is missing or empty.
        documents: the other documents with content, in the order of their files.
        findings: errors of files and violations of the schemas.
        incomplete: whether a part of the project could not be read; a seemingly undeclared name
            may be declared there.
        unsaved: files that are not written yet.
    """

    root: Path
    config: Document | None
    capabilities: Document | None
    acknowledged: Document | None
    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    incomplete: bool
    unsaved: Unsaved = field(default_factory=dict, repr=False)


def load_project(
    root: Path, is_shared: IsShared = nothing_shared, unsaved: Unsaved = NOTHING_UNSAVED
) -> LoadedProject:
    """Read every YAML file of a project and check it against its schema.

    Files in `unsaved` replace those on the disk.
    """
    with collector_paused():
        loading = _Loading([], incomplete=False)
        files = loading.discover(root, is_shared, unsaved)
        for file in files:
            if not file.is_config:
                loading.add(file)
    if not has_errors(loading.findings) and not _declares_anything(loading.documents):
        loading.findings.append(_empty(root, has_files=bool(files)))
    return replace(loading.project(root), unsaved=unsaved)


def file_names(root: Path, is_shared: IsShared = nothing_shared) -> list[str]:
    """Return the names of a project's YAML files in diagnostics, sorted."""
    files = _Loading([], incomplete=True).discover(root, is_shared, NOTHING_UNSAVED)
    return [file.name for file in files]


def load_config(
    root: Path, is_shared: IsShared = nothing_shared, *, acknowledged: bool = True
) -> LoadedProject:
    """Read only the files in a folder that hold no objects, and check their shapes.

    `acknowledged` is whether to read the acknowledged manual steps, which can be many.
    """
    loading = _Loading([], incomplete=True)
    if missing := check_root(root):
        loading.findings.append(missing)
        return loading.project(root)
    for name in (CONFIG_NAME, CAPABILITIES_NAME, *([ACKNOWLEDGED_NAME] if acknowledged else ())):
        file = root_file(root, name, Boundary(root, is_shared))
        if isinstance(file, Diagnostic):
            loading.findings.append(file)
        elif file:
            loading.add(file)
    return loading.project(root)


@dataclass(slots=True)
class _Loading:
    """The project as far as its files have been read."""

    findings: list[Diagnostic]
    incomplete: bool
    config: Document | None = None
    capabilities: Document | None = None
    acknowledged: Document | None = None
    documents: list[Document] = field(default_factory=list)

    def project(self, root: Path) -> LoadedProject:
        return LoadedProject(
            root=root,
            config=self.config,
            capabilities=self.capabilities,
            acknowledged=self.acknowledged,
            documents=tuple(self.documents),
            findings=tuple(self.findings),
            incomplete=self.incomplete,
        )

    def discover(self, root: Path, is_shared: IsShared, unsaved: Unsaved) -> list[SourceFile]:
        """Read the settings, and return the files that they select (the settings, too)."""
        config = root_file(root, CONFIG_NAME, Boundary(root, is_shared), unsaved)
        if isinstance(config, SourceFile):
            self.add(config)
        selection = FileSelection.of(self.config.data if self.config else None)
        files, findings = discover(root, is_shared, unsaved, selection)
        self.findings += findings
        self.incomplete |= has_errors(findings)
        return files

    def add(self, file: SourceFile) -> None:
        content = file.read()
        if isinstance(content, Diagnostic):
            self.findings.append(content)
            self.incomplete = True
            return
        read, problems = read_yaml(content, file.name)
        self.incomplete |= bool(problems)
        problems += check_characters(read, content)
        self.findings += problems
        documents = [document for document in read if document.data is not None]
        if file.is_config:
            self.config = self._only(documents, "provisioner", problems)
        elif file.is_capabilities:
            self.capabilities = self._only(documents, "capabilities", problems)
        elif file.is_acknowledged:
            self.acknowledged = self._only(documents, "acknowledged", problems)
        else:
            mappings = self._checked(documents, "file", problems)
            self.documents += mappings
            self.incomplete |= len(mappings) < len(documents) or any(map(_hides_names, mappings))

    def _only(
        self, documents: list[Document], schema: SchemaName, problems: list[Diagnostic]
    ) -> Document | None:
        """Return the only document of a file, and report further ones."""
        self.findings += [
            Diagnostic(
                code="misplaced-config",
                summary=f"{more.file} has more than one document",
                span=more.span(()),
                hint='keep one, and remove the lines "---" between them',
            )
            for more in documents[1:]
        ]
        return next(iter(self._checked(documents[:1], schema, problems)), None)

    def _checked(
        self, documents: list[Document], schema: SchemaName, problems: list[Diagnostic]
    ) -> list[Document]:
        """Return the documents that are usable, and report violations of the schema."""
        lines = {problem.span.line for problem in problems if problem.span}
        usable = []
        for document in documents:
            checked, findings = check(document, schema)
            # Lines that could not be read have been reported already.
            self.findings += [
                one for one in findings if one.span is None or one.span.line not in lines
            ]
            is_list = schema == "acknowledged" and isinstance(checked.data, list)
            if is_list or isinstance(checked.data, dict):
                usable.append(checked)
        return usable


def _hides_names(document: Document) -> bool:
    """Return whether a document may declare a role or department with an unreadable name."""
    data = document.data
    if not data.keys() <= schemas()["file"]["properties"].keys():
        return True
    lists = [data[key] or [] for key in ("roles", "departments") if key in data]
    return any(
        not isinstance(items, list) or any(not _has_name(item) for item in items) for items in lists
    )


def _has_name(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def _declares_anything(documents: list[Document]) -> bool:
    return any(items for document in documents for items in document.data.values())


def _empty(root: Path, *, has_files: bool) -> Diagnostic:
    return Diagnostic(
        code="empty-project",
        summary=f'the YAML files in "{root}" declare nothing'
        if has_files
        else f'the folder "{root}" holds no YAML files',
        hint="check the path; 'provisioner init' makes a new project",
    )
