"""A stand-in for GitHub: a bare remote, runs, artifacts and comments."""

import json
import shutil
from collections.abc import Mapping
from copy import copy, deepcopy
from pathlib import Path
from typing import Any

from tests.pipelines.runner import Job
from tests.platform_host import ME, OTHER, platform_host
from tests.platform_issues import KeptIssues
from tests.preloaded import INSTALLED, preloaded_path
from tests.repository import Repository
from tests.support import KEY, Account

HERE = Path(__file__).parent
REPOSITORY = "acme/helpdesk"
UNKNOWN = "0" * 64
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
        self.notes: dict[int, tuple[str, str]] = {1: (OTHER, "Looks good")}
        self.extra: dict[str, Any] = {}
        self.issues = KeptIssues("github", ME)
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
        kept = deepcopy((self.notes, self.answers, self.artifacts, self.extra, self.issues))
        other.notes, other.answers, other.artifacts, other.extra, other.issues = kept
        return other

    @property
    def comments(self) -> dict[str, str]:
        """Return the comments of the workflows, by the name in their hidden first line."""
        own = [text for author, text in self.notes.values() if author == ME]
        return {text.split("\n")[0][len("<!-- ") : -len(" -->")]: text for text in own}

    def propose(self, old: str, new: str, file: str = "team.yaml") -> str:
        """Push a branch that changes a file, and return its commit."""
        path = self.author.folder / file
        text = path.read_text()
        assert old in text
        return self.propose_files({file: text.replace(old, new)})

    def propose_files(self, files: Mapping[str, str]) -> str:
        """Push a branch with these files, and return its commit."""
        self.author.branch("change")
        for name, text in files.items():
            path = self.author.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
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
        hosts: str = "",
        project: str = ".",
        needs: Mapping[str, Any] | None = None,
        teams: str = "",
        event: str = "pull_request",
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
                assert given["if-no-files-found"] in {"ignore", "warn"}
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

        pull = {"number": number, "head": {"sha": head}, "user": {"login": "Ann"}}
        (temporary / "event.json").write_text(json.dumps({"pull_request": pull}))
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
                    "event": {"pull_request": pull},
                    "event_name": event,
                },
                "secrets": {"LIVEAGENT_V3_API_KEY": key, "PROVISIONER_TEAMS_TOKEN": teams},
                "inputs": dict(inputs or {}),
                "vars": {"PROVISIONER_HOSTS": hosts},
                "runner": {"temp": str(temporary)},
                "needs": dict(needs or {}),
            },
            environment={
                "GITHUB_REPOSITORY": REPOSITORY,
                "GITHUB_SHA": head,
                "GITHUB_EVENT_NAME": event,
                "GH_STORE": str(self.store),
                "GITHUB_SERVER_URL": "https://git.acme.example",
                **({"GITHUB_RUN_ID": str(self.runs - 1)} if needs else {}),
            },
            uses={
                "actions/checkout": checkout,
                "actions/upload-artifact": upload,
            },
        )
        done.project = project
        # Modules in the way of the program's own matter only where Python really starts.
        done.path = f"{HERE}:{INSTALLED if plant else preloaded_path()}"
        with platform_host("github") as (url, host):
            host.comments, host.token, host.extra = self.notes, "token", self.extra
            host.other_token, host.issues = teams, self.issues
            host.number = number
            done.environment["GITHUB_API_URL"] = url
            if ref != "main":
                done.environment["GITHUB_EVENT_PATH"] = str(temporary / "event.json")
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
