"""Keeps the claim of a shared lock as a ref of a remote repository.

The ref is refs/provisioner/lock/NAME. It points to a commit without files; the claim is its
message. A push with `--force-with-lease` changes the ref only if it is still what the run has seen,
so of two pushes at once the remote accepts one.

Git runs in an empty repository of its own, so no configuration of the project is used. The settings
of the user and the machine are used, because they have the credentials for the push.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from provisioner.git.clone import find_clone
from provisioner.git.command import GitError, run_remote
from provisioner.runs.shared_lock import UNREADABLE, LockClaim, PlaceError, claim_of

_REFS = "refs/provisioner/lock/"


class LockRef:
    """The claim of one account; a `LockPlace`."""

    def __init__(self, url: str, name: str, project: Path) -> None:
        """Use a repository.

        A repository inside of the project is refused, because its hooks would run.

        Raises:
            PlaceError: the repository is inside of the project's.
        """
        clone = find_clone(project)
        self._url, self._ref = url, _REFS + name
        self._top = clone.top if clone else Path(os.path.realpath(project))
        self._tips: dict[LockClaim, str] = {}
        for path in {url, unquote(url)} if url.startswith("file:") else ():
            place = Path(os.path.realpath(path.removeprefix("file://")))
            if place.is_relative_to(self._top):
                raise PlaceError("a branch could bring this repository, with programs in it")

    def read(self) -> tuple[LockClaim, ...]:
        """Return the claim in the ref, if there is one."""
        with self._repository() as folder:
            if not self._tip(folder):
                return ()
            fetched = "refs/fetched/claim"
            words = ("fetch", "--quiet", "--depth=1", "--no-tags", self._url)
            try:
                self._git(folder, *words, f"+{self._ref}:{fetched}")
            except PlaceError:
                if self._tip(folder):
                    raise
                return ()  # its run has just ended
            tip = self._git(folder, "rev-parse", "--verify", fetched).decode().strip()
            message = self._git(folder, "cat-file", "commit", tip).partition(b"\n\n")[2]
        try:
            claim = claim_of(message)
        except ValueError:
            claim = UNREADABLE
        self._tips[claim] = tip
        return (claim,)

    def take(self, ended: Sequence[LockClaim], own: LockClaim) -> bool:
        """Push the claim in place of an ended one, or of none; see `LockPlace`."""
        return self._push(self._tips[ended[0]] if ended else "", own)

    def renew(self, own: LockClaim, renewed: LockClaim) -> bool:
        """Push the new claim in place of the own one; see `LockPlace`."""
        return self._push(self._tips[own], renewed)

    def release(self, own: LockClaim) -> None:
        """Remove the ref, if it is still the own claim."""
        with self._repository() as folder:
            before = self._tips[own]
            try:
                self._git(folder, *self._push_words(before), self._url, f":{self._ref}")
            except PlaceError:
                if self._tip(folder) == before:
                    raise

    def _push(self, before: str, claim: LockClaim) -> bool:
        """Replace the ref if it is what the run has seen, and return whether it was."""
        with self._repository() as folder:
            tree = self._git(folder, "mktree").decode().strip()
            message = json.dumps(claim.as_data()).encode()
            commit = self._git(folder, "commit-tree", tree, given=message).decode().strip()
            self._tips[claim] = commit
            try:
                self._git(folder, *self._push_words(before), self._url, f"{commit}:{self._ref}")
            except PlaceError:
                # The answer may be lost, or another run was faster, or the push is not allowed.
                tip = self._tip(folder)
                if tip == before:
                    raise
                return tip == commit
        return True

    def _push_words(self, before: str) -> tuple[str, ...]:
        lease = f"--force-with-lease={self._ref}:{before}"
        return ("push", "--quiet", "--no-verify", lease)

    def _tip(self, folder: Path) -> str:
        """Return the commit of the ref, or ""."""
        for line in self._git(folder, "ls-remote", self._url, self._ref).decode().splitlines():
            commit, _, ref = line.partition("\t")
            if ref == self._ref:
                return commit
        return ""

    @contextmanager
    def _repository(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as name:
            self._git(Path(name), "init", "--quiet", "--bare", "--template=", name)
            yield Path(name)

    def _git(self, folder: Path, *arguments: str, given: bytes = b"") -> bytes:
        try:
            return run_remote(folder, self._top, *arguments, given=given)
        except GitError as error:
            raise PlaceError(str(error)) from error
