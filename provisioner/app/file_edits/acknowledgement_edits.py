"""Edits of acknowledgements: new ones in `acknowledged.yaml`, stale ones out of every file.

Only the lines of the changed entries change. Entries are sorted by step, and each agent has a line,
so that branches that acknowledge different steps or agents can be merged.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Kind
from provisioner.app.file_edits.project_edits import (
    EditedProject,
    FileEdit,
    content_of,
    edit_project,
    edited_content,
    refused,
)
from provisioner.app.make_plan import Planned, PlanOptions
from provisioner.app.open_project import Project
from provisioner.documents import Document, IsShared
from provisioner.documents.editing import AppendItem, Edit, RemoveEntry, SetValue
from provisioner.documents.files.project_files import ACKNOWLEDGED_NAME, CONFIG_NAME
from provisioner.model.acknowledgements import (
    SECTION,
    Acknowledgement,
    entries_of,
    entries_path,
    subject_of,
)
from provisioner.model.settings import ENVIRONMENT
from provisioner.planning.manual.acknowledging import acknowledge
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.manual.new_agents import mark_defaults

_MANY = 10
"""Edits from which on a file is written at once, if that changes no other line."""

_HEAD = b"# Manual steps that are done. `provisioner manual done` adds entries.\n"


@dataclass(slots=True)
class _Entries:
    """The entries of a file, with the edits that lead to them."""

    document: Document | None
    entries: list[dict[str, Any]] = field(init=False)
    edits: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = entries_of(self.document) if self.document else []

    @property
    def path(self) -> tuple[str | int, ...]:
        return entries_path(self.document) if self.document else ()

    def has(self, one: Acknowledgement) -> bool:
        """Return whether an acknowledgement is in the file."""
        return bool(self.document and one.span and one.span.file == self.document.file)

    def remove(self, acknowledged: Iterable[Acknowledgement]) -> None:
        """Remove acknowledgements; an entry without agents is removed, too."""
        numbers: dict[int, list[int]] = defaultdict(list)
        for one in acknowledged:
            index, *agent = one.path[len(self.path) :]
            numbers[int(index)] += [int(number) for number in agent[1:]]
        for index, agents in sorted(numbers.items(), reverse=True):
            emails = self.entries[index].get("for", [])
            if len(agents) == len(emails):
                del self.entries[index]
                self.edits.append(RemoveEntry((*self.path, index)))
                continue
            kept = [one for number, one in enumerate(emails) if number not in agents]
            self.entries[index] = {**self.entries[index], "for": kept}
            self.edits += [
                RemoveEntry((*self.path, index, "for", number))
                for number in sorted(agents, reverse=True)
            ]

    def add(self, entry: dict[str, Any]) -> None:
        """Add an entry, or its agents to the entry of the same step, person, day and target."""
        same = [one for one in self.entries if {**one, "for": None} == {**entry, "for": None}]
        if same and "for" in entry:
            index = self.entries.index(same[0])
            for email in entry["for"]:
                self._add_agent(index, email)
        elif not same:
            before = bisect([_order(one) for one in self.entries], _order(entry))
            self.entries.insert(before, entry)
            self.edits.append(AppendItem(self.path, entry, before))

    def _add_agent(self, index: int, email: str) -> None:
        emails = self.entries[index]["for"]
        before = bisect(emails, email)
        whole = [*emails[:before], email, *emails[before:]]
        self.entries[index] = {**self.entries[index], "for": whole}
        self.edits.append(AppendItem((*self.path, index, "for"), email, before))


def _order(entry: dict[str, Any]) -> tuple[str, ...]:
    return entry["step"], entry.get("target", ""), entry["on"], entry["by"]


def acknowledge_steps(
    project: Project,
    steps: Collection[ManualStep],
    target: str,
    by: str,
    on: str,
    is_shared: IsShared,
) -> EditedProject:
    """Return a project in which steps are acknowledged. Nothing is written.

    Former acknowledgements of other values of the same steps are removed: the account has them no
    longer.

    Args:
        project: the project.
        steps: the steps.
        target: the name of the account.
        by: the person.
        on: the day as YYYY-MM-DD.
        is_shared: returns whether a link may lead to a file outside of the folder.

    Raises:
        InvalidProjectError: an edit can't be made, or a step would not be acknowledged.
    """
    subjects = {subject_of(step.id) for step in steps}
    former = [
        one
        for one in project.settings.acknowledged
        if one.subject in subjects and one.target in _targets_of(project, target)
    ]
    emails: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        emails[step.shared_id] += [step.address.key] if step.address.kind is Kind.AGENT else []
    entries = [
        {
            "step": step,
            **({"for": sorted(agents)} if agents else {}),
            "by": by,
            "on": on,
            **({"target": target} if target != ENVIRONMENT else {}),
        }
        for step, agents in sorted(emails.items())
    ]
    edited = _edited(project, former, entries, is_shared)
    left = acknowledge(steps, edited.project.settings.acknowledged, target).steps
    if unmarked := [step.id for step in left if step.acknowledged is None]:
        raise refused(
            f'"{unmarked[0]}" would stay open: it has a later acknowledgement with another value',
            hint="correct the day of that entry",
        )
    return edited


@dataclass(frozen=True, slots=True)
class Pruned:
    """The acknowledgements that no step needs.

    Attributes:
        removed: those to remove.
        kept: those to keep, each with the reason.
    """

    removed: tuple[Acknowledgement, ...]
    kept: tuple[tuple[Acknowledgement, str], ...]


def prunable(project: Project, planned: Planned, options: PlanOptions) -> Pruned:
    """Return which stale acknowledgements can be removed.

    One is kept if other targets may need it, or if it is the only sign that a new agent has other
    values than the defaults of the account.
    """
    settings, plan, target = project.settings, planned.plan, options.target
    stale = [one.acknowledgement for one in planned.stale]
    defaults = settings.capabilities_of(target).new_agent_defaults
    rest = [one for one in settings.acknowledged if one.target in {"", target} and one not in stale]
    marked = mark_defaults(plan.manual_steps, plan.changes, defaults, options.recorded, rest)
    changed = {
        subject_of(after.id)
        for before, after in zip(plan.manual_steps, marked, strict=True)
        if after.is_default and not before.is_default
    }
    removed, kept = [], []
    for one in stale:
        if one.target not in _targets_of(project, target):
            kept.append((one, "it holds for every target; another one may need it"))
        elif one.subject in changed:
            kept.append((one, "it shows that the agent has other values than a new one"))
        else:
            removed.append(one)
    return Pruned(tuple(removed), tuple(kept))


def remove_acknowledgements(
    project: Project, stale: Collection[Acknowledgement], is_shared: IsShared
) -> EditedProject:
    """Return a project without acknowledgements. Nothing is written.

    Raises:
        InvalidProjectError: an edit can't be made.
    """
    return _edited(project, stale, [], is_shared)


def _targets_of(project: Project, target: str) -> set[str]:
    """Return the targets of entries that hold for an account and for no other one."""
    return {target} if len(project.settings.targets) > 1 else {target, ""}


def _edited(
    project: Project,
    removed: Collection[Acknowledgement],
    added: Collection[dict[str, Any]],
    is_shared: IsShared,
) -> EditedProject:
    """Return a project without some acknowledgements, and with new entries."""
    settings = project.settings
    own = _Entries(settings.acknowledgements)
    others = _Entries(settings.document)
    for one in (own, others):
        one.remove(entry for entry in removed if one.has(entry))
    if others.edits and not others.entries:
        others.edits = [RemoveEntry((SECTION,))]
    if own.entries:
        for entry in added:
            own.add(entry)
    elif added:
        own.edits.append(SetValue(own.path, sorted(added, key=_order)))
    contents = {}
    for name, entries in ((ACKNOWLEDGED_NAME, own), (CONFIG_NAME, others)):
        if entries.edits:
            number = entries.document.number if entries.document else 0
            edits = [FileEdit(name, edit, number) for edit in entries.edits]
            content = content_of(project.root, name) or _HEAD
            contents[name] = _at_once(content, entries) or edited_content(content, edits)
    return edit_project(project.root, (), is_shared, contents)


def _at_once(content: bytes, entries: _Entries) -> bytes | None:
    """Return a file with new entries, or None if it has comments or a layout of its own.

    Edits read the whole file again for each one, which takes long for those of a large team.
    """
    if len(entries.edits) < _MANY or entries.document is None or entries.path:
        return None
    is_as_written = content == _written(entries_of(entries.document))
    return _written(entries.entries) if is_as_written else None


def _written(entries: list[dict[str, Any]]) -> bytes:
    return edited_content(_HEAD, [FileEdit(ACKNOWLEDGED_NAME, SetValue((), entries))])
