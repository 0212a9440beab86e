"""`plan --base`: errors of repositories, refs and files of the base."""

import json
import shutil
from pathlib import Path

import pytest

from tests.branches import BOB, MIA, attributions_of, begin, drift, edit, plan
from tests.repository import Repository
from tests.support import Account


@pytest.fixture
def repository(live: Account, tmp_path: Path) -> Repository:
    return begin(live, tmp_path / "clone")


def diagnostics_of(live: Account, folder: Path, ref: str = "main") -> str:
    result = live.run("plan", str(folder), "--base", ref)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    return " ".join(result.stderr.split())


def test_an_unknown_ref(live: Account, repository: Repository) -> None:
    output = diagnostics_of(live, repository.folder, "origin/main")
    assert 'there is no "origin/main" in the repository [unknown-base]' in output
    assert "fetch-depth" not in output


def test_a_ref_that_looks_like_an_option(live: Account, repository: Repository) -> None:
    assert "[unknown-base]" in diagnostics_of(live, repository.folder, "--all")


def test_no_repository(live: Account, repository: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(repository.folder, folder, ignore=shutil.ignore_patterns(".git"))
    assert "not in a git repository" in (output := diagnostics_of(live, folder))
    assert "[no-history]" in output


def test_no_git(live: Account, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is not installed" in diagnostics_of(live, repository.folder)


def test_a_shallow_clone_says_what_to_fetch(
    live: Account, repository: Repository, tmp_path: Path
) -> None:
    edit(repository, "name: Bob\n", "name: Robert\n")
    url = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", "--branch=change", url, str(tmp_path / "s"))
    output = diagnostics_of(live, tmp_path / "s", "origin/main")
    assert "fetch-depth: 0" in output


def test_two_histories_that_never_met(live: Account, repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit("Another beginning")
    assert "no commit in common" in diagnostics_of(live, repository.folder)


def test_the_end_of_a_shallow_history_is_no_cause(
    live: Account, repository: Repository, tmp_path: Path
) -> None:
    """It looks as if it had made every line."""
    repository.git("checkout", "--quiet", "main")
    edit(repository, "name: Mia\n", "name: Mia Chen\n")
    url = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "s"))
    drift(live, "bob@acme.example", name="Somebody")
    attributions = attributions_of(live.plan(tmp_path / "s", "--base", "HEAD"))
    assert attributions[f"{BOB} name"] == ("drift", None)


def test_an_invalid_base_is_told_and_no_obstacle(live: Account, repository: Repository) -> None:
    edit(repository, "name: Bob\n", "nome: Bob\n")
    repository.git("checkout", "--quiet", "-B", "main")
    repository.branch("mend")
    commit = edit(repository, "nome: Bob\n", "name: Robert\n")
    result = live.run("plan", str(repository.folder), "--base", "main")
    assert result.exit_code == 0
    assert "[base-unusable]" in result.stderr
    assert "is not known" in result.stdout
    assert plan(live, repository)[f"{BOB} name"] == (None, commit)


def test_a_base_that_does_not_fit_the_account_is_told(
    live: Account, repository: Repository
) -> None:
    edit(repository, "manage_agents: grant", "fly: grant")
    repository.git("checkout", "--quiet", "-B", "main")
    repository.branch("mend")
    edit(repository, "fly: grant", "manage_agents: grant")
    edit(repository, "name: Bob\n", "name: Robert\n")
    result = live.run("plan", str(repository.folder), "--base", "main", "--format", "json")
    assert result.exit_code == 0
    assert "[base-unusable]" in result.stderr
    assert attributions_of(json.loads(result.stdout))[f"{BOB} name"][0] is None


def test_a_dirty_work_tree_and_the_variables_of_a_hook_do_not_matter(
    live: Account, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = edit(repository, "name: Bob\n", "name: Robert\n")
    (repository.folder / "mia.txt").write_text("Cheers\n")
    repository.git("add", "mia.txt")
    for name in ("GIT_DIR", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    attributions = plan(live, repository)
    assert attributions[f"{BOB} name"] == ("branch", commit)
    assert attributions[f"{MIA} signature"] == ("branch", None)
    monkeypatch.undo()
    assert repository.git("status", "--porcelain") == "M  mia.txt"
