"""Where `--out` leads: files, links, pipes and devices, and disks that take no more."""

import json
import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import KEY, Account, write_project

TEAM = "agents: [{email: mia@acme.example, name: Mia}]"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", team=TEAM)


@pytest.fixture(params=["plan", "snapshot"])
def command(request: pytest.FixtureRequest, project: Path) -> list[str]:
    return [request.param, str(project), "--out"]


def check_whole(live: Account, command: list[str], file: Path) -> None:
    """Check that a file is a whole plan or snapshot."""
    if command[0] == "plan":
        assert live.run("show", str(file)).exit_code == 0
    else:
        result = live.run("plan", command[1], "--snapshot", str(file))
        assert result.exit_code == 0, result.output


def start(
    live: Account, command: str, folder: Path, before: Callable[[], None] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["bash", "-c", f'"$PYTHON" -m provisioner {command}'],
        capture_output=True,
        cwd=folder,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
        },
        preexec_fn=before,
        timeout=60,
        check=False,
    )


class TestFiles:
    def test_a_new_one_is_its_owner_s_alone(
        self, live: Account, command: list[str], tmp_path: Path
    ) -> None:
        file = tmp_path / "new"
        assert live.run(*command, str(file)).exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        check_whole(live, command, file)

    @pytest.mark.parametrize("mode", [0o640, 0o666, 0o600])
    def test_one_that_exists_keeps_its_mode(
        self, live: Account, command: list[str], tmp_path: Path, mode: int
    ) -> None:
        file = tmp_path / "old"
        file.write_text("old")
        file.chmod(mode)
        assert live.run(*command, str(file)).exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == mode
        check_whole(live, command, file)

    def test_a_link_stays_and_its_target_is_written(
        self, live: Account, command: list[str], tmp_path: Path
    ) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "real/file").write_text("old")
        for name in ("file", "not there yet"):
            link = tmp_path / f"link to {name}"
            link.symlink_to(tmp_path / "real" / name)
            assert live.run(*command, str(link)).exit_code == 0
            assert link.is_symlink()
            check_whole(live, command, link)
        assert len([*(tmp_path / "real").iterdir()]) == 2

    @pytest.mark.parametrize("out", ["loop", "folder", "missing/file", "file/file", "x" * 300])
    def test_what_can_t_be_written_is_a_finding(
        self, live: Account, command: list[str], tmp_path: Path, out: str
    ) -> None:
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("old")
        before = sorted(tmp_path.rglob("*"))
        result = live.run(*command, str(tmp_path / out))
        assert (result.exit_code, "[file-unwritable]" in result.stderr) == (1, True), result.output
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_full_disk_leaves_what_was_there(
        self, live: Account, command: list[str], project: Path
    ) -> None:
        file = project.parent / "old"
        file.write_text("old")
        before = sorted(project.parent.iterdir())

        def small() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        done = start(live, f"{command[0]} p --out old", project.parent, small)
        assert (done.returncode, b"File too large [file-unwritable]" in done.stderr) == (1, True)
        assert file.read_text() == "old"
        assert sorted(project.parent.iterdir()) == before


class TestStreams:
    def test_a_device_is_written_to_and_stays(self, live: Account, command: list[str]) -> None:
        assert live.run(*command, "/dev/null").exit_code == 0
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
        full = live.run(*command, "/dev/full")
        assert (full.exit_code, "[file-unwritable]" in full.stderr) == (1, True)
        assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)

    def test_a_pipe_gets_the_file(self, live: Account, command: list[str], tmp_path: Path) -> None:
        pipe, copy = tmp_path / "pipe", tmp_path / "copy"
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: copy.write_bytes(pipe.read_bytes()))
        reader.start()
        assert live.run(*command, str(pipe)).exit_code == 0
        reader.join()
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        if command[0] == "snapshot":
            check_whole(live, command, copy)
        else:
            assert json.loads(copy.read_bytes())["checksum"]

    @pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
    @pytest.mark.parametrize("output", ["| cat > copy", "> copy"])
    def test_standard_output_gets_nothing_else(
        self, live: Account, command: list[str], project: Path, name: str, output: str
    ) -> None:
        (project.parent / "link").symlink_to("/dev/stdout")
        done = start(live, f"{command[0]} p --out {name} {output}", project.parent)
        assert done.returncode == 0, done.stderr
        check_whole(live, command, project.parent / "copy")

    def test_an_open_descriptor_is_written_through(
        self, live: Account, command: list[str], project: Path
    ) -> None:
        todo = f"{command[0]} p --out /dev/fd/7 7> copy; echo behind >> copy"
        done = start(live, todo, project.parent)
        assert done.returncode == 0, done.stderr
        copy = project.parent / "copy"
        copy.write_bytes(copy.read_bytes().removesuffix(b"behind\n"))
        check_whole(live, command, copy)


def test_init_writes_all_or_nothing_and_through_no_link(tmp_path: Path, live: Account) -> None:
    project = tmp_path / "new"
    project.mkdir()
    (project / "agents.yaml").symlink_to(tmp_path / "elsewhere")
    result = live.run("init", str(project))
    assert (result.exit_code, "[file-exists]" in result.stderr) == (1, True)
    assert not (tmp_path / "elsewhere").exists()
    (project / "agents.yaml").unlink()

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))

    done = start(live, "init new", tmp_path, small)
    assert (done.returncode, b"[file-unwritable]" in done.stderr) == (1, True)
    assert [*project.iterdir()] == []
