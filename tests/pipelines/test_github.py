"""The ready-made workflows of GitHub, from a branch to the account, with a bare remote."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.runner import Job
from tests.repository import Repository
from tests.support import KEY, Account, account

HERE = Path(__file__).parent
REPOSITORY = "acme/helpdesk"

PROJECT = """
    version: 1
    targets:
      production: {url: "%s", api_key: {env: LIVEAGENT_V3_API_KEY}, requests_per_minute: 10000}
"""
TEAM = """
    departments: [{name: Support}, {name: Sales}]
    agents:
      - {email: mia@acme.example, name: Mia, departments: {Support: {tickets: true}}}
      - {email: bob@acme.example, name: Bob}
"""


class GitHub:
    """What GitHub keeps: a repository, pull requests, runs, artifacts and comments."""

    def __init__(self, folder: Path, live: Account) -> None:
        self.folder = folder
        self.live = live
        self.store = folder / "store"
        self.store.mkdir()
        self.comments: dict[str, str] = {}
        self.answers: dict[str, Any] = {
            f"repos/{REPOSITORY}/actions/workflows/{name}.yml/runs": {"workflow_runs": []}
            for name in ("plan", "snapshot")
        }
        self.remote = folder / "remote.git"
        self.author = Repository.new(folder / "author")
        self.author.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self.author.git("remote", "add", "origin", str(self.remote))
        self.author.commit("Begin", team=TEAM, provisioner=PROJECT % live.server.url)
        self.author.git("push", "--quiet", "origin", "main")
        self.runs = 0

    def propose(self, old: str, new: str) -> str:
        """Push a branch that changes the team, and return its commit."""
        self.author.branch("change")
        file = self.author.folder / "team.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        commit = self.author.commit("Change the team")
        self.author.git("push", "--quiet", "origin", "change")
        return commit

    def merge(self) -> str:
        """Merge the branch as a squash does: one commit on main, with another id."""
        self.author.git("checkout", "--quiet", "main")
        self.author.git("merge", "--quiet", "--squash", "change")
        commit = self.author.commit("Change the team (#1)")
        self.author.git("push", "--quiet", "origin", "main")
        head = self.author.git("rev-parse", "change")
        self.answers[f"repos/{REPOSITORY}/commits/{commit}/pulls"] = [
            {"number": 1, "merged_at": "2024-01-02T03:04:05Z", "head": {"sha": head}}
        ]
        return commit

    def job(
        self,
        name: str,
        job: str,
        ref: str = "main",
        *,
        key: str = KEY,
        inputs: Mapping[str, str] | None = None,
        from_repository: int = 1,
    ) -> Job:
        """Run a job as a platform does, and keep its artifacts and comment."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        temporary = folder / "temp"
        temporary.mkdir(parents=True)
        (self.store / "answers.json").write_text(json.dumps(self.answers))
        clone = folder / "work"
        head = self.author.git("rev-parse", ref)

        def checkout(given: Mapping[str, str]) -> None:
            depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
            url = self.remote.as_uri()
            self.author.git("clone", "--quiet", *depth, "--no-single-branch", url, str(clone))
            made = Repository(clone)
            if ref != "main":
                # The merge that GitHub makes of a pull request, for what is reviewed.
                made.git("merge", "--quiet", "--no-ff", "--message", "Merge", f"origin/{ref}")

        def upload(given: Mapping[str, str]) -> None:
            source, kept = Path(given["path"]), self.store / str(self.runs) / given["name"]
            if source.is_dir():
                shutil.copytree(source, kept)
            else:
                kept.mkdir(parents=True)
                shutil.copy(source, kept)

        def comment(given: Mapping[str, str]) -> None:
            self.comments[given["header"]] = Path(given["path"]).read_text()

        clone.mkdir(parents=True)
        done = Job(
            checkout=clone,
            temporary=temporary,
            context={
                "github": {"base_ref": "main", "token": "token", "repository": REPOSITORY},
                "secrets": {"LIVEAGENT_V3_API_KEY": key},
                "inputs": dict(inputs or {}),
                "runner": {"temp": str(temporary)},
            },
            environment={
                "GITHUB_REPOSITORY": REPOSITORY,
                "GITHUB_SHA": head,
                "GH_STORE": str(self.store),
            },
            uses={
                "actions/checkout": checkout,
                "actions/upload-artifact": upload,
                "marocchino/sticky-pull-request-comment": comment,
            },
        )
        done.path = f"{HERE}:{done.path}"
        done.run(name, job)
        runs = self.answers.get(f"repos/{REPOSITORY}/actions/workflows/{name}.yml/runs")
        if runs is not None:
            runs["workflow_runs"].insert(
                0,
                {
                    "id": self.runs,
                    "head_sha": head,
                    "head_branch": ref,
                    "event": "pull_request",
                    "conclusion": "failure" if done.failed else "success",
                    "repository": {"id": 1},
                    "head_repository": {"id": from_repository},
                },
            )
        return done


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with account(tmp_path) as live:
        made = GitHub(tmp_path, live)
        applied = made.job("apply", "apply", inputs={"digest": "unknown"})
        assert "not the plan" in applied.log, applied.log
        # The first apply has no pull request: a person gives the digest that the summary shows.
        digest = applied.summary.rsplit("the digest `", 1)[1].split("`")[0]
        assert not made.job("apply", "apply", inputs={"digest": digest}).failed
        yield made


