"""Runs the cases of a range of seeds, and judges each command by what it printed and wrote."""

import gc
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from unittest import mock

from click.testing import Result

from tests.soak.fuzz.account import MOST_REQUESTS
from tests.soak.fuzz.cases import Case, Command
from tests.soak.fuzz.world import World, world

EXIT_CODES = {0, 1, 2, 3, 4, 64}
WRITING = {"apply", "undo"}
REFUSED = {1, 3, 64}
"""Exit codes that mean that nothing was written."""

LONGEST_SECONDS = 30
_COLLECT_EVERY = 50


class TooLongError(BaseException):
    """A command that does not end; no handler of errors may catch it."""


@dataclass
class Tally:
    """What a campaign found.

    Attributes:
        commands: how many ran, by kind of the case.
        codes: how many ended with each exit code.
        faults: one line for each command that broke a rule.
    """

    commands: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def campaign(folder: Path, seeds: Iterable[int], *, most: int = 0) -> Tally:
    """Run the cases of these seeds.

    Args:
        folder: an empty one, for everything that is written.
        seeds: the seeds of the cases; each is the same whichever ran before it.
        most: ends the campaign after so many commands; 0 runs all seeds.
    """
    tally = Tally()
    with world(folder) as made, _only_own_servers(made), _limited_time(), _inside(folder):
        for number, seed in enumerate(seeds):
            if most and tally.commands.total() >= most:
                break
            _run(Case(seed, made), made, tally)
            gc.unfreeze()  # a command freezes what it has read, for the short life of a process
            if number % _COLLECT_EVERY == 0:
                gc.collect()
    return tally


def _run(case: Case, made: World, tally: Tally) -> None:
    account = made.accounts[case.surface]
    account.rewriter.seed = str(case.seed) if case.answers else ""
    for command in case.commands:
        tally.commands[case.kind] += 1
        signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
        try:
            result = made.run(case.surface, *command)
        except TooLongError:
            result = None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if result is not None:
            tally.codes[result.exit_code] += 1
        for what in _broken(command, result, account.rewriter.writes, account.rewriter.requests):
            line = (
                f"SOAK_SEED={case.seed} ({case.kind}, {case.surface}) {' '.join(command)}: {what}"
            )
            tally.faults.append(line.replace(f"{made.folder}/", ""))
    account.rewriter.seed = ""
    account.put_back()


def _broken(
    command: Command, result: Result | None, writes: list[str], requests: int
) -> Iterator[str]:
    """Yield each rule that a command broke."""
    if result is None:
        yield f"took more than {LONGEST_SECONDS} s"
        return
    if isinstance(result.exception, Exception):
        yield f"raised {result.exception!r:.300}"
    if "Traceback (most recent call last)" in result.output:
        yield "printed a traceback"
    if "[internal]" in result.output or '"internal"' in result.output:
        lines = [line for line in result.output.splitlines() if "internal" in line]
        yield f"internal: {lines[0]:.300}"
    if result.exit_code not in EXIT_CODES:
        yield f"ended with {result.exit_code}"
    if requests > MOST_REQUESTS:
        yield f"made more than {MOST_REQUESTS} requests"
    if writes and command[0] not in WRITING:
        yield f"wrote: {writes[0]}"
    if writes and result.exit_code in REFUSED:
        yield f"ended with {result.exit_code} after a write: {writes[0]}"


@contextmanager
def _only_own_servers(made: World) -> Iterator[None]:
    """Refuse connections to anything but the accounts: a damaged address may lead anywhere."""
    ports = {int(account.url.rpartition(":")[2]) for account in made.accounts.values()}
    connect = socket.socket.connect

    def checked(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and (address[0] != "127.0.0.1" or address[1] not in ports):
            raise ConnectionRefusedError(111, "Connection refused")
        connect(self, address)

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host not in {"127.0.0.1", "localhost"}:
            raise socket.gaierror(-2, "Name or service not known")
        return found(host, port, *more, **named)

    found = socket.getaddrinfo
    with (
        mock.patch.object(socket.socket, "connect", checked),
        mock.patch.object(socket, "getaddrinfo", resolve),
    ):
        yield


@contextmanager
def _limited_time() -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
