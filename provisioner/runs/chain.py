"""Proves that records are as the runs wrote them.

Each record holds the hashes of two earlier ones: the record with the number before it, and the last
record of the same account. The last line of a complete record holds the hash of everything before
it. A record of an earlier version has no hashes; later records still hold its hash.

A run on another account may still be writing the record before. Its hash covers the lines that were
complete when the later run began.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.runs.record import Link, Run
from provisioner.runs.record_lines import parse

_SEAL = re.compile(rb'"hash":"([0-9a-f]{64})"}\n\Z')


class Proof(StrEnum):
    """What the chain proves about a record."""

    INTACT = "intact"
    UNCHAINED = "unchained"
    UNFINISHED = "unfinished"
    EDITED = "edited"
    REORDERED = "reordered"
    MISSING = "missing"
    UNREADABLE = "unreadable"


_CODES = {
    Proof.EDITED: "run-record-edited",
    Proof.REORDERED: "run-record-reordered",
    Proof.MISSING: "run-record-missing",
    Proof.UNREADABLE: "run-record",
}

DISPROVED = frozenset(_CODES)
"""The results that make a verification fail."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A record that was checked.

    Attributes:
        id: the number of the record.
        proof: the result.
        why: what contradicts the record; "" for nothing.
        hash: the hash in its last line; "" if there is none.
    """

    id: int
    proof: Proof
    why: str = ""
    hash: str = ""


def link_to(number: int, content: bytes) -> Link:
    """Return the hash of a record, or of its lines up to now."""
    return Link(number, len(content), hashlib.sha256(content).hexdigest())


def check_chain(contents: Mapping[int, bytes]) -> list[Checked]:
    """Return the result for each record that there is or must have been, sorted by number."""
    results: dict[int, Checked] = {}
    runs: dict[int, Run] = {}
    for number, content in contents.items():
        try:
            run = parse(content, f"record {number}")
        except ProvisionerError as error:
            why = error.diagnostics[0].summary
            results[number] = Checked(number, Proof.UNREADABLE, why)
            continue
        results[number] = _check_own(number, content, run)
        if run.id == number:
            runs[number] = run
    for run in runs.values():
        for result in (*_check_links(run, runs, contents), *_gap(run, contents)):
            known = results.get(result.id, result)
            # What a record contradicts itself is the better reason.
            if known.proof not in {Proof.EDITED, Proof.REORDERED}:
                results[result.id] = replace(result, hash=known.hash)
    return [results[number] for number in sorted(results)]


def head_of(results: Sequence[Checked]) -> Checked | None:
    """Return the last intact record: its hash proves it and those before it."""
    return next((one for one in reversed(results) if one.proof is Proof.INTACT), None)


def finding(result: Checked) -> Diagnostic:
    """Return the error for a record that the chain disproves."""
    return Diagnostic(
        code=_CODES[result.proof],
        summary=f"the record of run {result.id} is {result.proof}: {result.why}",
        hint="compare it with a copy of the records, such as the artifact of the pipeline",
    )


def head_missing(head: str) -> Diagnostic:
    """Return the error that no intact record has a hash."""
    return Diagnostic(
        code="run-record-head",
        summary=f"no intact record has the hash {head}",
        hint="the record was removed or replaced, or the hash is of the records of another folder",
    )


def _check_own(number: int, content: bytes, run: Run) -> Checked:
    """Check a record without the others."""
    if run.id != number:
        return Checked(number, Proof.REORDERED, f"its file holds run {run.id}", run.hash)
    late = next((link.id for link in run.previous or () if link.id >= number), None)
    if late is not None:
        return Checked(number, Proof.REORDERED, f"it follows run {late}", run.hash)
    sealed = _SEAL.search(content)
    if run.hash:
        is_own = sealed is not None and _hash_before(content, sealed) == run.hash
        proof = Proof.INTACT if is_own else Proof.EDITED
        why = "" if is_own else "its last line holds the hash of another content"
        return Checked(number, proof, why, run.hash)
    if run.previous is None:
        return Checked(number, Proof.UNCHAINED)
    if run.ended:
        return Checked(number, Proof.EDITED, "its last line lacks the hash")
    return Checked(number, Proof.UNFINISHED)


def _hash_before(content: bytes, sealed: re.Match[bytes]) -> str:
    return hashlib.sha256(content[: sealed.start(1)]).hexdigest()


def _check_links(
    run: Run, runs: Mapping[int, Run], contents: Mapping[int, bytes]
) -> Iterator[Checked]:
    """Yield the earlier records that are not as a run found them."""
    for link in run.previous or ():
        content = contents.get(link.id)
        if content is None:
            yield Checked(link.id, Proof.MISSING, f"run {run.id} has followed it")
        elif link_to(link.id, content[: link.length]) != link:
            yield Checked(link.id, Proof.EDITED, f"run {run.id} has followed another content")
        elif len(content) > link.length and _account(runs, link.id) == run.account:
            # One run at a time works on an account, so the earlier one had ended.
            yield Checked(link.id, Proof.EDITED, f"it has grown since run {run.id} began")


def _account(runs: Mapping[int, Run], number: int) -> str | None:
    return runs[number].account if number in runs else None


def _gap(run: Run, contents: Mapping[int, bytes]) -> Iterator[Checked]:
    """Yield the records that are missing between a run and the one before it."""
    before = max((number for number in contents if number < run.id), default=run.id - 1)
    if run.previous is not None:
        for number in range(before + 1, run.id):
            yield Checked(number, Proof.MISSING, f"run {run.id} has the next number")
