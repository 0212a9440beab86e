"""The limits of all runs of one user on a machine: LiveAgent counts by key and by address.

The runs need no server. Each reads and changes small files in a folder of the user, while it holds
a lock of the operating system, which ends with its process. A file holds times only, so what a
killed run leaves is over within a window. No file holds a key, but a digest of it with a secret of
the folder.
"""

import errno
import hashlib
import os
import secrets
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from provisioner.liveagent.http.limits import Limits
from provisioner.liveagent.http.machine_folder import FLAGS, QuickLock, machine_folder, reported
from provisioner.runs.owner_only import FILE_MODE

REQUESTS_PER_SECOND = 300
"""Requests from one address, to all accounts together. Source: KB 217359 (documented)."""

CONNECTIONS = 300
"""Connections from one address. The source counts new ones in a second, of which there are no more
than requests; to keep this number open at most is the careful reading. Source: KB 217359."""

LONGEST_SECONDS = 3600.0
"""A time further ahead is not one of this tool: no queue is that long."""

POLL_SECONDS = 0.2
"""The time between two looks for a free connection."""


class MachineLimits(Limits):
    """The limits of one key on this machine, kept in files while no thread uses them."""

    def __init__(
        self,
        account: str,
        api_key: str,
        per_minute: int,
        *,
        per_second: int = REQUESTS_PER_SECOND,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the limits of a run.

        Args:
            account: the account's address.
            api_key: the key, which is not stored.
            per_minute: the number of requests with the key in any minute; 0 is no limit.
            per_second: the number of requests from this machine in any second; 0 is no limit.
            folder: the folder of the files; None for the usual one.
            clock: returns the same seconds in all processes of the machine.

        Raises:
            TargetError: the folder can't be used.
        """
        super().__init__(per_minute, per_second)
        self._folder, self._clock = folder or machine_folder(), clock
        self._file_lock = QuickLock(self._folder / "limits.lock")
        with reported(self._folder), self._file_lock:
            secret = _secret(self._folder / "secret")
            _remove_old(self._folder)
        words = f"{account}\0{api_key}".encode(errors="surrogatepass")
        digest = hashlib.blake2b(words, key=secret, digest_size=16).hexdigest()
        self._key_file, self._address_file = (
            self._folder / f"key-{digest}",
            self._folder / "address",
        )
        self._read: tuple[float, list[float], list[float]] = (0.0, [], [])

    def __enter__(self) -> Self:
        """Wait until no other thread of any process uses the limits.

        Raises:
            TargetError: the files can't be used.
        """
        super().__enter__()
        try:
            with reported(self._folder):
                self._file_lock.__enter__()
                now = self._clock()
                self.held_until, key = _times(self._key_file, now)
                address = _times(self._address_file, now)[1] if self.address.limit else []
        except BaseException:
            self._unlock()
            raise
        self.key.fill(key)
        self.address.fill(address)
        self._read = self.held_until, key, address
        return self

    def __exit__(self, *_: object) -> None:
        """Let other threads use the limits.

        Raises:
            TargetError: the files can't be written.
        """
        try:
            now = self._clock()
            held, key, address = self._read
            left = self.key.taken(now)
            with reported(self._folder):
                if (held, key) != (self.held_until, left):
                    _write(self._key_file, now, self.held_until, left)
                left = self.address.taken(now)
                if address != left:
                    _write(self._address_file, now, 0.0, left)
        finally:
            self._unlock()

    def _unlock(self) -> None:
        self._file_lock.__exit__()
        super().__exit__()


def connections_of_run(wanted: int, runs: int) -> int:
    """Return how many connections each of several runs can have without waiting for another.

    Args:
        wanted: the number that each of them wants.
        runs: the number of runs at the same time.
    """
    return max(1, min(wanted, CONNECTIONS // runs))


@contextmanager
def connections(
    wanted: int,
    *,
    most: int = CONNECTIONS,
    folder: Path | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[int]:
    """Keep connections for one run, and yield their number, which is at most the wanted one.

    A run waits until at least one is free. Those of a killed run are free at once.

    Args:
        wanted: the number of connections.
        most: the number for all runs of the machine.
        folder: the folder of the files; None for the usual one.
        sleep: waits for seconds.

    Raises:
        TargetError: the folder can't be used.
    """
    folder = folder or machine_folder()
    own: QuickLock | None = None
    while own is None:
        with reported(folder), QuickLock(folder / "connections.lock"):
            number = min(wanted, most - _in_use(folder))
            if number > 0:
                file = folder / f"{number}-{secrets.token_hex(8)}{_HELD}"
                own = QuickLock(file)
                own.__enter__()
        if own is None:
            sleep(POLL_SECONDS)
    try:
        yield number
    finally:
        own.__exit__()
        file.unlink(missing_ok=True)


_HELD = ".connections"


def _in_use(folder: Path) -> int:
    """Return how many connections the living runs keep, and remove what dead ones have left."""
    number = 0
    for file in folder.glob(f"*{_HELD}"):
        lock = QuickLock(file)
        if lock.acquire(wait=False):
            lock.__exit__()
            file.unlink(missing_ok=True)
        else:
            number += int(file.name.partition("-")[0])
    return number


_HEADER = 3


def _times(file: Path, now: float) -> tuple[float, list[float]]:
    """Return the time until which the account asks to wait, and the times of taken places."""
    numbers = array("d")
    with suppress(FileNotFoundError):
        content = file.read_bytes()
        numbers.frombytes(content[: len(content) // numbers.itemsize * numbers.itemsize])
    if len(numbers) < _HEADER:
        return 0.0, []
    written, held, count = numbers[:_HEADER]
    # After a restart of the machine, its clock begins again.
    if not (written <= now and 0 <= count <= len(numbers) - _HEADER):
        return 0.0, []
    last = now + LONGEST_SECONDS
    times = sorted(numbers[_HEADER : _HEADER + int(count)])
    times = times[bisect_right(times, now) : bisect_left(times, last)]
    return held if held < last else 0.0, times


def _write(file: Path, now: float, held: float, times: list[float]) -> None:
    """Write everything with one call and nothing removed before, so that a kill leaves no half."""
    _put(file, array("d", [now, held, len(times), *times]).tobytes())


def _put(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | FLAGS, FILE_MODE)
    try:
        if os.write(descriptor, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)


def _secret(file: Path) -> bytes:
    """Return the secret of the folder; make it if there is none."""
    with suppress(FileNotFoundError):
        if len(found := file.read_bytes()) == _SECRET_BYTES:
            return found
    made = secrets.token_bytes(_SECRET_BYTES)
    _put(file, made)
    return made


_SECRET_BYTES = 32


def _remove_old(folder: Path) -> None:
    """Remove the files of keys that were not used for so long that all their times are over."""
    before = time.time() - LONGEST_SECONDS
    for file in folder.glob("key-*"):
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before:
                file.unlink()
