"""The ready-made pipeline of GitLab: its scripts run with bash, against a stand-in for its API."""

import json
import os
import shutil
import subprocess
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import pip
import pytest
import yaml

from tests.preloaded import INSTALLED, preloaded_path
from tests.repository import SETTINGS, Repository
from tests.support import KEY, Account
from tests.unit.liveagent.scripted import Reply, scripted

ROOT = Path(__file__).parents[2]
PIPELINE = yaml.safe_load((ROOT / "examples/pipelines/gitlab/.gitlab-ci.yml").read_text("utf-8"))
NOTES = "/api/v4/projects/7/merge_requests/3/notes"
ME = 9
"""The user of the token."""

JOB = "https://git.acme.example/acme/helpdesk/-/jobs/5"
PROJECT = """
    version: 1
    targets:
      production: {url: "%s", api_key: {env: LIVEAGENT_V3_API_KEY}, requests_per_minute: 10000}
"""
TEAM = "agents: [{email: bob@acme.example, name: %s}]\n"
Server = TypeVar("Server", bound=HTTPServer)


class Api(HTTPServer):
    """The notes of a merge request; a page has one note."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes = {1: "Looks good"}
        self.authors = {1: 5}
        self.broken = False
        self.tokens: set[str] = set()


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _answer(self, body: Any, **headers: str) -> None:
        self.server.tokens.add(self.headers["PRIVATE-TOKEN"])
        self.send_response(403 if self.server.broken else 200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def _body(self) -> str:
        return str(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"])

    def do_GET(self) -> None:
        if self.path == "/api/v4/user":
            self._answer({"id": ME})
            return
        path, _, query = self.path.partition("?")
        assert path == NOTES
        page = int(query.rpartition("page=")[2])
        note = sorted(self.server.notes)[page - 1]
        following = str(page + 1) if page < len(self.server.notes) else ""
        entry = {"id": note, "body": self.server.notes[note]}
        author = {"id": self.server.authors.get(note, ME)}
        self._answer([{**entry, "author": author}], X_Next_Page=following)

    def do_POST(self) -> None:
        assert self.path == NOTES
        self.server.notes[max(self.server.notes) + 1] = self._body()
        self._answer({})

    def do_PUT(self) -> None:
        self.server.notes[int(self.path.removeprefix(f"{NOTES}/"))] = self._body()
        self._answer({})


@contextmanager
def serving(made: Server) -> Iterator[Server]:
    """Serve requests in a thread until the block ends."""
    with made as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(Api()) as server:
        yield server


@pytest.fixture
def clone(tmp_path: Path, live: Account) -> Repository:
    """Return a clone with a change on a branch; the files of main are applied."""
    origin = Repository.new(tmp_path / "origin")
    origin.git("config", "receive.denyCurrentBranch", "ignore")
    origin.commit("Begin", team=TEAM % "Bob", provisioner=PROJECT % live.server.url)
    live.apply(origin.folder)
    origin.git("clone", "--quiet", origin.folder.as_uri(), str(tmp_path / "clone"))
    made = Repository(tmp_path / "clone")
    made.branch("change")
    made.commit("Change", team=TEAM % "Robert")
    return made


def settings(**variables: str) -> dict[str, str]:
    """Return the variables of the pipeline, with those that a project sets on top."""
    given = {
        name: value["value"] if isinstance(value, dict) else value
        for name, value in PIPELINE["variables"].items()
    }
    return {**given, **variables}


def job(name: str, clone: Repository, **variables: str) -> tuple[int, str]:
    """Run the script of a job as a runner does, and return its exit code and log."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(PIPELINE[name]["script"])],
        cwd=clone.folder,
        env={
            **SETTINGS,
            **settings(),
            "PATH": preloaded_path(),
            "LIVEAGENT_V3_API_KEY": KEY,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_SHA": clone.git("rev-parse", "HEAD"),
            "CI_JOB_URL": JOB,
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def merge(clone: Repository) -> None:
    """Make the branch the last commit of main."""
    clone.git("push", "--quiet", "origin", "HEAD:main")


def for_notes(api: Api) -> dict[str, str]:
    return {
        "CI_API_V4_URL": f"http://127.0.0.1:{api.server_port}/api/v4",
        "CI_PROJECT_ID": "7",
        "CI_MERGE_REQUEST_IID": "3",
        "PROVISIONER_NOTE_TOKEN": "token",
    }


def test_a_plan_is_one_note_that_is_kept_up_to_date(clone: Repository, api: Api) -> None:
    code, log = job("plan", clone, **for_notes(api))
    assert code == 0, log
    assert api.notes[1] == "Looks good"
    assert "Changed by this branch" in api.notes[2]
    assert "Robert" in api.notes[2]
    head = clone.git("rev-parse", "HEAD")[:8]
    assert f"Planned at {head}. [The job]({JOB}) keeps the whole report." in api.notes[2]
    assert (clone.folder / "report.html").read_text().startswith("<!doctype html>")
    clone.commit("Another", team=TEAM % "Bobby")
    assert job("plan", clone, **for_notes(api))[0] == 0
    assert sorted(api.notes) == [1, 2]
    assert "Bobby" in api.notes[2]
    assert api.tokens == {"token"}


def test_without_a_token_the_plan_is_in_the_log(clone: Repository) -> None:
    code, log = job("plan", clone)
    assert code == 0
    assert "Robert" in log


def test_a_plan_that_apply_would_refuse_is_noted_and_fails(clone: Repository, api: Api) -> None:
    clone.commit("Lock out", team="agents: [{email: owner@acme.example, state: absent}]")
    code, _ = job("plan", clone, **for_notes(api))
    assert code == 3
    assert "owner@acme.example" in api.notes[2]


def test_findings_are_a_test_report_and_fail_the_job(clone: Repository) -> None:
    clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    assert job("validate", clone)[0] == 1
    report = ET.parse(clone.folder / "junit.xml").getroot()  # noqa: S314  our own
    [failed] = [case for case in report.iter("testcase") if case.find("failure") is not None]
    assert failed.attrib["file"] == "team.yaml"


def test_the_plan_that_a_person_looked_at_is_applied(clone: Repository, live: Account) -> None:
    merge(clone)
    assert job("plan-to-apply", clone)[0] == 0
    code, log = job("apply", clone)
    assert code == 0, log
    assert live.agent("bob@acme.example")["name"] == "Robert"
    by_hand = (clone.folder / "provisioner-report/manual.md").read_text()
    assert by_hand.startswith("<!-- provisioner-manual: production -->\n## ✅ ")
    assert job("drift", clone)[0] == 0


def test_a_plan_that_does_not_hold_any_more_is_refused(clone: Repository, live: Account) -> None:
    merge(clone)
    assert job("plan-to-apply", clone)[0] == 0
    bob = live.agent("bob@acme.example")
    live.call("PUT", f"/agents/{bob['id']}", {**bob, "gender": "F"})
    code, log = job("apply", clone)
    assert code == 3
    assert "[stale-plan]" in log
    assert live.agent("bob@acme.example")["name"] == "Bob"
    assert job("drift", clone)[0] == 2


def test_a_plan_that_can_not_be_made_says_so_in_the_note(clone: Repository, api: Api) -> None:
    assert job("plan", clone, **for_notes(api))[0] == 0
    commit = clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    code, log = job("plan", clone, **for_notes(api))
    assert code == 1
    assert "unknown-key" in log
    assert sorted(api.notes) == [1, 2]
    assert f"Could not be planned at {commit[:8]}" in api.notes[2]
    assert f"[The log]({JOB})" in api.notes[2]


def test_the_note_of_somebody_else_stays(clone: Repository, api: Api) -> None:
    api.notes[1] = mark = "<!-- provisioner-plan: production -->"
    assert job("plan", clone, **for_notes(api))[0] == 0
    assert api.notes[1] == mark
    assert api.notes[2].startswith(mark)


def test_a_note_that_can_not_be_written_is_a_warning(clone: Repository, api: Api) -> None:
    api.broken = True
    code, log = job("plan", clone, **for_notes(api))
    assert code == 0
    assert "warning: the note can't be written: HTTP Error 403" in log
    assert "Traceback" not in log


def test_a_pipeline_of_an_older_commit_applies_nothing(clone: Repository, live: Account) -> None:
    merge(clone)
    assert job("plan-to-apply", clone)[0] == 0
    other = clone.commit("Another", team=TEAM % "Bobby")
    merge(clone)
    clone.git("checkout", "--quiet", f"{other}~")
    live.server.requests.clear()
    code, log = job("apply", clone)
    assert code == 1
    assert "this is not the last commit of main; nothing was written" in log
    assert live.server.requests.entries() == []


def test_a_guard_is_passed_by_a_variable(clone: Repository, live: Account) -> None:
    leavers = [f"gone-{number}@acme.example" for number in range(6)]
    for email in leavers:
        live.call("POST", "/agents", {"email": email, "name": "Gone"})
    entries = ", ".join(f"{{email: {email}, state: absent}}" for email in leavers)
    clone.commit("Leave", team=f"agents: [{entries}]")
    merge(clone)
    code, log = job("plan-to-apply", clone)
    assert code == 3
    assert "--allow deletes=6" in log
    assert job("plan-to-apply", clone, PROVISIONER_ALLOW="deletes=6; true")[0] == 64
    allowed = "deletes=6 updates=9"
    code, log = job("plan-to-apply", clone, PROVISIONER_ALLOW=allowed)
    assert code == 0, log
    code, log = job("apply", clone)
    assert code == 0, log
    assert "6 deleted" in log


def test_a_host_that_is_not_pinned_gets_no_request(
    clone: Repository, live: Account, api: Api
) -> None:
    clone.commit("A plan of their own")
    (clone.folder / "plan.json").write_text("{}")
    merge(clone)
    live.server.requests.clear()
    for name in ("plan", "plan-to-apply", "drift"):
        code, log = job(name, clone, PROVISIONER_HOSTS="acme.example", **for_notes(api))
        assert code == 3, log
        assert "host-not-pinned" in log
    assert live.server.requests.entries() == []
    assert "Could not be planned" in api.notes[2]


def test_another_address_gets_no_key(clone: Repository, api: Api) -> None:
    with scripted(lambda _: Reply([])) as (url, stolen):
        clone.commit("Move", provisioner=PROJECT % url)
        code, log = job("plan", clone, **for_notes(api))
    assert code == 0, log
    assert stolen == []
    assert "policy changed (1 setting)" in api.notes[2].splitlines()[1]


def test_code_of_the_repository_does_not_run_beside_the_key(clone: Repository, api: Api) -> None:
    mark = clone.folder / "mark"
    for module in ("json", "os", "urllib/__init__", "provisioner/__init__"):
        file = clone.folder / f"{module}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(mark)!r}, 'w')\n")
    code, log = job("plan", clone, PATH=INSTALLED, **for_notes(api))
    assert code == 0, log
    assert 2 in api.notes
    assert not mark.exists()


