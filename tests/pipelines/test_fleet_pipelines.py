"""The ready-made pipelines of a fleet: their scripts run against stand-ins of the platforms."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.runner import ROOT, Job, filled, holds
from tests.platform_host import TOKEN, platform_host, variables
from tests.preloaded import preloaded_path
from tests.repository import SETTINGS, Repository
from tests.support import KEY, Account

HERE = Path(__file__).parent
REPOSITORY = "acme/helpdesk"
ACTIONS = f"repos/{REPOSITORY}/actions"
KEYS = {"EU_LIVEAGENT_KEY": KEY, "US_LIVEAGENT_KEY": KEY}
FLEET = """
    accounts:
      - {project: accounts/eu, target: production, wave: 1}
      - {project: accounts/us, target: production, wave: 2}
"""
PROJECT = """
    targets:
      production:
        {url: "%s", api_key: {env: %s_LIVEAGENT_KEY}, requests_per_minute: 10000}
"""
GITLAB = yaml.safe_load(
    (ROOT / "examples/pipelines/gitlab-fleet/.gitlab-ci.yml").read_text("utf-8")
)


def team(name: str) -> str:
    return f"agents: [{{email: {name}@acme.example, name: A}}]"


@pytest.fixture
def clone(tmp_path: Path, live: Account) -> Repository:
    """Return a clone of a fleet with a change of the account us on a branch."""
    origin = Repository.new(tmp_path / "helpdesk.git")
    origin.git("config", "receive.denyCurrentBranch", "ignore")
    origin.commit("Begin", fleet=FLEET)
    for name in ("eu", "us"):
        settings = PROJECT % (live.server.url, name.upper())
        origin.commit("Begin", f"accounts/{name}", provisioner=settings, team=team(name))
    origin.git("clone", "--quiet", origin.folder.as_uri(), str(tmp_path / "helpdesk"))
    made = Repository(tmp_path / "helpdesk")
    made.branch("change")
    made.commit("Change", "accounts/us", team=team("us2"))
    return made


class GitHub:
    """Runs the jobs of the workflows for one clone, and keeps their artifacts."""

    def __init__(self, clone: Repository, folder: Path) -> None:
        self.clone = clone
        self.folder = folder
        self.store = folder / "store"
        self.store.mkdir(parents=True)
        self.artifacts: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {f"{ACTIONS}/artifacts": {"artifacts": self.artifacts}}

    def job(self, name: str, job: str, run: int, **inputs: str) -> Job:
        """Run a job; all jobs of one run share its number."""
        head = self.clone.git("rev-parse", "HEAD")
        self.answers[f"repos/{REPOSITORY}/commits/heads/main"] = {"sha": head}
        (self.store / "answers.json").write_text(json.dumps(self.answers))
        temporary = self.folder / f"run-{len([*self.folder.iterdir()])}"
        temporary.mkdir()
        # Each job begins with a checkout.
        self.clone.git("clean", "--quiet", "-xffd")
        is_planned = name == "fleet-plan"
        event = {"pull_request": {"number": 3, "head": {"sha": head}}} if is_planned else {}
        data = yaml.safe_load((ROOT / f"examples/pipelines/github-fleet/{name}.yml").read_text())

        def upload(given: Mapping[str, str]) -> None:
            kept = self.store / str(run) / given["name"]
            source = self.clone.folder / given["path"]
            if source.exists():
                shutil.copytree(source, kept, dirs_exist_ok=True)
                made_by = {"id": run, "head_branch": "main", "repository_id": 1}
                self.artifacts.append(
                    {
                        "name": given["name"],
                        "expired": False,
                        "created_at": f"2024-01-02T03:04:{run:02}Z",
                        "workflow_run": {**made_by, "head_repository_id": 1},
                    }
                )

        with platform_host("github") as (url, host):
            made = Job(
                checkout=self.clone.folder,
                temporary=temporary,
                context={
                    "github": {
                        "base_ref": "main" if is_planned else "",
                        "event": event,
                        "event_name": "pull_request" if is_planned else "push",
                        "sha": head,
                        "token": TOKEN,
                        "workspace": str(self.clone.folder),
                    },
                    "secrets": KEYS,
                    "inputs": inputs,
                    "vars": {"PROVISIONER_HOSTS": ""},
                    "runner": {"temp": str(temporary)},
                },
                environment={
                    **variables("github", url, temporary),
                    "GITHUB_TOKEN": "",
                    "GITHUB_SHA": head,
                    "GITHUB_RUN_ID": str(run),
                    "GH_STORE": str(self.store),
                },
                uses={"actions/checkout": lambda _: None, "actions/upload-artifact": upload},
            )
            made.path = f"{HERE}:{preloaded_path()}"
            made.environment |= {
                key: filled(value, made.context) for key, value in data.get("env", {}).items()
            }
            made._steps(data["jobs"][job]["steps"], made.context)
            self.comments = host.own
        return made


def test_github_applies_the_reviewed_plans_wave_after_wave(
    clone: Repository, live: Account, tmp_path: Path
) -> None:
    github = GitHub(clone, tmp_path / "github")
    planned = github.job("fleet-plan", "plan", run=1)
    assert not planned.failed, planned.log
    [comment] = github.comments
    assert comment == planned.summary
    assert comment.startswith("<!-- provisioner-fleet: helpdesk -->\n")
    assert "Not touched since origin/main: 1 account, not planned" in comment

    head = clone.git("rev-parse", "HEAD")
    clone.git("push", "--quiet", "origin", "change:main")
    github.answers[f"{ACTIONS}/workflows/fleet-plan.yml/runs"] = {
        "workflow_runs": [
            {
                "id": 1,
                "head_sha": head,
                "event": "pull_request",
                "conclusion": "success",
                "repository": {"id": 1},
                "head_repository": {"id": 1},
            }
        ]
    }
    pull = {"number": 3, "merged_at": "2024", "base": {"ref": "main"}, "head": {"sha": head}}
    github.answers[f"repos/{REPOSITORY}/commits/{head}/pulls"] = [pull]
    assert not github.job("fleet-apply", "reviewed", run=2).failed
    first = github.job("fleet-wave", "apply", run=2, wave="1")
    assert not first.failed, first.log
    assert "not touched in the reviewed plan" in first.summary
    second = github.job("fleet-wave", "apply", run=2, wave="2")
    assert not second.failed, second.log
    assert "Fleet helpdesk applied: 1 account: 1 done" in second.summary
    assert live.agent("us2@acme.example")
    records = github.store / "2/provisioner-fleet-records"
    assert [*records.glob("accounts/us/.provisioner/runs/*.jsonl")]
    assert not (records / ".leases").exists()
    # The review had another plan: what it created is there already, with another name.
    row = live.agent("us2@acme.example")
    live.call("PUT", f"/agents/{row['id']}", {**row, "name": "Other"})
    again = github.job("fleet-wave", "apply", run=2, wave="2")
    assert again.failed
    assert "its plan is not the one that was reviewed" in again.summary
    drift = github.job("fleet-drift", "drift", run=3)
    assert drift.failed
    assert "**us**: Drift on production, compared with the files: 1 differs." in drift.summary


def test_github_applies_nothing_without_a_review(clone: Repository, tmp_path: Path) -> None:
    github = GitHub(clone, tmp_path / "github")
    github.answers[f"repos/{REPOSITORY}/commits/{clone.git('rev-parse', 'HEAD')}/pulls"] = []
    found = github.job("fleet-apply", "reviewed", run=2)
    assert found.failed
    assert "there are no reviewed plans; nothing was written" in found.log
    clone.commit("Break", "accounts/us", team="agents: [broken")
    (clone.folder / "fleet.yaml").write_text("accounts: broken\n")
    planned = github.job("fleet-plan", "plan", run=4)
    assert planned.failed
    assert "Could not be planned" in github.comments[0]
    assert github.artifacts == []


def test_a_fork_gets_no_key() -> None:
    data = yaml.safe_load((ROOT / "examples/pipelines/github-fleet/fleet-plan.yml").read_text())
    condition = data["jobs"]["plan"]["if"]
    for repository, event, is_planned in (
        (REPOSITORY, "pull_request", True),
        ("stranger/helpdesk", "pull_request", False),
        ("", "workflow_dispatch", True),
        ("", "merge_group", True),
    ):
        pull = {"head": {"repo": {"full_name": repository}}, "user": {"login": "mia"}}
        context = {
            "github": {
                "repository": REPOSITORY,
                "event_name": event,
                "event": {"pull_request": pull},
            }
        }
        assert holds(condition, context) is is_planned


@pytest.mark.parametrize("result", ["success", "skipped", "failure", "cancelled"])
def test_the_required_check_passes_only_after_a_plan(result: str, tmp_path: Path) -> None:
    data = yaml.safe_load((ROOT / "examples/pipelines/github-fleet/fleet-plan.yml").read_text())
    planned = data["jobs"]["planned"]
    done = Job(tmp_path, tmp_path, {"needs": {"plan": {"result": result}}}, {}, {})
    done._steps(planned["steps"], done.context)
    assert (planned["if"], done.failed) == ("always()", result != "success")


def gitlab(name: str, clone: Repository, **more: str) -> tuple[int, str]:
    """Run the scripts of a job, and return its exit code and log."""
    job = {**GITLAB.get(GITLAB[name].get("extends", ""), {}), **GITLAB[name]}
    folder, after = str(clone.folder), f"trap '{'; '.join(job.get('after_script', ()))}' EXIT"
    given = {**GITLAB["variables"], "PROVISIONER_RECORDS": f"{folder}/.provisioner-records"}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join([after, *job["script"]])],
        cwd=folder,
        env={
            **SETTINGS,
            **given,
            **job.get("variables", {}),
            **KEYS,
            "PATH": preloaded_path(),
            "HOME": os.devnull,
            "CI_DEFAULT_BRANCH": "main",
            **more,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_gitlab_applies_the_plans_of_the_pipeline_wave_after_wave(
    clone: Repository, live: Account, tmp_path: Path
) -> None:
    with platform_host("gitlab") as (url, host):
        request = {
            **variables("gitlab", url, tmp_path),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        }
        code, log = gitlab("plan", clone, **request)
        assert code == 0, log
        [note] = host.own
    assert "Not touched since FETCH_HEAD: 1 account, not planned" in note
    clone.git("push", "--quiet", "origin", "change:main")
    code, log = gitlab("plan-to-apply", clone)
    assert code == 0, log
    assert "Fleet: 2 accounts" in log
    for wave, email in (("wave-1", "eu@acme.example"), ("wave-2", "us2@acme.example")):
        code, log = gitlab(wave, clone)
        assert code == 0, log
        assert live.agent(email)
    records = clone.folder / ".provisioner-records"
    assert [*records.glob("accounts/us/.provisioner/runs/*.jsonl")]
    assert not (records / ".leases").exists()
    assert gitlab("drift", clone)[0] == 0
    clone.git("reset", "--quiet", "--hard", "HEAD~1")
    code, log = gitlab("wave-2", clone)
    assert (code, "not the last commit of main" in log) == (1, True)
