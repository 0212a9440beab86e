"""Files of a project that were in effect before, and what the files of today set no more."""

from dataclasses import replace

from provisioner.app.comparison import Branch, Comparison
from provisioner.app.open_project import Project
from provisioner.live.recorded_facts import RecordedFacts, with_deleted
from provisioner.live.state import LiveState
from provisioner.model.desired import Resource
from provisioner.model.fields import FieldPath
from provisioner.planning.access.managed import EarlierFiles, ManagedObjects, managed_objects
from provisioner.planning.access.ownership import Released
from provisioner.planning.access.released import find_released, without_repeats
from provisioner.planning.attribution.commits import CommitFinder
from provisioner.planning.claims.claims import claim, rename
from provisioner.planning.desired_on_account import UnenforcedFields
from provisioner.planning.roles import name_roles, names_of
from provisioner.planning.scope import Scope


def files_of_project(project: Project, target: str, since: str) -> EarlierFiles:
    """Return the files of a project at an earlier commit."""
    settings = project.settings
    return EarlierFiles(
        project.desired_for(target),
        since,
        moves=settings.moves,
        unenforced=UnenforcedFields(settings.initial, settings.ignored),
        role_ids=settings.role_ids_of(target),
    )


def files_of_base(branch: Branch, comparison: Comparison, target: str) -> EarlierFiles | None:
    """Return the files of the base of a branch; None if they can't be used."""
    if branch.earlier is None:
        return None
    files = files_of_project(branch.earlier, target, branch.base.commit)
    finder = CommitFinder(comparison.desired, files.desired, branch.history)

    def commit_of(earlier: Resource, today: Resource | None, path: FieldPath) -> str:
        commit = finder.releasing(earlier, today, path)
        return commit.id if commit else ""

    return replace(files, commit_of=commit_of)


def released_fields(
    comparison: Comparison,
    live: LiveState,
    earlier: tuple[EarlierFiles | None, ...],
    recorded: RecordedFacts,
    scope: Scope,
) -> tuple[Released, ...]:
    """Return what the files of today set no more, while the account still has it.

    `earlier` are the earlier files, the most precise first; None for those that are unknown.
    """
    selected = {change.address.identity for change in comparison.changes}
    return without_repeats(
        one
        for files in earlier
        if files is not None
        for one in find_released(files, _named(live, comparison, files, recorded), comparison)
        if not scope.partial or one.address.identity in selected
    )


def managed_after(
    comparison: Comparison,
    live: LiveState,
    applied: EarlierFiles | None,
    unenforced: UnenforcedFields,
    recorded: RecordedFacts,
    scope: Scope,
) -> ManagedObjects:
    """Return what the files set after an apply, for its record.

    An apply of a part of the project keeps what is known of the other objects.

    `applied` are the files of the last complete apply; None if they are unknown.
    """
    today = managed_objects(comparison.desired, comparison.live, unenforced)
    if not scope.partial:
        return today
    selected = {str(change.address) for change in comparison.changes}
    others = {}
    if applied is not None:
        account = _named(live, comparison, applied, recorded)
        account = rename(account, claim(applied.desired, account, applied.moves).renames)
        others = managed_objects(applied.desired, account, applied.unenforced)
    parts = {address: one for address, one in today.items() if address in selected}
    return dict(sorted({**others, **parts}.items()))


def _named(
    live: LiveState, comparison: Comparison, files: EarlierFiles, recorded: RecordedFacts
) -> LiveState:
    """Return the account as it was read, with the names that earlier files give to its roles."""
    role_ids = {**recorded.role_ids, **files.role_ids}
    names = {**comparison.roles, **names_of(role_ids, files.desired)}
    account = replace(with_deleted(live, recorded.deleted), account=comparison.live.account)
    return name_roles(account, names)
