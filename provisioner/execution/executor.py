"""Runs a graph of steps with bounded concurrency.

A failed step skips exactly what needs it; everything else goes on. Batched steps wait until
nothing else can run, so that one call carries as many of them as it may.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import Protocol

from provisioner.diagnostics import (
    Diagnostic,
    ProvisionerError,
    RejectedError,
    RunStoppedError,
    TargetError,
    UnansweredError,
    fault,
)
from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import BATCH_SIZE, Step
from provisioner.execution.workers import Workers
from provisioner.execution.writer import Writer

Failures = dict[str, TargetError]
"""Step id to error, of the steps of one call that did not take effect, as far as is known."""

INTERRUPTED = Diagnostic(
    code="interrupted",
    summary="the run was interrupted",
    hint="run apply again: it does the rest",
)
"""Why no further step was started after Ctrl-C or SIGTERM."""

_GAVE_UP = Diagnostic(
    code="gave-up",
    summary="the account does not answer any more",
    hint="run apply again once it does: it does the rest",
)

CONCURRENCY = 8
"""Calls under way at once. Low on purpose: the limit of the account is reached all the same."""

_LOCKED_OUT = Diagnostic(
    code="gave-up",
    summary="the account does not accept the API key any more",
    hint="mend the key and run apply again: it does the rest",
)

NO_KEY = 401
NO_ACCESS = {NO_KEY, 403}
"""How the API refuses a key, or a key without the privilege: no row of a batch is at fault (D)."""

GIVE_UP_AFTER = 2 * CONCURRENCY
"""So many calls in a row without an answer, each tried often, and the account is taken for gone."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended.

    Attributes:
        outcomes: step id to outcome, for every step of the graph.
        stopped: why nothing new was started from some point on; None where all was tried.
    """

    outcomes: dict[str, Outcome]
    stopped: Diagnostic | None


class Observer(Protocol):
    """Is told what happens, from the calling thread. It must return soon."""

    def started(self, steps: Sequence[Step]) -> None:
        """Learn which steps are about to start.

        Raises:
            ProvisionerError: they must not start, nor any other any more.
        """
        ...

    def ended(self, outcome: Outcome) -> None:
        """Learn how a step ended."""
        ...


def execute(
    graph: Graph[Step],
    writer: Writer,
    *,
    concurrency: int = CONCURRENCY,
    observers: Sequence[Observer] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> Result:
    """Do all steps of a graph. Once a call was made, this returns what happened, whatever it is.

    Args:
        graph: what to do.
        writer: how it is done.
        concurrency: how many calls may be under way at once.
        observers: are told what happens.
        stopping: is asked before each call; once it says yes, what is under way is finished and
            nothing new is started.

    Raises:
        graphlib.CycleError: the graph has a cycle; nothing was done.
        RuntimeError: no thread can be started; nothing was done.
    """
    return _Run(graph, writer, concurrency, observers, stopping).run()


class _Run:
    def __init__(
        self,
        graph: Graph[Step],
        writer: Writer,
        concurrency: int,
        observers: Sequence[Observer],
        stopping: Callable[[], bool],
    ) -> None:
        self.graph = graph
        self.writer = writer
        self.concurrency = concurrency
        self.observers = observers
        self.stopping = stopping
        self.outcomes: dict[str, Outcome] = {}
        self.ready: deque[Step] = deque()
        self.batched: deque[Step] = deque()
        self.under_way: dict[Future[Failures], tuple[Step, ...]] = {}
        self.unanswered = 0
        self.stopped: Diagnostic | None = None
        self.order = TopologicalSorter({node: graph.before(node) for node in sorted(graph.nodes)})

    def run(self) -> Result:
        self.order.prepare()
        workers = Workers[Failures](min(self.concurrency, len(self.graph.nodes)))
        self.concurrency = workers.number
        try:
            while self.order.is_active():
                self._collect()
                self._start(workers)
                self._finish()
        except Exception as error:  # noqa: BLE001  the account may have been written to
            self.stopped = self.stopped or fault(error)
        finally:
            # The lock must not be given back while calls are under way.
            workers.close()
        self._complete()
        return Result(self.outcomes, self.stopped)

    def _complete(self) -> None:
        """Give every step an outcome that has none, since the run ended through a fault."""
        for future, steps in self.under_way.items():
            for outcome in self._outcomes(future, steps):
                if outcome.step.id not in self.outcomes:
                    self._note(outcome)
        for node in sorted(self.graph.nodes.keys() - self.outcomes.keys()):
            self._note(Outcome(self.graph.nodes[node], Status.SKIPPED))

    def _collect(self) -> None:
        """Take over what has become ready, before what was: one object is finished at a time."""
        steps = [self.graph.nodes[node] for node in sorted(self.order.get_ready())]
        self.batched.extend(step for step in steps if step.operation.batched)
        self.ready.extendleft(step for step in reversed(steps) if not step.operation.batched)

    def _start(self, workers: Workers[Failures]) -> None:
        """Start as many calls as there is room for; a call waits for nothing but the network."""
        calls = [*self._next_calls()]
        steps = [step for call in calls for step in call]
        if not steps:
            return
        try:
            for observer in self.observers:
                observer.started(steps)
        except Exception as error:  # noqa: BLE001  what nobody notes must not be started
            self.stopped = self.stopped or _finding(error)
            for step in steps:
                self._record(Outcome(step, Status.SKIPPED))
            return
        for call in calls:
            act = self._write_batch if call[0].operation.batched else self._write
            self.under_way[workers.submit(partial(act, call))] = call

    def _next_calls(self) -> Iterator[tuple[Step, ...]]:
        """Take the steps of the calls that there is room for."""
        room = self.concurrency - len(self.under_way)
        only_batches = all(call[0].operation.batched for call in self.under_way.values())
        while self.ready and room:
            step = self.ready.popleft()
            if not self._skip(step):
                room, only_batches = room - 1, False
                yield (step,)
        while self.batched and only_batches and room:
            size = min(BATCH_SIZE, len(self.batched))
            taken = [self.batched.popleft() for _ in range(size)]
            if batch := tuple(step for step in taken if not self._skip(step)):
                room -= 1
                yield batch

    def _skip(self, step: Step) -> bool:
        """Record a step that can't be done as skipped, and tell whether it was."""
        cause = self._cause(step.id)
        if cause is not None:
            self._record(Outcome(step, Status.SKIPPED, because=cause))
        return cause is not None

    def _cause(self, node: str) -> str | None:
        """Return why a step can't be done: the failed step at the root of it, or an interrupt."""
        for needed in sorted(self.graph.needs.get(node, ())):
            outcome = self.outcomes[needed]
            if outcome.status is Status.FAILED:
                return needed
            if outcome.status is Status.SKIPPED:
                return outcome.because
        if self.stopped is None and self.stopping():
            self.stopped = INTERRUPTED
        return "" if self.stopped else None

    def _write(self, steps: Sequence[Step]) -> Failures:
        (step,) = steps
        try:
            self.writer.write(step)
        except TargetError as error:
            return {step.id: error}
        return {}

    def _write_batch(self, steps: Sequence[Step]) -> Failures:
        """Do a batch; where the target rejects it, halve it until the bad ones stand alone."""
        try:
            self.writer.write_batch(steps)
        except RejectedError as error:
            if error.status in NO_ACCESS:
                return dict.fromkeys((step.id for step in steps), error)
            if len(steps) == 1:
                return {steps[0].id: error}
            half = len(steps) // 2
            return self._write_batch(steps[:half]) | self._write_batch(steps[half:])
        except TargetError as error:
            return dict.fromkeys((step.id for step in steps), error)
        return {}

    def _finish(self) -> None:
        """Wait for a call to end and record what it did."""
        if not self.under_way:
            return
        done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
        for future in done:
            for outcome in self._outcomes(future, self.under_way[future]):
                self._record(outcome)
            del self.under_way[future]

    def _outcomes(self, future: Future[Failures], steps: tuple[Step, ...]) -> list[Outcome]:
        """Return what the steps of a call did that has ended."""
        error = future.exception()
        failures = {} if error else future.result()
        self._count_unanswered(failures)
        return [self._outcome(step, error or failures.get(step.id)) for step in steps]

    def _count_unanswered(self, failures: Failures) -> None:
        """Give up where no call is answered any more: the rest would only take its time to fail."""
        errors = failures.values()
        silent = any(isinstance(error, UnansweredError) for error in errors)
        self.unanswered = self.unanswered + 1 if silent else 0
        if self.stopped is None and self.unanswered >= GIVE_UP_AFTER:
            self.stopped = _GAVE_UP
        refused = (error.status for error in errors if isinstance(error, RejectedError))
        if self.stopped is None and NO_KEY in refused:
            self.stopped = _LOCKED_OUT

    def _outcome(self, step: Step, error: BaseException | None) -> Outcome:
        if error is None:
            return Outcome(step, Status.APPLIED)
        if not isinstance(error, TargetError):
            return Outcome(step, Status.FAILED, fault(error), uncertain=True)
        if isinstance(error, RunStoppedError):
            self.stopped = self.stopped or INTERRUPTED
            if not error.uncertain:
                return Outcome(step, Status.SKIPPED)
        return Outcome(step, Status.FAILED, error.diagnostics[0], uncertain=error.uncertain)

    def _record(self, outcome: Outcome) -> None:
        self.order.done(outcome.step.id)
        self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        """Keep an outcome and show it to the observers; one that fails stops the run."""
        self.outcomes[outcome.step.id] = outcome
        for observer in self.observers:
            try:
                observer.ended(outcome)
            except Exception as error:  # noqa: BLE001  the outcome is true all the same
                self.stopped = self.stopped or fault(error)


def _finding(error: Exception) -> Diagnostic:
    return error.diagnostics[0] if isinstance(error, ProvisionerError) else fault(error)
