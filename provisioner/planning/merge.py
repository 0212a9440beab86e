"""Merges declared values into live ones: left out keeps, null resets, a value is set."""

from typing import Any

from provisioner.model.kinds import Collection, Entries, FieldGroup, Overrides, Scalar, Shape


def merge_declared(shape: Shape, live: Any, declared: Any, default: Any = None) -> Any:
    """Return the value of a field after an apply.

    Args:
        shape: the field's row in the table of kinds.
        live: the live value; None if there is none yet.
        declared: the declared value; None resets the field.
        default: the account's default in the form of the value; None if it does not report one.

    Returns:
        The value. `live` is not modified.
    """
    if isinstance(shape, Scalar):
        fallback = shape.default if default is None else default
        return fallback if declared is None else declared
    if isinstance(shape, FieldGroup):
        return _group(shape, live or {}, declared, default or {})
    if isinstance(shape, Collection):
        return {
            key: merge_declared(shape.entry, (live or {}).get(key), entry)
            for key, entry in sorted((declared or {}).items())
        }
    kept: dict[str, Any] = {}
    match shape:
        case Entries() if declared is not None:
            kept = live or {}
        case Overrides():
            kept = default or {}
            declared = {key: value for key, value in (declared or {}).items() if value is not None}
    merged = {**kept, **(declared or {})}
    return {key: value for key, value in merged.items() if value is not None}


def _group(shape: FieldGroup, live: Any, declared: Any, default: Any) -> dict[str, Any]:
    given = dict.fromkeys(shape.fields) if declared is None else declared
    result = dict(live)
    for name, part in shape.fields.items():
        if name in given:
            result[name] = merge_declared(part, live.get(name), given[name], default.get(name))
    return result