def test_a_change_goes_from_the_branch_to_the_account(github: GitHub) -> None:
    commit = github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change")
    assert not planned.failed, planned.log
    said = github.comments["provisioner"]
    assert "Changed by this branch" in said
    assert commit[:7] in said
    assert "Robert" in said
    assert planned.summary == said
    assert github.live.agent("bob@acme.example")["name"] == "Bob"

    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert "Applied and read back: 1 updated" in applied.summary
    assert github.live.agent("bob@acme.example")["name"] == "Robert"
    again = github.job("apply", "apply")
    assert not again.failed
    assert "Applied" not in again.summary


def test_a_new_plan_replaces_the_comment(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    file = github.author.folder / "team.yaml"
    file.write_text(file.read_text().replace("name: Robert", "name: Bobby"))
    github.author.commit("Another name")
    github.author.git("push", "--quiet", "origin", "change")
    assert not github.job("plan", "plan", "change").failed
    assert "Robert" not in github.comments["provisioner"]
    assert "Bobby" in github.comments["provisioner"]


def test_earlier_drift_is_shown_as_such(github: GitHub) -> None:
    mia = github.live.agent("mia@acme.example")
    github.live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Somebody"})
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    assert "Was already drifted" in github.comments["provisioner"]


def test_what_was_not_reviewed_is_not_applied(github: GitHub) -> None:
    """Somebody changed the same agent between the review and the merge."""
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "gender": "F"})
    github.merge()
    github.live.server.requests.clear()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "this is not the plan that was reviewed; nothing was written" in applied.log
    assert github.live.writes() == []
    digest = applied.summary.rsplit("the digest `", 1)[1].split("`")[0]
    assert not github.job("apply", "apply", inputs={"digest": digest}).failed
    assert github.live.agent("bob@acme.example")["name"] == "Robert"


def test_what_else_changed_in_the_account_does_not_matter(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    github.live.call("POST", "/agents", {"email": "new@acme.example", "name": "New"})
    github.merge()
    assert not github.job("apply", "apply").failed


def test_a_merge_that_nobody_planned_is_not_applied(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.merge()
    assert github.job("apply", "apply").failed
    assert github.live.agent("bob@acme.example")["name"] == "Bob"


def test_the_plan_of_a_fork_has_no_say_in_what_is_applied(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change", from_repository=2)
    github.merge()
    assert github.job("apply", "apply").failed


def test_an_invalid_project_is_annotated_and_not_planned(github: GitHub) -> None:
    github.propose("name: Bob", "nome: Bob")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert "::error file=team.yaml,line=5,col=" in planned.log
    assert github.comments == {}


def test_a_plan_that_apply_would_refuse_is_shown_and_fails(github: GitHub) -> None:
    github.propose("name: Bob}", "name: Bob}\n  - {email: owner@acme.example, state: absent}")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert "protected" in planned.log
    assert "owner@acme.example" in github.comments["provisioner"]
    github.merge()
    assert github.job("apply", "apply").failed


def test_a_fork_s_pull_request_is_planned_from_a_snapshot_without_a_secret(
    github: GitHub,
) -> None:
    assert not github.job("snapshot", "snapshot").failed
    github.propose("name: Bob", "name: Robert")
    github.live.server.requests.clear()
    planned = github.job("plan", "plan-of-fork", "change", key="")
    assert not planned.failed, planned.log
    assert "Robert" in planned.summary
    assert github.live.server.requests.entries() == []
    assert github.comments == {}


def test_without_a_snapshot_a_fork_is_told_so(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan-of-fork", "change", key="")
    assert planned.failed
    assert "there is no snapshot to plan from" in planned.log


def test_drift_fails_the_scheduled_check_and_says_what(github: GitHub) -> None:
    assert not github.job("drift", "drift").failed
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "</pre>`*x*"})
    found = github.job("drift", "drift")
    assert found.failed
    assert "the account is not as the files declare it" in found.log
    assert "        name: declared Bob, live </pre>`*x*\n" in found.summary


def test_names_of_branches_and_inputs_are_data(github: GitHub) -> None:
    """What people name is passed by the environment, so bash never takes it for a command."""
    mark = github.folder / "mark"
    applied = github.job(
        "apply", "apply", inputs={"digest": f'"; touch {mark}; echo "$(touch {mark})'}
    )
    assert not mark.exists()
    assert not applied.failed  # nothing to do
