"""The ready-made pipeline of GitLab: its scripts run with bash, against a stand-in for its API."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.repository import SETTINGS, Repository
from tests.support import KEY, Account, account

ROOT = Path(__file__).parents[2]
PIPELINE = yaml.safe_load((ROOT / "examples/pipelines/gitlab/.gitlab-ci.yml").read_text("utf-8"))
NOTES = "/api/v4/projects/7/merge_requests/3/notes"
TEAM = "agents: [{email: bob@acme.example, name: %s}]\n"


class Api(HTTPServer):
    """The notes of a merge request; a page has one note."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes = {1: "Looks good"}
        self.tokens: set[str] = set()


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, body: Any, **headers: str) -> None:
        self.server.tokens.add(self.headers["PRIVATE-TOKEN"])
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def _body(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        assert path == NOTES
        page = int(query.rpartition("page=")[2])
        note = sorted(self.server.notes)[page - 1]
        following = str(page + 1) if page < len(self.server.notes) else ""
        self._answer([{"id": note, "body": self.server.notes[note]}], X_Next_Page=following)

    def do_POST(self) -> None:
        assert self.path == NOTES
        self.server.notes[max(self.server.notes) + 1] = self._body()
        self._answer({})

    def do_PUT(self) -> None:
        self.server.notes[int(self.path.removeprefix(f"{NOTES}/"))] = self._body()
        self._answer({})


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


@pytest.fixture
def clone(tmp_path: Path, live: Account) -> Repository:
    """Return a clone with a change on a branch; what main has is applied."""
    origin = Repository.new(tmp_path / "origin")
    origin.commit("Begin", team=TEAM % "Bob")
    live.apply(origin.folder)
    origin.git("clone", "--quiet", origin.folder.as_uri(), str(tmp_path / "clone"))
    made = Repository(tmp_path / "clone")
    made.branch("change")
    made.commit("Change", team=TEAM % "Robert")
    return made


def job(name: str, clone: Repository, live: Account, **variables: str) -> tuple[int, str]:
    """Run the script of a job as a runner does, and return its exit code and log."""
    said = {k: v for k, v in PIPELINE["variables"].items() if k != "PROVISIONER_PACKAGE"}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(PIPELINE[name]["script"])],
        cwd=clone.folder,
        env={
            **SETTINGS,
            **said,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def for_notes(api: Api) -> dict[str, str]:
    return {
        "CI_API_V4_URL": f"http://127.0.0.1:{api.server_port}/api/v4",
        "CI_PROJECT_ID": "7",
        "CI_MERGE_REQUEST_IID": "3",
        "PROVISIONER_NOTE_TOKEN": "token",
    }


def test_a_plan_is_one_note_that_is_kept_up_to_date(
    clone: Repository, live: Account, api: Api
) -> None:
    code, log = job("plan", clone, live, **for_notes(api))
    assert code == 0, log
    assert api.notes[1] == "Looks good"
    assert "Changed by this branch" in api.notes[2]
    assert "Robert" in api.notes[2]
    clone.commit("Another", team=TEAM % "Bobby")
    assert job("plan", clone, live, **for_notes(api))[0] == 0
    assert sorted(api.notes) == [1, 2]
    assert "Bobby" in api.notes[2]
    assert api.tokens == {"token"}


def test_without_a_token_the_plan_is_in_the_log(clone: Repository, live: Account) -> None:
    code, log = job("plan", clone, live)
    assert code == 0
    assert "Robert" in log


def test_a_plan_that_apply_would_refuse_is_noted_and_fails(
    clone: Repository, live: Account, api: Api
) -> None:
    clone.commit("Lock out", team="agents: [{email: owner@acme.example, state: absent}]")
    code, _ = job("plan", clone, live, **for_notes(api))
    assert code == 3
    assert "owner@acme.example" in api.notes[2]


def test_findings_are_a_test_report_and_fail_the_job(clone: Repository, live: Account) -> None:
    clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    assert job("validate", clone, live)[0] == 1
    report = ET.parse(clone.folder / "junit.xml").getroot()  # noqa: S314  our own
    [failed] = [case for case in report.iter("testcase") if case.find("failure") is not None]
    assert failed.attrib["file"] == "team.yaml"


def test_the_plan_that_a_person_looked_at_is_applied(clone: Repository, live: Account) -> None:
    assert job("plan-to-apply", clone, live)[0] == 0
    code, log = job("apply", clone, live)
    assert code == 0, log
    assert live.agent("bob@acme.example")["name"] == "Robert"
    assert job("drift", clone, live)[0] == 0


def test_a_plan_that_does_not_hold_any_more_is_refused(clone: Repository, live: Account) -> None:
    assert job("plan-to-apply", clone, live)[0] == 0
    bob = live.agent("bob@acme.example")
    live.call("PUT", f"/agents/{bob['id']}", {**bob, "gender": "F"})
    code, log = job("apply", clone, live)
    assert code == 3
    assert "[stale-plan]" in log
    assert live.agent("bob@acme.example")["name"] == "Bob"
    assert job("drift", clone, live)[0] == 2
