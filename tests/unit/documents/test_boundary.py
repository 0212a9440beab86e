"""Links of a project: what they may lead to, and that nothing else is opened."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.diagnostics import Diagnostic, Span
from provisioner.documents import load_config, load_project, source_texts
from provisioner.documents.files.attachments import Photo, digest, load_photo, read_photo, read_text
from provisioner.documents.files.boundary import Boundary
from provisioner.documents.files.project_files import discover
from provisioner.documents.files.regular import FileTooLargeError, NotRegularError, read_regular

HERE = Span("team.yaml", 1, 1)
PNG = b"\x89PNG\r\n\x1a\nphoto"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project beside a folder that is not its own."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "team.yaml").write_text("departments: [{name: Support}]\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("password: very-secret\n")
    (outside / "photo.png").write_bytes(PNG)
    return root


def refused(root: Path) -> list[str]:
    return [finding.span.file for finding in discover(root)[1] if finding.span]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("x.yaml", "../outside/secret.yaml"),
        ("provisioner.yaml", "../outside/secret.yaml"),
        ("x.yaml", "../outside/nothing.yaml"),
        ("x.yaml", "/dev/zero"),
        ("x.yaml", "/proc/self/environ"),
        ("folder", "../outside"),
        ("folder", "/"),
        ("folder", ".."),
        ("folder.yaml", ".."),
    ],
)
def test_a_link_that_leads_out_of_the_project_is_refused(
    root: Path, name: str, target: str
) -> None:
    (root / name).symlink_to(target)
    loaded = load_project(root)
    [finding] = loaded.findings
    assert (finding.code, str(finding.span)) == ("link-outside", f"{name}:1:1")
    assert loaded.incomplete
    assert [document.file for document in loaded.documents] == ["team.yaml"]


def test_the_refusal_shows_no_line_of_the_file(root: Path) -> None:
    (root / "x.yaml").symlink_to("../outside/secret.yaml")
    assert source_texts(root)("x.yaml") is None
    assert source_texts(root)("team.yaml") is not None


def test_a_chain_of_links_and_a_link_in_a_folder(root: Path) -> None:
    (root / "a.yaml").symlink_to("b.yaml")
    (root / "b.yaml").symlink_to("../outside/secret.yaml")
    (root / "deep").mkdir()
    (root / "deep/c.yml").symlink_to(root.parent / "outside/secret.yaml")
    assert sorted(refused(root)) == ["a.yaml", "b.yaml", "deep/c.yml"]


def test_settings_alone_are_refused_too(root: Path) -> None:
    (root / "provisioner.yaml").symlink_to("../outside/secret.yaml")
    loaded = load_config(root)
    config, [finding] = loaded.config, loaded.findings
    assert (config, finding.code) == (None, "link-outside")


def test_settings_that_lead_to_nothing_are_no_missing_settings(root: Path) -> None:
    (root / "provisioner.yaml").symlink_to("gone.yaml")
    loaded = load_config(root)
    config, [finding] = loaded.config, loaded.findings
    assert (config, finding.code) == (None, "file-unreadable")


@pytest.mark.parametrize("folder", [".git", ".GIT", ".provisioner"])
def test_folders_of_programs_are_withheld(root: Path, folder: str) -> None:
    """A clone's .git/config holds the credentials that a pipeline fetched with."""
    (root / folder).mkdir()
    (root / folder / "config").write_text("password: very-secret\n")
    (root / folder / "x.yaml").write_text("password: very-secret\n")
    (root / "x.yaml").symlink_to(f"{folder}/config")
    (root / "folder").symlink_to(folder)
    assert sorted(refused(root)) == ["folder", "x.yaml"]
    found = read_text(root, "team.yaml", f"{folder}/config", HERE)
    assert isinstance(found, Diagnostic)
    assert found.code == "attachment-outside"


