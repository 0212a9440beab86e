"""A Dask scheduler with workers on this machine, and work for them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from provisioner.fleet.engines import dask_worker
from tests.effort import LONGEST_SECONDS
from tests.support import KEY

ROOT = Path(__file__).parents[1]
WORKERS = 2
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


class Cluster:
    """A running scheduler and its workers; only they have the key, as KEY_OF_WORKERS."""

    def __init__(
        self, folder: Path, more: Mapping[str, str] = NOTHING_MORE, preload: str = ""
    ) -> None:
        """Start the scheduler.

        Args:
            folder: the folder of logs and records.
            more: more variables of the workers.
            preload: a module that the workers load; "" for none.
        """
        self.folder = folder
        self._more = more
        self._preload = ("--preload", preload) if preload else ()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._file = folder / "scheduler.json"
        self.records.mkdir(exist_ok=True)
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show")

    @property
    def engine(self) -> str:
        """The address of the scheduler."""
        tcp: str = json.loads(self._file.read_text())["address"]
        return tcp.replace("tcp://", "dask://")

    @property
    def records(self) -> Path:
        """The folder with the records of the workers."""
        return self.folder / "records"

    @property
    def scheduler(self) -> int:
        """The id of the scheduler's process."""
        return self._processes["scheduler0"].pid

    @property
    def processes(self) -> list[int]:
        """The ids of all processes."""
        return [process.pid for process in self._processes.values()]

    def fill(self) -> None:
        """Start workers until there are two; ended ones are replaced."""
        while len(self.workers) < WORKERS:
            self.start_worker()
        from distributed import Client  # noqa: PLC0415

        address = self.engine.replace("dask://", "tcp://")
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=LONGEST_SECONDS)

    def start_worker(self, **more: str) -> None:
        """Start one more worker, with more variables."""
        words = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", *self._preload)
        self._start("worker", *words, **more)

    @property
    def workers(self) -> list[int]:
        """The ids of the living processes of workers."""
        names = (name for name in self._processes if name.startswith("worker"))
        return [self._processes[name].pid for name in names if self._is_running(name)]

    def pages(self) -> list[bytes]:
        """Return what the scheduler shows of itself: its state, its events, and its HTTP pages."""
        from distributed import Client  # noqa: PLC0415

        with Client(self.engine.replace("dask://", "tcp://"), set_as_default=False) as client:
            port = client.scheduler_info()["services"].get("dashboard")
            shown: list[Any] = [client.scheduler_info(), client.get_events(), client.story()]
            shown += [client.get_scheduler_logs(), client.get_worker_logs()]
        names = ("health", "info/main/workers.html", "json/identity.json", "metrics", "status")
        pages = []
        for name in names if port else ():
            with suppress(HTTPError), urlopen(f"http://127.0.0.1:{port}/{name}") as answer:
                pages.append(answer.read())
        return [*pages, repr(shown).encode()]

    def wait_until(self, is_true: Callable[[], bool]) -> None:
        """Wait until a function returns True on a worker."""
        from distributed import Client  # noqa: PLC0415

        ends_at = time.monotonic() + LONGEST_SECONDS
        with Client(self.engine.replace("dask://", "tcp://"), set_as_default=False) as client:
            while not any(client.run(is_true).values()):
                assert time.monotonic() < ends_at

    def wait_until_idle(self) -> None:
        """Wait until no client wants a task, and no worker works on one."""
        from distributed import Client  # noqa: PLC0415

        ends_at = time.monotonic() + LONGEST_SECONDS
        with Client(self.engine.replace("dask://", "tcp://"), set_as_default=False) as client:
            while client.run_on_scheduler(has_tasks) or any(client.run(is_working).values()):
                assert time.monotonic() < ends_at

    def restart_scheduler(self) -> None:
        """Start another scheduler at the address of the one that has ended."""
        port = self.engine.rpartition(":")[2]
        self._start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-show")

    def end(self) -> None:
        """End all processes."""
        for process in self._processes.values():
            process.kill()
            process.wait()

    def output(self) -> str:
        """Return what all processes have logged."""
        return "".join(file.read_text() for file in self.folder.glob("*.log"))

    def _is_running(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def _start(self, kind: str, *arguments: str, **more: str) -> None:
        name = f"{kind}{len(self._processes)}"
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments),
                    *("--scheduler-file", str(self._file), "--no-dashboard"),
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
                    "KEY_OF_WORKERS": KEY,
                    "PROVISIONER_REQUESTS_PER_MINUTE": "0",
                    "PROVISIONER_RECORDS": str(self.records),
                    "PYTHONPATH": str(ROOT),
                    "TMPDIR": str(temporary),
                    **self._more,
                    **more,
                },
            )
        ends_at = time.monotonic() + LONGEST_SECONDS
        while not self._file.exists() and time.monotonic() < ends_at:
            self._processes[name].poll()
            time.sleep(0.05)


@contextmanager
def cluster(
    folder: Path, more: Mapping[str, str] = NOTHING_MORE, preload: str = ""
) -> Iterator[Cluster]:
    """Run a cluster; see `Cluster`."""
    running = Cluster(folder, more, preload)
    try:
        running.fill()
        yield running
    finally:
        running.end()


def has_tasks(dask_scheduler: Any = None) -> bool:
    """Return whether a client wants tasks of this scheduler."""
    return bool(dask_scheduler.tasks)


def is_working() -> bool:
    """Return whether this worker has a task that is not repeated."""
    return bool(dask_worker._under_way)


def is_asked_to_stop() -> bool:
    """Return whether the task of this worker was asked to end early."""
    return any(stop.asked for stop in dask_worker._under_way.values())


def end_first_worker(marks: str, _stop: object = None) -> int:
    """Note an attempt in a file, end the worker at the first one, and return the number."""
    with Path(marks).open("a", encoding="utf-8") as file:
        file.write("begun\n")
    attempts = Path(marks).read_text(encoding="utf-8").count("begun")
    if attempts == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return attempts


def end_process(number: int, _stop: object) -> None:
    """End a process, such as the scheduler, and go on for longer than it takes to notice."""
    os.kill(number, signal.SIGKILL)
    time.sleep(5)


def end_each_worker(_task: object, _stop: object) -> None:
    """End the worker."""
    os.kill(os.getpid(), signal.SIGKILL)
