"""The ready-made workflows of GitHub, from a branch to the account, with a bare remote."""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from copy import copy, deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.runner import Job, holds, workflow
from tests.repository import Repository
from tests.support import KEY, Account, account

HERE = Path(__file__).parent
REPOSITORY = "acme/helpdesk"
COMMENT = "provisioner-plan: production"
RECORDS = "provisioner-records"
UNKNOWN = "0" * 64
RUN = f"https://git.acme.example/{REPOSITORY}/actions/runs/7"
DELETED = "{email: %s, state: absent}"

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
        self.store.mkdir(parents=True)
        self.comments: dict[str, str] = {}
        self.answers: dict[str, Any] = {
            f"repos/{REPOSITORY}/actions/workflows/{name}.yml/runs": {"workflow_runs": []}
            for name in ("plan", "snapshot")
        }
        self.artifacts: list[dict[str, Any]] = []
        self.answers[f"repos/{REPOSITORY}/actions/artifacts"] = {"artifacts": self.artifacts}
        self.remote = folder / "remote.git"
        self.author = Repository.new(folder / "author")
        self.author.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self.author.git("remote", "add", "origin", str(self.remote))
        self.author.commit("Begin", team=TEAM, provisioner=PROJECT % live.server.url)
        self.author.git("push", "--quiet", "origin", "main")
        self.runs = 0

    def copied(self) -> "GitHub":
        """Return a copy with comments, answers and artifacts of its own; the files are shared."""
        other = copy(self)
        kept = deepcopy((self.comments, self.answers, self.artifacts))
        other.comments, other.answers, other.artifacts = kept
        return other

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
            {
                "number": number,
                "merged_at": merged and "2024-01-02T03:04:05Z",
                "base": {"ref": base},
                "head": {"sha": head},
            }
            for number, merged, base in ((3, False, "main"), (2, True, "stable"), (1, True, "main"))
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
        number: int = 1,
        at: str = "",
        plant: Mapping[str, str] | None = None,
    ) -> Job:
        """Run a job as a platform does, and keep its artifacts and comment."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        temporary = folder / "temp"
        temporary.mkdir(parents=True)
        tip = self.author.git("ls-remote", "origin", "refs/heads/main").split()[0]
        self.answers[f"repos/{REPOSITORY}/commits/heads/main"] = {"sha": tip}
        (self.store / "answers.json").write_text(json.dumps(self.answers))
        clone = folder / "work"
        head = at or self.author.git("rev-parse", ref)

        def checkout(given: Mapping[str, str]) -> None:
            depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
            url = self.remote.as_uri()
            self.author.git("clone", "--quiet", *depth, "--no-single-branch", url, str(clone))
            made = Repository(clone)
            if ref != "main":
                # The merge that GitHub makes of a pull request, for what is reviewed.
                made.git("merge", "--quiet", "--no-ff", "--message", "Merge", f"origin/{ref}")
            if at:
                made.git("fetch", "--quiet", "--unshallow", "origin")
                made.git("checkout", "--quiet", at)
            for path, text in (plant or {}).items():
                (clone / path).parent.mkdir(exist_ok=True)
                (clone / path).write_text(text)

        def upload(given: Mapping[str, str]) -> None:
            source, kept = clone / given["path"], self.store / str(self.runs) / given["name"]
            if not source.exists():
                assert given["if-no-files-found"] == "ignore"
                return
            made_by = {"id": self.runs, "head_branch": ref, "repository_id": 1}
            self.artifacts.append(
                {
                    "name": given["name"],
                    "expired": False,
                    "created_at": f"2024-01-02T03:04:{self.runs:02}Z",
                    "workflow_run": {**made_by, "head_repository_id": from_repository},
                }
            )
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
                "github": {
                    "base_ref": "main",
                    "token": "token",
                    "repository": REPOSITORY,
                    "sha": head,
                    "event": {"pull_request": {"number": number, "head": {"sha": head}}},
                },
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


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """Apply the first commit once; each test gets the files and the account as they are then."""
    folder = tmp_path_factory.mktemp("github")
    with account(folder) as live:
        made = GitHub(folder / "now", live)
        refused = made.job("apply", "apply", inputs={"digest": UNKNOWN})
        assert "not the plan" in refused.log, refused.log
        # The first apply has no pull request: a person gives the digest that the summary shows.
        digest = refused.summary.rsplit("the digest `", 1)[1].split("`")[0]
        assert not made.job("apply", "apply", inputs={"digest": digest}).failed
        shutil.copytree(made.folder, folder / "then", symlinks=True)
        copy_database(folder / "account.db", folder / "then.db")
        yield made


@pytest.fixture
def github(applied: GitHub) -> GitHub:
    folder = applied.folder.parent
    shutil.rmtree(applied.folder)
    shutil.copytree(folder / "then", applied.folder, symlinks=True)
    copy_database(folder / "then.db", folder / "account.db")
    applied.live.server.requests.clear()
    return applied.copied()


def copy_database(source: Path, target: Path) -> None:
    """Make one database the same as another, also while a sandbox has it open."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def test_a_change_goes_from_the_branch_to_the_account(github: GitHub) -> None:
    commit = github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change")
    assert not planned.failed, planned.log
    said = github.comments[COMMENT]
    assert "Changed by this branch" in said
    assert commit[:7] in said
    assert "Robert" in said
    assert f"Planned at {commit[:7]}. [The run]({RUN}) keeps the whole report." in said
    assert planned.summary == said
    artifact = github.store / str(github.runs) / "provisioner-plan-1"
    assert (artifact / "report.html").read_text().startswith("<!doctype html>")
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
    assert "Robert" not in github.comments[COMMENT]
    assert "Bobby" in github.comments[COMMENT]


