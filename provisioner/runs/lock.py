"""A lock that allows one run at a time on a target, on this machine.

The operating system holds the lock, so it ends with its process, also when that is killed. A file
beside it names the holder. `shared_lock` locks out runs on other machines, where one is configured.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from provisioner.diagnostics import Diagnostic, ProvisionerError, RefusedError
from provisioner.documents.files.saved_json import parse_json, read_saved
from provisioner.runs.journal import now
from provisioner.runs.owner_only import FILE_MODE, make_own_folder, write_own_file
from provisioner.runs.record import Actor


@contextmanager
def only_run(
    workspace: Path,
    target: str,
    actor: Actor,
    *,
    timeout: float,
    announce: Callable[[str], object],
) -> Iterator[None]:
    """Hold the lock of a target.

    `target` is the address of the account, or the target's name. `timeout` is in seconds.

    Raises:
        RefusedError: another run holds the lock.
        ProvisionerError: the lock can't be created.
    """
    folder = workspace / "locks"
    name = quote(target, safe="")
    lock, note = FileLock(folder / f"{name}.lock", mode=FILE_MODE), folder / f"{name}.json"
    try:
        make_own_folder(folder)
        _acquire(lock, note, target, timeout, announce)
        if note.exists():
            announce(f"Taking over the lock of {_holder(note)}, which ended without releasing it.")
        write_own_file(
            note, json.dumps({"by": actor.by, "host": actor.host, "pid": actor.pid, "at": now()})
        )
    except OSError as error:
        lock.release()
        raise ProvisionerError(_unwritable(folder, error.strerror)) from error
    except NotImplementedError as error:
        raise ProvisionerError(_unwritable(folder, "its file system has no locks")) from error
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()
        lock.release()


def lock_holder(workspace: Path, target: str) -> str:
    """Return who holds the lock of a target, or ""; nothing is created.

    `target` is the address of the account, or the target's name.
    """
    name = quote(target, safe="")
    file, note = workspace / "locks" / f"{name}.lock", workspace / "locks" / f"{name}.json"
    if not file.exists():
        return ""
    lock = FileLock(file, mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _holder(note)
    except (OSError, NotImplementedError):
        return ""
    lock.release()
    return ""


def _unwritable(folder: Path, why: str | None) -> Diagnostic:
    return Diagnostic(
        code="file-unwritable",
        summary=f"no lock can be kept in {folder}: {why}",
        hint="allow writing to the project's folder, on a disk of this machine",
    )


def _acquire(
    lock: FileLock, note: Path, target: str, timeout: float, announce: Callable[[str], object]
) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if timeout > 0:
            announce(f"Waiting up to {timeout:g} s for {_holder(note)} to end.")
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            raise RefusedError(
                Diagnostic(
                    code="locked",
                    summary=f'target "{target}" is being worked on by {_holder(note)}',
                    hint="wait for it to end, or let this run wait: --lock-timeout SECONDS",
                )
            ) from None


def _holder(note: Path) -> str:
    try:
        held = parse_json(read_saved(note))
        return f"{held['by']} on {held['host']} (process {held['pid']}, since {held['at']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
