"""The report of `provisioner doctor`: a line for each check, or JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from provisioner.live.checkup import CheckResult, CheckStatus
from provisioner.render import readable
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
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
