"""Records of runs as text for a terminal, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.execution.report import Status
from provisioner.planning.changes import Change
from provisioner.render import readable
from provisioner.render.json_text import json_text
from provisioner.render.review.change_texts import field_effect
from provisioner.render.sentences import name_list, to_text
from provisioner.render.terminal.lines import Line, Part, rendered
from provisioner.runs.chain import DISPROVED, Checked, Proof, head_of
from provisioner.runs.record import Ending, Run, StepRecord

_STYLES = {Ending.COMPLETE: "green", Ending.INCOMPLETE: "bold yellow", Ending.KILLED: "bold red"}
_STEP_STYLES = {
    Status.APPLIED: "",
    Status.FAILED: "bold red",
    Status.SKIPPED: "yellow",
    None: "bold yellow",
}
_SHOWN_COMMIT = 10


def killed(run: Run) -> str:
    """Return the note that the next run shows about one that was killed."""
    under_way = readable.count(run.count(None), "step")
    return (
        f"Run {run.id} ({run.at}, {readable.harmless(run.actor.by)}) was killed: "
        f"{run.count(Status.APPLIED)} steps applied, {under_way} under way. "
        "This run compares the account anew."
    )


def head(run_id: int, record_hash: str) -> str:
    """Return the note with the hash of a record, to be kept in another place."""
    return f"Record {run_id} has the hash {record_hash} (provisioner runs verify --head)."


def overview(runs: Iterable[Run | Diagnostic], *, color: bool) -> str:
    """Return one line for each run, the latest first."""
    lines: list[Line] = []
    for run in runs:
        if isinstance(run, Diagnostic):
            lines.append((f"      {readable.harmless(run.summary)}", "red"))
            continue
        nothing = "nothing to change" if run.ending is Ending.COMPLETE else "nothing started"
        counts = ", ".join(_counts(run)) or nothing
        line = f"{run.id:>5}  {run.at}  {run.command:<5}  {run.target}  {run.ending}: {counts}"
        by = f"  by {run.actor.by}{_commit(run)}"
        changed = "; ".join(_changed(run))
        lines.append(
            (readable.harmless(f"{line}{by}{changed and f': {changed}'}"), _STYLES[run.ending])
        )
    return rendered(lines or [("No runs yet.", "")], color=color)


def details(run: Run, *, color: bool) -> str:
    """Return everything that is recorded of a run."""
    actor = run.actor
    lines: list[Part] = [
        (
            f"Run {run.id}: {run.command} to {run.target}, {run.ending}",
            f"bold {_STYLES[run.ending]}",
        ),
        (f"  started   {run.at} by {actor.by} on {actor.host} (process {actor.pid})", ""),
        (f"  ended     {run.ended or 'it was killed'}", ""),
        (f"  commit    {actor.commit or 'unknown'}", ""),
        (f"  plan      {run.checksum}", ""),
        (f"  hash      {run.hash or 'none'}", ""),
        *((f"  allowed   {name}={value}", "yellow") for name, value in run.allowed.items()),
        ("", ""),
    ]
    if changes := [line for change in run.touched() for line in _change(run, change)]:
        lines += [("Changed", "bold"), *changes, ("", ""), ("Steps", "bold")]
    lines += [line for step in run.steps.values() for line in _step(step)]
    lines += [(f"  {remark}", "bold red") for remark in run.remarks]
    lines.append((f"Steps: {', '.join(_counts(run)) or 'none'}.", "bold"))
    return rendered([(readable.harmless(line), style) for line, style in lines], color=color)


def _changed(run: Run) -> Iterator[str]:
    """Yield the objects that a run changed, by what it did with them."""
    by_verb: dict[str, list[str]] = {}
    for change in run.touched():
        by_verb.setdefault(_verb(run, change), []).append(str(change.address))
    for verb, addresses in by_verb.items():
        yield f"{verb} {to_text(name_list(addresses), str)}"


def _verb(run: Run, change: Change) -> str:
    verb = "restored" if change.restores else f"{change.action.value.rstrip('e')}ed"
    return verb if run.is_certain(change) else f"perhaps {verb}"


def _change(run: Run, change: Change) -> Iterator[Part]:
    yield f"  {_verb(run, change):<9} {change.address}", ""
    for field in change.fields:
        yield f"            {to_text(field_effect(field), readable.brief)}", ""


def not_restored(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Return what an undo can't bring back, or skips; "" for nothing."""
    if not diagnostics:
        return ""
    lines: list[Line] = [("Can't be restored, or is skipped:", "bold yellow")]
    lines += [(f"    {readable.harmless(diagnostic.summary)}", "") for diagnostic in diagnostics]
    return rendered([*lines, ("", "")], color=color)


