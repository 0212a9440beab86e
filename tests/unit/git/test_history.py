"""What git is asked, and what it answers in unusual clones."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from provisioner.diagnostics import ProvisionerError, Span
from provisioner.git import command
from provisioner.git.checkout import head, tracked_below
from provisioner.git.clone import find_clone
from provisioner.git.command import GitError
from provisioner.git.history import GitHistory
from tests.repository import Repository

TEAM = "departments:\n  - name: A\n  - name: B\n"


@pytest.fixture
def clone(tmp_path: Path) -> Repository:
    made = Repository.new(tmp_path / "clone")
    made.commit("Begin", team=TEAM)
    return made


def problem(project: Path, ref: str = "main") -> tuple[str, str]:
    with pytest.raises(ProvisionerError) as caught:
        GitHistory(project, ref).write_base(project / "base")
    [finding] = caught.value.diagnostics
    assert finding.code == "no-history"
    return finding.summary, finding.hint


def pointer(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n"


class TestHead:
    def test_as_committed_and_changed(self, clone: Repository) -> None:
        commit = clone.git("rev-parse", "HEAD")
        assert head(clone.folder) == commit
        (clone.folder / "new.yaml").touch()
        assert head(clone.folder) == f"{commit}+"
        (clone.folder / ".gitignore").write_text("new.yaml\n.gitignore\n")
        assert head(clone.folder) == commit
        (clone.folder / "team.yaml").write_text(TEAM + "#\n")
        assert head(clone.folder) == f"{commit}+"
        (clone.folder / "team.yaml").unlink()
        assert head(clone.folder) == f"{commit}+"

    def test_what_lies_beside_the_project_does_not_matter(self, clone: Repository) -> None:
        commit = clone.commit("Add", "team", more=TEAM)
        (clone.folder / "team.yaml").write_text("")
        assert head(clone.folder / "team") == commit

    def test_ends_of_lines_and_modes_do_not_matter(self, clone: Repository) -> None:
        (clone.folder / "dos.yaml").write_bytes(b"a: 1\r\n")
        commit = clone.commit("Another system")
        (clone.folder / "team.yaml").write_bytes(TEAM.replace("\n", "\r\n").encode())
        (clone.folder / "team.yaml").chmod(0o755)
        assert head(clone.folder) == commit

    def test_a_file_of_git_lfs(self, clone: Repository) -> None:
        file = clone.folder / "photo.png"
        file.write_text(pointer(b"photo"))
        commit = clone.commit("Photo")
        file.write_bytes(b"photo")
        assert head(clone.folder) == commit
        file.write_bytes(b"other")
        assert head(clone.folder) == f"{commit}+"

    def test_no_clone_no_commit_and_no_git(
        self, clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = Repository.new(tmp_path / "empty")
        assert (head(tmp_path), head(empty.folder)) == ("", "")
        monkeypatch.setenv("PATH", "/nowhere")
        assert head(clone.folder) == ""


class TestBlame:
    def test_each_line_as_it_is_now(self, clone: Repository) -> None:
        first = clone.git("rev-parse", "HEAD")
        second = clone.commit("Second", team=TEAM.replace("name: B", "name: C"))
        (clone.folder / "team.yaml").write_bytes(b"departments:\r\n  - name: N\r\n  - name: C\r\n")
        history = GitHistory(clone.folder, "main")
        found = [history.of_line(Span("team.yaml", line, 1)) for line in (1, 2, 3)]
        assert [commit and commit.id for commit in found] == [first, None, second]

    def test_lines_that_were_committed_with_other_ends(self, clone: Repository) -> None:
        (clone.folder / "dos.yaml").write_bytes(b"a: 1\r\nb: 2\r\n")
        commit = clone.commit("Another system")
        found = GitHistory(clone.folder, "main").of_line(Span("dos.yaml", 2, 1))
        assert found
        assert found.id == commit

    @pytest.mark.parametrize("name", [":(top)team.yaml", "-s.yaml", "a b.yaml", "ü.yaml"])
    def test_names_that_look_like_something_else(self, clone: Repository, name: str) -> None:
        (clone.folder / name).write_text("a: 1\n")
        commit = clone.commit("Odd")
        history = GitHistory(clone.folder, f"{commit}~1")
        assert history.of_line(Span(name, 1, 1)) == history.of_file(name)
        assert history.of_line(Span(name, 1, 1)) is not None

    def test_a_file_that_is_gone_or_not_git_s(self, clone: Repository) -> None:
        (clone.folder / "new.yaml").write_text("a: 1\n")
        (clone.folder / "team.yaml").unlink()
        history = GitHistory(clone.folder, "main")
        assert history.of_line(Span("new.yaml", 1, 1)) is None
        assert history.of_line(Span("team.yaml", 1, 1)) is None
        assert history.of_removal(Span("nothing.yaml", 1, 1)) is None


class TestClone:
    def test_only_a_git_folder_marks_a_clone(self, clone: Repository, tmp_path: Path) -> None:
        bare = tmp_path / "clone/bare"
        clone.git("clone", "--quiet", "--bare", ".", str(bare))
        found = find_clone(bare)
        assert found
        assert found.prefix == "bare/"
        assert found.top == clone.folder.resolve()

    def test_a_second_work_tree(self, clone: Repository, tmp_path: Path) -> None:
        other = tmp_path / "other"
        clone.git("worktree", "add", "--quiet", str(other))
        assert head(other) == clone.git("rev-parse", "HEAD")
        assert (GitHistory(other, "main").write_base(tmp_path / "base") / "team.yaml").exists()

    def test_a_repository_with_long_ids(self, tmp_path: Path) -> None:
        made = Repository(tmp_path / "long")
        made.folder.mkdir()
        made.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
        commit = made.commit("Begin", team=TEAM)
        assert len(commit) == 64
        assert head(made.folder) == commit
        found = GitHistory(made.folder, "main").of_line(Span("team.yaml", 1, 1))
        assert found
        assert found.id == commit

    def test_what_is_tracked(self, clone: Repository) -> None:
        clone.commit("Add", "team/.provisioner", a=TEAM)
        assert tracked_below(clone.folder / "team", ".provisioner") == (".provisioner/a.yaml",)
        assert tracked_below(clone.folder, ".provisioner") == ()


class TestTrouble:
    def test_a_repository_of_another_user(
        self, clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit, real = clone.git("rev-parse", "HEAD"), shutil.which("git")
        program = tmp_path / "bin/git"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))
        settings = tmp_path / "home/.gitconfig"
        settings.parent.mkdir()
        monkeypatch.setenv("HOME", str(settings.parent))
        summary, hint = problem(clone.folder)
        assert "dubious ownership" in summary
        assert f"git config --global --add safe.directory {clone.folder.resolve()}" in hint
        settings.write_text(f"[safe]\ndirectory = {clone.folder.resolve()}\n")
        assert GitHistory(clone.folder, "main").base == commit

    def test_a_user_s_own_word_for_a_safe_folder(
        self, clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        for number, value in enumerate(("~/clone", 'a "b" \\c')):
            monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", "safe.directory")
            monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
        found = command.safe_directories(clone.folder)
        assert found[-2:] == (str(tmp_path / "clone"), 'a "b" \\c')
        assert head(clone.folder)

    def test_git_that_does_not_end(
        self, clone: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(tmp_path / "pipe")
        program = tmp_path / "bin/git"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nread x < "{tmp_path}/pipe"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))
        monkeypatch.setattr(command, "TIMEOUT_SECONDS", 0.05)
        assert "took longer than" in problem(clone.folder)[0]

    def test_a_git_of_the_repository_is_not_run(
        self, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = clone.folder / "bin/git"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
        (clone.folder.parent / "link").symlink_to(program.parent)
        monkeypatch.chdir(program.parent)
        path = f".::bin:{program.parent}:{clone.folder.parent / 'link'}"
        monkeypatch.setenv("PATH", path)
        assert "git is not installed" in problem(clone.folder)[0]

    def test_words_that_no_program_takes(self, clone: Repository) -> None:
        with pytest.raises(GitError, match="can't be started"):
            command.run(clone.folder, "log", "a\0b", more={})

    def test_a_partial_clone(self, clone: Repository, tmp_path: Path) -> None:
        clone.git("config", "uploadpack.allowFilter", "true")
        clone.commit("Change", team=TEAM.replace("name: A", "name: X"))
        url = clone.folder.as_uri()
        clone.git("clone", "--quiet", "--filter=blob:none", url, str(tmp_path / "partial"))
        summary, _ = problem(tmp_path / "partial", "main~1")
        assert "the clone lacks team.yaml; it may be a partial clone" in summary
