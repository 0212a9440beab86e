"""The kinds of faults of an apply of a fleet; a seed chooses the moment and the victim."""

import os
import random
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from provisioner.sandbox.faults import Fault
from tests.soak.child import SECONDS
from tests.soak.fleet.world import (
    WAVES,
    Ended,
    World,
    check_output,
    check_report,
    children_of,
    wait_for_end,
)
from tests.soak.harness import Running

LIMIT_SECONDS = 8
QUICK = {SECONDS: "0.4"}
"""Settings of a run in which an account that does not answer is given up soon."""

Kind = Callable[[World, random.Random, int], None]
"""Runs an apply with a fault, and checks its report; the number is the requests of a calm run."""


def reported(made: World, ended: Ended, *, text: bool, certain: bool = True) -> dict[str, str]:
    """Check the report of an apply, and return the outcome of each account."""
    check_output(ended)
    assert ended.code in {0, 1, 3, 4}, ended.stdout + ended.stderr
    outcomes = ended.text_outcomes() if text else ended.outcomes()
    check_report(outcomes, made.written(), certain=certain)
    complete = set(outcomes.values()) <= {"done", "nothing-to-do"}
    assert (ended.code == 0) == complete, ended
    return outcomes


def begun(made: World, chance: random.Random, **more: str) -> tuple[Running, bool]:
    """Start an apply with a report as text or JSON; return whether it is text."""
    text = chance.random() < 0.5
    form = "text" if text else "json"
    return made.start_apply("--format", form, **more), text


def at_request(made: World, at: int, action: Callable[[int], None]) -> Callable[[Running], None]:
    """Let something happen to the process of a run at a request, once that process is known."""
    known, driver = threading.Event(), [0]

    def act() -> None:
        known.wait()
        action(driver[0])

    made.moment.set(at, act)

    def name(running: Running) -> None:
        driver[0] = running.process.pid or 0
        known.set()

    return name


def worker_killed(made: World, chance: random.Random, requests: int) -> None:
    """One process of the engine is killed."""
    which = chance.randrange(2)

    def kill(driver: int) -> None:
        if workers := children_of(driver):
            with suppress(ProcessLookupError):
                os.kill(workers[which % len(workers)], signal.SIGKILL)

    if chance.random() < 0.3:
        (made.folder / "leases").mkdir()
        made.settle(more="lock: {folder: ../../leases}\n")
    name = at_request(made, chance.randint(1, requests), kill)
    running, text = begun(made, chance)
    name(running)
    reported(made, made.ended(running), text=text)


def driver_killed(made: World, chance: random.Random, requests: int) -> None:
    """The process of the command is killed; its workers end what they have begun."""
    left: list[int] = []

    def kill(driver: int) -> None:
        left.extend(children_of(driver))
        os.kill(driver, signal.SIGKILL)

    name = at_request(made, chance.randint(1, requests), kill)
    running, _ = begun(made, chance)
    name(running)
    assert made.ended(running).code == -signal.SIGKILL
    wait_for_end(left)


def signalled(made: World, chance: random.Random, requests: int) -> None:
    """Ctrl-C, or a signal of a cancelled pipeline."""
    number = chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    left: list[int] = []

    def send(driver: int) -> None:
        left.extend(children_of(driver))
        os.kill(driver, number)

    name = at_request(made, chance.randint(1, requests), send)
    running, text = begun(made, chance)
    name(running)
    ended = made.ended(running)
    wait_for_end(left)
    reported(made, ended, text=text)


