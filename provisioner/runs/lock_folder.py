"""Keeps the claims of a shared lock as files of a folder that several machines mount.

A run creates its own file, then looks at the others, and gives up if there is another one than the
ended claims that it has seen before. Of two runs that do this at once, the later creator sees the
file of the other one. So at most one holds the lock, on every file system that shows a new file to
all machines. A renewal works in the same way: write first, then look.
"""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from provisioner.documents.files.saved_json import read_saved
from provisioner.runs.shared_lock import LockClaim, PlaceError, claim_of
from provisioner.system import BINARY, CLOSE_ON_EXEC, NO_FOLLOW

_SUFFIX = ".lock"
_NEW = ".new"
"""The end of the name of a claim that replaces the own one; a killed run may leave it."""


class LockFolder:
    """The claims of one account; a `LockPlace`."""

    def __init__(self, folder: Path, name: str, lasts: timedelta) -> None:
        """Use a folder, which must exist.

        `lasts` is the time until an unreadable claim ends, counted from the time of its file.
        """
        self._folder, self._name, self._lasts = folder, name, lasts
        self._own: Path | None = None
        self._ended: tuple[LockClaim, ...] = ()

    def read(self) -> tuple[LockClaim, ...]:
        """Return the claims of all files."""
        return tuple(self._claims().values())

    def take(self, ended: Sequence[LockClaim], own: LockClaim) -> bool:
        """Create the next file; see `LockPlace`."""
        files = self._claims()
        number = max(map(_number, files), default=0) + 1
        file = self._folder / f"{self._name}.{number:06}{_SUFFIX}"
        if not self._write(file, own, os.O_EXCL):
            return False
        self._own, self._ended = file, (*ended,)
        if self._others():
            self.release(own)
            return False
        for other in (*files, *self._folder.glob(f"{self._name}.*{_NEW}")):
            with suppress(OSError):
                other.unlink()
        return True

    def renew(self, own: LockClaim, renewed: LockClaim) -> bool:
        """Replace the own file; see `LockPlace`."""
        claims = self._claims()
        if self._own is None or claims.get(self._own) != own:
            return False
        new = self._own.with_suffix(_NEW)
        self._write(new, renewed, os.O_TRUNC)
        self._guard(lambda: new.replace(self._own or new))
        return self._own in self._claims() and not self._others()

    def release(self, own: LockClaim) -> None:
        """Remove the own file."""
        if self._own is not None and self._claims().get(self._own, own) == own:
            file = self._own
            self._guard(lambda: file.unlink(missing_ok=True))
        self._own = None

    def _others(self) -> list[LockClaim]:
        """Return the claims of others, except for those that had ended before."""
        claims = self._claims().items()
        return [one for file, one in claims if file != self._own and one not in self._ended]

    def _claims(self) -> dict[Path, LockClaim]:
        """Return each file with its claim."""
        claims: dict[Path, LockClaim] = {}
        try:
            files = [one for one in self._folder.iterdir() if self._is_own_name(one.name)]
        except OSError as error:
            raise PlaceError(error.strerror or str(error)) from error
        for file in sorted(files):
            with suppress(FileNotFoundError):  # its run has just ended
                claims[file] = self._claim(file)
        return claims

    def _is_own_name(self, name: str) -> bool:
        number = name.removeprefix(f"{self._name}.").removesuffix(_SUFFIX)
        return name == f"{self._name}.{number}{_SUFFIX}" and number.isdecimal()

    def _claim(self, file: Path) -> LockClaim:
        """Return the claim in a file; one that is not written yet counts from the file's time."""
        try:
            return claim_of(read_saved(file))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise PlaceError(f"{file}: {error.strerror}") from error
        except ValueError:
            made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            until = (made + self._lasts).isoformat()
            return LockClaim(
                "another run", "an unknown machine", 0, made.isoformat(), until, file.name
            )

    def _write(self, file: Path, claim: LockClaim, flags: int) -> bool:
        """Write a claim and return whether there was no such file."""
        try:
            # Other users of the folder must be able to read who holds the lock.
            flags |= os.O_WRONLY | os.O_CREAT | NO_FOLLOW | CLOSE_ON_EXEC | BINARY
            with os.fdopen(os.open(file, flags, 0o666), "w", encoding="utf-8") as out:
                json.dump(claim.as_data(), out)
                out.flush()
                os.fsync(out.fileno())
        except FileExistsError:
            return False
        except OSError as error:
            # A claim of which only the file fits on the disk would lock out everybody.
            with suppress(OSError):
                file.unlink()
            raise PlaceError(error.strerror or str(error)) from error
        return True

    @staticmethod
    def _guard(write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            raise PlaceError(error.strerror or str(error)) from error


def _number(file: Path) -> int:
    return int(file.name.removesuffix(_SUFFIX).rpartition(".")[2])
