"""The report of `provisioner probe`: what was found out, and what a person has to look up."""

from collections.abc import Mapping
from typing import Any

from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.render import readable
from provisioner.render.terminal.lines import Line, rendered


def probe_text(facts: Mapping[str, Any], unknown: Mapping[str, str], *, color: bool) -> str:
    """Return the report of a probe."""
    lines: list[Line] = []
    for name, one in ASSUMPTIONS.items():
        if name not in facts:
            continue
        holds = facts[name] == one.default
        result = "as assumed" if holds else f"assumed: {_shown(one.default)}; {one.when_wrong}"
        line = readable.harmless(f"{name}: {_shown(facts[name])} ({result})")
        lines.append((f"  {line}", "" if holds else "bold yellow"))
    missing = [name for name in ASSUMPTIONS if name not in facts]
    if missing:
        lines += [("", ""), ("Not found out; these stay assumptions:", "bold")]
    for name in missing:
        reason = unknown.get(name, "no call shows it")
        lines.append((f"  {name}: {readable.harmless(reason)}", ""))
    return rendered(lines, color=color)


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
