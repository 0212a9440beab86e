"""The ready-made pipeline of GitLab: its scripts run with bash, against a stand-in for its API."""

import json
import os
import shutil
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pip
import pytest
import yaml

from tests.pipelines.cloned import PROJECT, TEAM, merge, run_script
from tests.platform_host import OTHER, TOKEN, Host, platform_host
from tests.preloaded import INSTALLED
from tests.repository import SETTINGS, Repository
from tests.support import Account
from tests.unit.liveagent.scripted import Reply, scripted

ROOT = Path(__file__).parents[2]
PIPELINE = yaml.safe_load((ROOT / "examples/pipelines/gitlab/.gitlab-ci.yml").read_text("utf-8"))
JOB = "https://git.acme.example/acme/helpdesk/-/jobs/5"


@pytest.fixture
def api() -> Iterator[Host]:
    with platform_host("gitlab") as (_, host):
        yield host


def settings(**variables: str) -> dict[str, str]:
    """Return the variables of the pipeline, with those that a project sets on top."""
    given = {
        name: value["value"] if isinstance(value, dict) else value
        for name, value in PIPELINE["variables"].items()
    }
    return {**given, **variables}


def job(name: str, clone: Repository, **variables: str) -> tuple[int, str]:
    """Run the script of a job as a runner does, and return its exit code and log."""
    return run_script(
        "\n".join(PIPELINE[name]["script"]),
        clone,
        **{
            **settings(),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_SHA": clone.git("rev-parse", "HEAD"),
            "CI_JOB_URL": JOB,
            **variables,
        },
    )


def for_notes(url: str) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_PROJECT_ID": "7",
        "CI_MERGE_REQUEST_IID": "3",
        "PROVISIONER_NOTE_TOKEN": TOKEN,
    }


def test_a_plan_is_one_note_that_is_kept_up_to_date(clone: Repository, api: Host) -> None:
    code, log = job("plan", clone, **for_notes(api.url))
    assert code == 0, log
    [note] = api.own
    assert "Changed by this branch" in note
    assert "Robert" in note
    head = clone.git("rev-parse", "HEAD")[:8]
    assert f"Planned at {head}. [The run]({JOB}) keeps the whole report." in note
    assert (clone.folder / "report.html").read_text().startswith("<!doctype html>")
    clone.commit("Another", team=TEAM % "Bobby")
    assert job("plan", clone, **for_notes(api.url))[0] == 0
    assert api.comments[1] == (OTHER, "Looks good")
    [note] = api.own
    assert "Bobby" in note


def test_without_a_token_the_plan_is_in_the_log(clone: Repository) -> None:
    given = {**for_notes("http://127.0.0.1:1"), "PROVISIONER_NOTE_TOKEN": ""}
    code, log = job("plan", clone, **given)
    assert code == 0, log
    assert "Robert" in log
    assert "warning: the comment is not written: there is no token" in log


def test_a_plan_that_apply_would_refuse_is_noted_and_fails(clone: Repository, api: Host) -> None:
    clone.commit("Lock out", team="agents: [{email: owner@acme.example, state: absent}]")
    code, _ = job("plan", clone, **for_notes(api.url))
    assert code == 3
    assert "owner@acme.example" in api.own[0]


def test_findings_are_a_test_report_and_fail_the_job(clone: Repository) -> None:
    clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    assert job("validate", clone)[0] == 1
    report = ET.parse(clone.folder / "junit.xml").getroot()  # noqa: S314  our own
    [failed] = [case for case in report.iter("testcase") if case.find("failure") is not None]
    assert failed.attrib["file"] == "team.yaml"
    [finding] = json.loads((clone.folder / "codequality.json").read_text("utf-8"))
    assert finding["location"] == {"path": "team.yaml", "lines": {"begin": 1}}


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


def test_a_plan_that_can_not_be_made_says_so_in_the_note(clone: Repository, api: Host) -> None:
    assert job("plan", clone, **for_notes(api.url))[0] == 0
    commit = clone.commit("Mistake", team="agents: [{email: a@acme.example, nome: A}]")
    code, log = job("plan", clone, **for_notes(api.url))
    assert code == 1
    assert "unknown-key" in log
    assert len(api.own) == 1
    assert f"Could not be planned at {commit[:8]}" in api.own[0]
    assert f"[The log]({JOB})" in api.own[0]


def test_the_note_of_somebody_else_stays(clone: Repository, api: Host) -> None:
    mark = "<!-- provisioner-plan: production -->"
    api.comments[1] = (OTHER, mark)
    assert job("plan", clone, **for_notes(api.url))[0] == 0
    assert api.comments[1] == (OTHER, mark)
    assert api.own[0].startswith(mark)


def test_a_note_that_can_not_be_written_is_a_warning(clone: Repository, api: Host) -> None:
    api.status = 403
    code, log = job("plan", clone, **for_notes(api.url))
    assert code == 0
    assert "warning: the comment is not written: GET /user: 403" in log
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
    clone: Repository, live: Account, api: Host
) -> None:
    clone.commit("A plan of their own")
    (clone.folder / "plan.json").write_text("{}")
    merge(clone)
    live.server.requests.clear()
    for name in ("plan", "plan-to-apply", "drift"):
        code, log = job(name, clone, PROVISIONER_HOSTS="acme.example", **for_notes(api.url))
        assert code == 3, log
        assert "host-not-pinned" in log
    assert live.server.requests.entries() == []
    assert "Could not be planned" in api.own[0]


def test_another_address_gets_no_key(clone: Repository, api: Host) -> None:
    with scripted(lambda _: Reply([])) as (url, stolen):
        clone.commit("Move", provisioner=PROJECT % url)
        code, log = job("plan", clone, **for_notes(api.url))
    assert code == 0, log
    assert stolen == []
    assert "policy changed (1 setting)" in api.own[0].splitlines()[1]


def test_code_of_the_repository_does_not_run_beside_the_key(clone: Repository, api: Host) -> None:
    mark = clone.folder / "mark"
    for module in ("json", "os", "urllib/__init__", "provisioner/__init__"):
        file = clone.folder / f"{module}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(mark)!r}, 'w')\n")
    code, log = job("plan", clone, PATH=INSTALLED, **for_notes(api.url))
    assert code == 0, log
    assert len(api.own) == 1
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
