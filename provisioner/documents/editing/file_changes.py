"""Changed files of a project: their difference for people, and writing all of them or none."""

import difflib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from provisioner.characters import spelt_out
from provisioner.system import set_mode

_NEW_FILE_MODE = 0o666


@dataclass(frozen=True, slots=True)
class FileChange:
    """The new content of a file.

    Attributes:
        file: its path relative to the project's root, with forward slashes.
        before: its content; None if the file is new.
        after: its new content; None if the file is removed.
    """

    file: str
    before: bytes | None
    after: bytes | None


def unified_diff(changes: Iterable[FileChange]) -> str:
    """Return changes as a unified diff, with invisible characters spelt out."""
    return "".join(
        line for change in sorted(changes, key=lambda change: change.file) for line in _diff(change)
    )


def _diff(change: FileChange) -> Iterator[str]:
    before, after = _lines(change.before), _lines(change.after)
    if b"\0" in (change.before or b"") + (change.after or b""):
        yield f"Binary file {change.file}\n"
        return
    names = (
        f"a/{change.file}" if change.before is not None else "/dev/null",
        f"b/{change.file}" if change.after is not None else "/dev/null",
    )
    for line in difflib.unified_diff(before, after, *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode(errors="replace")
    parts = re.split(r"(?<=\n)", text)
    return [_shown(part) for part in parts if part]


def _shown(line: str) -> str:
    body = line.rstrip("\r\n")
    return f"{spelt_out(body)}{line[len(body) :].replace(chr(13), '')}"


def write_all(root: Path, changes: Iterable[FileChange]) -> None:
    """Write files: all of them, or none if one can't be written.

    A link stays, and the file behind it is written. Nothing is written if a file was changed since
    its content was read.

    Raises:
        OSError: a file can't be written, or was changed meanwhile; no file is changed.
    """
    wanted = [(Path(os.path.realpath(root / change.file)), change) for change in changes]
    for file, change in wanted:
        _check(file, change)
    prepared: list[tuple[Path, Path | None]] = []
    done: list[tuple[Path, bytes | None]] = []
    try:
        for file, change in wanted:
            prepared.append((file, _prepared(file, change.after)))
        for (file, temporary), (_, change) in zip(prepared, wanted, strict=True):
            done.append((file, change.before))
            if temporary is None:
                file.unlink(missing_ok=True)
            else:
                temporary.replace(file)
    except BaseException:
        for file, before in reversed(done):
            _restore(file, before)
        raise
    finally:
        for _, temporary in prepared:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _check(file: Path, change: FileChange) -> None:
    """Refuse a file that was changed since it was read."""
    try:
        content: bytes | None = file.read_bytes()
    except FileNotFoundError:
        content = None
    if content != change.before:
        raise FileExistsError(0, "it was changed meanwhile", change.file)


def _prepared(file: Path, content: bytes | None) -> Path | None:
    """Return a new file beside the wanted one, with its content and mode; None for a removal."""
    if content is None:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and not os.access(file, os.W_OK):
        raise PermissionError(13, "permission denied", str(file))
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".provisioner-")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            set_mode(out.fileno(), _mode_of(file))
            os.fsync(out.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mode_of(file: Path) -> int:
    with suppress(FileNotFoundError):
        return stat.S_IMODE(file.stat().st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return _NEW_FILE_MODE & ~umask


def _restore(file: Path, before: bytes | None) -> None:
    """Give a file its former content, as far as that is possible."""
    with suppress(OSError):
        if before is None:
            file.unlink(missing_ok=True)
        elif (restored := _prepared(file, before)) is not None:
            restored.replace(file)
