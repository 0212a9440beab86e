"""Order, failure, batches and interrupts, with a writer that keeps a diary."""

import threading
from collections.abc import Callable, Mapping, Sequence

import pytest

from provisioner.diagnostics import (
    Diagnostic,
    ProvisionerError,
    RejectedError,
    RunStoppedError,
    TargetError,
    UnansweredError,
)
from provisioner.execution.executor import INTERRUPTED, execute
from provisioner.execution.operations import Operation
from provisioner.execution.report import Outcome, Status
from provisioner.execution.run_control import RunControl
from provisioner.execution.step_graph import Graph
from provisioner.execution.steps import Step
from provisioner.execution.workers import CONCURRENCY
from provisioner.live.recorded_facts import RecordedFacts


class Diary:
    """A writer that notes what it is asked to do, and fails on demand."""

    batch_size = 200
    facts = RecordedFacts()
    restored: Mapping[str, str] = {}

    def __init__(self, fails: Callable[[Step], Exception | None] = lambda _step: None) -> None:
        self.fails = fails
        self.calls: list[list[str]] = []
        self.lock = threading.Lock()

    def write(self, step: Step) -> None:
        self.write_batch([step])

    def write_batch(self, steps: Sequence[Step]) -> None:
        with self.lock:
            self.calls.append([step.id for step in steps])
        for step in steps:
            if error := self.fails(step):
                raise error


