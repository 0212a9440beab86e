"""The author of a commit, as git would write it."""

from pathlib import Path

import pytest

from provisioner.git.checkout import author
from tests.repository import Repository


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("GIT_AUTHOR_EMAIL", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    return home


def test_the_nearest_setting_counts(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Repository.new(tmp_path / "clone")
    project = clone.folder / "team"
    project.mkdir()
    assert author(project) == ""
    (home / ".gitconfig").write_text("[user]\nemail = home@acme.example\n")
    assert author(project) == "home@acme.example"
    assert author(tmp_path) == "home@acme.example"
    clone.git("config", "user.email", "work@acme.example")
    assert author(project) == "work@acme.example"
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "job@acme.example")
    assert author(project) == "job@acme.example"
