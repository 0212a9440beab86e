"""The report of an apply as text for a terminal."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic
from provisioner.execution.report import (
    CONFLICT,
    Outcome,
    Report,
    RequestStatistics,
    Status,
)
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.changes import Action
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.titles import where_text
from provisioner.render.sentences import to_text
from provisioner.render.terminal.lines import Line, rendered
from provisioner.render.terminal.work_text import work_block

_DONE = (
    (Action.CREATE, False, "created"),
    (Action.CREATE, True, "restored"),
    (Action.UPDATE, False, "updated"),
    (Action.DELETE, False, "deleted"),
)
"""Action, whether it restores a deleted agent, and the word for it."""


_CALL = re.compile(r"^(?:GET|POST|PUT|DELETE) \S+: ")
"""The call at the start of an error: steps that fail for one cause have different calls."""


def report(
    content: Report, plan: Plan | None = None, *, color: bool = False, again: str = "Run it again"
) -> str:
    """Return the report of an apply: failures, manual steps, requests, and at last the counts.

    `again` is how to do what is missing, for a run that is incomplete.
    """
    lines: list[Line] = [*_with_hints([*_problems(content)], " " * 13)]
    if lines:
        lines.append(("", ""))
    if plan:
        lines.insert(0, (f"Report for {to_text(where_text(plan), readable.brief)}", "bold"))
        lines += work_block(plan.work_list, plan.target)
    if content.requests:
        lines.append((_requests(content.requests), ""))
    lines.append(_counts(content, again))
    warnings = [
        _Problem(
            warning.hint,
            ((f"Not confirmed: {readable.harmless(warning.summary)}.", "bold yellow"),),
        )
        for warning in content.warnings
    ]
    lines += _with_hints(warnings, "  ")
    if plan and plan.open_steps:
        steps = readable.count(len(plan.open_steps), "manual step")
        lines.append((f"{steps} left to people, listed above.", "bold yellow"))
    return rendered(lines, color=color)


def _counts(content: Report, again: str) -> Line:
    """Return what was done, and what to do about the rest unless a hint has it."""
    writes = [step for step in content.with_status(Status.APPLIED) if step.step.operation.writes]
    applied = readable.count(len(writes), "step")
    done = ", ".join(
        f"{number} {word}"
        for action, restores, word in _DONE
        if (number := content.applied(action, restores=restores))
    )
    if content.complete:
        return f"Applied and read back: {done} ({applied}).", "bold green"
    if content.untouched:
        return "Stopped before the first write; nothing was written.", "bold red"
    failed = content.with_status(Status.FAILED)
    skipped = content.with_status(Status.SKIPPED)
    is_conflict = any(one.error and one.error.code == CONFLICT for one in failed)
    advice = "" if is_conflict else f" {again} to do what is missing."
    counts = (
        f"Incomplete: {done or 'no object'} done as planned; {applied} applied, "
        f"{len(failed)} failed, {len(skipped)} skipped, "
        f"{readable.count(len(content.not_applied), 'value')} not applied.{advice}"
    )
    return counts, "bold red"


def _requests(statistics: RequestStatistics) -> str:
    """Return how many requests were sent, waited and retried, and the used share of the limit."""
    sent = readable.count(statistics.sent, "request")
    waits = readable.count(statistics.waits, "wait") + " for the limit"
    if statistics.waits:
        waits += f" ({readable.duration(statistics.waited_seconds)})"
    retries = f"{statistics.retries} retried"
    line = f"Sent {sent}: {waits}, {retries}"
    if statistics.limit_used is None:
        return f"{line}."
    limit = f"the limit of {statistics.per_minute} a minute"
    return f"{line}; {statistics.limit_used:.0%} of {limit} used."


def learned(facts: RecordedFacts, known: Container[str]) -> str:
    """Return what a run has learned and another machine can't know; "" for nothing."""
    role_id = facts.default_role_id
    if not role_id or role_id in known:
        return ""
    return (
        f'The default role has the id "{role_id}" in this account. This machine remembers it; for '
        f'others, add to provisioner.yaml: role_ids: {{agent: "{role_id}"}}'
    )


_READS = {
    "read-devices": "the devices of the new agents, which could not be read",
    "read-page": "the current values, which could not be read",
}
"""Steps that only read, in words."""


@dataclass(frozen=True, slots=True)
class _Problem:
    """Lines about what was not done, and what to do about it.

    Attributes:
        hint: what to do; "" for nothing.
        lines: the lines.
    """

    hint: str
    lines: tuple[Line, ...]


def _with_hints(problems: Sequence[_Problem], indent: str) -> Iterator[Line]:
    """Yield the lines of problems, those with the same hint together, and each hint once."""
    lines: dict[str, list[Line]] = {}
    for problem in problems:
        lines.setdefault(problem.hint, []).extend(problem.lines)
    for hint, of_hint in lines.items():
        yield from of_hint
        if hint:
            yield f"{indent}hint: {readable.harmless(hint)}", ""


def _problems(content: Report) -> Iterator[_Problem]:
    yield from _failures(content.with_status(Status.FAILED))
    yield from _skipped(content.with_status(Status.SKIPPED), content.stopped)
    for value in content.not_applied:
        summary = readable.harmless(value.diagnostic.summary)
        yield _Problem(value.diagnostic.hint, ((f"  not applied  {summary}", "bold red"),))
    for one in filter(None, (content.unverified, content.unrecorded)):
        yield _Problem(one.hint, ((f"  {readable.harmless(one.summary)}", "bold red"),))


def _failures(outcomes: Sequence[Outcome]) -> Iterator[_Problem]:
    """Yield the failed steps, those with the same cause together."""
    alike: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        error = outcome.error
        key = (_CALL.sub("", error.summary), error.hint) if error else ("", "")
        alike.setdefault(key, []).append(outcome)
    for (cause, hint), members in alike.items():
        steps = [(f"  failed     {readable.harmless(one.step.id)}", "bold red") for one in members]
        summaries = {one.error.summary for one in members if one.error}
        why = summaries.pop() if len(summaries) == 1 else cause
        why += f" ({len(members)} steps)" if len(members) > 1 else ""
        lines = (*steps, (f"             {readable.harmless(why)}", "")) if cause else tuple(steps)
        yield _Problem(hint, lines)


def _skipped(outcomes: Sequence[Outcome], stopped: Diagnostic | None) -> Iterator[_Problem]:
    """Yield the number of skipped steps for each cause."""
    by_cause = Counter(outcome.because for outcome in outcomes)
    for cause, number in sorted(by_cause.items()):
        steps = readable.count(number, "step")
        why = (
            f"needed {_READS.get(cause, cause)}"
            if cause
            else f"not started, {stopped.summary if stopped else ''}"
        )
        hint = stopped.hint if stopped and not cause else ""
        yield _Problem(hint, ((f"  skipped    {steps}: {readable.harmless(why)}", "yellow"),))
