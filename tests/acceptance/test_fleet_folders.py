"""An account of a fleet, used alone: shared folders in earlier versions; completion."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli.main import main
from tests.repository import Repository

TEAM = "agents: [{email: mia@acme.example, name: Mia, extends: [tier1]}]"
FLEET = """
include: [common]
accounts: [{project: accounts/eu, tags: [emea]}, {project: accounts/us, wave: 2}]
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Repository:
    repository = Repository.new(tmp_path / "r")
    for name in ("eu", "us"):
        repository.commit(name, f"accounts/{name}", team=TEAM)
    repository.commit("fleet", fleet=FLEET)
    repository.commit("three", "common", profiles="profiles: [{name: tier1, chat: {max_load: 3}}]")
    repository.commit("four", "common", profiles="profiles: [{name: tier1, chat: {max_load: 4}}]")
    return repository


def test_an_earlier_version_of_an_account_has_its_shared_folders(fleet: Repository) -> None:
    project = str(fleet.folder / "accounts/eu")
    result = CliRunner().invoke(main, ["diff", "HEAD~1", "HEAD", project])
    assert result.exit_code == 0, result.output
    assert "max_load: 3 → 4  (by profile tier1)" in result.stdout


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ["eu", "us", "tag/emea", "wave/1", "wave/2"]),
        ("e", ["eu"]),
        ("tag/", ["tag/emea"]),
    ],
)
def test_names_tags_and_waves_are_completed(
    typed: str, words: list[str], fleet: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fleet.folder)
    line = ["fleet", "plan", "--only", typed]
    result = CliRunner().invoke(main, ["completion", "zsh", "--candidates", "--", *line])
    assert [row.split("\t")[1] for row in result.stdout.splitlines()] == words


def test_the_nearest_fleet_above_is_used(
    fleet: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fleet.folder / "accounts/eu")
    result = CliRunner().invoke(main, ["fleet", "plan", "--only", "nobody"])
    assert result.exit_code == 64
    assert "Using the fleet in ../../fleet.yaml." in result.stderr
    assert '"nobody" is no account of fleet.yaml' in result.stderr
