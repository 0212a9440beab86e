"""The files of a commit, written without running a program."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from provisioner.git import checkout
from provisioner.git.checkout import write_commit
from provisioner.git.clone import find_clone
from tests.repository import SETTINGS, Repository

TEAM = "departments: [{name: Support}]\n"


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    return Repository.new(tmp_path / "clone")


def written(clone: Repository, tmp_path: Path, project: str = ".", ref: str = "HEAD") -> list[str]:
    """Write a commit and return what was written, from the root of the repository."""
    found = find_clone(clone.folder / project)
    assert found
    folder = tmp_path / "base"
    folder.mkdir()
    write_commit(found, clone.git("rev-parse", ref), folder)
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def make_tree(clone: Repository, *entries: tuple[str, str, str]) -> str:
    """Make a commit of a tree with any names, also those that `git add` would refuse."""
    content = b"".join(
        f"{mode} {name}\0".encode() + bytes.fromhex(blob) for mode, name, blob in entries
    )
    tree = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        cwd=clone.folder,
        input=content,
        capture_output=True,
        check=True,
        env={**os.environ, **SETTINGS},
    )
    commit = clone.git("commit-tree", "-m", "Hostile", tree.stdout.decode().strip())
    clone.git("update-ref", "HEAD", commit)
    return tree.stdout.decode().strip()


def blob(clone: Repository, text: str) -> str:
    file = clone.folder / "blob"
    file.write_text(text)
    made = clone.git("hash-object", "-w", str(file))
    file.unlink()
    return made


def test_only_the_project_is_written(clone: Repository, tmp_path: Path) -> None:
    clone.commit("Begin", "team/deep", a=TEAM)
    clone.commit("Beside", "other", b=TEAM)
    assert written(clone, tmp_path, "team") == ["team/deep/a.yaml"]
    assert (tmp_path / "base/team/deep/a.yaml").read_text() == TEAM


def test_what_links_lead_to_is_written_too(clone: Repository, tmp_path: Path) -> None:
    (clone.folder / "team").mkdir()
    (clone.folder / "team/a.yaml").symlink_to("../shared/one.yaml")
    (clone.folder / "team/gone.yaml").symlink_to("../shared/gone.yaml")
    (clone.folder / "team/out.yaml").symlink_to("../../out.yaml")
    (clone.folder / "team/etc.yaml").symlink_to("/etc/passwd")
    clone.commit("Begin", "shared", two=TEAM, three=TEAM)
    (clone.folder / "shared/one.yaml").symlink_to("two.yaml")
    clone.commit("Link")
    assert written(clone, tmp_path, "team") == [
        "shared/one.yaml",
        "shared/two.yaml",
        "team/a.yaml",
        "team/etc.yaml",
        "team/gone.yaml",
        "team/out.yaml",
    ]
    assert (tmp_path / "base/team/a.yaml").read_text() == TEAM


def test_a_link_to_the_whole_repository_ends(clone: Repository, tmp_path: Path) -> None:
    (clone.folder / "team").mkdir()
    (clone.folder / "team/all").symlink_to("..")
    clone.commit("Begin", "other", b=TEAM)
    assert written(clone, tmp_path, "team") == ["other/b.yaml", "team/all"]


def test_what_no_project_reads_is_left_out(
    clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clone.folder / "film.bin").write_bytes(bytes(3 * 1024 * 1024))
    clone.commit("Begin", a=TEAM, b=TEAM)
    monkeypatch.setattr(checkout, "_BATCH_BYTES", 1)
    assert written(clone, tmp_path) == ["a.yaml", "b.yaml"]


def test_a_project_that_the_commit_has_not(clone: Repository, tmp_path: Path) -> None:
    clone.commit("Begin", a=TEAM)
    (clone.folder / "team").mkdir()
    assert written(clone, tmp_path, "team") == []


def test_a_file_of_git_lfs_is_taken_from_the_clone(clone: Repository, tmp_path: Path) -> None:
    store = clone.folder / ".git/lfs/objects"
    for name, kept in (("kept", b"photo"), ("forged", b"forged"), ("missing", None)):
        content = f"{name} photo".encode()
        digest = hashlib.sha256(content).hexdigest()
        (clone.folder / f"{name}.png").write_text(
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 5\n"
        )
        if kept:
            file = store / digest[:2] / digest[2:4] / digest
            file.parent.mkdir(parents=True)
            file.write_bytes(content if name == "kept" else kept)
    clone.commit("Photos")
    assert written(clone, tmp_path) == ["forged.png", "kept.png", "missing.png"]
    base = tmp_path / "base"
    assert (base / "kept.png").read_bytes() == b"kept photo"
    for name in ("forged.png", "missing.png"):
        assert (base / name).read_bytes().startswith(b"version https://git-lfs")


class TestHostileTrees:
    @pytest.mark.parametrize("name", ["..", ".", "../../up", "/absolute", "a//b"])
    def test_no_name_leads_out_of_the_folder(
        self, clone: Repository, tmp_path: Path, name: str
    ) -> None:
        file = blob(clone, TEAM)
        make_tree(clone, ("100644", name, file), ("100644", "good.yaml", file))
        assert written(clone, tmp_path) == ["good.yaml"]
        assert not (tmp_path / "up").exists()

    def test_nothing_is_written_through_a_link(self, clone: Repository, tmp_path: Path) -> None:
        file, link = blob(clone, TEAM), blob(clone, str(tmp_path / "victim"))
        (tmp_path / "victim").mkdir()
        inner = make_tree(clone, ("100644", "a.yaml", file), ("120000", "b.yaml", link))
        make_tree(clone, ("120000", "x", link), ("40000", "x", inner))
        written(clone, tmp_path)
        assert [*(tmp_path / "victim").iterdir()] == []

    def test_the_same_name_twice(self, clone: Repository, tmp_path: Path) -> None:
        file, other = blob(clone, TEAM), blob(clone, "other: 1\n")
        make_tree(clone, ("100644", "a.yaml", file), ("100644", "a.yaml", other))
        assert written(clone, tmp_path) == ["a.yaml"]
