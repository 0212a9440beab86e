"""Runs a graph of steps with bounded concurrency.

A failed step skips exactly what needs it; everything else goes on. Batched steps wait until
nothing else can run, so that one call carries as many of them as it may.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.execution.graph import Graph
from provisioner.execution.report import Outcome, Status
from provisioner.execution.steps import BATCH_SIZE, Step
from provisioner.execution.writer import Writer

Failures = dict[str, Diagnostic]
"""Step id to error, of the steps of one call that did not take effect."""

STOPPED = "interrupted"
"""The code of an error that says that a call was not made, since the run is to end."""

CONCURRENCY = 8
"""Calls under way at once. Low on purpose: the limit of the account is reached all the same."""


def execute(
    graph: Graph[Step],
    writer: Writer,
    *,
    concurrency: int = CONCURRENCY,
    on_outcome: Callable[[Outcome], None] = lambda _outcome: None,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, Outcome], bool]:
    """Do all steps of a graph.

    Args:
        graph: what to do.
        writer: how it is done.
        concurrency: how many calls may be under way at once.
        on_outcome: is told of each outcome as it comes, from the calling thread.
        stopping: is asked before each call; once it says yes, what is under way is finished and
            nothing new is started.

    Returns:
        Step id to outcome for every step of the graph, and whether the run was interrupted.

    Raises:
        graphlib.CycleError: the graph has a cycle; nothing was done.
    """
    return _Run(graph, writer, concurrency, on_outcome, stopping).run()


class _Run:
    def __init__(
        self,
        graph: Graph[Step],
        writer: Writer,
        concurrency: int,
        on_outcome: Callable[[Outcome], None],
        stopping: Callable[[], bool],
    ) -> None:
        self.graph = graph
        self.writer = writer
        self.concurrency = concurrency
        self.on_outcome = on_outcome
        self.stopping = stopping
        self.outcomes: dict[str, Outcome] = {}
        self.ready: deque[Step] = deque()
        self.batched: deque[Step] = deque()
        self.under_way: dict[Future[Failures], tuple[Step, ...]] = {}
        self.interrupted = False
        self.order = TopologicalSorter({node: graph.before(node) for node in sorted(graph.nodes)})

    def run(self) -> tuple[dict[str, Outcome], bool]:
        self.order.prepare()
        pool = ThreadPoolExecutor(self.concurrency)
        try:
            while self.order.is_active():
                self._collect()
                self._start(pool)
                self._finish()
        finally:
            # Not waited for: on the way out through an exception nobody wants to.
            pool.shutdown(wait=False, cancel_futures=True)
        return self.outcomes, self.interrupted

    def _collect(self) -> None:
        """Take over what has become ready."""
        for node in sorted(self.order.get_ready()):
            step = self.graph.nodes[node]
            (self.batched if step.operation.batched else self.ready).append(step)

    def _start(self, pool: ThreadPoolExecutor) -> None:
        """Start as many calls as there is room for; a call waits for nothing but the network."""
        while self.ready and len(self.under_way) < self.concurrency:
            step = self.ready.popleft()
            if not self._skip(step):
                self.under_way[pool.submit(self._write, step)] = (step,)
        while self.batched and not self.ready and len(self.under_way) < self.concurrency:
            if any(
                not step.operation.batched for steps in self.under_way.values() for step in steps
            ):
                return
            batch = tuple(
                step
                for step in (
                    self.batched.popleft() for _ in range(min(BATCH_SIZE, len(self.batched)))
                )
                if not self._skip(step)
            )
            if batch:
                self.under_way[pool.submit(self._write_batch, batch)] = batch

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
        self.interrupted = self.interrupted or self.stopping()
        return "" if self.interrupted else None

    def _write(self, step: Step) -> Failures:
        try:
            self.writer.write(step)
        except TargetError as error:
            return {step.id: error.diagnostics[0]}
        return {}

    def _write_batch(self, steps: Sequence[Step]) -> Failures:
        """Do a batch; where the target rejects it, halve it until the bad ones stand alone."""
        try:
            self.writer.write_batch(steps)
        except RejectedError as error:
            if len(steps) == 1:
                return {steps[0].id: error.diagnostics[0]}
            half = len(steps) // 2
            return self._write_batch(steps[:half]) | self._write_batch(steps[half:])
        except TargetError as error:
            return {step.id: error.diagnostics[0] for step in steps}
        return {}

    def _finish(self) -> None:
        """Wait for a call to end and record what it did."""
        if not self.under_way:
            return
        done, _ = wait(self.under_way, return_when=FIRST_COMPLETED)
        for future in done:
            steps = self.under_way.pop(future)
            for step in steps:
                self._record(self._outcome(step, future))

    def _outcome(self, step: Step, future: Future[Failures]) -> Outcome:
        fault = future.exception()
        error = _internal(fault) if fault else future.result().get(step.id)
        if error is not None and error.code == STOPPED:
            self.interrupted = True
            return Outcome(step, Status.SKIPPED)
        return Outcome(step, Status.FAILED if error else Status.APPLIED, error)

    def _record(self, outcome: Outcome) -> None:
        self.outcomes[outcome.step.id] = outcome
        self.order.done(outcome.step.id)
        self.on_outcome(outcome)


def _internal(fault: BaseException) -> Diagnostic:
    """Report a fault of the tool as the outcome of its step: the others must still be told."""
    return Diagnostic(
        code="internal",
        summary=f"{type(fault).__name__}: {fault}",
        hint="please report it with the version and the plan",
    )
