"""The platforms that the ready-made pipelines run on."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.pipelines.cloned import PROJECT, TEAM
from tests.pipelines.github import UNKNOWN, GitHub
from tests.repository import Repository
from tests.support import Account, account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    """Apply the first commit once; each test gets the files and the account as they are then."""
    folder = tmp_path_factory.mktemp("github")
    with account(folder) as live:
        made = GitHub(folder / "now", live)
        refused = made.job("apply", "apply", inputs={"digest": UNKNOWN})
        assert "not the plan" in refused.log, refused.log
        # The first apply has no pull request: a person gives the digest that the summary shows.
        digest = refused.summary.rsplit("the digest `", 1)[1].split("`")[0]
        assert not made.job("apply", "apply", inputs={"digest": digest}).failed
        shutil.copytree(made.folder, folder / "then", symlinks=True)
        copy_database(folder / "account.db", folder / "then.db")
        yield made


@pytest.fixture
def github(applied: GitHub) -> GitHub:
    """Return the platform as it is after the first apply."""
    folder = applied.folder.parent
    shutil.rmtree(applied.folder)
    shutil.copytree(folder / "then", applied.folder, symlinks=True)
    copy_database(folder / "then.db", folder / "account.db")
    applied.live.server.requests.clear()
    return applied.copied()


def copy_database(source: Path, target: Path) -> None:
    """Make one database the same as another, also while a sandbox has it open."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


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
