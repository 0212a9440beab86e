"""What the pipeline of GitLab keeps up to date: merge requests and issues of a stand-in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.cloned import PROJECT, TEAM
from tests.pipelines.test_gitlab import for_notes, job
from tests.platform_host import OTHER, TOKEN, Host, platform_host
from tests.repository import Repository
from tests.support import Account, account


@pytest.fixture
def gitlab() -> Iterator[Host]:
    with platform_host("gitlab") as (_, host):
        # Anybody can write the mark.
        stranger = {"author": OTHER, "body": "<!-- provisioner-drift: production -->\n"}
        host.issues.issues[1] = {**stranger, "state": "open"}
        yield host


@pytest.fixture
def repository(tmp_path: Path, live: Account) -> Repository:
    made = Repository.new(tmp_path / "clone")
    made.commit("Begin", team=TEAM % "Bob", provisioner=PROJECT % live.server.url)
    live.apply(made.folder)
    return made


def check(repository: Repository, gitlab: Host) -> int:
    """Run both jobs; the second one has the artifacts of the first, and the files of main."""
    code, _ = job("drift", repository)
    repository.git("reset", "--quiet", "--hard")
    remote = repository.folder.with_name("remote")
    repository.git("init", "--quiet", "--bare", f"{remote}.git")
    given = for_notes(gitlab.url) | {"CI_MERGE_REQUEST_IID": "", "PROVISIONER_NOTE_TOKEN": ""}
    given |= {"CI_PROJECT_URL": remote.as_uri(), "CI_SERVER_URL": "https://git.acme.example"}
    given |= {"CI_SERVER_HOST": "git.acme.example", "PROVISIONER_DRIFT_TOKEN": TOKEN}
    reported, log = job("report", repository, LIVEAGENT_V3_API_KEY="", **given)
    assert reported == 0, log
    repository.git("checkout", "--quiet", "main")
    shutil.rmtree(repository.folder / "provisioner-report")
    return code


def test_a_merge_request_accepts_drift_and_a_clean_run_closes_it(
    repository: Repository, gitlab: Host, live: Account
) -> None:
    assert check(repository, gitlab) == 0
    assert gitlab.issues.pulls == {}
    bob = live.agent("bob@acme.example")
    for name in ("Bobby", "Robby"):
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": name})
        assert check(repository, gitlab) == 2
        [request] = gitlab.issues.pulls.values()
        assert request["body"].startswith("<!-- provisioner-drift: production -->\n")
        assert name in request["body"]
        assert (request["head"], request["base"]) == ("provisioner/drift-production", "main")
        pushed = Repository(repository.folder.with_name("remote.git"))
        assert pushed.git("show", f"{request['head']}:team.yaml") == (TEAM % name).strip()
    live.call("PUT", f"/agents/{bob['id']}", {**bob, "name": "Bob"})
    assert check(repository, gitlab) == 0
    assert request["state"] == "closed"
    assert gitlab.issues.comments == [(41, "The account is as the files declare.")]
    assert gitlab.issues.issues[1]["state"] == "open"  # somebody else wrote it


def test_an_issue_names_what_the_files_can_not_have(repository: Repository, gitlab: Host) -> None:
    profile = (
        "profiles: [{name: all, departments: {General: {}}}]\ndepartments: [{name: General}]\n"
    )
    repository.commit("Extend", team=profile + TEAM % "Bob, extends: [all]")
    assert check(repository, gitlab) == 2
    assert sorted(gitlab.issues.issues) == [1, 41]
    assert "General" in gitlab.issues.issues[41]["body"]
    assert gitlab.issues.pulls == {}
    repository.commit("Take it back", team=TEAM % "Bob")
    assert check(repository, gitlab) == 0
    assert gitlab.issues.issues[41]["state"] == "closed"


def test_without_a_token_or_a_result_nothing_is_reported(repository: Repository) -> None:
    assert job("report", repository) == (0, "")
    assert job("drift", repository)[0] == 0
    assert job("report", repository) == (0, "")


def test_one_issue_has_the_manual_steps_until_none_is_open(tmp_path: Path, gitlab: Host) -> None:
    """A task that is still the same keeps its tick; manual steps alone are no other issue."""
    team = "departments: [{name: General}]\n" + TEAM % "Bob, alias: %s"
    member = team % "Bobby, departments: {General: {}}"
    with account(tmp_path, surface="v3") as live:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team=member, provisioner=PROJECT % live.server.url)
        live.apply(repository.folder)
        assert check(repository, gitlab) == 2
        issue = gitlab.issues.issues[41]
        assert issue["title"] == "Manual steps of production"
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["body"]

        issue["body"] = issue["body"].replace("[ ]", "[x]").replace("\n", "\r\n")
        assert check(repository, gitlab) == 2
        assert "- [ ] **1** add Bob, *ticks itself off*\n" in issue["body"]
        assert "- [x] **2** Alias: Bobby\n" in issue["body"]

        assert gitlab.issues.pulls == {}
        repository.commit("Nowhere", team=team % "Robby")
        assert check(repository, gitlab) == 2
        assert "- [ ] **1** Alias: Robby\n" in issue["body"]
        assert [*gitlab.issues.issues] == [1, 41]
        assert gitlab.issues.pulls == {}

        [step] = live.plan(repository.folder)["manual_steps"]
        done = f'[{{step: "{step["id"]}", by: Mia, on: 2026-11-26}}]'
        repository.commit("Acknowledge", acknowledged=done)
        assert check(repository, gitlab) == 0
        assert issue["state"] == "closed"
        assert gitlab.issues.comments[-1] == (41, "Nothing is left to do by hand.")


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
