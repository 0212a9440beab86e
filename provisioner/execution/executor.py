"""Runs a graph of steps with bounded concurrency.

A failed step skips exactly what needs it; everything else goes on. Batched steps wait until
nothing else can run, so that one call carries as many of them as it may.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Protocol

from provisioner.diagnostics import (
    Diagnostic,
    ProvisionerError,
    RejectedError,
    TargetError,
    UnansweredError,
)
from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import BATCH_SIZE, Step
from provisioner.execution.writer import Writer

Failures = dict[str, TargetError]
"""Step id to error, of the steps of one call that did not take effect, as far as is known."""

INTERRUPTED = Diagnostic(
    code="interrupted",
    summary="the run was interrupted",
    hint="run apply again: it does the rest",
)
"""Why nothing new is started any more; a call that was not made for it has the same code."""

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
    """Do all steps of a graph.

    Args:
        graph: what to do.
        writer: how it is done.
        concurrency: how many calls may be under way at once.
        observers: are told what happens.
        stopping: is asked before each call; once it says yes, what is under way is finished and
            nothing new is started.

    Raises:
        graphlib.CycleError: the graph has a cycle; nothing was done.
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
        pool = ThreadPoolExecutor(self.concurrency)
        try:
            while self.order.is_active():
                self._collect()
                self._start(pool)
                self._finish()
        finally:
            # Even on the way out through a fault: whoever holds the lock must not let it go while
            # calls are under way.
            pool.shutdown(wait=True, cancel_futures=True)
        return Result(self.outcomes, self.stopped)

    def _collect(self) -> None:
        """Take over what has become ready, before what was: one object is finished at a time."""
        steps = [self.graph.nodes[node] for node in sorted(self.order.get_ready())]
        self.batched.extend(step for step in steps if step.operation.batched)
        self.ready.extendleft(step for step in reversed(steps) if not step.operation.batched)

    def _start(self, pool: ThreadPoolExecutor) -> None:
        """Start as many calls as there is room for; a call waits for nothing but the network."""
        calls = [*self._next_calls()]
        steps = [step for call in calls for step in call]
        if not steps:
            return
        try:
            for observer in self.observers:
                observer.started(steps)
        except ProvisionerError as error:
            self.stopped = self.stopped or error.diagnostics[0]
            for step in steps:
                self._record(Outcome(step, Status.SKIPPED))
            return
        for call in calls:
            act = self._write_batch if call[0].operation.batched else self._write
            self.under_way[pool.submit(act, call)] = call

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
            steps = self.under_way.pop(future)
            fault = future.exception()
            failures = {} if fault else future.result()
            self._count_unanswered(failures)
            for step in steps:
                self._record(self._outcome(step, fault or failures.get(step.id)))

    def _count_unanswered(self, failures: Failures) -> None:
        """Give up where no call is answered any more: the rest would only take its time to fail."""
        errors = failures.values()
        silent = any(isinstance(error, UnansweredError) for error in errors)
        self.unanswered = self.unanswered + 1 if silent else 0
        if self.stopped is None and self.unanswered >= GIVE_UP_AFTER:
            self.stopped = _GAVE_UP
        if self.stopped is None and any(_is_locked_out(error) for error in errors):
            self.stopped = _LOCKED_OUT

    def _outcome(self, step: Step, fault: BaseException | None) -> Outcome:
        if fault is None:
            return Outcome(step, Status.APPLIED)
        if not isinstance(fault, TargetError):
            return Outcome(step, Status.FAILED, _internal(fault), uncertain=True)
        error = fault.diagnostics[0]
        if error.code == INTERRUPTED.code:
            self.stopped = self.stopped or INTERRUPTED
            if not fault.uncertain:
                return Outcome(step, Status.SKIPPED)
        return Outcome(step, Status.FAILED, error, uncertain=fault.uncertain)

    def _record(self, outcome: Outcome) -> None:
        self.outcomes[outcome.step.id] = outcome
        self.order.done(outcome.step.id)
        for observer in self.observers:
            observer.ended(outcome)


def _is_locked_out(error: TargetError) -> bool:
    return isinstance(error, RejectedError) and error.status == NO_KEY


def _internal(fault: BaseException) -> Diagnostic:
    """Report a fault of the tool as the outcome of its step: the others must still be told."""
    return Diagnostic(
        code="internal",
        summary=f"{type(fault).__name__}: {fault}",
        hint="please report it with the version and the plan",
    )
