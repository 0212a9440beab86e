"""Random faults over many agents: a true report each time, and convergence in the end."""

from collections import Counter
from pathlib import Path

import pytest

from provisioner.sandbox.faults import Fault, Faults
from tests.soak.harness import FULL, running
from tests.states import mails, state
from tests.support import write_project

AGENTS = 1000 if FULL else 60
MOST_RUNS = 8
PERCENT = [1, 5, 10, 20] if FULL else [20]
SEEDS = range(3) if FULL else [1]


def team(folder: Path) -> Path:
    """Write a project with many agents in departments, with profiles and hours."""
    agents = "\n".join(
        f"- {{email: a{number}@acme.example, name: Agent {number}, extends: [all], "
        f"alias: A{number}, departments: {{D{number % 5}: {{tickets: true, role: reader}}}}}}"
        for number in range(AGENTS)
    )
    departments = "\n".join(f"- {{name: D{number}}}" for number in range(5))
    return write_project(
        folder,
        agents=f"agents:\n{agents}\n",
        departments=f"departments:\n{departments}\n",
        profiles="profiles: [{name: all, availability: {tickets: online}, chat: {max_load: 3}}]\n",
        provisioner="version: 1\nguards: {max_update_percent: 100}\n",
    )


def rules(percent: int) -> list[Fault]:
    """Return faults of every kind, that together hit so many requests of a hundred."""
    chance = percent / 100 / 6
    kinds = [
        Fault("drop"),
        Fault("drop", lands=True),
        Fault("status", status=500, lands=True),
        Fault("status", status=503),
        Fault("status", status=429),
        Fault("truncate"),
    ]
    return [
        Fault(rule.kind, times=0, chance=chance, status=rule.status, lands=rule.lands)
        for rule in kinds
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("percent", PERCENT)
def test_random_faults_end_where_a_calm_run_ends(percent: int, seed: int, tmp_path: Path) -> None:
    with running(tmp_path / "calm") as (calm, runner):
        assert runner.run("apply", str(team(tmp_path / "one")), "--yes").code == 0
        wanted = state(calm)
    project = str(team(tmp_path / "two"))
    with running(tmp_path / "wild", Faults(rules(percent), seed)) as (live, runner):
        codes = []
        for _ in range(MOST_RUNS):
            ended = runner.run("apply", project, "--yes")
            codes.append(ended.code)
            assert ended.code in {0, 1, 4}, ended.output
            assert ("Incomplete" in ended.output) == (ended.code == 4), ended.output[-2000:]
            if ended.code == 0:
                break
        assert codes[-1] == 0, f"{codes}: {ended.output[-2000:]}"
        assert any(entry.status in {0, 429, 500, 503} for entry in live.server.requests.entries())
        live.server.faults.clear()
        assert state(live) == wanted
        sent = Counter(email for email, _ in mails(tmp_path / "wild/account.db"))
        assert set(sent.values()) == {1}
        assert "Nothing to change" in runner.run("plan", project).output