def account_hangs(made: World, chance: random.Random, requests: int) -> None:
    """From one of its requests on, an account answers nothing."""
    victim = chance.choice([*WAVES])
    skip = chance.randrange(requests // len(WAVES))
    made.faults[victim].add(Fault("delay", times=0, skip=skip, seconds=3600))
    running, text = begun(made, chance, **QUICK)
    outcomes = reported(made, made.ended(running), text=text)
    assert {outcomes[name] for name in WAVES if name != victim} == {"done"}


def account_late(made: World, chance: random.Random, requests: int) -> None:
    """An account answers nothing from some request on, and its time for the apply is over."""
    victim = chance.choice([*WAVES])
    skip = chance.randrange(requests // len(WAVES))
    made.faults[victim].add(Fault("delay", times=0, skip=skip, seconds=3600))
    # The limit is longer than any undisturbed apply, and shorter than the tries of one request.
    ended = made.apply("--account-timeout", str(LIMIT_SECONDS / 60), **{SECONDS: "4"})
    outcomes = reported(made, ended, text=False)
    assert {outcomes[name] for name in WAVES if name != victim} == {"done"}
    assert "[account-timeout]" in ended.stderr


def account_drips(made: World, chance: random.Random, requests: int) -> None:
    """An account answers with a byte now and then."""
    del requests
    victim = chance.choice([*WAVES])
    with _dripping() as url:
        made.connect(victim, url)
        running, text = begun(made, chance, **QUICK)
        outcomes = reported(made, made.ended(running), text=text)
    made.settle()
    assert outcomes == {name: "failed" if name == victim else "done" for name in WAVES}


@contextmanager
def _dripping() -> Iterator[str]:
    """Run a server that sends a byte of its answer each tenth of a second."""
    ended = threading.Event()

    def drip(client: socket.socket) -> None:
        with client, suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 10_000:
                client.sendall(bytes([byte]))
                if ended.wait(0.1):
                    return

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],)).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def wrong_key(made: World, chance: random.Random, requests: int) -> None:
    """An account has another key: from the start, or revoked in the middle of the run."""
    victim = chance.choice([*WAVES])
    more = {}
    if chance.random() < 0.5:
        more[f"KEY_{victim.upper()}"] = "a-key-of-nobody"
    else:
        skip = chance.randrange(requests // len(WAVES))
        made.faults[victim].add(Fault("status", status=401, times=0, skip=skip))
    running, text = begun(made, chance, **more)
    outcomes = reported(made, made.ended(running), text=text)
    assert {outcomes[name] for name in WAVES if name != victim} == {"done"}


def no_rights(made: World, chance: random.Random, requests: int) -> None:
    """The key of an account lacks a right: to read, to write, or to write one kind."""
    del requests
    victim = chance.choice([*WAVES])
    method, path = chance.choice(
        [("GET", ""), ("POST", ""), ("PUT", ""), ("POST", "agents"), ("POST", "departments")]
    )
    made.faults[victim].add(Fault("status", method, path, status=403, times=0))
    # A write that is refused was received, but nothing was written.
    running, text = begun(made, chance)
    outcomes = reported(made, made.ended(running), text=text)
    assert {outcomes[name] for name in WAVES if name != victim} == {"done"}


@contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[None]:
    """Mount a small file system, which only root can do."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
    subprocess.run(["mount", *options], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, left: int = 0) -> None:
    """Fill a file system but for some bytes."""
    with suppress(OSError), (folder / ".filler").open("ab", buffering=0) as file:
        for _ in count():
            if file.write(b"x" * 4096) < 4096:
                break
    with (folder / ".filler").open("r+b") as file:
        file.truncate(max(0, file.seek(0, 2) - left))


def _disk_full(made: World, chance: random.Random, requests: int, folder: str, **more: str) -> None:
    disk = made.folder / folder
    left = 4096 * chance.randrange(10)
    if chance.random() < 0.3:
        fill(disk, left)
        name = at_request(made, 0, lambda _driver: None)
    else:
        name = at_request(made, chance.randint(1, requests), lambda _driver: fill(disk))
    running, text = begun(made, chance, **more)
    name(running)
    ended = made.ended(running)
    (disk / ".filler").unlink(missing_ok=True)
    reported(made, ended, text=text)


def records_full(made: World, chance: random.Random, requests: int) -> None:
    """The disk of the records is full, from the start or suddenly."""
    _disk_full(made, chance, requests, "records")


def temporary_full(made: World, chance: random.Random, requests: int) -> None:
    """The disk of temporary files is full."""
    _disk_full(made, chance, requests, "temporary")


def limits_full(made: World, chance: random.Random, requests: int) -> None:
    """The disk of the files for the limits of the machine is full."""
    more = {"PROVISIONER_REQUESTS_PER_MINUTE": "100000"}
    _disk_full(made, chance, requests, "runtime", **more)


def leases_full(made: World, chance: random.Random, requests: int) -> None:
    """The disk of the shared lock is full."""
    made.settle(more="lock: {folder: ../../leases}\n")
    _disk_full(made, chance, requests, "leases")


KINDS: dict[str, Kind] = {
    one.__name__: one
    for one in (
        worker_killed,
        driver_killed,
        signalled,
        account_hangs,
        account_late,
        account_drips,
        wrong_key,
        no_rights,
        records_full,
        temporary_full,
        limits_full,
        leases_full,
    )
}

DISKS = {
    "records_full": "records",
    "temporary_full": "temporary",
    "limits_full": "runtime",
    "leases_full": "leases",
}
"""The kinds that need a small file system, and its folder."""
