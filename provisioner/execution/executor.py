"""Runs the steps of a graph, several at a time.

A failed step skips only the steps that need it; all others run. Batched steps of the same look go
out together right after it; other batched steps wait until no other step can run, so that one call
carries as many of them as possible.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from itertools import groupby
from operator import attrgetter

from provisioner.diagnostics import (
    Diagnostic,
    ProvisionerError,
    RejectedError,
    RunStoppedError,
    TargetError,
    UnansweredError,
    fault,
)
from provisioner.execution.report import Outcome, Status
from provisioner.execution.run_control import UNCONTROLLED, RunControl, Writer
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.execution.workers import CONCURRENCY, Workers

Failures = dict[str, TargetError]
"""Step id to error, for the steps of one call that failed or may have failed."""

INTERRUPTED = Diagnostic(
    code="interrupted",
    summary="the run was interrupted",
)
"""The reason to stop after Ctrl-C or SIGTERM."""

_NO_ANSWERS = Diagnostic(
    code="gave-up",
    summary="the account no longer answers",
    hint="wait until it answers",
)

_KEY_REJECTED = Diagnostic(
    code="gave-up",
    summary="the account no longer accepts the API key",
    hint="correct the key",
)

INVALID_KEY = 401
KEY_REFUSALS = {INVALID_KEY, 403}
"""Statuses for a wrong key and for a key without the privilege. They never mean that a single row
of a batch is wrong (D)."""

UNANSWERED_EACH = 2
"""Stop the run after this many unanswered calls in a row for each call at a time. Each of them was
retried."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of running a graph.

    Attributes:
        outcomes: mapping from step id to outcome, for every step of the graph.
        stopped: why the run stopped starting steps; None if it tried all of them.
    """

    outcomes: dict[str, Outcome]
    stopped: Diagnostic | None


def execute(
    graph: Graph[Step],
    writer: Writer,
    control: RunControl = UNCONTROLLED,
    *,
    concurrency: int = CONCURRENCY,
) -> Result:
    """Run all steps of a graph and return their outcomes, even if the run stops early.

    At most `concurrency` calls run at a time.

    Raises:
        graphlib.CycleError: the graph has a cycle; no step was started.
        RuntimeError: no thread can be started; no step was started.
    """
    return _Execution(graph, writer, control, concurrency).run()


class _Execution:
    """The state of one run of a graph.

    Attributes:
        outcomes: mapping from step id to outcome, of the steps that have ended.
        looked: calls that can start now and rely on a look of another step, with their steps. They
            start before all others, since looks get old.
        ready: other calls that can start now.
        batched: steps that can start now, to be sent in batches.
        running: the calls that are running, with their steps.
        unanswered: how many calls in a row had no answer.
        stopped: why no further step starts; None while steps may start.
        order: returns each step when all steps before it have ended.
    """

    def __init__(
        self, graph: Graph[Step], writer: Writer, control: RunControl, concurrency: int
    ) -> None:
        self.graph = graph
        self.writer = writer
        self.control = control
        self.concurrency = concurrency
        self.outcomes: dict[str, Outcome] = {}
        self.looked: deque[tuple[Step, ...]] = deque()
        self.ready: deque[tuple[Step, ...]] = deque()
        self.batched: deque[Step] = deque()
        self.running: dict[Future[Failures], tuple[Step, ...]] = {}
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
            # The caller releases the lock of the target, so no call may be running after this.
            workers.close()
        self._complete()
        return Result(self.outcomes, self.stopped)

    def _complete(self) -> None:
        """Give an outcome to each step without one, after an error in the executor itself."""
        for future, steps in self.running.items():
            for outcome in self._outcomes(future, steps):
                if outcome.step.id not in self.outcomes:
                    self._store(outcome)
        for node in sorted(self.graph.nodes.keys() - self.outcomes.keys()):
            self._store(Outcome(self.graph.nodes[node], Status.SKIPPED))

    def _collect(self) -> None:
        """Queue steps that have become ready before all others, to finish object by object."""
        steps = [self.graph.nodes[node] for node in sorted(self.order.get_ready())]
        self.batched.extend(step for step in steps if step.operation.batched and not step.look)
        looked = [step for step in steps if step.operation.batched and step.look]
        calls: list[tuple[Step, ...]] = [(step,) for step in steps if not step.operation.batched]
        by_look = attrgetter("look")
        for _, group in groupby(sorted(looked, key=by_look), key=by_look):
            own = [*group]
            size = self.writer.batch_size
            calls += (tuple(own[start : start + size]) for start in range(0, len(own), size))
        for call in reversed(calls):
            (self.looked if call[0].look else self.ready).appendleft(call)

    def _start(self, workers: Workers[Failures]) -> None:
        """Start as many calls as `concurrency` allows."""
        calls = [*self._next_calls()]
        steps = [step for call in calls for step in call]
        if not steps:
            return
        try:
            for observer in self.control.observers:
                observer.started(steps)
        except Exception as error:  # noqa: BLE001  a step that can't be recorded must not start
            self.stopped = self.stopped or _diagnostic(error)
            for step in steps:
                self._record(Outcome(step, Status.SKIPPED))
            return
        for call in calls:
            write = self._write_batch if call[0].operation.batched else self._write
            self.running[workers.submit(partial(write, call))] = call

    def _next_calls(self) -> Iterator[tuple[Step, ...]]:
        """Take steps from the queues, and yield the steps of each call to start."""
        room = self.concurrency - len(self.running)
        only_batches = all(call[0].operation.batched for call in self.running.values())
        while (queue := self.looked or self.ready) and room:
            if call := self._without_skipped(queue.popleft()):
                room, only_batches = room - 1, False
                yield call
        while self.batched and only_batches and room:
            size = min(self.writer.batch_size, len(self.batched))
            if call := self._without_skipped([self.batched.popleft() for _ in range(size)]):
                room -= 1
                yield call

    def _without_skipped(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        return tuple(step for step in steps if not self._skip(step))

    def _skip(self, step: Step) -> bool:
        """Return whether a step has to be skipped; if so, record it as skipped."""
        cause = self._cause(step.id)
        if cause is not None:
            self._record(Outcome(step, Status.SKIPPED, because=cause))
        return cause is not None

    def _cause(self, node: str) -> str | None:
        """Return why a step must not start.

        Returns:
            The id of the failed step that it depends on; "" if the run stops; None if it may start.
        """
        for needed in sorted(self.graph.needs.get(node, ())):
            outcome = self.outcomes[needed]
            if outcome.status is Status.FAILED:
                return needed
            if outcome.status is Status.SKIPPED:
                return outcome.because
        if self.stopped is None and self.control.is_stopping():
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
        """Write a batch. If the account rejects it, split it in halves to isolate the bad rows."""
        try:
            self.writer.write_batch(steps)
        except RejectedError as error:
            if error.status in KEY_REFUSALS:
                return dict.fromkeys((step.id for step in steps), error)
            if len(steps) == 1:
                return {steps[0].id: error}
            half = len(steps) // 2
            return self._write_batch(steps[:half]) | self._write_batch(steps[half:])
        except TargetError as error:
            return dict.fromkeys((step.id for step in steps), error)
        return {}

    def _finish(self) -> None:
        """Wait until a call ends, and record the outcomes of its steps."""
        if not self.running:
            return
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        for future in done:
            for outcome in self._outcomes(future, self.running[future]):
                self._record(outcome)
            del self.running[future]

    def _outcomes(self, future: Future[Failures], steps: tuple[Step, ...]) -> list[Outcome]:
        """Return the outcomes of the steps of a finished call."""
        error = future.exception()
        failures = {} if error else future.result()
        self._stop_if_unusable(failures)
        return [self._outcome(step, error or failures.get(step.id)) for step in steps]

    def _stop_if_unusable(self, failures: Failures) -> None:
        """Stop the run if the account no longer answers, or no longer accepts the key."""
        errors = failures.values()
        unanswered = any(isinstance(error, UnansweredError) for error in errors)
        self.unanswered = self.unanswered + 1 if unanswered else 0
        if self.stopped is None and self.unanswered >= UNANSWERED_EACH * self.concurrency:
            self.stopped = _NO_ANSWERS
        refused = (error.status for error in errors if isinstance(error, RejectedError))
        if self.stopped is None and INVALID_KEY in refused:
            self.stopped = _KEY_REJECTED

    def _outcome(self, step: Step, error: BaseException | None) -> Outcome:
        if error is None:
            return Outcome(step, Status.APPLIED)
        if not isinstance(error, TargetError):
            return Outcome(step, Status.FAILED, fault(error), uncertain=True)
        if isinstance(error, RunStoppedError):
            self.stopped = self.stopped or error.why or INTERRUPTED
            if not error.uncertain:
                return Outcome(step, Status.SKIPPED)
        return Outcome(step, Status.FAILED, error.diagnostics[0], uncertain=error.uncertain)

    def _record(self, outcome: Outcome) -> None:
        self.order.done(outcome.step.id)
        self._store(outcome)

    def _store(self, outcome: Outcome) -> None:
        """Store an outcome and pass it to the observers; an observer that fails stops the run."""
        self.outcomes[outcome.step.id] = outcome
        for observer in self.control.observers:
            try:
                observer.ended(outcome)
            except Exception as error:  # noqa: BLE001  the outcome is true even if this fails
                self.stopped = self.stopped or fault(error)


def _diagnostic(error: Exception) -> Diagnostic:
    return error.diagnostics[0] if isinstance(error, ProvisionerError) else fault(error)
