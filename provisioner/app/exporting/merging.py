"""Merges an account into the files of a project: only what differs is edited.

A value stays where the files declare it. A value that comes from a profile gets its own line with
the agent, because others extend the profile. What no file declares is added, as an export declares
it: settings with other values than the default, and whole objects. Declared objects that the
account does not have stay.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from provisioner.address import Identity, Kind
from provisioner.app.comparison import compare_project
from provisioner.app.drift_changes import differences
from provisioner.app.exporting.account_export import matching
from provisioner.app.exporting.attachment_files import FOLDER, PhotoFiles, SignatureFiles
from provisioner.app.exporting.declarations import (
    Declaration,
    declarations,
    drop_refused_values,
)
from provisioner.app.file_edits.drift_edits import AcceptedValues
from provisioner.app.file_edits.field_edits import NewEntries
from provisioner.app.file_edits.project_edits import EditedProject, edit_project
from provisioner.app.open_project import Project
from provisioner.documents import IsShared
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.live.state import LiveObject, LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.fields import FieldPath
from provisioner.model.settings import Undeclared
from provisioner.planning.access.access_fields import access_default, is_access
from provisioner.planning.changes import Action, Change
from provisioner.planning.desired_on_account import UnenforcedFields
from provisioner.planning.managed_scope import in_scope
from provisioner.planning.roles import name_roles, with_known_roles
from provisioner.planning.scope import Scope

_PHOTO: FieldPath = ("photo",)
_HOURS: FieldPath = ("hours",)


@dataclass(frozen=True, slots=True)
class Merged:
    """A project with the values of an account."""

    edited: EditedProject
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """Options of a merge.

    Attributes:
        target: the name of the account.
        recorded: facts about it from earlier runs.
        only: selectors of the objects; empty for all.
        role_ids: the ids of roles by their names, as a person wrote them.
        is_shared: returns whether a link may lead to a file outside of the project.
    """

    target: str
    recorded: RecordedFacts
    only: tuple[str, ...]
    role_ids: Mapping[str, str]
    is_shared: IsShared


def merge_account(
    project: Project,
    live: LiveState,
    photo_of: Callable[[LiveObject], bytes],
    options: MergeOptions,
) -> Merged:
    """Return a project with the values of an account. Nothing is written.

    The project has no errors, and the account has the hours of the selected agents.

    Raises:
        TargetError: a photo could not be read.
        UsageError: a selector matches no object.
        InvalidProjectError: the project does not fit the account, or would have errors.
    """
    settings = project.settings
    declared = project.desired_for(options.target)
    role_ids = {_spelled(name, declared): role_id for name, role_id in options.role_ids.items()}
    live = name_roles(live, {role_id: name for name, role_id in role_ids.items()})
    comparison = compare_project(project, live, options.target, Scope(), {}, options.recorded)
    managed = in_scope(comparison.live, settings.scope)
    known = declarations(with_known_roles(managed, role_ids))
    matched = matching(known, options.only) if options.only else [*known.values()]
    chosen = [one for one in matched if one.item]
    merge = _Merge(
        project=project,
        values=AcceptedValues(comparison.desired, comparison.live, NewEntries(comparison.desired)),
        known=known,
        photos=PhotoFiles(photo_of, _files_of(project.root)),
        unenforced=UnenforcedFields(ignored=(*settings.ignored, *settings.initial)),
    )
    changed = merge.add_changes({one.identity for one in chosen} if options.only else None)
    for one in chosen:
        merge.add_left_out(one, changed.get(one.identity, frozenset()))
    merge.add_objects(chosen, selected=bool(options.only))
    return merge.result(options.is_shared)


def _spelled(role: str, desired: DesiredState) -> str:
    declared = desired.find(Kind.ROLE, role)
    return str(declared.attributes["name"]) if declared else role


def _files_of(root: Path) -> list[str]:
    """Return the files in the folders of attachments."""
    return [file.relative_to(root).as_posix() for file in (root / FOLDER).rglob("*")]


@dataclass(slots=True)
class _Merge:
    """Collects edits, new entries and new files."""

    project: Project
    values: AcceptedValues
    known: Mapping[Identity, Declaration]
    photos: PhotoFiles
    unenforced: UnenforcedFields
    notes: list[str] = field(default_factory=list)
    signature_files: dict[str, bytes] = field(default_factory=dict)

    def add_changes(self, chosen: set[Identity] | None) -> dict[Identity, frozenset[FieldPath]]:
        """Edit declared values that differ, and return their paths by object.

        Args:
            chosen: the identities of the objects to merge; None for all.
        """
        desired, live = self.values.desired, self.values.live
        changed = {}
        for change in differences(desired, live, self.unenforced, self.project.settings.scope):
            resource = desired.resources[change.address.identity]
            if chosen is not None and change.address.identity not in chosen:
                continue
            if change.action is Action.UPDATE and not resource.suspended:
                self._edit(change, resource)
                changed[change.address.identity] = frozenset(one.path for one in change.fields)
            elif change.action is Action.CREATE:
                self.notes.append(f"{change.address} is not in the account; its entry stays.")
            else:
                state = "suspended" if resource.suspended else "absent"
                self.notes.append(
                    f"{change.address} is declared as {state}, which it is not in the account; "
                    "its entry stays."
                )
        return changed

    def _edit(self, change: Change, resource: Resource) -> None:
        entry = self.known[change.address.identity]
        tops = {one.path[:1] for one in change.fields}
        others = tuple(one for one in change.fields if one.path[:1] not in {_PHOTO, _HOURS})
        self.values.accept_change(replace(change, fields=others))
        if _HOURS in tops:
            self._set(resource, _HOURS, entry.item.get("hours", []))
        if _PHOTO in tops and "photo" in entry.item:
            self._set_photo(entry, resource)
        elif _PHOTO in tops:
            self._set(resource, _PHOTO, None)

    def _set_photo(self, entry: Declaration, resource: Resource) -> None:
        remarks = self.photos.move(entry.existing, entry.item, resource.own.document.file)
        if "photo" in entry.item:
            self._set(resource, _PHOTO, entry.item["photo"])
        self.notes += (f"{resource.address}: {remark}" for remark in remarks)

    def _set(self, resource: Resource, path: FieldPath, value: Any) -> None:
        with self.values.skipping(f"{resource.address} {'.'.join(path)}"):
            self.values.accept_value(resource.address, path, value)

    def add_left_out(self, entry: Declaration, changed: frozenset[FieldPath]) -> None:
        """Add the settings of a declared object that the files leave out."""
        resource = self.values.desired.resources.get(entry.identity)
        if resource is None or resource.absent or resource.suspended:
            return
        declared = dict(resource.attributes)
        if resource.hours is not None:
            declared["hours"] = None
        drop_refused_values(entry)
        for path, value in [*_left_out(entry.item, declared)]:
            if path in changed or self._is_free(entry, path, value):
                continue
            if path == _PHOTO:
                self._set_photo(entry, resource)
            else:
                self._set(resource, path, value)

    def _is_free(self, entry: Declaration, path: FieldPath, value: Any) -> bool:
        """Return whether a value may be left out: by a rule, or as a default of access."""
        defaults = self.values.live.defaults.get(Kind.AGENT, {})
        is_default = is_access(path) and value == access_default(path, defaults)
        return is_default or self.unenforced.ignores(entry.existing.address, path)

    def add_objects(self, chosen: list[Declaration], *, selected: bool) -> None:
        """Add entries of objects that no file declares.

        Args:
            chosen: the objects to merge.
            selected: whether the user named them. Otherwise, those of a kind with
                `undeclared: ignore` are left out.
        """
        resources, undeclared = self.values.desired.resources, self.project.settings.undeclared
        waiting = {agent.address.identity for agent in self.values.desired.waiting}
        new = {
            one.identity: one
            for one in chosen
            if one.identity not in resources
            and one.identity not in waiting
            and (selected or undeclared[one.existing.address.kind] is not Undeclared.IGNORE)
        }
        for needed in [identity for one in [*new.values()] for identity in one.needs]:
            if needed not in resources:
                new[needed] = self.known[needed]
        taken = _files_of(self.project.root)
        signatures = SignatureFiles([(one.item, "") for one in new.values()], taken)
        for one in sorted(new.values(), key=lambda one: one.identity):
            kind, item = one.existing.address.kind, one.item
            file = self.values.entries.file_of(kind, item)
            signatures.move(item, file, one.existing.address.key.partition("@")[0])
            one.remarks.extend(self.photos.move(one.existing, item, file))
            drop_refused_values(one)
            self.notes += (f"{one.existing.address}: {remark}" for remark in one.remarks)
            self.values.entries.add(kind, item)
        self.signature_files |= signatures.files

    def result(self, is_shared: IsShared) -> Merged:
        """Return the project with all edits."""
        entries, root = self.values.entries, self.project.root
        usual = {
            file: name
            for file in entries.new_files()
            if not (root / (name := file.replace(".accepted", ""))).exists()
        }
        new = {usual.get(file, file): content for file, content in entries.new_files().items()}
        edited = edit_project(
            root,
            [*self.values.edits, *entries.edits()],
            is_shared,
            {**new, **self.photos.files, **self.signature_files},
            self.project.desired.day,
        )
        return Merged(edited, (*self.notes, *self.values.skipped))


def _left_out(
    item: Mapping[str, Any], declared: Mapping[str, Any], path: FieldPath = ()
) -> Iterator[tuple[FieldPath, Any]]:
    """Yield the outermost values of an entry that are not declared."""
    for key, value in item.items():
        if key not in declared:
            yield (*path, key), value
        elif isinstance(value, dict) and isinstance(declared[key], Mapping):
            yield from _left_out(value, declared[key], (*path, key))
