"""PATH/.provisioner: nobody else's, nothing from a branch, and nothing that leads elsewhere."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.sandbox.server import Sandbox
from tests.repository import Repository
from tests.support import Account, write_project

TEAM = "agents: [{email: a@acme.example, name: A}]"


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", team=TEAM)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def modes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder.parent).as_posix(): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in (folder, *folder.rglob("*"))
    }


def refusal(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert "[workspace-untrusted]" in result.output
    return " ".join(result.output.split())


@pytest.mark.usefixtures("_umask")
class TestModes:
    def test_all_that_a_run_leaves_is_its_owner_s(self, live: Account, project: Path) -> None:
        live.apply(project)
        assert run("plan", project, "-t", "sandbox").exit_code == 0
        found = modes(project / ".provisioner")
        folders = {".provisioner", ".provisioner/runs", ".provisioner/locks"}
        assert folders | {".provisioner/runs/000001.jsonl", ".provisioner/sandbox.db"} <= {*found}
        for name, mode in found.items():
            assert mode == ("0o700" if name in folders else "0o600"), name

    def test_the_lock_in_use(
        self, live: Account, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found: dict[str, str] = {}
        real = os.fsync

        def look(descriptor: int) -> None:
            found.update(modes(project / ".provisioner"))
            real(descriptor)

        monkeypatch.setattr(os, "fsync", look)
        live.apply(project)
        locks = {name: mode for name, mode in found.items() if "/locks/" in name}
        assert len(locks) == 2, found
        assert set(locks.values()) == {"0o600"}

    def test_a_database_of_the_sandbox_with_its_log(self, tmp_path: Path) -> None:
        folder = tmp_path / "served"
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
        with Sandbox(folder / "account.db", api_key="key"):
            found = modes(folder)
        assert {"served/account.db", "served/account.db-wal"} <= {*found}
        assert {mode for name, mode in found.items() if "/" in name} == {"0o600"}

    def test_saved_plans_and_snapshots(self, live: Account, project: Path, tmp_path: Path) -> None:
        folder = tmp_path / "out"
        folder.mkdir()
        folder.chmod(0o700)
        for command, name in (("plan", "plan.json"), ("snapshot", "snapshot.json")):
            assert live.run(command, str(project), "--out", str(folder / name)).exit_code == 0
        found = {name: int(mode, 8) & 0o077 for name, mode in modes(folder).items()}
        assert found == {"out": 0, "out/plan.json": 0, "out/snapshot.json": 0}


def test_what_earlier_versions_left_open_is_closed(live: Account, project: Path) -> None:
    live.apply(project)
    folder = project / ".provisioner"
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    live.apply(project)
    assert all(mode in {"0o600", "0o700"} for mode in modes(folder).values())


class TestLinks:
    @pytest.mark.parametrize("name", ["", "runs", "locks", "sandbox.db", ".gitignore"])
    def test_nothing_is_written_through_a_link(
        self, live: Account, project: Path, tmp_path: Path, name: str
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        folder = project / ".provisioner"
        if name:
            folder.mkdir()
        (folder / name).symlink_to(elsewhere / "x" if "." in name else elsewhere)
        for arguments in (("plan", "-t", "sandbox"), ("apply", "--yes"), ("plan",)):
            refusal(live.run(arguments[0], str(project), *arguments[1:]))
        for command in (["runs"], ["runs", "show", "1"], ["undo", "1"], ["validate"]):
            refusal(live.run(*command, str(project)))
        assert [*elsewhere.iterdir()] == []
        assert live.writes() == []

    @pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to("/dev/zero")])
    def test_no_pipe_and_no_device_is_read(
        self, live: Account, project: Path, make: Callable[[Path], None]
    ) -> None:
        live.apply(project)
        make(project / ".provisioner/runs/000002.jsonl")
        for command in (["runs"], ["plan"], ["apply", "--yes"], ["undo", "2"]):
            refusal(live.run(*command, str(project)))


class TestTracked:
    @pytest.fixture
    def clone(self, live: Account, tmp_path: Path) -> Repository:
        """A clone with a branch that brings a record of a run that never was."""
        clone = Repository.new(tmp_path / "clone")
        clone.commit("Begin", "team", team=TEAM)
        live.apply(clone.folder / "team")
        clone.git("add", "--force", "team/.provisioner/runs/000001.jsonl")
        clone.git("commit", "--quiet", "--message", "Forge")
        live.server.requests.clear()
        return clone

    @pytest.mark.parametrize(
        "command", [["plan"], ["apply", "--yes"], ["undo", "1", "--yes"], ["runs"], ["validate"]]
    )
    def test_what_git_tracks_is_refused(
        self, live: Account, clone: Repository, command: list[str]
    ) -> None:
        found = live.run(command[0], *command[1:2], str(clone.folder / "team"), *command[2:])
        if command[0] == "apply":
            found = live.run("apply", str(clone.folder / "team"), "--yes")
        output = refusal(found)
        assert "git tracks" in output
        assert "team/.provisioner/runs/000001.jsonl" in output
        assert live.writes() == []

    def test_what_is_only_added_is_refused_too(self, live: Account, clone: Repository) -> None:
        clone.git("rm", "--quiet", "--cached", "team/.provisioner/runs/000001.jsonl")
        clone.git("commit", "--quiet", "--message", "Remove")
        assert live.run("runs", str(clone.folder / "team")).exit_code == 0
        clone.git("add", "--force", "team/.provisioner/runs/000001.jsonl")
        refusal(live.run("runs", str(clone.folder / "team")))

    def test_git_that_can_t_be_asked(
        self, live: Account, clone: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without an answer, only what a run can have made is taken: a checkout is never so."""
        project, record = clone.folder / "team", "team/.provisioner/runs/000001.jsonl"
        monkeypatch.setenv("PATH", "/nowhere")
        assert live.run("runs", str(project)).exit_code == 0
        (clone.folder / record).chmod(0o644)
        output = refusal(live.run("runs", str(project)))
        assert "git is not installed" in output
        assert "chmod -R go=" in output


def test_init_writes_nothing_through_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "agents.yaml").symlink_to("elsewhere.yaml")
    result = run("init", tmp_path)
    assert (result.exit_code, "[file-exists]" in result.output) == (1, True)
    assert not (tmp_path / "elsewhere.yaml").exists()
