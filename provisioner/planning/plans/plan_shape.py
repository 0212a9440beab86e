"""The shapes of a plan file, and of the changes that run records hold, too."""

import binascii
from base64 import b64decode
from typing import Any

from provisioner.address import Kind, parse
from provisioner.codes import CODES
from provisioner.documents.files.attachments import digest
from provisioner.documents.schema.shapes import (
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
from provisioner.live.attribute_shapes import ADDRESS, attributes
from provisioner.live.state import Surface
from provisioner.model.desired import Mode
from provisioner.model.kinds import DAYS, SERVICES
from provisioner.planning.access.managed import MANAGED_SHAPE
from provisioner.planning.access.ownership import ACCESS_SHAPES
from provisioner.planning.changes import LOGINS, Action, Attribution, Reason, Risk
from provisioner.planning.consent.approvals import APPROVAL_SHAPES
from provisioner.planning.dates.plan_day import PLAN_DAY_SHAPES
from provisioner.planning.leavers import LEAVER
from provisioner.planning.manual.manual_step import PANEL
from provisioner.planning.plans.basis import ABSENT
from provisioner.planning.plans.revision import REVISION
from provisioner.planning.plans.terraform_keys import MANAGED
from provisioner.planning.suspicion.suspected_renames import SUSPECTED_RENAME
from provisioner.planning.waiving import HELD_WAIVERS

VERSION = pattern(r"\d{1,9}\.\d{1,9}", "a version")

_DIGEST = pattern(r"sha256:[0-9a-f]{64}", "a digest such as sha256:…")
_FINGERPRINT = pattern(rf"{ABSENT}|sha256:[0-9a-f]{{64}}", "a fingerprint")
_OPERATION = pattern("[a-z-]{1,40}", "an operation")

_PLACE = optional(record({"file": text, "line": number(1)}))
_ATTRIBUTION = {
    "origin": optional(one_of(Attribution)),
    "commit": optional(record({"id": text, "summary": text}, closed=True)),
}

_CHANGE_HEAD = record(
    {
        "address": ADDRESS,
        "name": text,
        "change": record(
            {
                "actions": sequence(one_of(Action), length=1),
                "before": optional(mapping(lambda _data: None)),
                "after": optional(mapping(lambda _data: None)),
            },
            {"after_default": mapping(flag)},
        ),
        "action_reason": one_of(Reason),
        "fields": sequence(
            record(
                {
                    "path": sequence(text),
                    "before": anything,
                    "after": anything,
                    "source": _PLACE,
                    "cause": optional(text),
                },
                _ATTRIBUTION,
            )
        ),
        "source": _PLACE,
        "risk": sequence(one_of(Risk)),
    },
    {**_ATTRIBUTION, "mode": one_of((*Mode, MANAGED))},
)


_ALWAYS = {
    Kind.AGENT: ("name", "role", "departments"),
    Kind.DEPARTMENT: ("name",),
    Kind.ROLE: ("name",),
}
"""The fields that each object has before a change; a rendering needs them."""


def change_shape(data: Any) -> None:
    """Check an entry of `resource_changes`, with the fields of its kind."""
    _CHANGE_HEAD(data)
    kind = parse(data["address"]).kind
    for side in ("before", "after"):
        fields = data["change"][side]
        if fields is None:
            continue
        text(fields.get("id", ""))
        own = {name: value for name, value in fields.items() if name not in {"id", LOGINS}}
        with within("change", side):
            mapping(text)(fields.get(LOGINS, {}))
            attributes(kind, _ALWAYS[kind] if side == "before" else ())(own)


_GRID = record(dict.fromkeys(DAYS, sequence(number(), length=24)))

_COVERAGE = record(
    {
        "cells": sequence(
            record(
                {
                    "department": text,
                    "service": one_of(SERVICES),
                    "before": optional(number()),
                    "after": optional(number()),
                    "only": optional(record({"address": ADDRESS, "name": text})),
                }
            )
        ),
        "hours": sequence(
            record(
                {"department": text, "service": one_of(SERVICES), "before": _GRID, "after": _GRID}
            )
        ),
        "timezone": text,
    }
)

_MANUAL_STEP = record(
    {
        "id": text,
        "address": ADDRESS,
        "name": text,
        "section": one_of(tuple(PANEL)),
        "todo": sequence(text),
        "values": mapping(anything),
        "then": sequence(text),
        "verifiable": flag,
        "acknowledged": optional(record({"by": text, "on": text})),
        "hint": text,
        "source": _PLACE,
    },
    _ATTRIBUTION,
)


def _attachments(data: Any) -> None:
    _ATTACHMENTS(data)
    for name, file in data.items():
        try:
            content = b64decode(file["content"], validate=True)
        except (binascii.Error, ValueError):
            raise ShapeError("it is not base64", (name, "content")) from None
        if digest(content) != name:
            raise ShapeError("it is not the file with this digest", (name, "content"))


_ATTACHMENTS = mapping(record({"name": text, "type": text, "content": text}), key=_DIGEST)

_BASIS = record(
    {
        "fingerprints": mapping(_FINGERPRINT, key=ADDRESS),
        "facts": _DIGEST,
        "project": text,
        "url": text,
        "renames": mapping(ADDRESS, key=ADDRESS),
        "roles": mapping(text),
        "hours_of": sequence(text),
        "attachments": _attachments,
    },
    {"deleted": mapping(text), "managed": MANAGED_SHAPE, "revision": REVISION},
)

_DIAGNOSTICS = sequence(
    record(
        {"code": one_of(tuple(CODES)), "summary": text, "hint": text},
        {"rule": text, "object": text},
        closed=True,
    )
)

PLAN_FILE = record(
    {
        "format_version": VERSION,
        "target": text,
        "surface": one_of(Surface),
        "resource_changes": sequence(change_shape),
        "undeclared": sequence(record({"address": ADDRESS, "id": text})),
        "manual_steps": sequence(_MANUAL_STEP),
        "refused": _DIAGNOSTICS,
        "requests": record(
            {
                "read": number(),
                "by_operation": mapping(number(), key=_OPERATION),
                "verify": number(),
                "per_minute": number(),
            },
            {"floor": number(), "floor_by_operation": mapping(number(), key=_OPERATION)},
        ),
        "coverage": _COVERAGE,
        "snapshot": _DIGEST,
        "missing": sequence(ADDRESS),
        "left_out": sequence(record({"address": ADDRESS, "needs": ADDRESS})),
        "account": optional(
            record({"url": text, "api_key": text}, {"panel_url": text, "name": text}, closed=True)
        ),
        "policy": mapping(anything),
        "basis": _BASIS,
    },
    {
        "leavers": sequence(LEAVER),
        **PLAN_DAY_SHAPES,
        "snapshot_taken": text,
        **ACCESS_SHAPES,
        **APPROVAL_SHAPES,
        "suspected_renames": sequence(SUSPECTED_RENAME),
        "warnings": _DIAGNOSTICS,
        "waivers": HELD_WAIVERS,
        "base": record({"ref": text, "commit": text}, closed=True),
        "policy_changes": sequence(
            record(
                {"path": text, "before": anything, "after": anything, "source": _PLACE},
                closed=True,
            )
        ),
    },
)
