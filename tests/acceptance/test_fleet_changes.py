"""`--changed-since`: only accounts that a change can touch are planned, and the report has all."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from provisioner.planning.plans.plan_json import FORMAT_VERSION
from tests.repository import Repository
from tests.support import Account

FLEET = """
    include: [common]
    accounts:
      - {project: accounts/eu, wave: 1}
      - {project: accounts/us, wave: 2}
      - {project: accounts/asia, wave: 2}
"""
COMMON = "profiles: [{name: tier1, chat: {max_load: 3}}]\n"


def team(name: str) -> str:
    return f"agents: [{{email: {name}@acme.example, name: A, extends: [tier1]}}]"


def begin(repository: Repository) -> None:
    repository.commit("Add", fleet=FLEET)
    repository.commit("Add", "common", profiles=COMMON)
    for name in ("eu", "us", "asia"):
        repository.commit("Add", f"accounts/{name}", team=team(name))
    (repository.folder / ".gitignore").write_text("private.yaml\n.provisioner/\n")
    repository.commit("Ignore")
    repository.branch("change")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.copied(begin, tmp_path / "fleet")


def planned(live: Account, repository: Repository, *arguments: str, since: str = "main") -> Result:
    folder = str(repository.folder)
    return live.run("fleet", "plan", folder, "--jobs", "1", "--changed-since", since, *arguments)


def names(result: Result) -> list[str]:
    elements = json.loads(result.stdout)
    assert [one["fleet"]["name"] for one in elements] == ["eu", "us", "asia"]
    return [one["fleet"]["name"] for one in elements if "resource_changes" in one]


def test_every_format_has_the_accounts_that_were_not_looked_at(
    live: Account, repository: Repository
) -> None:
    repository.commit("Change", "accounts/us", team=team("boss"))
    text = planned(live, repository).stdout
    assert "Not touched since main: 2 accounts, not planned: eu, asia\n" in text
    assert "\nFleet: 3 accounts: 1 changed, 2 not touched.\n" in text
    assert "Unchanged" not in text
    comment = planned(live, repository, "--format", "markdown").stdout
    assert "<summary>Not touched since main: 2 accounts, not planned</summary>" in comment
    page = planned(live, repository, "--format", "html").stdout
    assert "Not touched since main: 2 accounts, not planned" in page
    result = planned(live, repository, "--format", "json")
    assert names(result) == ["us"]
    assert json.loads(result.stdout)[0] == {
        "format_version": FORMAT_VERSION,
        "target": "",
        "errors": [],
        "fleet": {
            "name": "eu",
            "project": "accounts/eu",
            "wave": 1,
            "tags": [],
            "severity": "not-touched",
            "since": "main",
        },
    }


def test_committed_deleted_renamed_new_and_ignored_files_count(
    live: Account, repository: Repository
) -> None:
    folder = repository.folder
    assert planned(live, repository).stdout == (
        "Not touched since main: 3 accounts, not planned: eu, us, asia\n\n"
        "Fleet: 3 accounts: 3 not touched.\nPlan: nothing planned.\n"
    )
    (folder / "accounts/us/private.yaml").write_text("departments: [{name: General}]\n")
    assert names(planned(live, repository, "--format", "json")) == ["us"]
    (folder / "accounts/asia/team.yaml").rename(folder / "accounts/asia/people.yaml")
    assert names(planned(live, repository, "--format", "json")) == ["us", "asia"]
    shutil.rmtree(folder / "accounts/asia")
    (folder / "accounts/asia").mkdir()
    (folder / "accounts/us/private.yaml").unlink()
    result = planned(live, repository, "--only", "eu", "--only", "asia")
    assert "Fleet: 2 accounts of 3: 1 unchanged, 1 not touched.\n" in result.stdout


def test_changes_of_main_after_the_branch_do_not_count(
    live: Account, repository: Repository
) -> None:
    repository.commit("Change", "accounts/eu", team=team("eu2"))
    repository.git("checkout", "--quiet", "main")
    repository.commit("Change", "accounts/us", team=team("us2"))
    repository.git("checkout", "--quiet", "change")
    assert names(planned(live, repository, "--format", "json")) == ["eu"]


def test_what_is_not_known_is_an_error(
    live: Account, repository: Repository, tmp_path: Path
) -> None:
    result = planned(live, repository, since="nowhere")
    assert result.exit_code == 1
    assert "[unknown-base]" in result.stderr
    shallow = Repository(tmp_path / "shallow")
    url = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", "--no-single-branch", url, str(shallow.folder))
    result = planned(live, shallow, since="origin/main")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "fetch-depth: 0" in result.stderr
    shutil.rmtree(repository.folder / ".git")
    assert "[no-history]" in planned(live, repository).stderr


def test_an_apply_leaves_out_what_is_not_touched(live: Account, repository: Repository) -> None:
    folder = str(repository.folder)
    apply = ("fleet", "apply", folder, "--yes", "--jobs", "1", "--changed-since", "main")
    nothing = live.run(*apply)
    assert nothing.exit_code == 0
    assert nothing.stdout == (
        "Not touched (3):\n  eu, us, asia\n    not touched since main, not planned\n\n"
        "Fleet: 3 accounts: 3 not touched.\n"
    )
    for format_ in ("markdown", "html"):
        report = live.run(*apply, "--format", format_).stdout
        assert report.count("not touched since main, not planned") == 3
    repository.commit("Change", "accounts/us", team=team("us2"))
    result = live.run(*apply, "--format", "json")
    assert result.exit_code == 0, result.output
    outcomes = {one["fleet"]["name"]: one["fleet"] for one in json.loads(result.stdout)}
    assert {name: one["outcome"] for name, one in outcomes.items()} == {
        "eu": "not-touched",
        "us": "done",
        "asia": "not-touched",
    }
    assert outcomes["eu"]["reason"] == "not touched since main, not planned"
    assert "wave 2 (1 of 1): 1 to apply." in result.stderr
    assert "[1/1] us: done" in result.stderr


def test_only_the_reviewed_plans_are_applied(
    live: Account, repository: Repository, tmp_path: Path
) -> None:
    repository.commit("Change", "accounts/us", team=team("us2"))
    repository.commit("Change", "accounts/asia", team=team("asia2"))
    file = str(tmp_path / "plans.json")
    comment = planned(live, repository, "--format", "markdown", "--out", file).stdout
    assert comment.startswith("<!-- provisioner-fleet: fleet -->\n")
    live.call("POST", "/agents", {"email": "asia2@acme.example", "name": "Other"})
    apply = ("fleet", "apply", str(repository.folder), "--yes", "--jobs", "1", "--reviewed")
    result = live.run(*apply, file)
    assert result.exit_code == 3
    assert "its plan is not the one that was reviewed [stale-plan]" in result.stdout
    assert "eu\n    not touched in the reviewed plan, not planned" in result.stdout
    assert "Fleet: 3 accounts: 1 refused, 1 done, 1 not touched." in result.stdout
    plans = json.loads(Path(file).read_text())
    plans[2] = {key: value for key, value in plans[2].items() if key != "resource_changes"}
    Path(file).write_text(json.dumps(plans))
    assert "its plan was not shown, and so not confirmed" in live.run(*apply, file).stdout
    for broken in ("{}", "[{}]", json.dumps([{**plans[1], "target": "other"}])):
        Path(file).write_text(broken)
        result = live.run(*apply, file)
        assert (result.exit_code, result.stdout) == (3, "")
        assert "[plan-file]" in result.stderr
    assert live.run(*apply, str(tmp_path / "nothing")).exit_code == 1
