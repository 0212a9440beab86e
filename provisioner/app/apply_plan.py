"""Carrying a plan out, and reading back whether it took.

An account can report success and change nothing, so every change is compared with a second
reading in bulk. What a change did not ask for is not looked at: somebody else may be at work.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.address import Kind
from provisioner.app.make_plan import read_back, written_hours
from provisioner.diagnostics import Diagnostic, ProvisionerError, RunStoppedError, fault
from provisioner.execution.executor import Observer, execute
from provisioner.execution.polling import until
from provisioner.execution.report import Report, Status, Untaken
from provisioner.execution.step_graph import build_graph
from provisioner.execution.writer import Writer
from provisioner.live.reader_protocol import Reader
from provisioner.live.state import LiveObject, LiveState
from provisioner.planning.changes import Action, Change, at
from provisioner.planning.plans.basis import Basis
from provisioner.planning.plans.plan_data import Plan

FIRST_WAIT_SECONDS = 1.0
"""How long is waited before an account is read back again that does not show what was written."""


def apply_plan(
    plan: Plan,
    basis: Basis,
    *,
    reader: Reader,
    writer: Writer,
    observers: Sequence[Observer] = (),
    stopping: Callable[[], bool] = lambda: False,
    pause: Callable[[float], None],
    tell: Callable[[str], None] = lambda _text: None,
) -> Report:
    """Apply a plan and verify it.

    Args:
        plan: the plan; nothing else says what is done.
        basis: what it relies on.
        reader: reads the account back.
        writer: does the steps.
        observers: are told what happens.
        stopping: once it says yes, nothing new is started.
        pause: waits for seconds, for an account that shows what was written only later.
        tell: is told what takes its time behind the last step.

    Raises:
        RuntimeError: no thread can be started; nothing was done.
    """
    changes = plan.effective
    result = execute(build_graph(changes), writer, observers=observers, stopping=stopping)
    report = Report(changes, result.outcomes, result.stopped)
    if not report.with_status(Status.APPLIED):
        return report
    if report.stopped:
        return replace(report, unverified=_INTERRUPTED)
    tell("Reading the account back.")
    try:
        return replace(report, untaken=_verify(report, basis, reader, pause, tell))
    except Exception as error:  # noqa: BLE001  what was written has to be reported all the same
        return replace(report, unverified=_unverified(error))


def _verify(
    report: Report,
    basis: Basis,
    reader: Reader,
    pause: Callable[[float], None],
    tell: Callable[[str], None],
) -> Untaken:
    """Read back until all is as it was written, with bounded patience; return what is not."""
    done = [change for change in report.changes if report.took_effect(change)]
    hours_of = written_hours(report.changes)

    def look() -> Untaken:
        live = read_back(basis, reader, hours_of=hours_of)
        return tuple(
            (change.address, finding) for change in done for finding in _not_taken(change, live)
        )

    def wait(seconds: float) -> None:
        tell(f"Not all is shown as it was written; reading back again in {seconds:.0f} s.")
        pause(seconds)

    return until(look, lambda untaken: not untaken, first_seconds=FIRST_WAIT_SECONDS, wait=wait)


_INTERRUPTED = Diagnostic(
    code="not-read-back",
    summary="what was written was not read back, since the run was stopped",
    hint="run apply again; it does the rest and reads all of it back",
)


def _unverified(error: Exception) -> Diagnostic:
    if isinstance(error, RunStoppedError):
        return _INTERRUPTED
    reason = error.diagnostics[0] if isinstance(error, ProvisionerError) else fault(error)
    return Diagnostic(
        code="not-read-back",
        summary=f"the account could not be read back: {reason.summary}",
        hint="run plan: it shows whether anything is left to do",
    )


def _not_taken(change: Change, live: LiveState) -> Iterator[Diagnostic]:
    """Yield the fields of a change that read back as something else."""
    found = live.objects.get(change.address.identity)
    if change.action is Action.DELETE:
        if found is not None:
            yield _finding(change, "it was deleted, and still exists")
        return
    if found is None:
        yield _finding(change, "it was written, and does not exist")
        return
    if unwanted := _unwanted(change, found):
        yield _finding(change, f"joined {unwanted} without being asked to")
    for path, wanted in _written(change):
        seen = at(path, found.attributes)
        if wanted == {} and isinstance(seen, Mapping):
            continue  # an entry without declared fields only has to be there
        if seen != wanted:
            words = f"{' / '.join(path)} was set to {_shown(wanted)} and is {_shown(seen)}"
            yield _finding(change, words)


def _unwanted(change: Change, found: LiveObject) -> str:
    """Return the departments that the account added by itself, where the whole set is declared."""
    if "departments" not in (change.after or {}) or change.address.kind is not Kind.AGENT:
        return ""
    known = {**(change.before or {}).get("departments", {}), **(change.after or {})["departments"]}
    return ", ".join(sorted(found.attributes["departments"].keys() - known.keys()))


def _written(change: Change) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield path and value of everything that a change wrote."""
    if change.action is Action.UPDATE:
        for field in change.fields:
            yield from _leaves(field.path, field.after)
        return
    for name, value in (change.after or {}).items():
        # The email's spelling is the account's to choose; it is compared without case.
        if name != "email":
            yield from _leaves((name,), value)


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves((*path, key), part)
    else:
        yield path, value


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _finding(change: Change, what: str) -> Diagnostic:
    return Diagnostic(
        code="not-taken",
        summary=f"{change.address}: {what}",
        span=change.source,
        hint="run apply again; if it stays so, somebody or something else sets it back",
    )
