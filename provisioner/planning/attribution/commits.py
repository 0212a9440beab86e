"""Finds the commit that caused a change (`plan --base`)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Protocol

from provisioner.diagnostics import Span
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.layers import Source
from provisioner.planning.changes import Action, Attribution, Change, Commit


class History(Protocol):
    """The commits of a branch since its base. Files are named as in the project."""

    def of_line(self, span: Span) -> Commit | None:
        """Return the last commit that changed a line; None if the line is not committed."""
        ...

    def of_file(self, file: str) -> Commit | None:
        """Return the last commit of the branch that changed a file, or None."""
        ...

    def of_removal(self, span: Span) -> Commit | None:
        """Return the commit of the branch that removed a line of the base, or None."""
        ...

    def is_own(self, commit: Commit) -> bool:
        """Return whether a commit is part of the branch and not of its base."""
        ...


@dataclass(frozen=True, slots=True)
class CommitFinder:
    """Finds the commits of changes that have their attribution.

    Attributes:
        desired: the objects that the branch declares.
        base: the objects that its base declares; None if its files can't be used.
        history: the commits of the branch.
    """

    desired: DesiredState
    base: DesiredState | None
    history: History

    def with_commits(self, change: Change) -> Change:
        """Return a change with the commit of each field, and its own where all have the same."""
        if change.action is Action.NO_OP:
            return change
        resource = self.desired.resources.get(change.address.identity)
        if not change.fields:
            commit = self._commit(change, resource, (), change.attribution, change.source)
            return replace(change, commit=commit)
        fields = tuple(
            replace(
                field,
                commit=self._commit(change, resource, field.path, field.attribution, field.source),
            )
            for field in change.fields
        )
        commits = {field.commit for field in fields}
        return replace(change, fields=fields, commit=commits.pop() if len(commits) == 1 else None)

    def releasing(
        self, in_base: Resource, resource: Resource | None, path: tuple[str, ...]
    ) -> Commit | None:
        """Return the commit since which the files do not declare a field or an object any more.

        `path` is () for the whole object.
        """
        return self._removed(in_base, path) or (self._composition(resource) if resource else None)

    def _commit(
        self,
        change: Change,
        resource: Resource | None,
        path: tuple[str, ...],
        attribution: Attribution | None,
        span: Span | None,
    ) -> Commit | None:
        """Return the commit that caused a change of a field, or of an object where `path` is ()."""
        if attribution is not Attribution.BRANCH:
            return self.history.of_line(span) if span else None
        if resource is None:
            return self._removal(change, path)
        source = _source(resource, path)
        if source is not None or not path:
            is_own, commit = self._own_line(source.span if source else resource.span())
            if is_own:
                return commit
        file = _attached_file(source)
        changed = self.history.of_file(file) if file else None
        return changed or self._removal(change, path) or self._composition(resource)

    def _own_line(self, span: Span) -> tuple[bool, Commit | None]:
        """Return whether the branch wrote a line, and the commit; None if not committed yet."""
        commit = self.history.of_line(span)
        return (True, None) if commit is None else (self.history.is_own(commit), commit)

    def _composition(self, resource: Resource) -> Commit | None:
        """Return the commit that changed an object's profiles (`extends`) or its `state`."""
        for layer in resource.layers:
            for key in ("extends", "state"):
                if key in layer.fields and not layer.profile:
                    is_own, commit = self._own_line(layer.span(key))
                    if is_own:
                        return commit
        return None

    def _removal(self, change: Change, path: tuple[str, ...]) -> Commit | None:
        """Return the commit that removed a field or an object which the base declares."""
        if self.base is None:
            return None
        in_base = self.base.resources.get(change.address.identity)
        return self._removed(in_base, path) if in_base else None

    def _removed(self, in_base: Resource, path: tuple[str, ...]) -> Commit | None:
        """Return the commit that removed the line of a field or an object of the base."""
        if not path:
            return self.history.of_removal(in_base.span())
        source = _source(in_base, path)
        return (
            self.history.of_removal(source.layer.span(*source.field, key=True)) if source else None
        )


def _source(resource: Resource, path: tuple[str, ...]) -> Source | None:
    """Return the source of a field's value; None if the files leave it out."""
    source = resource.source(*path)
    if source and len(source.field) < len(path) and isinstance(source.value, Mapping):
        return None
    return source


def _attached_file(source: Source | None) -> str | None:
    """Return the file that holds a value, relative to the project; None for an inline value."""
    if source is None:
        return None
    value: Any = source.layer.document.data
    for key in (*source.layer.path, *source.field):
        value = value[key]
    if isinstance(value, Mapping):
        value = value.get("file")
    elif source.field[-1] != "photo":
        return None
    folder = PurePosixPath(source.layer.document.file).parent
    return (folder / value).as_posix() if isinstance(value, str) else None
