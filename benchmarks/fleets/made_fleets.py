"""Generated fleets: projects that are planned against snapshots, and projects of live sandboxes.

All accounts of a fleet have the same content: that of the first one is copied.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.accounts import (
    TARGET,
    URL,
    Layout,
    Work,
    departments,
    live_state,
    write_project,
)
from benchmarks.traffic import agent_data, renamed
from provisioner.address import Kind
from provisioner.live.snapshot_file import Snapshot, save
from provisioner.live.state import LiveState

NOTHING, SOME, ONE_FIELD = "nothing changed", "5 % of agents changed", "one field of all"
WORKS = (NOTHING, SOME, ONE_FIELD)

MOST_PER_MINUTE = 10_000
"""The largest limit that a project can have; no run of a benchmark reaches it."""

ALLOWED = "guards: {max_update_percent: 100}\n"


def snapshot_fleet(folder: Path, accounts: int, agents: int, work: str = SOME) -> Path:
    """Write a fleet with a snapshot for each account, and return the folder of the snapshots."""
    project, snapshots = folder / "project", folder / "snapshots"
    write_project(project, agents, Layout.ONE_FILE)
    with (project / "provisioner.yaml").open("a", encoding="utf-8") as file:
        file.write(ALLOWED)
    snapshots.mkdir()
    content = save(Snapshot(_state(agents, work), TARGET, f"{URL}/api/v3", "2026-11-22T14:03:11Z"))
    names = _names(accounts)
    for name in names:
        shutil.copytree(project, folder / "accounts" / name)
        (snapshots / f"{name}.snapshot").write_bytes(content)
    shutil.rmtree(project)
    _write_fleet(folder, names)
    return snapshots


def _state(agents: int, work: str) -> LiveState:
    if work == SOME:
        return live_state(agents)
    state = live_state(agents, Work.UNCHANGED)
    if work == NOTHING:
        return state
    objects = [
        replace(one, attributes={**one.attributes, "name": f"Former {number}"})
        if one.address.kind is Kind.AGENT and one.attributes["role"] != "owner"
        else one
        for number, one in enumerate(state.objects.values())
    ]
    return LiveState.of(objects, account=state.account, requests=state.requests)


def live_fleet(
    folder: Path, urls: Sequence[str], agents: int, changed: int, per_minute: int
) -> None:
    """Write a fleet with an account for each address; the first `changed` agents are renamed."""
    team = [agent_data(number) for number in range(agents)]
    team[:changed] = map(renamed, team[:changed])
    names = _names(len(urls))
    for name, url in zip(names, urls, strict=True):
        live_project(folder / "accounts" / name, url, team, per_minute)
    _write_fleet(folder, names)


def live_project(
    project: Path, url: str, team: Sequence[Mapping[str, Any]], per_minute: int = 0
) -> None:
    """Write the project of a sandbox; `per_minute` is the limit of its key, 0 for none."""
    project.mkdir(parents=True)
    limit = f"requests_per_minute: {per_minute or MOST_PER_MINUTE}"
    target = f"{{url: '{url}', insecure: true, api_key: {{env: KEY}}, {limit}}}"
    text = f"targets:\n  {TARGET}: {target}\n{ALLOWED}"
    (project / "provisioner.yaml").write_text(text, "utf-8")
    declared = {"departments": [{"name": name} for name in departments(len(team))], "agents": team}
    # JSON is YAML, too.
    (project / "team.yaml").write_text(json.dumps(declared), "utf-8")


def _write_fleet(folder: Path, names: Sequence[str]) -> None:
    entries = (f"  - {{project: accounts/{name}, target: {TARGET}}}\n" for name in names)
    (folder / "fleet.yaml").write_text(f"accounts:\n{''.join(entries)}", "utf-8")


def _names(number: int) -> list[str]:
    return [f"account{at:04}" for at in range(number)]
