"""Files of a repository that have changed since a branch began."""

from dataclasses import dataclass
from pathlib import Path

from provisioner.documents.files.boundary import WITHHELD
from provisioner.git.blame import blob
from provisioner.git.checkout import differs
from provisioner.git.clone import Clone
from provisioner.git.command import GitError
from provisioner.git.history import GitHistory, clone_of, no_history, unknown_ref


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The files that differ between the base of a branch and the work tree.

    Attributes:
        files: their paths, with the links of the repository's own folder resolved. Deleted files,
            both names of a renamed one, and files that git ignores are among them.
    """

    files: frozenset[Path]
    _clone: Clone
    _base: str

    @property
    def top(self) -> Path:
        """The root of the work tree."""
        return self._clone.top

    def at_base(self, path: Path) -> bytes | None:
        """Return the content of a file of the repository at the base; None without such a file."""
        return blob(self._clone, self._base, path.relative_to(self.top).as_posix())


def changed_since(folder: Path, ref: str) -> ChangedFiles:
    """Return the files of a folder's repository that have changed since a ref.

    As with `plan --base`, the base is the last commit that HEAD and the ref have in common. Records
    of runs do not count.

    Raises:
        ProvisionerError: there is no repository, no such ref, or the clone is shallow: then the
            base could be another one, and a changed file could seem to be unchanged.
    """
    clone = clone_of(folder)
    clone = Clone(clone.top, "")
    if clone.cut_off:
        raise unknown_ref(clone, f'what has changed since "{ref}" is not known')
    base = GitHistory(folder, ref).base
    try:
        names = clone.changed_files(base, ignored=True)
        has_lfs = (clone.folder / "lfs").is_dir()
    except GitError as error:
        raise no_history(str(error), error.hint) from error
    changed = (
        clone.top / name
        for name in names
        if WITHHELD.isdisjoint(name.split("/")) and (not has_lfs or differs(clone, name, base))
    )
    return ChangedFiles(frozenset(changed), clone, base)