def test_earlier_drift_is_shown_as_such(github: GitHub) -> None:
    mia = github.live.agent("mia@acme.example")
    github.live.call("PUT", f"/agents/{mia['id']}", {**mia, "name": "Somebody"})
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    assert "Was already drifted" in github.comments[COMMENT]


def test_what_was_not_reviewed_is_not_applied(github: GitHub) -> None:
    """Somebody changed the same agent between the review and the merge."""
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bobby"})
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
    said = github.comments[COMMENT]
    assert f"Could not be planned at {github.author.git('rev-parse', 'change')[:7]}" in said
    assert f"[The log]({RUN})" in said
    assert planned.summary == said


def test_a_plan_that_apply_would_refuse_is_shown_and_fails(github: GitHub) -> None:
    github.propose("name: Bob}", "name: Bob}\n  - {email: owner@acme.example, state: absent}")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert "protected" in planned.log
    assert "owner@acme.example" in github.comments[COMMENT]
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
    assert "no digest of a plan" in applied.log
    applied = github.job(
        "apply", "apply", inputs={"digest": UNKNOWN, "allow": f"deletes=1;touch {mark}"}
    )
    assert not mark.exists()
    assert "allow takes words such as deletes=6" in applied.log


def test_what_a_plan_does_not_write_is_not_what_was_reviewed(github: GitHub) -> None:
    """Agents switch their availability all day; no file declares it."""
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    bob = github.live.agent("bob@acme.example")
    [device] = [
        device
        for device in github.live.everything("/devices")
        if (device["agent_id"], device["service_type"]) == (bob["id"], "T")
    ]
    switched = {"preset_status": "N", "online_status": "N"}
    assert device["preset_status"] != "N"
    github.live.call("PUT", f"/devices/{device['id']}", {**device, **switched})
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "gender": "F"})
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert github.live.agent("bob@acme.example")["name"] == "Robert"


def test_a_run_of_an_older_commit_is_not_run_again(github: GitHub) -> None:
    older = github.author.git("rev-parse", "main")
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    github.merge()
    assert not github.job("apply", "apply").failed
    github.live.server.requests.clear()
    again = github.job("apply", "apply", at=older)
    assert again.failed
    assert "this run is not of the last commit of main" in again.log
    assert github.live.server.requests.entries() == []


