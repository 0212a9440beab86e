"""The Dask engine: it runs tasks on the workers of a scheduler, on any machines.

Dask repeats a task if its worker is lost. A task that must not be repeated asks the scheduler
before its work begins whether it has begun before.
"""

import logging
import queue
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from uuid import uuid4

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.fleet.engines.local import Finished
from provisioner.redaction import redact

if TYPE_CHECKING:
    from distributed import Client, Future

    AnyFuture: TypeAlias = Future[Any]

Task = TypeVar("Task")
Result = TypeVar("Result")

SCHEME = "dask://"

CONNECT_SECONDS = 10.0
"""The time that a scheduler has to answer."""

WATCH_SECONDS = 2.0
"""How often the workers are counted while no result comes."""

WITHOUT_WORKERS = 15
"""The number of such counts without any worker after which all tasks are lost."""

RESULT_SECONDS = 60.0
"""The time in which the result of a task that has ended must come."""

NO_WORKERS = "the scheduler has no workers any more"
SCHEDULER_LOST = "the connection to the scheduler was lost"

_DISTRIBUTION = "liveagent-provisioner"
_SAME = ("distributed", _DISTRIBUTION)
_one_at_a_time = threading.Lock()


class BegunBeforeError(Exception):
    """The task has begun on another worker, which was lost."""


@dataclass(frozen=True, slots=True)
class _Call:
    """The work of a worker.

    Attributes:
        function: the function.
        task: its argument.
        once: the name of the mark that it has begun; "" if it may be repeated.
    """

    function: Callable[[Any], Any]
    task: Any
    once: str


def run_dask(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    jobs: int,
    address: str,
    *,
    repeatable: bool,
) -> Iterator[Finished[Task, Result]]:
    """Run a function on each task, and yield the tasks as they end.

    Tasks are taken when a worker is free, as by `run_local`.

    Args:
        function: a function of a module that the workers have, too.
        tasks: the tasks; function, tasks and results can be pickled.
        jobs: the most tasks that are sent and have not ended.
        address: the address of the scheduler, such as `dask://127.0.0.1:8786`.
        repeatable: whether a task is repeated on another worker if its worker is lost. A task
            that is not has no result then.

    Raises:
        TargetError: the scheduler can't be used.
    """
    with _connected(address) as client:
        yield from _Run(client, function, repeatable=repeatable).run(iter(tasks), jobs)


class _Run:
    """The tasks that are on the way."""

    def __init__(
        self, client: "Client", function: Callable[[Any], Any], *, repeatable: bool
    ) -> None:
        self._client = client
        self._function = function
        self._repeatable = repeatable
        self._ended: queue.Queue[AnyFuture] = queue.Queue()
        self._begun: dict[str, tuple[AnyFuture, _Call]] = {}
        self._marks: list[str] = []
        self._without_workers = 0

    def run(self, tasks: Iterator[Any], jobs: int) -> Iterator[Finished[Any, Any]]:
        most = min(jobs, 2 * len(_workers(self._client)))
        try:
            while not (lost := self._lost()):
                while len(self._begun) < most and (task := next(tasks, self)) is not self:
                    self._begin(task)
                if not self._begun:
                    return
                if (future := self._next()) is not None:
                    yield self._finished(future)
            for _future, call in self._begun.values():
                yield Finished(call.task, None, lost)
            for task in tasks:
                yield Finished(task, None, lost)
        finally:
            with suppress(Exception):  # without a scheduler
                self._client.cancel([future for future, _call in self._begun.values()])
                self._forget_marks()

    def _lost(self) -> str:
        """Return why no task can be done any more; "" if it can."""
        if self._client.status == "closed":
            return SCHEDULER_LOST
        return NO_WORKERS if self._without_workers >= WITHOUT_WORKERS else ""

    def _begin(self, task: Any) -> None:
        key = f"account-{uuid4().hex}"
        call = _Call(self._function, task, "" if self._repeatable else key)
        future = self._client.submit(_work, call, key=key, pure=False, retries=0)
        self._begun[key] = (future, call)
        future.add_done_callback(self._ended.put)

    def _next(self) -> "AnyFuture | None":
        """Return a task that has ended; None if none has in the time between two counts."""
        with suppress(queue.Empty):
            future = self._ended.get(timeout=WATCH_SECONDS)
            return future if future.key in self._begun else None
        # The end of the connection ends tasks without a call.
        ended = (future for future, _call in self._begun.values() if future.done())
        try:
            workers = _workers(self._client)
        except Exception:  # noqa: BLE001  the scheduler is lost
            workers = {}
        self._without_workers = 0 if workers else self._without_workers + 1
        return next(ended, None)

    def _finished(self, future: "AnyFuture") -> Finished[Any, Any]:
        _, call = self._begun.pop(str(future.key))
        try:
            result = future.result(timeout=RESULT_SECONDS)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            with suppress(Exception):  # without a scheduler
                self._client.cancel([future])
            return Finished(call.task, None, _reason(error))
        if call.once:
            self._marks.append(call.once)
        return Finished(call.task, result)

    def _forget_marks(self) -> None:
        """Remove the marks of tasks with a result; a lost one keeps its mark."""
        from distributed import Event  # noqa: PLC0415

        for name in self._marks:
            Event(name, client=self._client).clear()