def test_links_inside_the_project_are_followed(root: Path) -> None:
    (root / "real").mkdir()
    (root / "real/a.yaml").write_text("departments: []\n")
    (root / "b.yaml").symlink_to("real/a.yaml")
    found, findings = discover(root)
    assert ([file.name for file in found], findings) == (["b.yaml", "real/a.yaml", "team.yaml"], [])


def test_the_project_itself_may_be_behind_a_link(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    (root / "a.yaml").symlink_to("team.yaml")
    found, findings = discover(link)
    assert ([file.name for file in found], findings) == (["a.yaml", "team.yaml"], [])


def test_what_is_shared_is_read_and_nothing_beside_it(root: Path) -> None:
    outside = (root.parent / "outside").resolve()
    (outside / "shared.yaml").write_text("departments: [{name: Sales}]\n")
    (root / "a.yaml").symlink_to("../outside/shared.yaml")
    (root / "folder").symlink_to("../outside")
    shared = {outside, outside / "shared.yaml"}
    found, [finding] = discover(root, shared.__contains__)
    assert [file.name for file in found] == ["a.yaml", "folder/shared.yaml", "team.yaml"]
    assert (finding.code, str(finding.span)) == ("link-outside", "folder/secret.yaml:1:1")


class TestAttachments:
    @pytest.mark.parametrize("path", ["../outside/photo.png", "link.png", "folder/photo.png"])
    def test_a_photo_outside_is_refused(self, root: Path, path: str) -> None:
        (root / "link.png").symlink_to("../outside/photo.png")
        (root / "folder").symlink_to("../outside")
        found = read_photo(root, "team.yaml", path, HERE)
        assert isinstance(found, Diagnostic)
        assert found.code == "attachment-outside"

    def test_a_photo_that_has_become_a_link_is_not_sent(self, root: Path) -> None:
        (root / "link.png").symlink_to("../outside/photo.png")
        assert load_photo(root, Photo("link.png", digest(PNG))) is None
        assert load_photo(root, Photo("../outside/photo.png", digest(PNG))) is None

    @pytest.mark.parametrize("path", ["a\0b", "\ud800.png"])
    def test_what_is_no_name_of_a_file(self, root: Path, path: str) -> None:
        found = read_photo(root, "team.yaml", path, HERE)
        assert isinstance(found, Diagnostic)
        assert found.code == "attachment-unreadable"

    def test_a_pipe_is_not_opened(self, root: Path) -> None:
        os.mkfifo(root / "pipe.txt")
        found = read_text(root, "team.yaml", "pipe.txt", HERE)
        assert isinstance(found, Diagnostic)
        assert found.summary == '"pipe.txt" can\'t be read: it is not a regular file'


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


class TestReadRegular:
    @pytest.mark.parametrize("make", [_pipe, _socket, _device, Path.mkdir])
    def test_nothing_but_a_regular_file_is_opened(
        self, tmp_path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(tmp_path / "x")

        def fail(*_: object) -> int:
            raise AssertionError("opened")

        monkeypatch.setattr(os, "open", fail)
        with pytest.raises(NotRegularError):
            read_regular(tmp_path / "x", 10)

    def test_what_becomes_a_pipe_meanwhile_is_not_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The look before the open may see another file than the open does."""
        (tmp_path / "file").touch()
        os.mkfifo(tmp_path / "pipe")
        status = (tmp_path / "file").stat()
        monkeypatch.setattr(Path, "stat", lambda *_args, **_options: status)
        with pytest.raises(NotRegularError):
            read_regular(tmp_path / "pipe", 10)

    def test_no_more_than_the_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "x").write_bytes(b"12345")
        assert read_regular(tmp_path / "x", 5) == b"12345"
        with pytest.raises(FileTooLargeError):
            read_regular(tmp_path / "x", 4)
        # Files of /proc report the size 0.
        monkeypatch.setattr("provisioner.documents.files.regular._check", lambda *_: None)
        with pytest.raises(FileTooLargeError):
            read_regular(tmp_path / "x", 4)


def test_a_circle_of_links_is_the_reader_s_to_report(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert Boundary(tmp_path).contains(tmp_path / "a")
