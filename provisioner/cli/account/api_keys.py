"""Reads a target's API key from an environment variable, a file or the output of a command.

What a file or a command may send is bounded in bytes, and a command is bounded in time. No message
holds a key, not even one that was pasted in place of the name of a variable or a file.
"""

import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.documents.files.regular import (
    FileTooLargeError,
    NotRegularError,
    read_regular,
)
from provisioner.model.settings import Target
from provisioner.redaction import cut_keys, hide, shortened
from provisioner.render.readable import harmless

KEY_BYTES = 4096
"""The longest key, in bytes. Keys of API v3 have some dozens (C)."""

COMMAND_SECONDS = 60
"""The time that a command has to print the key."""

MESSAGE_BYTES = 64 * 1024
"""The most bytes that a command may write to standard error."""

HOLD_SECONDS = 2
"""The time that messages of a running command are held back: they may contain the key, which is
redacted once the command has printed it. A question to the user appears after this time."""

_TOO_SLOW = f"took longer than {COMMAND_SECONDS} s"


PrintNote = Callable[[str], None]


def read_key(target: Target, root: Path, print_note: PrintNote, *, of_branch: bool = False) -> str:
    """Return a target's API key.

    Args:
        target: the target.
        root: the project's root; a key file's path is relative to it.
        print_note: gets each line that a command writes to standard error.
        of_branch: whether the files here are not reviewed yet. A command then runs in an empty
            folder, so that a relative path can't name a program of the branch.

    Raises:
        TargetError: there is no usable key.
    """
    source, argument = target.api_key
    try:
        with TemporaryDirectory() as empty:
            folder = Path(empty) if of_branch else _command_folder(root)
            match source:
                case "env":
                    key = _from_environment(argument)
                case "file":
                    key = _from_file(root / argument)
                case _:
                    key = _from_command(argument, folder, print_note)
    except (OSError, ValueError) as error:
        raise TargetError(_no_key(target, _reason(source, argument, error))) from None
    key = key.strip()
    if "\n" in key or "\r" in key:
        raise TargetError(_no_key(target, "the key has more than one line"))
    if not key.isascii() or not key.isprintable():
        raise TargetError(_no_key(target, "the key holds characters that no key has"))
    return key


class _UnusableError(ValueError):
    """A source has no usable key; the message is a predicate that follows the source's name."""


def _command_folder(root: Path) -> Path:
    """Return the folder in which a command runs: the project's root, if that is above this folder.

    A relative path then means the same program in every folder of a project.
    """
    return root if Path.cwd().is_relative_to(root.resolve()) else Path()


def _from_environment(name: str) -> str:
    key = os.environ.get(name, "")
    if not key.strip():
        raise _UnusableError("is empty" if name in os.environ else "is not set")
    return key


def _from_file(file: Path) -> str:
    try:
        content = read_regular(file, KEY_BYTES)
    except NotRegularError:
        raise _UnusableError("is not a regular file") from None
    except FileTooLargeError:
        raise _UnusableError(f"has more than {KEY_BYTES:,} bytes, which no key has") from None
    return _text(content, "is empty")


def _from_command(command: str, folder: Path, print_note: PrintNote) -> str:
    arguments = shlex.split(command)
    if not arguments:
        raise _UnusableError("is blank")
    if os.name == "nt":
        raise _UnusableError("can't run on Windows; use env or file")
    # The command comes from the project's own configuration and runs without a shell. It has a
    # session of its own, so that everything that it started can be ended with it.
    process = subprocess.Popen(  # noqa: S603
        arguments,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        content = _output(process, time.monotonic() + COMMAND_SECONDS, print_note)
    except BaseException:  # Ctrl-C, too, must leave nothing running
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        process.wait()
    if process.returncode:
        raise _UnusableError(f"failed with exit code {process.returncode}")
    return _text(content, "printed nothing")


def _output(process: "subprocess.Popen[bytes]", ends_at: float, print_note: PrintNote) -> bytes:
    """Return the standard output of a command, and print its standard error without the key."""
    content, messages, printed = bytearray(), bytearray(), 0
    with selectors.DefaultSelector() as selector, ExitStack() as streams:
        for stream, received in ((process.stdout, content), (process.stderr, messages)):
            if stream is not None:
                selector.register(streams.enter_context(stream), selectors.EVENT_READ, received)
        while selector.get_map():
            remaining = max(0, ends_at - time.monotonic())
            is_held = printed < len(messages)
            ready = selector.select(min(HOLD_SECONDS, remaining) if is_held else remaining)
            if not ready and is_held:
                _print_lines(content, messages[printed:], print_note)
                printed = len(messages)
            elif not ready:
                raise _UnusableError(_TOO_SLOW)
            for key, _ in ready:
                chunk = os.read(key.fd, KEY_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                key.data.extend(chunk)
            if len(content) > KEY_BYTES or len(messages) > MESSAGE_BYTES:
                raise _UnusableError("prints without end")
    _print_lines(content, messages[printed:], print_note)
    try:
        process.wait(max(0, ends_at - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _UnusableError(_TOO_SLOW) from None
    return bytes(content)


def _print_lines(content: bytearray, messages: bytearray, print_note: PrintNote) -> None:
    """Print messages; a key in `content` is redacted from now on."""
    hide(content.decode(errors="replace").strip())
    for line in messages.decode(errors="replace").splitlines():
        print_note(harmless(line))


def _text(content: bytes, if_empty: str) -> str:
    key = content.decode()
    if not key.strip():
        raise _UnusableError(if_empty)
    return key


def _reason(source: str, argument: str, error: Exception) -> str:
    # A key that was pasted as the name of a variable is seldom a name that a variable can have.
    pasted = source == "env" and not argument.isidentifier()
    name = shortened(argument) if pasted else cut_keys(argument)
    match error:
        case _UnusableError():
            return f"{_SUBJECTS[source].format(name)} {error}"
        case OSError():
            return f"{name}: {error.strerror or 'can not be used'}"
        case _:
            return f"{name}: can't be understood"


_SUBJECTS = {
    "env": "the environment variable {}",
    "file": "the file {}",
    "command": "the command '{}'",
}


def _no_key(target: Target, reason: str) -> Diagnostic:
    return Diagnostic(
        code="api-key-missing",
        summary=f'target "{target.name}" has no API key: {reason}',
        hint="a key of API v3 is made in the panel under Configuration > System > API",
    )