def _work(call: _Call) -> Any:
    """Run the function; the whole work of a worker. A process works on one task at a time."""
    if call.once:
        from distributed import Event, get_client  # noqa: PLC0415

        mark = Event(call.once, client=get_client())
        if mark.is_set():
            raise BegunBeforeError
        mark.set()
    with _one_at_a_time:
        return call.function(call.task)


def _reason(error: BaseException) -> str:
    """Return why a task has no result."""
    from distributed import CancelledError, KilledWorker  # noqa: PLC0415

    if isinstance(error, BegunBeforeError | KilledWorker):
        return "the connection to its worker was lost"
    if isinstance(error, CancelledError):
        return SCHEDULER_LOST
    text = redact(str(error)).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _workers(client: "Client") -> dict[str, Any]:
    return dict(client.scheduler_info(n_workers=-1).get("workers") or {})


@contextmanager
def _connected(address: str) -> Iterator["Client"]:
    """Connect to a scheduler, and check it.

    Raises:
        TargetError: it can't be reached, has no workers, or another version is there.
    """
    try:
        # Imported here: only this engine needs the packages of the extra.
        import dask.config  # noqa: PLC0415
        from distributed import Client  # noqa: PLC0415
    except ImportError as error:
        hint = f"pip install -U '{_DISTRIBUTION}[fleet]'"
        raise _unavailable("the Dask engine is not installed", hint) from error
    # Its messages repeat what the report has.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    is_encrypted = dask.config.get("distributed.comm.tls.ca-file", None)
    place = address.removeprefix(SCHEME)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are checked below
            client = Client(
                f"{'tls' if is_encrypted else 'tcp'}://{place}",
                timeout=CONNECT_SECONDS,
                set_as_default=False,
            )
    except Exception as error:
        summary = f"no Dask scheduler answered at {address}"
        hint = "start it, or correct the address; see docs/fleets.md"
        raise _unavailable(summary, hint) from error
    try:
        _check(client, address)
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT_SECONDS)


def _check(client: "Client", address: str) -> None:
    try:
        workers = _workers(client)
        versions: Any = client.get_versions(packages=[_DISTRIBUTION])
    except Exception as error:
        summary = f"the Dask scheduler at {address} does not answer as one of this version"
        raise _unavailable(summary, "install the same version of distributed everywhere") from error
    if not workers:
        summary = f"the Dask scheduler at {address} has no workers"
        raise _unavailable(summary, f"start some: dask worker {address.removeprefix(SCHEME)}")
    own = _packages(versions["client"])
    places = {"the scheduler": versions["scheduler"]}
    places |= {f"the worker {name}": one for name, one in sorted(versions["workers"].items())}
    for place, there in places.items():
        other = _packages(there)
        for package in ("python", *_SAME) if place != "the scheduler" else ("python", _SAME[0]):
            if own[package] != other[package]:
                summary = f"{place} has {package} {other[package]}, and here is {own[package]}"
                raise _unavailable(summary, "install the same version everywhere")


def _packages(versions: Any) -> dict[str, str]:
    """Return package to version; of Python, only the part that decides what can be read."""
    packages = {name: str(version) for name, version in versions["packages"].items()}
    packages["python"] = ".".join(packages["python"].split(".")[:2])
    return {name: packages.get(name, "None") for name in ("python", *_SAME)}


def _unavailable(summary: str, hint: str) -> TargetError:
    return TargetError(Diagnostic(code="engine-unavailable", summary=summary, hint=hint))