class Watcher:
    """An observer that records events, and forbids one step."""

    def __init__(self, forbids: str = "") -> None:
        self.forbids = forbids
        self.events: list[str] = []

    def started(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step.id == self.forbids:
                finding = Diagnostic(code="run-record-unwritable", summary="no room")
                raise ProvisionerError(finding)
            self.events.append(f"start {step.id}")

    def ended(self, outcome: Outcome) -> None:
        self.events.append(f"end {outcome.step.id}")


def graph(
    needs: dict[str, set[str]], after: dict[str, set[str]] | None = None, batched: str = ""
) -> Graph[Step]:
    after = after or {}
    names = set(needs).union(*needs.values(), after, *after.values())
    operations = {True: Operation.SET_SERVICE, False: Operation.UPDATE_AGENT}
    return Graph(
        {name: Step(name, operations[name[0] in batched]) for name in names},
        {name: frozenset(others) for name, others in needs.items()},
        {name: frozenset(others) for name, others in after.items()},
    )


def refuse(*names: str) -> Callable[[Step], Exception | None]:
    finding = Diagnostic(code="target-error", summary="no")
    return lambda step: RejectedError(finding, 400) if step.id in names else None


def test_a_step_waits_for_what_it_needs() -> None:
    diary = Diary()
    result = execute(graph({"c": {"b"}, "b": {"a"}, "a": set()}), diary)
    outcomes, interrupted = result.outcomes, result.stopped is INTERRUPTED
    assert diary.calls == [["a"], ["b"], ["c"]]
    assert {outcome.status for outcome in outcomes.values()} == {Status.APPLIED}
    assert not interrupted


def test_a_failed_step_skips_exactly_what_needs_it_and_names_the_root() -> None:
    work = graph({"b": {"a"}, "c": {"b"}, "d": {"x"}, "a": set()}, after={"e": {"a"}})
    outcomes = execute(work, Diary(refuse("a"))).outcomes
    ended = {name: (outcome.status, outcome.because) for name, outcome in outcomes.items()}
    assert ended == {
        "a": (Status.FAILED, ""),
        "b": (Status.SKIPPED, "a"),
        "c": (Status.SKIPPED, "a"),
        "d": (Status.APPLIED, ""),
        "e": (Status.APPLIED, ""),
        "x": (Status.APPLIED, ""),
    }


def test_batched_steps_go_out_together_after_everything_else() -> None:
    count = Diary.batch_size + 1
    needs: dict[str, set[str]] = {f"s{number:03}": {"a"} for number in range(count)}
    diary = Diary()
    execute(graph({**needs, "b": {"a"}, "c": {"b"}}, batched="s"), diary, concurrency=1)
    sizes = [len(call) for call in diary.calls]
    assert sizes == [1, 1, 1, Diary.batch_size, 1]


def test_a_rejected_batch_is_halved_until_the_bad_step_stands_alone() -> None:
    work = graph({name: set() for name in ("s1", "s2", "s3", "s4")}, batched="s")
    diary = Diary(refuse("s3"))
    outcomes = execute(work, diary).outcomes
    failed = {name for name, outcome in outcomes.items() if outcome.status is Status.FAILED}
    assert failed == {"s3"}
    assert ["s3"] in diary.calls
    assert ["s1", "s2"] in diary.calls


def test_a_batch_without_an_answer_fails_as_a_whole() -> None:
    gone = TargetError(Diagnostic(code="target-unreachable", summary="gone"))
    diary = Diary(lambda _step: gone)
    outcomes = execute(graph({"s1": set(), "s2": set()}, batched="s"), diary).outcomes
    assert [outcome.error for outcome in outcomes.values()] == [gone.diagnostics[0]] * 2
    assert len(diary.calls) == 1


def test_a_fault_of_the_tool_fails_its_step_and_not_the_report() -> None:
    outcomes = execute(
        graph({"a": set(), "b": set()}),
        Diary(lambda step: ZeroDivisionError("oops") if step.id == "a" else None),
    ).outcomes
    error = outcomes["a"].error
    assert error is not None
    assert (error.code, error.summary) == ("internal", "ZeroDivisionError: oops")
    assert outcomes["b"].status is Status.APPLIED


def test_after_an_interrupt_nothing_new_starts() -> None:
    stop = threading.Event()

    def interrupt(_step: Step) -> None:
        stop.set()

    work = graph({"b": {"a"}, "s1": {"a"}, "a": set()}, batched="s")
    result = execute(work, Diary(interrupt), RunControl(is_stopping=stop.is_set))
    outcomes, interrupted = result.outcomes, result.stopped is INTERRUPTED
    ended = {name: (outcome.status, outcome.because) for name, outcome in outcomes.items()}
    assert interrupted
    assert ended == {
        "a": (Status.APPLIED, ""),
        "b": (Status.SKIPPED, ""),
        "s1": (Status.SKIPPED, ""),
    }


def test_waiting_batches_are_skipped_when_the_run_is_interrupted() -> None:
    stop = threading.Event()

    def interrupt(_step: Step) -> None:
        stop.set()

    work = graph({"a": set(), "s1": set()}, batched="s")
    outcomes = execute(work, Diary(interrupt), RunControl(is_stopping=stop.is_set)).outcomes
    assert outcomes["s1"].status is Status.SKIPPED


def test_each_outcome_is_told_as_it_comes() -> None:
    watcher = Watcher()
    execute(graph({"b": {"a"}}), Diary(), RunControl(observers=[watcher]))
    assert watcher.events == ["start a", "end a", "start b", "end b"]


def test_what_an_observer_forbids_is_not_started() -> None:
    diary = Diary()
    result = execute(graph({"b": {"a"}}), diary, RunControl(observers=[Watcher(forbids="b")]))
    assert diary.calls == [["a"]]
    assert result.outcomes["b"].status is Status.SKIPPED
    assert result.stopped is not None
    assert result.stopped.summary == "no room"


def test_an_object_is_finished_before_the_next_begins() -> None:
    diary = Diary()
    steps = {f"a{part}": {f"a{part - 1}"} for part in (1, 2)} | {"b1": {"b0"}}
    execute(graph(steps), diary, concurrency=1)
    assert [name for call in diary.calls for name in call] == ["a0", "a1", "a2", "b0", "b1"]


@pytest.mark.parametrize("concurrency", [1, CONCURRENCY, 20])
def test_an_account_that_answers_nothing_any_more_is_given_up(concurrency: int) -> None:
    silent = UnansweredError(Diagnostic(code="target-unreachable", summary="gone"))
    silent.uncertain = True
    diary = Diary(lambda _step: silent)
    steps: dict[str, set[str]] = {f"s{number}": set() for number in range(100)}
    result = execute(graph(steps), diary, concurrency=concurrency)
    assert 2 * concurrency <= len(diary.calls) < 3 * concurrency
    assert result.stopped is not None
    assert result.stopped.code == "gave-up"
    failed = [outcome for outcome in result.outcomes.values() if outcome.error]
    assert all(outcome.uncertain for outcome in failed)
    assert len(result.outcomes) == 100


def test_a_stop_is_asked_before_each_call_however_many_steps_are_ready() -> None:
    stop = threading.Event()

    def interrupt(_step: Step) -> None:
        stop.set()

    diary = Diary(interrupt)
    steps: dict[str, set[str]] = {f"a{number}": set() for number in range(10 * CONCURRENCY)}
    outcomes = execute(graph(steps), diary, RunControl(is_stopping=stop.is_set)).outcomes
    assert len(diary.calls) <= CONCURRENCY
    assert len(outcomes) == len(steps)


def test_a_call_that_was_not_made_because_the_run_ends_is_skipped() -> None:
    unsent = RunStoppedError()
    result = execute(graph({"b": {"a"}}), Diary(lambda _step: unsent))
    outcomes, interrupted = result.outcomes, result.stopped is INTERRUPTED
    assert interrupted
    assert [outcome.status for outcome in outcomes.values()] == [Status.SKIPPED, Status.SKIPPED]


def test_a_run_that_ends_by_itself_gives_its_reason() -> None:
    lost = Diagnostic(code="lock-lost", summary="the shared lock is lost")
    result = execute(graph({"a": set()}), Diary(lambda _step: RunStoppedError(lost)))
    assert result.stopped == lost
    assert result.outcomes["a"].status is Status.SKIPPED
