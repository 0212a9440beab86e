"""A `provisioner` that starts at once: it is forked from a process that has imported it already.

Most of the time of a short command goes into the imports. The forked process is as real as any
other: it has the caller's folder, environment, streams and exit code. What depends on the start of
Python itself, such as signals, closed streams and modules in the way, is tested with `INSTALLED`.
"""

import atexit
import gc
import os
import pkgutil
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn, cast

ROOT = Path(__file__).parents[1]

INSTALLED = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
"""A PATH with the program as it is installed."""

CALLER = """#!{python} -IS
import _socket, array, os, sys
given = b"\\0".join(
    [b"%d" % (len(sys.argv) - 1), *map(os.fsencode, sys.argv[1:]),
     *(name + b"=" + value for name, value in os.environb.items())])
server = _socket.socket(_socket.AF_UNIX)
server.connect({socket!r})
streams = array.array("i", [0, 1, 2, os.open(".", os.O_RDONLY)])
server.sendmsg([b"%08d" % len(given)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(given)
sys.exit(server.recv(1)[0])
"""
"""The program that stands for `provisioner` in the PATH: hands everything over, and waits."""


@cache
def preloaded_path() -> str:
    """Return a PATH with a `provisioner` that starts at once, until this process ends."""
    folder = Path(tempfile.mkdtemp())
    listening = str(folder / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.preloaded", listening],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(shutil.rmtree, folder)
    atexit.register(process.communicate)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    caller = folder / "provisioner"
    caller.write_text(CALLER.format(python=sys.executable, socket=listening))
    caller.chmod(0o755)
    return os.pathsep.join([str(folder), INSTALLED])


def serve(path: str) -> None:
    """Serve callers until standard input ends."""
    import_everything()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while listener in select.select([sys.stdin, listener], [], [])[0]:
            caller, _ = listener.accept()
            with caller:
                if os.fork() == 0:
                    answer(caller)
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)


def import_everything() -> None:
    """Import all modules of the program but those that are programs themselves."""
    import provisioner  # noqa: PLC0415  only this process needs all of it

    for module in pkgutil.walk_packages(provisioner.__path__, "provisioner."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def answer(caller: socket.socket) -> NoReturn:
    """Fork once more: one process runs the command line, the other sends its exit code."""
    head, streams, _, _ = socket.recv_fds(caller, 8, 4)
    child = os.fork()
    if child == 0:
        with caller.makefile("rb") as file:
            count, *words = file.read(int(head)).split(b"\0")
        become([os.fsdecode(word) for word in words], int(count), streams)
        run()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    caller.sendall(bytes([code if code >= 0 else 128 - code]))
    os._exit(0)


def become(words: list[str], count: int, streams: list[int]) -> None:
    """Take over the arguments, environment, folder and streams of the caller.

    Args:
        words: the arguments, and then the environment.
        count: the number of arguments.
        streams: the standard streams, and the folder.
    """
    sys.argv = ["provisioner", *words[:count]]
    os.environ.clear()
    os.environ.update(
        {name: value for name, _, value in (word.partition("=") for word in words[count:])}
    )
    time.tzset()
    os.fchdir(streams[3])
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
        os.close(stream)
    os.close(streams[3])
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def run() -> NoReturn:
    """Run the command line, and end without taking the interpreter apart, which takes time."""
    from provisioner.cli.main import main  # noqa: PLC0415  as above

    try:
        main(prog_name="provisioner")
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(cast("int", end.code))
    sys.exit("the command line returned")


if __name__ == "__main__":
    serve(sys.argv[1])