class TestInstallation:
    """The job installs an empty folder, so pip ends without any network."""

    def install(self, tmp_path: Path, name: str, commit: str) -> str:
        if not (tmp_path / "venv").exists():
            venv.create(tmp_path / "venv")
            # Copied: an installation of pip takes seconds.
            source = Path(pip.__file__).parent
            (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
            shutil.copytree(source, packages / "pip")
        (tmp_path / name).mkdir()
        [script] = PIPELINE["default"]["before_script"]
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=tmp_path / name,
            env={
                **SETTINGS,
                **settings(PROVISIONER_REPOSITORY=(tmp_path / "tool").as_uri()),
                "PROVISIONER_COMMIT": commit,
                "PATH": f"{tmp_path}/venv/bin:{os.environ['PATH']}",
                "TMPDIR": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        return done.stderr

    def test_the_pinned_commit_is_installed_with_hashes(self, tmp_path: Path) -> None:
        tool = Repository.new(tmp_path / "tool")
        (tool.folder / "requirements.txt").touch()
        commit = tool.commit("Nothing")
        (tool.folder / "requirements.txt").write_text("click==8.1.7\n")
        later = tool.commit("Without a hash")
        assert "'setup.py' nor 'pyproject.toml' found" in self.install(tmp_path, "a", commit)
        assert "Hashes are required" in self.install(tmp_path, "b", later)