def still_declared(addresses: Sequence[Address] | None) -> str:
    """Return whether the files still declare what an undo takes back, and what to do about it."""
    if addresses is None:
        return (
            "The files have errors, so it is not known whether they still declare what is undone."
        )
    if not addresses:
        return "The files no longer declare what is undone, so the next apply leaves it."
    names = to_text(name_list([str(one) for one in addresses]), readable.brief)
    return (
        f"The files still declare what is undone: {names}. Change them, or the next apply does it "
        "again."
    )


def overview_data(runs: Iterable[Run | Diagnostic]) -> str:
    """Return all runs as JSON, the latest first."""
    data: list[dict[str, Any]] = []
    damaged: list[str] = []
    for run in runs:
        if isinstance(run, Run):
            data.append(_data(run))
        else:
            damaged.append(run.summary)
    return _json({"format_version": "1.0", "runs": data, "damaged": damaged})


def details_data(run: Run) -> str:
    """Return everything that is recorded of a run as JSON."""
    steps = [
        {
            "step": step.step,
            "status": step.status.value if step.status else "under-way",
            "at": step.at,
            "before": step.before,
            "after": step.after,
            "error": step.error or None,
            "uncertain": step.uncertain,
        }
        for step in run.steps.values()
    ]
    return _json({"format_version": "1.0", **_data(run), "steps": steps, "remarks": run.remarks})


def _data(run: Run) -> dict[str, Any]:
    actor = run.actor
    return {
        "id": run.id,
        "command": run.command,
        "target": run.target,
        "url": run.url,
        "started": run.at,
        "ended": run.ended or None,
        "ending": run.ending.value,
        "by": actor.by,
        "host": actor.host,
        "pid": actor.pid,
        "commit": actor.commit or None,
        "plan": run.checksum,
        "hash": run.hash or None,
        "allowed": dict(run.allowed),
        "changed": [
            {
                "address": str(change.address),
                "action": change.action.value,
                "fields": [list(field.path) for field in change.fields],
                "certain": run.is_certain(change),
            }
            for change in run.touched()
        ],
        "counts": {
            **{status.value: run.count(status) for status in Status},
            "under-way": run.count(None),
        },
    }


def _json(content: Any) -> str:
    return json_text(content, sort_keys=False)


def _counts(run: Run) -> Iterator[str]:
    for status, label in (*((s, s.value) for s in Status), (None, "under way")):
        if number := run.count(status):
            yield f"{number} {label}"


def _commit(run: Run) -> str:
    commit = run.actor.commit
    if not commit:
        return ""
    return f" at {commit[:_SHOWN_COMMIT]}{'+' if commit.endswith('+') else ''}"


def _step(step: StepRecord) -> Iterator[Part]:
    if step.status is Status.SKIPPED:
        return
    label = step.status.value if step.status else "under way"
    if step.status is Status.APPLIED and not step.writes:
        label = "read"
    style = _STEP_STYLES[step.status]
    yield f"  {label:<9} {step.step}", style
    before, after = readable.value(step.before), readable.value(step.after)
    if before != after:
        yield f"            {before} → {after}", "dim"
    if step.error:
        yield f"            {step.error}", style


_REMARKS = {
    Proof.UNCHAINED: "it is of an earlier version, without hashes",
    Proof.UNFINISHED: "the run was killed, or is under way; only later records prove it",
}


def proofs(results: Sequence[Checked], *, color: bool) -> str:
    """Return one line for each record that is not intact, the counts, and the last hash."""
    if not results:
        return "No runs yet.\n"
    lines: list[Line] = []
    for one in results:
        if one.proof is not Proof.INTACT:
            why = readable.harmless(one.why or _REMARKS.get(one.proof, ""))
            style = "bold red" if one.proof in DISPROVED else "yellow"
            lines.append((f"{one.id:>5}  {one.proof}: {why}", style))
    counts = [(proof, sum(one.proof is proof for one in results)) for proof in Proof]
    shown = ", ".join(f"{number} {proof}" for proof, number in counts if number)
    lines.append((f"Records: {shown}.", "bold"))
    if head := head_of(results):
        lines.append((f"The last intact record is {head.id}, with the hash {head.hash}.", ""))
    return rendered(lines, color=color)


def proofs_data(results: Sequence[Checked], findings: Sequence[Diagnostic]) -> str:
    """Return the result for each record and the errors as JSON."""
    head = head_of(results)
    data = {
        "format_version": "1.0",
        "intact": not findings,
        "head": {"id": head.id, "hash": head.hash} if head else None,
        "records": [
            {
                "id": one.id,
                "proof": one.proof.value,
                "why": one.why or None,
                "hash": one.hash or None,
            }
            for one in results
        ],
        "findings": [
            {"code": one.code, "summary": one.summary, "hint": one.hint} for one in findings
        ],
    }
    return json_text(data, sort_keys=False)
