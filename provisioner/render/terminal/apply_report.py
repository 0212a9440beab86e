"""The report of an apply as text for a terminal."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from provisioner.diagnostics import Diagnostic
from provisioner.execution.report import Outcome, Report, Status
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.changes import Action
from provisioner.planning.plans.plan_data import Plan
from provisioner.render import readable
from provisioner.render.review.review import where_text
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


def report(content: Report, plan: Plan | None = None, *, color: bool = False) -> str:
    """Return the report of an apply: failures first, then manual steps, then the counts."""
    failed = content.with_status(Status.FAILED)
    skipped = content.with_status(Status.SKIPPED)
    writes = [step for step in content.with_status(Status.APPLIED) if step.step.operation.writes]
    applied = readable.count(len(writes), "step")
    lines: list[Line] = [line for outcome in failed for line in _failure(outcome)]
    lines += _skipped(skipped, content.stopped)
    for value in content.not_applied:
        lines.append((f"  not applied  {readable.harmless(value.diagnostic.summary)}", "bold red"))
        lines.append((f"               hint: {value.diagnostic.hint}", ""))
    for problem in filter(None, (content.unverified, content.unrecorded)):
        lines.append((f"  {readable.harmless(problem.summary)}", "bold red"))
        lines.append((f"             hint: {problem.hint}", ""))
    if lines:
        lines.append(("", ""))
    if plan:
        lines.insert(0, (f"Report for {to_text(where_text(plan), readable.brief)}", "bold"))
        lines += work_block(plan.work_list, plan.target)
    done = ", ".join(
        f"{number} {word}"
        for action, restores, word in _DONE
        if (number := content.applied(action, restores=restores))
    )
    if content.complete:
        lines.append((f"Applied and read back: {done} ({applied}).", "bold green"))
    elif content.untouched:
        lines.append(("Stopped before the first write; nothing was written.", "bold red"))
    else:
        counts = (
            f"Incomplete: {done or 'no object'} done as planned; {applied} applied, "
            f"{len(failed)} failed, {len(skipped)} skipped, "
            f"{readable.count(len(content.not_applied), 'value')} not applied. "
            "Run apply again to do what is missing."
        )
        lines.append((counts, "bold red"))
    for warning in content.warnings:
        lines.append((f"Not confirmed: {readable.harmless(warning.summary)}.", "bold yellow"))
        lines.append((f"  hint: {readable.harmless(warning.hint)}", ""))
    if plan and plan.open_steps:
        steps = readable.count(len(plan.open_steps), "manual step")
        lines.append((f"{steps} left to people, listed above.", "bold yellow"))
    return rendered(lines, color=color)


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
    "read-services": "the services of the departments, which could not be read",
}
"""Steps that only read, in words."""


def _skipped(outcomes: Sequence[Outcome], stopped: Diagnostic | None) -> Iterator[Line]:
    """Yield the number of skipped steps for each cause."""
    by_cause = Counter(outcome.because for outcome in outcomes)
    for cause, number in sorted(by_cause.items()):
        steps = readable.count(number, "step")
        why = (
            f"needed {_READS.get(cause, cause)}"
            if cause
            else f"not started, {stopped.summary if stopped else ''}"
        )
        yield f"  skipped    {steps}: {readable.harmless(why)}", "yellow"
        if not cause and stopped:
            yield f"             hint: {readable.harmless(stopped.hint)}", ""


def _failure(outcome: Outcome) -> Iterator[Line]:
    yield f"  failed     {readable.harmless(outcome.step.id)}", "bold red"
    if outcome.error:
        yield f"             {readable.harmless(outcome.error.summary)}", ""
        if outcome.error.hint:
            yield f"             hint: {readable.harmless(outcome.error.hint)}", ""
