"""Whose a change is, and the commit that caused it: a plan for a branch, told from its base.

The files of the base are compared with the same snapshot, so the account is read once only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Protocol

from provisioner.app.comparing import Comparison, compare
from provisioner.app.open_project import Project
from provisioner.diagnostics import Diagnostic, InvalidProjectError, Severity, Span
from provisioner.live.state import LiveState
from provisioner.model.desired import DesiredState, Resource
from provisioner.model.layers import Source
from provisioner.model.settings import Settings
from provisioner.planning.attribution import Earlier, steps_with_origins, with_origins
from provisioner.planning.changes import Action, Attribution, Change, Commit
from provisioner.planning.manual.manual_step import ManualStep
from provisioner.planning.plans.plan_data import Base
from provisioner.planning.scope import Scope, Unfinished


class History(Protocol):
    """The commits of a branch since its base. Files are named as in the project."""

    def of_line(self, place: Span) -> Commit | None:
        """Return what last changed a line as it is now; None for one that is not committed."""
        ...

    def of_file(self, file: str) -> Commit | None:
        """Return the last commit of the branch that changed a file, or None."""
        ...

    def of_removal(self, place: Span) -> Commit | None:
        """Return the commit of the branch that removed a line of the base, or None."""
        ...

    def is_own(self, commit: Commit) -> bool:
        """Tell whether a commit is one of the branch's own."""
        ...


@dataclass(frozen=True, slots=True)
class Branch:
    """What a plan for a branch is told apart with.

    Attributes:
        base: what it began at.
        earlier: the project as it was there; None where its files could not be used.
        settings: the targets and policy there; the defaults where they could not be used.
        history: what happened since.
    """

    base: Base
    earlier: Project | None
    settings: Settings
    history: History


@dataclass(frozen=True, slots=True)
class Attributed:
    """Changes and manual steps that say whose they are, as far as that is known.

    Attributes:
        changes: the changes.
        steps: the manual steps.
        findings: why it is not known, if it is not.
    """

    changes: tuple[Change, ...]
    steps: tuple[ManualStep, ...]
    findings: tuple[Diagnostic, ...] = ()


def attribute(
    found: Comparison,
    branch: Branch,
    snapshot: LiveState,
    target: str,
    unfinished: Unfinished,
) -> Attributed:
    """Say of each change and manual step whose it is, and of each change the commit.

    Args:
        found: what the files of the branch lead to.
        branch: what it is told apart with.
        snapshot: the same that it was found with.
        target: the account's name.
        unfinished: what runs before this one created, with the fields still to come.
    """
    changes, steps = found.changes, found.steps
    findings: tuple[Diagnostic, ...] = ()
    before = None
    if branch.earlier is not None:
        try:
            before = compare(branch.earlier, snapshot, target, Scope(), unfinished)
        except InvalidProjectError as error:
            findings = (unusable(branch.base, error.diagnostics),)
    if before is not None:
        earlier = Earlier(before.changes, before.steps, before.live)
        changes = with_origins(changes, found.live, earlier)
        steps = steps_with_origins(steps, earlier)
    causes = _Causes(found.desired, before.desired if before else None, branch.history)
    return Attributed(tuple(map(causes.told, changes)), steps, findings)


def unusable(base: Base, why: tuple[Diagnostic, ...]) -> Diagnostic:
    """Report that the base can't be compared with, so that nobody knows whose a change is.

    Args:
        base: the base.
        why: what is wrong with it.
    """
    return Diagnostic(
        code="base-unusable",
        summary=f"the project at {base.ref} ({base.commit[:8]}) can't be planned: {why[0].summary}",
        hint="the plan is whole, but does not tell changes of this branch from earlier drift",
        severity=Severity.WARNING,
    )


@dataclass(frozen=True, slots=True)
class _Causes:
    """Finds the commit behind a change."""

    desired: DesiredState
    earlier: DesiredState | None
    history: History

    def told(self, change: Change) -> Change:
        """Return a change with its commits."""
        if change.action is Action.NO_OP:
            return change
        resource = self.desired.resources.get(change.address.identity)
        if not change.fields:
            commit = self._commit(change, resource, (), change.origin, change.source)
            return replace(change, commit=commit)
        fields = tuple(
            replace(
                field,
                commit=self._commit(change, resource, field.path, field.origin, field.source),
            )
            for field in change.fields
        )
        commits = {field.commit for field in fields}
        return replace(change, fields=fields, commit=commits.pop() if len(commits) == 1 else None)

    def _commit(
        self,
        change: Change,
        resource: Resource | None,
        path: tuple[str, ...],
        origin: Attribution | None,
        source: Span | None,
    ) -> Commit | None:
        if origin is not Attribution.BRANCH:
            return self.history.of_line(source) if source else None
        if resource is None:
            return self._removal(change, path)
        said = _said(resource, path)
        if said is not None or not path:
            own, commit = self._own_line(said.span if said else resource.span())
            if own:
                return commit
        file = _attached(said)
        changed = self.history.of_file(file) if file else None
        return changed or self._removal(change, path) or self._switch(resource)

    def _own_line(self, place: Span) -> tuple[bool, Commit | None]:
        """Tell whether the branch wrote a line, and by which commit; None is for none yet."""
        commit = self.history.of_line(place)
        return (True, None) if commit is None else (self.history.is_own(commit), commit)

    def _switch(self, resource: Resource) -> Commit | None:
        """Return the commit that changed what an object as a whole is made of."""
        for layer in resource.layers:
            for key in ("extends", "state"):
                if key in layer.fields and not layer.profile:
                    own, commit = self._own_line(layer.span(key))
                    if own:
                        return commit
        return None

    def _removal(self, change: Change, path: tuple[str, ...]) -> Commit | None:
        """Return the commit that removed what the base said about a field or an object."""
        if self.earlier is None:
            return None
        before = self.earlier.resources.get(change.address.identity)
        if before is None:
            return None
        if not path:
            return self.history.of_removal(before.span())
        said = _said(before, path)
        return self.history.of_removal(said.layer.span(*said.field, key=True)) if said else None


def _said(resource: Resource, path: tuple[str, ...]) -> Source | None:
    """Return what gives a field its value; None where the files leave it out."""
    said = resource.origin(*path)
    if said and len(said.field) < len(path) and isinstance(said.value, Mapping):
        return None
    return said


def _attached(said: Source | None) -> str | None:
    """Return the file that a value comes from, as it is named in the project; None for none."""
    if said is None:
        return None
    value: Any = said.layer.document.data
    for key in (*said.layer.path, *said.field):
        value = value[key]
    if isinstance(value, Mapping):
        value = value.get("file")
    elif said.field[-1] != "photo":
        return None
    folder = PurePosixPath(said.layer.document.file).parent
    return (folder / value).as_posix() if isinstance(value, str) else None
