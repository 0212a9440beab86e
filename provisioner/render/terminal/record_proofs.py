"""The proofs of records as text for a terminal, and as JSON."""

import json
from collections.abc import Sequence

from provisioner.diagnostics import Diagnostic
from provisioner.render import readable
from provisioner.render.terminal.lines import Line, rendered
from provisioner.runs.chain import DISPROVED, Checked, Proof, head_of

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
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
