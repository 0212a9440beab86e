"""Runs a graph of steps with bounded concurrency.

A failed step skips exactly what needs it; everything else goes on. Batched steps wait until
nothing else can run, so that one call carries as many of them as it may.
"""

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
        stopping: is asked before each start; once it says yes, what is under way is finished
            and nothing new is started.

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
        self.waiting: list[Step] = []
        self.under_way: dict[Future[Failures], tuple[Step, ...]] = {}
        self.interrupted = False
        self.order = TopologicalSorter({node: graph.before(node) for node in sorted(graph.nodes)})

    def run(self) -> tuple[dict[str, Outcome], bool]:
        self.order.prepare()
        with ThreadPoolExecutor(self.concurrency) as pool:
            while self.order.is_active():
                self._start(pool)
                self._finish()
        return self.outcomes, self.interrupted

    def _start(self, pool: ThreadPoolExecutor) -> None:
        """Start what is ready, or skip it where something it needs has failed."""
        for node in sorted(self.order.get_ready()):
            step = self.graph.nodes[node]
            if self._skip(step):
                continue
            if step.operation.batched:
                self.waiting.append(step)
            else:
                self.under_way[pool.submit(self._write, step)] = (step,)
        if self.waiting and not self.under_way:
            ready = [step for step in self.waiting if not self._skip(step)]
            self.waiting = []
            for at in range(0, len(ready), BATCH_SIZE):
                batch = tuple(ready[at : at + BATCH_SIZE])
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
