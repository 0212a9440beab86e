"""What the pipeline of GitLab keeps up to date: merge requests and issues of a stand-in."""

import base64
import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pipelines.cloned import PROJECT, TEAM
from tests.pipelines.test_gitlab import job, serving
from tests.repository import Repository
from tests.support import Account, account

BASE = "/api/v4/projects/7"
ME = 9
"""The user of the token."""

TOKEN = "drift-token"  # noqa: S105  of the stand-in


class GitLab(HTTPServer):
    """Merge requests, issues, notes and commits of a project."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        stranger = {"author_id": 5, "description": "<!-- provisioner-drift: production -->"}
        self.kept: dict[str, dict[int, dict[str, Any]]] = {
            "issues": {1: {**stranger, "state": "opened"}},
            "merge_requests": {},
        }
        self.notes: list[str] = []
        self.commits: list[dict[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    server: GitLab

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _answer(self, body: Any) -> None:
        assert self.headers["PRIVATE-TOKEN"] == TOKEN
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/api/v4/user":
            self._answer({"id": ME})
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kept = self.server.kept[parts.path.removeprefix(f"{BASE}/")]
        self._answer(
            [
                {"iid": number, **one}
                for number, one in kept.items()
                if one["state"] == query["state"] and one["author_id"] == int(query["author_id"])
            ]
        )

    def do_POST(self) -> None:
        kind, *rest = self.path.removeprefix(f"{BASE}/").split("/")
        if rest == ["commits"]:
            self.server.commits.append(self._body())
        elif rest:
            self.server.notes.append(f"{kind} {rest[0]}: {self._body()['body']}")
        else:
            kept = self.server.kept[kind]
            kept[len(kept) + 1] = {"author_id": ME, "state": "opened", **self._body()}
        self._answer({})

    def do_PUT(self) -> None:
        kind, number = self.path.removeprefix(f"{BASE}/").split("/")
        body = self._body()
        one = self.server.kept[kind][int(number)]
        one.update(body)
        if body.get("state_event") == "close":
            one["state"] = "closed"
        self._answer({})


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    with serving(GitLab()) as server:
        yield server


@pytest.fixture
def repository(tmp_path: Path, live: Account) -> Repository:
    made = Repository.new(tmp_path / "clone")
    made.commit("Begin", team=TEAM % "Bob", provisioner=PROJECT % live.server.url)
    live.apply(made.folder)
    return made


def check(repository: Repository, gitlab: GitLab) -> int:
    """Run both jobs; the second one has the artifacts of the first, and the files of main."""
    code, _ = job("drift", repository)
    repository.git("reset", "--quiet", "--hard")
    reported, log = job(
        "report",
        repository,
        LIVEAGENT_V3_API_KEY="",
        CI_API_V4_URL=f"http://127.0.0.1:{gitlab.server_port}/api/v4",
        CI_PROJECT_ID="7",
        PROVISIONER_DRIFT_TOKEN=TOKEN,
    )
    assert reported == 0, log
    repository.git("reset", "--quiet", "--hard")
    shutil.rmtree(repository.folder / "provisioner-report")
    return code


def test_a_merge_request_accepts_drift_and_a_clean_run_closes_it(
    repository: Repository, gitlab: GitLab, live: Account
) -> None:
    assert check(repository, gitlab) == 0
    assert gitlab.kept["merge_requests"] == {}
    bob = live.agent("bob@acme.example")
    for name in ("Bobby", "Robby"):
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": name})
        assert check(repository, gitlab) == 2
        [request] = gitlab.kept["merge_requests"].values()
        assert request["description"].startswith("<!-- provisioner-drift: production -->\n")
        assert name in request["description"]
        commit = gitlab.commits[-1]
        [action] = commit["actions"]
        assert (commit["branch"], commit["start_branch"]) == (
            "provisioner/drift-production",
            "main",
        )
        assert (action["action"], action["file_path"]) == ("update", "team.yaml")
        assert base64.b64decode(action["content"]).decode() == TEAM % name
    live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bob"})
    assert check(repository, gitlab) == 0
    assert request["state"] == "closed"
    assert gitlab.notes == ["merge_requests 1: The account is as the files declare."]
    assert gitlab.kept["issues"][1]["state"] == "opened"  # somebody else wrote it


def test_an_issue_names_what_the_files_can_not_have(repository: Repository, gitlab: GitLab) -> None:
    profile = (
        "profiles: [{name: all, departments: {General: {}}}]\ndepartments: [{name: General}]\n"
    )
    repository.commit("Extend", team=profile + TEAM % "Bob, extends: [all]")
    assert check(repository, gitlab) == 2
    assert check(repository, gitlab) == 2
    assert sorted(gitlab.kept["issues"]) == [1, 2]
    assert "General" in gitlab.kept["issues"][2]["description"]
    assert gitlab.commits == []
    repository.commit("Take it back", team=TEAM % "Bob")
    assert check(repository, gitlab) == 0
    assert gitlab.kept["issues"][2]["state"] == "closed"


def test_without_a_token_or_a_result_nothing_is_reported(repository: Repository) -> None:
    assert job("report", repository) == (0, "")
    assert job("drift", repository)[0] == 0
    assert job("report", repository) == (0, "")


def test_one_issue_has_the_manual_steps_until_none_is_open(tmp_path: Path, gitlab: GitLab) -> None:
    """A task that is still the same keeps its tick; manual steps alone are no other issue."""
    team = "departments: [{name: General}]\n" + TEAM % "Bob, alias: %s"
    member = team % "Bobby, departments: {General: {}}"
    with account(tmp_path, surface="v3") as live:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team=member, provisioner=PROJECT % live.server.url)
        live.apply(repository.folder)
        assert check(repository, gitlab) == 2
        issue = gitlab.kept["issues"][2]
        assert issue["title"] == "Manual steps of production"
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["description"]

        issue["description"] = issue["description"].replace("[ ]", "[x]").replace("\n", "\r\n")
        assert check(repository, gitlab) == 2
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["description"]
        assert "- [x] **2** Alias: Bobby\n" in issue["description"]

        assert gitlab.kept["merge_requests"] == {}
        repository.commit("Nowhere", team=team % "Robby")
        assert check(repository, gitlab) == 2
        assert "- [ ] **1** Alias: Robby\n" in issue["description"]
        assert [*gitlab.kept["issues"]] == [1, 2]
        assert gitlab.kept["merge_requests"] == {}

        [step] = live.plan(repository.folder)["manual_steps"]
        done = f'[{{step: "{step["id"]}", by: Mia, on: 2026-11-26}}]'
        repository.commit("Acknowledge", acknowledged=done)
        assert check(repository, gitlab) == 0
        assert issue["state"] == "closed"
        assert gitlab.notes[-1] == "issues 2: Nothing is left to do by hand."


def test_the_scheduled_job_takes_away_what_has_lapsed(
    repository: Repository, live: Account
) -> None:
    entry = "{from: 2001-01-01, until: 2001-01-31, reason: Covers for Priya, role: admin}"
    bob = f"{{email: bob@acme.example, name: Bob, role: %s, temporary: [{entry}]}}"
    for role in ("admin", "agent"):
        repository.commit(f"Make Bob an {role}", team=f"agents: [{bob % role}]")
        if role == "admin":
            live.apply(repository.folder)
    code, log = job("lapsed", repository)
    assert (code, "role admin → agent" in log) == (0, True)
    assert live.plan(repository.folder)["lapsed"] == []
