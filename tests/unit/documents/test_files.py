import os
from pathlib import Path

import pytest

from provisioner.diagnostics import Diagnostic
from provisioner.documents import source_texts
from provisioner.documents.files import project_files
from provisioner.documents.files.project_files import SourceFile, discover


def write(root: Path, *names: str) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("agents: []\n", "utf-8")


def names(root: Path) -> list[str]:
    found, findings = discover(root)
    assert findings == []
    return [file.name for file in found]


def problem(file: SourceFile) -> Diagnostic:
    content = file.read()
    assert isinstance(content, Diagnostic)
    return content


class TestDiscover:
    def test_finds_yaml_in_all_folders_in_the_order_of_names(self, tmp_path: Path) -> None:
        write(tmp_path, "b.yaml", "B.yml", "a/z.yaml", "a.yaml", "a/b/c.YAML", "provisioner.yaml")
        write(tmp_path, "readme.md", "a/photo.png", "yaml")
        assert names(tmp_path) == [
            "B.yml",
            "a.yaml",
            "a/b/c.YAML",
            "a/z.yaml",
            "b.yaml",
            "provisioner.yaml",
        ]

    def test_leaves_out_what_begins_with_a_dot(self, tmp_path: Path) -> None:
        write(tmp_path, ".github/a.yaml", ".provisioner/b.yaml", ".yamllint.yaml", "a/.b/c.yaml")
        assert names(tmp_path) == []

    def test_reads_no_folder_twice_and_ends_links_in_a_circle(self, tmp_path: Path) -> None:
        write(tmp_path, "team/agents.yaml")
        (tmp_path / "a-link").symlink_to(tmp_path / "team")
        (tmp_path / "team/up").symlink_to(tmp_path)
        (tmp_path / "loop").symlink_to("loop")
        assert names(tmp_path) == ["team/agents.yaml"]

    def test_prints_odd_names_harmlessly(self, tmp_path: Path) -> None:
        (tmp_path / "a\n\x1b.yaml").touch()
        (tmp_path / os.fsdecode(b"\xff.yaml")).touch()
        assert names(tmp_path) == [r"\xff.yaml", r"a\x0a\x1b.yaml"]

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("provisioner.yml", "rename it to provisioner.yaml, or merge it into that file"),
            ("Provisioner.yaml", "rename it to provisioner.yaml, or merge it into that file"),
            (
                "team/provisioner.yaml",
                "move its content into provisioner.yaml in the root, or rename it",
            ),
        ],
    )
    def test_reports_a_configuration_in_the_wrong_place(
        self, tmp_path: Path, name: str, hint: str
    ) -> None:
        write(tmp_path, name, "a.yaml")
        found, [finding] = discover(tmp_path)
        assert [file.name for file in found] == ["a.yaml"]
        assert (finding.code, str(finding.span)) == ("misplaced-config", f"{name}:1:1")
        assert finding.hint == hint

    def test_reports_a_root_that_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "loop").symlink_to("loop")
        codes = [discover(tmp_path / name)[1][0].code for name in ("missing", "file", "loop")]
        assert codes == ["path-missing", "not-a-directory", "file-unreadable"]

    def test_reports_a_folder_that_it_may_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, "a.yaml", "secret/b.yaml")
        scandir = os.scandir

        def guarded(folder: Path) -> object:
            if folder.name == "secret":
                raise PermissionError(13, "Permission denied")
            return scandir(folder)

        monkeypatch.setattr(os, "scandir", guarded)
        found, [finding] = discover(tmp_path)
        assert [file.name for file in found] == ["a.yaml"]
        assert finding.summary == "secret can't be read: permission denied"


class TestRead:
    def test_gives_the_bytes(self, tmp_path: Path) -> None:
        write(tmp_path, "a.yaml")
        assert SourceFile(tmp_path / "a.yaml", "a.yaml").read() == b"agents: []\n"

    def test_does_not_wait_for_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.yaml")
        finding = problem(SourceFile(tmp_path / "a.yaml", "a.yaml"))
        assert finding.summary == "a.yaml is not a regular file"

    def test_reports_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").mkdir()
        finding = problem(SourceFile(tmp_path / "a.yaml", "a.yaml"))
        assert finding.summary == "a.yaml is a folder with the name of a YAML file"

    def test_reports_a_link_to_nothing_and_in_a_circle(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").symlink_to("nowhere")
        (tmp_path / "b.yaml").symlink_to("b.yaml")
        found, _ = discover(tmp_path)
        assert [problem(file).summary for file in found] == [
            "a.yaml can't be read: the target of the link does not exist",
            "b.yaml can't be read: too many levels of symbolic links",
        ]

    def test_reports_what_is_too_large(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(project_files, "MAX_BYTES", 1024 * 1024)
        (tmp_path / "a.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
        finding = problem(SourceFile(tmp_path / "a.yaml", "a.yaml"))
        assert finding.code == "file-too-large"

    def test_reports_an_error_without_words(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_path: Path, _limit: int) -> bytes:
            raise OSError

        write(tmp_path, "a.yaml")
        monkeypatch.setattr(project_files, "read_regular", fail)
        finding = problem(SourceFile(tmp_path / "a.yaml", "a.yaml"))
        assert finding.summary == "a.yaml can't be read: unknown reason"


def test_source_texts_give_what_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfname: Jos\xe9\r\n")
    text = source_texts(tmp_path)
    assert text("a.yaml") == "name: Jos\ufffd\r\n"
    assert text("missing.yaml") is None
