"""Turns its process into one without what Windows and small images lack, and runs commands in it.

The functions and modules of POSIX are removed, folders can't be opened, an open file is in the way
of one that replaces it, there are no time zones and no git, and the streams are in code page 1252.
Paths, processes and consoles of Windows can't be simulated.

Usage: `python -m tests.small_system`, with the command lines as JSON on standard input. The results
are printed as JSON: exit code, standard output and standard error of each command.
"""

import asyncio.unix_events  # noqa: F401  loaded as long as the modules of POSIX are there
import getpass  # noqa: F401
import json
import os
import pty  # noqa: F401
import signal
import socketserver  # noqa: F401
import subprocess  # noqa: F401
import sys
import zoneinfo
from pathlib import Path
from typing import Any

import filelock

SIGNALS = ("SIGHUP", "SIGKILL", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2")
FUNCTIONS = (
    *("getuid", "geteuid", "getgid", "getegid", "getgroups", "setuid", "setgid", "uname"),
    *("fork", "forkpty", "setpgid", "setsid", "getpgid", "killpg", "openpty", "mkfifo"),
    *("fchmod", "chown", "fchown", "lchown", "sysconf", "statvfs", "pread", "pwrite"),
    *("O_NOFOLLOW", "O_CLOEXEC", "O_NOCTTY", "O_NONBLOCK", "O_DIRECTORY", "O_SYNC"),
)
MODULES = ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty", "tzdata", "readline")


def remove_posix() -> None:
    """Remove the names of POSIX, for code that is imported from now on."""
    for name in SIGNALS:
        delattr(signal, name)
    for name in FUNCTIONS:
        delattr(os, name)
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    # The import of filelock has chosen locks of POSIX.
    setattr(filelock, "FileLock", lambda file, mode: filelock.SoftFileLock(file))  # noqa: ARG005, B010
    os.open = _without_folders(os.open)
    zoneinfo.reset_tzpath(to=())
    os.environ["PATH"] = os.devnull


def _without_folders(opened: Any) -> Any:
    def open_file(path: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(path, int) and Path(os.fsdecode(path)).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    return open_file


def run(words: list[str]) -> dict[str, Any]:
    """Run a command line; an exception that leaves it is in the result."""
    from click.testing import CliRunner  # noqa: PLC0415

    from provisioner.cli.main import main  # noqa: PLC0415

    result = CliRunner(charset="cp1252").invoke(main, words)
    unexpected = result.exception
    return {
        "exit_code": result.exit_code,
        "stdout": result.stdout_bytes.decode("cp1252"),
        "stderr": result.stderr_bytes.decode("cp1252"),
        "unexpected": "" if isinstance(unexpected, SystemExit | None) else repr(unexpected),
    }


if __name__ == "__main__":
    lines = json.load(sys.stdin)
    remove_posix()
    json.dump([run(words) for words in lines], sys.stdout)
