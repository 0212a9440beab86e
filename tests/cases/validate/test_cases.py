"""Whole projects through `provisioner validate`.

Put a project into `negative/NAME/project` or `positive/NAME/project`, run with --update-golden,
and read `expected.txt` as a user would.
"""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main

HERE = Path(__file__).parent
NEGATIVE = sorted((HERE / "negative").iterdir())
POSITIVE = sorted((HERE / "positive").iterdir())

ROOT_READS_ALL = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="this user may read every file"
)


def validate(folder: Path, monkeypatch: pytest.MonkeyPatch, path: str = "project") -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    return CliRunner().invoke(main, ["validate", path])


def check(folder: Path, stdout: str, *, update_golden: bool) -> None:
    expected = folder / "expected.txt"
    if update_golden:
        expected.write_text(stdout, "utf-8")
    assert stdout == expected.read_text("utf-8")


@pytest.mark.parametrize("folder", NEGATIVE, ids=lambda folder: folder.name)
def test_a_broken_project_is_explained(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    result = validate(folder, monkeypatch)
    assert result.exit_code == 1, result.output
    check(folder, result.stdout, update_golden=update_golden)


@pytest.mark.parametrize("folder", POSITIVE, ids=lambda folder: folder.name)
def test_a_good_project_is_valid(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    result = validate(folder, monkeypatch)
    assert result.exit_code == 0, result.output
    check(folder, result.stdout, update_golden=update_golden)


def test_there_are_enough_broken_projects() -> None:
    assert len(NEGATIVE) >= 30


# What git can't keep is made here.


def test_a_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = validate(tmp_path, monkeypatch)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        'error: the folder "project" does not exist [path-missing]\n'
    ), result.output


def test_a_file_instead_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").touch()
    result = validate(tmp_path, monkeypatch)
    assert result.exit_code == 1
    assert '"project" is a file, not the folder of a project [not-a-directory]' in result.stdout


def test_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    result = validate(tmp_path, monkeypatch)
    assert result.exit_code == 1
    assert 'the folder "project" holds no YAML files [empty-project]' in result.stdout


def test_a_link_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/agents.yaml").symlink_to("nowhere.yaml")
    result = validate(tmp_path, monkeypatch)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "project/agents.yaml:1:1: error: agents.yaml can't be read: "
        "the target of the link does not exist"
    )


@ROOT_READS_ALL
def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    file = tmp_path / "project/agents.yaml"
    file.touch(mode=0)
    result = validate(tmp_path, monkeypatch)
    assert result.exit_code == 1
    assert "agents.yaml can't be read: permission denied [file-unreadable]" in result.stdout
