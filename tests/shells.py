"""Interactive shells at a real terminal: what the key Tab makes of a line."""

import os
import pty
import select
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.effort import LONGEST_SECONDS

START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "--no-rcs", "--no-globalrcs", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}

SETUP = {
    "bash": "PS1='$ '; words() { printf '<%s>' \"$@\" > out; printf '[%s]\\n' done; }",
    "zsh": "PS1='$ '; autoload -U compinit; compinit -D -u; unsetopt prompt_sp; "
    "words() { printf '<%s>' \"$@\" > out; printf '[%s]\\n' done }",
    "fish": "function fish_prompt; echo '$ '; end; "
    "function words; printf '<%s>' $argv > out; printf '[%s]\\n' done; end",
}
"""Defines `words`, which writes its arguments as the shell has read them to the file `out`."""

LOAD = {
    "bash": 'eval "$(provisioner completion bash)"',
    "zsh": 'eval "$(provisioner completion zsh)"',
    "fish": "provisioner completion fish | source",
}

INSTALLED = [
    pytest.param(
        name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")
    )
    for name in START
]
"""The shells, for a parametrised test; those that are not installed are skipped."""

_TAB, _TO_START, _MARK = b"\t", b"\x01", b"[done]"


class Shell:
    """An interactive shell."""

    def __init__(self, name: str, terminal: int, folder: Path) -> None:
        self._terminal = terminal
        self._folder = folder
        self.shown = ""
        for line in (SETUP[name], LOAD[name]):
            self._send(f"{line}; words\r".encode())

    def complete(self, line: str) -> list[str]:
        """Type a line and the key Tab; return the words that the shell has then read."""
        self._send(line.encode() + _TAB + _TO_START + b"words \r")
        written = (self._folder / "out").read_text("utf-8")
        return written.removeprefix("<").removesuffix(">").split("><")

    def _send(self, keys: bytes) -> None:
        """Send keys, and wait until `words` has run."""
        os.write(self._terminal, keys)
        shown = b""
        while _MARK not in shown:
            ready, _, _ = select.select([self._terminal], [], [], LONGEST_SECONDS)
            assert ready, shown
            shown += os.read(self._terminal, 65536)
        self.shown = shown.decode(errors="replace")


@contextmanager
def shell(name: str, folder: Path, program_folder: Path, **environment: str) -> Iterator[Shell]:
    """Start a shell in a folder, with a folder of programs in front of its path."""
    process, terminal = pty.fork()
    if not process:
        os.chdir(folder)
        os.execvpe(  # noqa: S606  a terminal of its own
            name,
            START[name],
            {
                "PATH": f"{program_folder}:{os.environ['PATH']}",
                "HOME": str(folder),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
                "INPUTRC": "/dev/null",
                **environment,
            },
        )
    try:
        yield Shell(name, terminal, folder)
    finally:
        os.close(terminal)
        os.waitpid(process, 0)