def test_the_plan_of_another_pull_request_is_not_the_reviewed_one(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change", number=3)
    github.merge()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "this is not the plan that was reviewed" in applied.log


def test_a_reviewed_digest_is_a_digest(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    artifact = github.store / str(github.runs) / "provisioner-plan-1"
    (artifact / "digest").write_text(f"{UNKNOWN}\ndigest={UNKNOWN}\n")
    github.merge()
    applied = github.job("apply", "apply")
    assert applied.failed
    assert "no digest of a plan" in applied.log


def test_a_guard_is_passed_by_hand_with_the_digest(github: GitHub) -> None:
    leavers = [f"gone-{number}@acme.example" for number in range(6)]
    for email in leavers:
        github.live.call("POST", "/agents", {"email": email, "name": "Gone"})
    entries = "".join(f"\n  - {DELETED % email}" for email in leavers)
    github.propose("name: Bob}", f"name: Bob}}{entries}")
    assert github.job("plan", "plan", "change").failed
    said = github.comments[COMMENT]
    assert "--allow deletes=6" in said
    digest = said.rsplit("Plan ", 1)[1].split("<")[0]
    github.merge()
    assert github.job("apply", "apply").failed
    assert github.job("apply", "apply", inputs={"digest": digest}).failed
    few = {"digest": digest, "allow": "deletes=5 updates=9"}
    assert github.job("apply", "apply", inputs=few).failed
    assert github.job("apply", "apply", inputs={**few, "digest": UNKNOWN}).failed
    assert github.live.agent(leavers[0])
    enough = {"digest": digest, "allow": "deletes=6 updates=9"}
    applied = github.job("apply", "apply", inputs=enough)
    assert not applied.failed, applied.log
    assert "6 deleted" in applied.summary


def test_code_of_the_repository_does_not_run_beside_the_key(github: GitHub) -> None:
    mark = github.folder / "mark"
    evil = f"open({str(mark)!r}, 'w')\n"
    modules = ("hashlib", "json", "secrets", "sys")
    plant = {f"{name}.py": evil for name in modules} | {"provisioner/__init__.py": evil}
    github.propose("name: Bob", "name: Robert")
    planned = github.job("plan", "plan", "change", plant=plant)
    assert not planned.failed, planned.log
    github.merge()
    applied = github.job("apply", "apply", plant=plant)
    assert not applied.failed, applied.log
    assert not github.job("drift", "drift", plant=plant).failed
    assert not mark.exists()


def test_code_of_the_repository_does_not_run_in_the_installation(tmp_path: Path) -> None:
    """What is installed is an empty folder: pip ends without any network."""
    mark = tmp_path / "mark"
    for name in ("work/venv", "work/pip", "temp", "action"):
        (tmp_path / name).mkdir(parents=True)
    for module in ("venv/__init__", "venv/__main__", "pip/__init__", "pip/__main__", "json"):
        (tmp_path / f"work/{module}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (tmp_path / "action/constraints.txt").touch()
    done = Job(tmp_path / "work", tmp_path / "temp", {}, {}, {})
    done.environment["GITHUB_ACTION_PATH"] = str(tmp_path / "action")
    done.install()
    assert "Neither 'setup.py' nor 'pyproject.toml' found" in done.log
    assert (tmp_path / "temp/provisioner/bin/python").exists()
    assert not mark.exists()


def shown_as_text(log: str, word: str) -> bool:
    """Tell whether a word is in a log, and only where the runner obeys no commands."""
    rest, heeded = log, ""
    while "::stop-commands::" in rest:
        before, _, rest = rest.partition("::stop-commands::")
        token, _, rest = rest.partition("\n")
        _, ended, rest = rest.partition(f"::{token}::\n")
        assert ended
        heeded += before
    return word in log and word not in heeded + rest


def test_names_are_no_commands_to_the_runner(github: GitHub) -> None:
    github.propose("name: Bob", 'name: "##[error]Bob ::error::Bob"')
    assert not github.job("plan", "plan", "change").failed
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    assert shown_as_text(applied.log, "##[error]")
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "##[warning]B"})
    assert shown_as_text(github.job("drift", "drift").log, "##[warning]")


def test_what_refuses_a_plan_is_no_command_either(github: GitHub) -> None:
    """One of the same name comes and goes; the refusal names them."""
    bob = github.live.agent("bob@acme.example")
    github.live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "##[error]B"})
    comes = '{email: robert@acme.example, name: "##[error]B"}'
    github.propose("{email: bob@acme.example, name: Bob}", f"{DELETED % bob['email']}\n  - {comes}")
    planned = github.job("plan", "plan", "change")
    assert planned.failed
    assert shown_as_text(planned.log, "##[error]B")


def test_the_records_go_from_run_to_run(github: GitHub) -> None:
    github.propose("name: Bob", "name: Robert")
    github.job("plan", "plan", "change")
    github.merge()
    applied = github.job("apply", "apply")
    assert not applied.failed, applied.log
    kept = github.store / str(github.runs) / "provisioner-records"
    assert sorted(file.name for file in kept.iterdir()) == ["000001.jsonl", "000002.jsonl"]


def test_the_records_of_others_are_not_taken(github: GitHub) -> None:
    [made, *_] = [artifact for artifact in github.artifacts if artifact["name"] == RECORDS]
    others: list[dict[str, Any]] = [{"head_branch": "change"}, {"head_repository_id": 2}]
    for number, other in enumerate(others, start=90):
        forged = {**made["workflow_run"], **other, "id": number}
        github.artifacts.append({**made, "created_at": "2025-01-02", "workflow_run": forged})
    taken = github.job("apply", "apply", inputs={"digest": UNKNOWN})
    assert not taken.failed, taken.log
    kept = github.store / str(github.runs) / RECORDS
    assert [file.name for file in kept.iterdir()] == ["000001.jsonl"]


@pytest.mark.parametrize(
    ("repository", "author", "planned_by"),
    [
        (REPOSITORY, "mia", "plan"),
        ("stranger/helpdesk", "stranger", "plan-of-fork"),
        (REPOSITORY, "dependabot[bot]", "plan-of-fork"),
    ],
)
def test_who_gets_no_secret_is_planned_from_a_snapshot(
    repository: str, author: str, planned_by: str
) -> None:
    pull = {"head": {"repo": {"full_name": repository}}, "user": {"login": author}}
    context = {"github": {"repository": REPOSITORY, "event": {"pull_request": pull}}}
    jobs = workflow("plan")["jobs"]
    assert [name for name, job in jobs.items() if holds(job["if"], context)] == [planned_by]
