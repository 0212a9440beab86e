"""The file of a record: the shapes of its lines, and reading them.

A record is a file of JSON lines that is only appended to: `run` once, `started` before the calls
of steps, `step` at the end of each step, and `end`. A record without `end` means that the run was
killed; steps without an end may have taken effect.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.address import parse as parse_address
from provisioner.diagnostics import Diagnostic, ProvisionerError
from provisioner.documents.files.saved_json import parse_json
from provisioner.documents.schema.shapes import (
    Shape,
    ShapeError,
    anything,
    flag,
    mapping,
    number,
    one_of,
    optional,
    pattern,
    record,
    sequence,
    text,
    within,
)
from provisioner.execution.report import Status
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.live.recorded_facts import RecordedFacts
from provisioner.planning.access.managed import MANAGED_SHAPE
from provisioner.planning.desired_on_account import Unfinished
from provisioner.planning.plans.change_json import change_of
from provisioner.planning.plans.plan_checks import check_change
from provisioner.planning.plans.plan_shape import VERSION, change_shape
from provisioner.runs.record import Actor, Ending, Link, Run, StepRecord

FORMAT_VERSION = "1.1"

_UNFINISHED = mapping(sequence(text), key=ADDRESS)

_NEW_AGENT = record({"id": text, "steps": sequence(text)}, {"asked": sequence(text)}, closed=True)
_LEFT_OPEN = record(
    {
        "steps": sequence(text),
        "fields": sequence(
            record({"path": sequence(text), "declared": anything, "live": anything}, closed=True)
        ),
    },
    closed=True,
)
_FACTS = {
    "facts": record(
        {"default_role_id": text, "creates_agents": optional(flag), "deleted": mapping(text)},
        {"new_agents": mapping(_NEW_AGENT), "left_open": mapping(_LEFT_OPEN, key=ADDRESS)},
        closed=True,
    )
}

_HASH = pattern("[0-9a-f]{64}", "a SHA-256 in hexadecimal digits")

_LINKS = sequence(record({"id": number(1), "length": number(1), "hash": _HASH}, closed=True))


def _allowed(data: Any) -> None:
    """Check what `--allow` permitted: a reason for a freeze, and numbers."""
    mapping(anything)(data)
    for name, value in data.items():
        with within(name):
            (text if name == "freeze" else number())(value)


_LINES: Mapping[str, Shape] = {
    "run": record(
        {
            "at": text,
            "format_version": VERSION,
            "id": number(1),
            "command": one_of(("apply", "undo")),
            "target": text,
            "url": text,
            "actor": record(
                {"by": text, "host": text, "pid": number(), "commit": text}, closed=True
            ),
            "plan": text,
            "roles": mapping(text),
            "new": _UNFINISHED,
            "left": _UNFINISHED,
            "resource_changes": sequence(change_shape),
        },
        {**_FACTS, "managed": MANAGED_SHAPE, "previous": _LINKS, "allowed": _allowed},
    ),
    "started": record(
        {
            "at": text,
            "steps": sequence(record({"step": text, "before": anything, "after": anything})),
        }
    ),
    "step": record(
        {
            "at": text,
            "step": text,
            "status": one_of(Status),
            "error": text,
            "uncertain": flag,
        }
    ),
    "end": record(
        {"at": text, "ending": one_of(("complete", "incomplete")), "remarks": sequence(text)},
        {**_FACTS, "hash": _HASH},
    ),
}
"""Event to the shape of its line."""

_EVENT = record({"event": one_of(tuple(_LINES))})


def parse(content: bytes, name: str) -> Run:
    """Return the run that a record describes.

    An unfinished last line, left by a kill, is ignored.

    Raises:
        ProvisionerError: the file is not a record, or has a later format.
    """
    *lines, _torn = content.split(b"\n")
    run: Run | None = None
    for index, line in enumerate(lines, start=1):
        try:
            run = _read(line, run)
        except ShapeError as error:
            raise ProvisionerError(damaged(name, f"line {index}: {error}")) from error
    if run is None:
        raise ProvisionerError(damaged(name, "it is empty"))
    return run


def damaged(name: str, why: str) -> Diagnostic:
    """Return the diagnostic for a file that is not a record."""
    return Diagnostic(
        code="run-record",
        summary=f"{name} is not a record of a run that this version can read ({why})",
        hint="remove the file if nobody needs it",
    )


def _read(line: bytes, run: Run | None) -> Run:
    """Return the run after the event of one line."""
    entry = parse_json(line)
    _EVENT(entry)
    event = entry["event"]
    if (event == "run") is not (run is None) or (run and run.ended):
        raise ShapeError(f"{event} can't be here", ("event",))
    _LINES[event](entry)
    if run is None:
        return _header(entry)
    _ENTRIES[event](run, entry)
    return run


def _header(entry: Mapping[str, Any]) -> Run:
    version = entry["format_version"]
    if version.split(".")[0] != FORMAT_VERSION.split(".", maxsplit=1)[0]:
        raise ShapeError(f"this version can't read {version}", ("format_version",))
    changes = tuple(change_of(change) for change in entry["resource_changes"])
    for index, change in enumerate(changes):
        with within("resource_changes", index):
            check_change(change)
    return Run(
        id=entry["id"],
        command=entry["command"],
        target=entry["target"],
        url=entry["url"],
        at=entry["at"],
        actor=Actor(**entry["actor"]),
        checksum=entry["plan"],
        changes=changes,
        new=_unfinished(entry["new"]),
        roles=dict(entry["roles"]),
        not_planned=_unfinished(entry["left"]),
        known=RecordedFacts(**entry.get("facts", {})),
        managed=entry.get("managed"),
        previous=_links(entry.get("previous")),
        allowed=entry.get("allowed", {}),
    )


def _links(data: Sequence[Mapping[str, Any]] | None) -> tuple[Link, ...] | None:
    if data is None:
        return None
    return tuple(Link(one["id"], one["length"], one["hash"]) for one in data)


def _unfinished(data: Mapping[str, Any]) -> Unfinished:
    return {parse_address(text): frozenset(names) for text, names in data.items()}


def _started(run: Run, entry: Mapping[str, Any]) -> None:
    for step in entry["steps"]:
        run.steps[step["step"]] = StepRecord(
            step["step"], None, entry["at"], step["before"], step["after"]
        )


def _step(run: Run, entry: Mapping[str, Any]) -> None:
    known = run.steps.get(entry["step"])
    run.steps[entry["step"]] = StepRecord(
        entry["step"],
        Status(entry["status"]),
        entry["at"],
        known.before if known else None,
        known.after if known else None,
        entry["error"],
        entry["uncertain"],
    )


def _end(run: Run, entry: Mapping[str, Any]) -> None:
    run.ending = Ending(entry["ending"])
    run.ended = entry["at"]
    run.remarks = [*entry["remarks"]]
    run.hash = entry.get("hash", "")
    if "facts" in entry:
        run.known = RecordedFacts(**entry["facts"])


_ENTRIES = {"started": _started, "step": _step, "end": _end}
