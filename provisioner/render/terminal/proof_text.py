"""Rehearsals and proofs of guards for reading in a terminal."""

from collections.abc import Iterator

from provisioner.planning.proving.proof import GuardProof, MistakeOutcome, Stop, Verdict
from provisioner.planning.proving.rehearsal import Failure, Injection, Rehearsal, Round
from provisioner.render.readable import brief, count, ordinal
from provisioner.render.review.titles import where_text
from provisioner.render.sentences import to_text
from provisioner.render.terminal.lines import Line, rendered

_DONE = {"create": "created", "update": "updated", "delete": "deleted"}
_FAILURES = {
    Failure.KILL: "killed",
    Failure.LOST_ANSWER: "answer lost",
    Failure.LIMIT: "429",
    Failure.FAULT: "500",
}
_ENDS = {None: "killed", 0: "complete", 4: "incomplete"}


def rehearsal_text(content: Rehearsal, *, color: bool) -> str:
    """Return a rehearsal as text."""
    plan = content.plan
    lines: list[Line] = [(f"Rehearsal for {to_text(where_text(plan), brief)}", "bold")]
    if plan.snapshot_time:
        lines.append((f"The account is that of the snapshot from {plan.snapshot_time}.", "dim"))
    lines += [("", ""), *_applied(content)]
    failures = content.rounds[1:]
    if failures:
        lines.append(("", ""))
    for number, one in enumerate(failures, start=1):
        lines.append(_failure(number, one))
    lines += [("", ""), _verdict(content)]
    return rendered(lines, color=color)


def _applied(content: Rehearsal) -> Iterator[Line]:
    calm = content.rounds[0]
    done = ", ".join(
        f"{number} {_DONE.get(action, action)}" for action, number in content.summary.items()
    )
    ends = "The second plan is empty." if not calm.problem else f"{calm.problem}."
    yield (
        f"Applied: {done or 'nothing to change'}; {count(calm.requests, 'request')}. {ends}",
        ("red" if calm.problem else ""),
    )
    for change in content.plan.effective:
        yield f"  {change.action.value} {brief(str(change.address))}", ""
    if content.later:
        yield f"{count(content.later, 'manual step')} would stay open, for people to do.", "yellow"


def _failure(number: int, one: Round) -> Line:
    runs = ", ".join(
        f"{ordinal(index)} run {_ENDS.get(run.exit_code, f'failed ({run.exit_code})')}"
        for index, run in enumerate(one.runs, start=1)
    )
    end = f"NOT CONVERGED: {one.problem}" if one.problem else "converged"
    where = _point(one.injection, one.request) if one.injection else ""
    text = f"{number}. {where}: {runs}; {count(one.requests, 'request')}; {end}"
    return brief(text, 1000), "red" if one.problem else ""


def _point(injection: Injection, request: str) -> str:
    at = f"at write {injection.write}"
    if injection.times > 1:
        at = f"at writes {injection.write} to {injection.write + injection.times - 1}"
    effect = "after it took effect" if injection.lands else "before it took effect"
    return f"{_FAILURES[injection.kind]} {at} ({request or 'not reached'}), {effect}"


def _verdict(content: Rehearsal) -> Line:
    calm, failures = content.rounds[0], content.rounds[1:]
    if calm.problem:
        return "Not converged: the apply without failures does not end as declared.", "bold red"
    bad = [one for one in failures if one.problem]
    if bad:
        return f"Not converged: {len(bad)} of {count(len(failures), 'failure')}.", "bold red"
    if not failures and content.asked:
        return "Converged; there is nothing to write, so no failure was injected.", "bold green"
    return (
        f"Converged: without failures, and after {count(len(failures), 'failure')}.",
        "bold green",
    )


_WORDS = {
    MistakeOutcome.STOPPED: ("stopped", "green"),
    MistakeOutcome.SLIPPED: ("slips", "yellow"),
    MistakeOutcome.HARMLESS: ("harmless", ""),
    MistakeOutcome.NOT_APPLICABLE: ("n/a", "dim"),
}
_SHOWN_CHANGES = 3
_LONGEST_STOP = 140


def proof_text(content: GuardProof, *, color: bool) -> str:
    """Return a proof of guards as text."""
    account = (
        f"the snapshot from {content.snapshot_time}"
        if content.snapshot_time
        else "an account that the project was applied to"
    )
    lines: list[Line] = [(f"Guards of {brief(content.target)}, against {account}", "bold")]
    lines.append(("", ""))
    width = max(len(one.mistake.name) for one in content.verdicts)
    for one in content.verdicts:
        word, style = _WORDS[one.outcome]
        if one.failed:
            word, style = "SLIPS", "bold red"
        lines.append(((f"{word:8}", style), (f"  {one.mistake.name:{width}}  {_why(one)}", "")))
    counts = content.counts
    numbers = ", ".join(
        f"{counts[outcome]} {words}"
        for outcome, words in (
            (MistakeOutcome.STOPPED, "stopped"),
            (MistakeOutcome.SLIPPED, "slip through"),
            (MistakeOutcome.HARMLESS, "would write nothing"),
            (MistakeOutcome.NOT_APPLICABLE, "not applicable"),
        )
    )
    lines += [("", ""), (f"{count(len(content.verdicts), 'mistake')}: {numbers}.", "bold")]
    if content.failed:
        names = ", ".join(one.mistake.name for one in content.failed)
        lines.append((f"Must not slip through: {names}.", "bold red"))
    return rendered(lines, color=color)


def _stop(stop: Stop) -> str:
    name = f"{stop.code} {stop.rule}" if stop.rule else stop.code
    return brief(f"{name} ({stop.command}): {stop.summary}", _LONGEST_STOP)


def _why(verdict: Verdict) -> str:
    if verdict.outcome is MistakeOutcome.NOT_APPLICABLE:
        return brief(verdict.reason)
    if verdict.stops:
        return "; ".join(map(_stop, verdict.stops))
    shown = f" [{', '.join(verdict.shown)}]" if verdict.shown else ""
    if not verdict.changes:
        return f"nothing would be written{shown}"
    actions = [f"{action} {address}" for address, action in verdict.changes]
    more = len(actions) - _SHOWN_CHANGES
    rest = f" and {more} more" if more > 0 else ""
    return f"would {brief(', '.join(actions[:_SHOWN_CHANGES]))}{rest}{shown}"
