"""Drift is attributed: the account, the files or both have changed since the last apply."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import Account, account, write_project

TEAM = """
    departments: [{name: Support}]
    agents:
      - {email: mia@acme.example, name: Mia, alias: M, level: Junior, departments: {}}
      - {email: bob@acme.example, name: Bob, departments: {}}
"""


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@acme.example"]
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(live: Account, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = write_project(tmp_path / "p", team=TEAM)
    if getattr(request, "param", True):
        git(folder, "init", "-q")
        commit(folder)
    live.apply(folder)
    return folder


def disturb(live: Account, project: Path) -> None:
    """Change the name in the account, the alias in the files, the level in both, and delete Bob."""
    mia = live.agent("mia@acme.example")
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Mia C."})
    live.call("PUT", f"/agents/{mia['id']}/profile", {"level": "Senior"})
    live.call("DELETE", f"/agents/{live.agent('bob@acme.example')['id']}")
    changed = TEAM.replace("alias: M", "alias: Mimi").replace("level: Junior", "level: Expert")
    write_project(project, team=changed)
    write_project(project, new="agents: [{email: eve@acme.example, name: Eve}]")


def sides(live: Account, project: Path, *words: str) -> dict[str, Any]:
    result = live.run("drift", str(project), "--format", "json", *words)
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    fields = {
        field["path"][-1]: field["changed"] for one in data["drift"] for field in one["fields"]
    }
    return {
        "since": data["since"],
        **fields,
        **{one["address"]: one["changed"] for one in data["drift"] if not one["fields"]},
    }


EXPECTED = {
    "name": "account",
    "alias": "files",
    "level": "both",
    "agent/bob@acme.example": "account",
    "agent/eve@acme.example": "files",
}


def test_since_the_commit_of_the_last_apply(live: Account, project: Path) -> None:
    disturb(live, project)
    assert sides(live, project) == {"since": "run 1", **EXPECTED}
    text = live.run("drift", str(project)).stdout
    assert "missing, changed in the account since run 1\n" in text
    assert "    name: declared Mia, live Mia C., changed in the account since run 1\n" in text
    assert "    level: declared Expert, live Senior, changed on both sides since run 1\n" in text


@pytest.mark.parametrize("project", [False], indirect=True)
def test_since_the_records_of_runs_without_a_repository(live: Account, project: Path) -> None:
    disturb(live, project)
    assert sides(live, project) == {
        "since": "run 1",
        **EXPECTED,
        "agent/eve@acme.example": None,  # no run has had her
    }


def test_since_a_commit(live: Account, project: Path) -> None:
    disturb(live, project)
    later = commit(project)
    assert sides(live, project, "--since", "HEAD~1") == {"since": "HEAD~1", **EXPECTED}
    since = sides(live, project, "--since", later)
    assert {since[key] for key in EXPECTED} == {"account"}
    assert live.run("drift", str(project), "--since", "nowhere").exit_code == 1


def test_without_an_apply_nothing_is_attributed(live: Account, tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    found = sides(live, project)
    assert set(found.values()) == {None}


def test_manual_steps_of_api_v3(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", team=TEAM)
    git(project, "init", "-q")
    first = commit(project)
    write_project(project, new="departments: [{name: Sales}]")
    with account(tmp_path, surface="v3") as live:
        result = live.run("drift", str(project), "--format", "json", "--since", first)
    steps = {step["address"]: step["changed"] for step in json.loads(result.stdout)["manual_steps"]}
    assert steps["department/Support"] == "account"
    assert steps["department/Sales"] == "files"


def test_drift_as_markdown(live: Account, project: Path) -> None:
    disturb(live, project)
    bad = live.agent("mia@acme.example")
    live.call("PUT", f"/agents/{bad['id']}", {**bad, "name": "`x` | @all <b>"})
    result = live.run("drift", str(project), "--format", "markdown", "--detailed-exitcode")
    assert result.exit_code == 2
    first, _, title, *_ = result.stdout.replace("\n", "\n\n", 1).split("\n")
    assert first == "<!-- provisioner-drift: environment -->"
    assert title.startswith("## ⚠️ Drift on environment, compared with the files: ")
    row = next(line for line in result.stdout.split("\n") if "@all" in line)
    assert row == (
        "| `agent/mia@acme.example` | name | Mia | `` `x` \\| @all <b> `` | "
        "changed in the account since run 1 | `team.yaml:4` |"
    )
    assert "`provisioner drift --accept ADDRESS`" in result.stdout
    assert live.run("drift", str(project), "--accept-all").exit_code == 0
    clean = live.run("drift", str(project), "--format", "markdown", "--detailed-exitcode")
    assert (clean.exit_code, "## ✅ No drift on environment" in clean.stdout) == (0, True)
