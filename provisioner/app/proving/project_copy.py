"""A copy of a project in memory, in which mistakes are made."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind, fold
from provisioner.app.open_project import Project
from provisioner.documents import IsShared, load_project
from provisioner.documents.files.project_files import CONFIG_NAME, Unsaved
from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.live.state import LiveState
from provisioner.model.build import overlay_of
from provisioner.model.desired import Resource
from provisioner.model.kinds import KINDS
from provisioner.planning.checks.plan_refusals import protection_reason

Entry = dict[str, Any]
Documents = Mapping[str, list[Any]]
"""The documents of each file, by the path of the file."""


class NotApplicableError(Exception):
    """A mistake can't be made in a project; the message is the reason."""


@dataclass(slots=True)
class ProjectCopy:
    """The documents of a project, as data to change.

    Attributes:
        files: the documents of each file that is not of an overlay.
        config: the settings.
        changed: the contents of files that are not YAML of this copy, or not valid.
    """

    files: Documents
    config: Entry
    original: tuple[Documents, Entry]
    changed: dict[str, bytes | None] = field(default_factory=dict)
    _index: dict[Kind, dict[str, Entry]] = field(default_factory=dict)

    def entries(self, section: str) -> Iterator[Entry]:
        """Yield the entries of a section, such as `agents`, of all files."""
        for documents in self.files.values():
            for data in documents:
                yield from data.get(section) or ()

    def lists(self, section: str) -> Iterator[list[Entry]]:
        """Yield each list of a section."""
        for documents in self.files.values():
            for data in documents:
                if data.get(section):
                    yield data[section]

    def entry(self, kind: Kind, name: str) -> Entry:
        """Return the entry of an object, by its name before any change of this copy.

        Raises:
            NotApplicableError: only the overlay of a target declares it.
        """
        if kind not in self._index:
            naming = KINDS[kind].identity
            entries = self.entries(kind.plural)
            self._index[kind] = {fold(str(entry[naming])): entry for entry in entries}
        found = self._index[kind].get(fold(name))
        if found is None:
            raise NotApplicableError("only an overlay declares it")
        return found

    def unsaved(self) -> Unsaved:
        """Return the content of every file that differs from the project."""
        files, config = self.original
        contents: dict[str, bytes | None] = {
            file: "---\n".join(map(write_yaml, documents)).encode()
            for file, documents in self.files.items()
            if documents != files[file]
        }
        if self.config != config:
            contents[CONFIG_NAME] = write_yaml(self.config).encode()
        return {**contents, **self.changed}


@dataclass(frozen=True, slots=True)
class Case:
    """A project and its account, for mistakes.

    Attributes:
        project: the project, with the values of the day.
        target: the target of the plan.
        live: the account.
        is_shared: see `load_project`.
    """

    project: Project
    target: str
    live: LiveState
    is_shared: IsShared
    _documents: tuple[Documents, Entry]

    @classmethod
    def of(cls, project: Project, target: str, live: LiveState, is_shared: IsShared) -> "Case":
        """Return a case; the files are read once."""
        loaded = load_project(project.root, is_shared)
        files: dict[str, list[Any]] = {}
        for document in loaded.documents:
            if overlay_of(document.file) is None:
                files.setdefault(document.file, []).append(document.data)
        config = loaded.config.data if loaded.config else {}
        return cls(project, target, live, is_shared, (files, config))

    def copy(self) -> ProjectCopy:
        """Return a copy of the project to make a mistake in."""
        files, config = deepcopy(self._documents)
        return ProjectCopy(files, config, self._documents)

    def people(self) -> list[Resource]:
        """Return the declared agents who are in the account and not protected, by email.

        Raises:
            NotApplicableError: there are none.
        """
        found = [one for one in self.agents() if not self._is_protected(one)]
        if not found:
            raise NotApplicableError("no file declares an unprotected agent who is in the account")
        return found

    def agents(self) -> list[Resource]:
        """Return the declared agents who are in the account, by email."""
        unchanged = ProjectCopy(*self._documents, self._documents)
        entries = {fold(str(entry["email"])) for entry in unchanged.entries(Kind.AGENT.plural)}
        return sorted(
            (
                one
                for one in self.project.desired_for(self.target).of(Kind.AGENT)
                if one.address.identity in self.live.objects
                and fold(one.address.key) in entries
                and not (one.absent or one.suspended or one.mode)
            ),
            key=lambda one: one.address.key,
        )

    def _is_protected(self, agent: Resource) -> bool:
        protection = self.project.settings.protection
        return bool(protection_reason(agent.address, self.live, protection, agent))


Make = Callable[[Case], "Injected"]


@dataclass(frozen=True, slots=True)
class Injected:
    """A mistake that was made.

    Attributes:
        unsaved: the files that differ from the project.
        account: the account in place of the real one; None for the real one.
        later: returns the account as it is when a plan is applied; None if it is the same.
        fault: how the reading of the account fails; "" if it does not.
    """

    unsaved: Unsaved = field(default_factory=dict)
    account: LiveState | None = None
    later: LiveState | None = None
    fault: str = ""


def largest_file(copy: ProjectCopy) -> str:
    """Return the file with the most entries of agents.

    Raises:
        NotApplicableError: no file declares agents.
    """
    sizes = {
        file: sum(len(data.get(Kind.AGENT.plural) or ()) for data in documents)
        for file, documents in copy.files.items()
    }
    file = max(sizes, key=lambda name: sizes[name], default="")
    if not sizes.get(file):
        raise NotApplicableError("no file declares agents")
    return file
