"""Laying declared values over live ones: the meaning of 'left out', null and a value."""

from collections.abc import Mapping
from typing import Any

from provisioner.model.kinds import Collection, Group, Overrides, Scalar, Shape


def overlay(
    shape: Shape,
    live: Any,
    declared: Any,
    defaults: Mapping[str, str],
) -> Any:
    """Return what a field will be.

    Args:
        shape: the field's row in the table of kinds.
        live: the live value, or None where there is none yet.
        declared: the declared value; None resets.
        defaults: the target's default of each permission, for `Overrides`.

    Returns:
        The value after an apply. It shares no changed part with `live`.
    """
    match shape:
        case Scalar():
            return shape.default if declared is None else declared
        case Group():
            given = dict.fromkeys(shape.fields) if declared is None else declared
            result = dict(live or {})
            for name, part in shape.fields.items():
                if name in given:
                    result[name] = overlay(part, result.get(name), given[name], defaults)
            return result
        case Collection():
            return {
                key: overlay(shape.entry, (live or {}).get(key), entry, defaults)
                for key, entry in (declared or {}).items()
            }
        case Overrides():
            named = {key: value for key, value in (declared or {}).items() if value is not None}
            return {**defaults, **named}
