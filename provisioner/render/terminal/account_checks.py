"""The reports of `provisioner doctor` and `provisioner probe`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from provisioner.live.checkup import CheckResult, CheckStatus
from provisioner.model.assumptions import ASSUMPTIONS
from provisioner.render import readable
from provisioner.render.json_text import json_text
from provisioner.render.terminal.lines import Line, rendered

_STYLES = {CheckStatus.OK: "", CheckStatus.WARNING: "yellow", CheckStatus.ERROR: "bold red"}


def checkup_text(results: Sequence[CheckResult], *, color: bool) -> str:
    """Return the results as lines, each with what to do, and the number of problems."""
    lines: list[Line] = []
    for result in results:
        summary = readable.harmless(f"{result.name}: {result.summary}")
        lines.append((f"{result.status:<8} {summary}", _STYLES[result.status]))
        if result.hint:
            lines.append((f"{'':<9}-> {readable.harmless(result.hint)}", "dim"))
    counts = Counter(result.status for result in results)
    errors = readable.count(counts[CheckStatus.ERROR], "error")
    warnings = readable.count(counts[CheckStatus.WARNING], "warning")
    lines += [("", ""), (f"{readable.count(len(results), 'check')}: {errors}, {warnings}.", "bold")]
    return rendered(lines, color=color)


def checkup_json(results: Sequence[CheckResult]) -> str:
    """Return the results as JSON."""
    counts = Counter(result.status for result in results)
    content = {
        "format_version": "1.0",
        "checks": [asdict(result) for result in results],
        "errors": counts[CheckStatus.ERROR],
        "warnings": counts[CheckStatus.WARNING],
    }
    return json_text(content, sort_keys=False)


def probe_text(
    facts: Mapping[str, Any],
    unknown: Mapping[str, str],
    new_agent_defaults: Mapping[str, Any],
    *,
    color: bool,
) -> str:
    """Return the report of a probe."""
    lines: list[Line] = []
    for name, one in ASSUMPTIONS.items():
        if name not in facts:
            continue
        holds = facts[name] == one.default
        result = "as assumed" if holds else f"assumed: {_shown(one.default)}; {one.when_wrong}"
        line = readable.harmless(f"{name}: {_shown(facts[name])} ({result})")
        lines.append((f"  {line}", "" if holds else "bold yellow"))
    missing: dict[str, list[str]] = {}
    for name in ASSUMPTIONS:
        if name not in facts:
            missing.setdefault(unknown.get(name, "no call shows it"), []).append(name)
    if missing:
        lines += [("", ""), ("Not found out; these stay assumptions:", "bold")]
    for reason, names in missing.items():
        lines.append((f"  {', '.join(names)}: {readable.harmless(reason)}", ""))
    if new_agent_defaults:
        sections = readable.harmless(", ".join(sorted(new_agent_defaults)))
        lines += [("", ""), (f"Settings of a new agent (new_agent_defaults): {sections}", "")]
    return rendered(lines, color=color)


def _shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
