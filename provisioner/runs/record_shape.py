"""The shapes of the lines of a record, to check records that are read."""

from collections.abc import Mapping

from provisioner.documents.schema.shapes import (
    Shape,
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
)
from provisioner.execution.report import Status
from provisioner.live.attribute_shapes import ADDRESS
from provisioner.planning.access.managed import MANAGED_SHAPE
from provisioner.planning.plans.plan_shape import VERSION, change_shape

_UNFINISHED = mapping(sequence(text), key=ADDRESS)

_FACTS = {
    "facts": record(
        {"default_role_id": text, "creates_agents": optional(flag), "deleted": mapping(text)},
        {"new_agents": mapping(record({"id": text, "steps": sequence(text)}, closed=True))},
        closed=True,
    )
}

_HASH = pattern("[0-9a-f]{64}", "a SHA-256 in hexadecimal digits")

_LINKS = sequence(record({"id": number(1), "length": number(1), "hash": _HASH}, closed=True))

LINES: Mapping[str, Shape] = {
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
        {**_FACTS, "managed": MANAGED_SHAPE, "previous": _LINKS},
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

EVENT = record({"event": one_of(tuple(LINES))})
