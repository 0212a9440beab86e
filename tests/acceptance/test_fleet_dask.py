"""`fleet plan --engine dask://…`: a real scheduler with two workers, lost ones, and no keys."""

import json
import logging
import pickle
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from distributed.versions import get_versions

import provisioner
from provisioner.cli.main import main
from provisioner.fleet.engines import dask, dask_connection
from provisioner.fleet.engines.dask import run_dask
from provisioner.fleet.engines.local import Finished
from tests.dask_cluster import Cluster, cluster, end_each_worker, end_first_worker, end_process
from tests.support import KEY, Account, write_project

if TYPE_CHECKING:
    from provisioner.cli.fleet.packed_work import PackedTask

CONFIG = """
targets:
  production: {{url: "{url}", insecure: true, api_key: {{env: KEY_OF_WORKERS}}}}
  by-command: {{url: "{url}", insecure: true, api_key: {{command: printenv KEY_OF_WORKERS}}}}
  by-file: {{url: "{url}", insecure: true, api_key: {{file: secret.csv}}}}
default_target: production
"""
SIGNED = "agents: [{email: mia@acme.example, name: Mia, signature: {file: mia.html}}]"
TIER = "agents: [{email: ben@acme.example, name: Ben, extends: [tier1]}]"


@pytest.fixture
def folder(tmp_path: Path, live: Account) -> Path:
    fleet = write_project(
        tmp_path / "fleet",
        fleet="""
            include: [common]
            accounts:
              - {project: accounts/eu}
              - {project: accounts/us, target: by-command}
        """,
    )
    write_project(fleet / "common", profiles="profiles: [{name: tier1, chat: {max_load: 3}}]")
    config = CONFIG.format(url=live.server.url)
    write_project(fleet / "accounts/eu", provisioner=config, team=SIGNED)
    write_project(fleet / "accounts/us", provisioner=config, team=TIER)
    (fleet / "accounts/eu/mia.html").write_text("<b>Mia</b>")
    for name in ("accounts/eu/secret.csv", "common/secret.csv", "accounts/us/.env"):
        (fleet / name).write_text(KEY)
    return fleet


def planned(folder: Path, engine: str, *arguments: str, key: str = "") -> Result:
    environment = {"KEY_OF_WORKERS": key, "PROVISIONER_REQUESTS_PER_MINUTE": "0"}
    words = ["fleet", "plan", str(folder), "--engine", engine, *arguments]
    return CliRunner().invoke(main, words, env=environment)


def test_workers_make_the_plans_that_this_machine_makes(folder: Path, workers: Cluster) -> None:
    workers.fill()
    left = {*(workers.folder / "temporary").glob("provisioner-task-*")}  # by killed workers
    far = planned(folder, workers.engine, "--format", "json")
    near = planned(folder, "local", "--jobs", "1", "--format", "json", key=KEY)
    assert far.exit_code == near.exit_code == 0, far.output
    assert json.loads(far.stdout) == json.loads(near.stdout)
    assert "<b>Mia</b>" in far.stdout
    # It would print a traceback when the scheduler is lost.
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)
    assert {*(workers.folder / "temporary").glob("provisioner-task-*")} == left


def test_no_key_is_in_tasks_results_or_logs(
    folder: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def keeping(function: Callable[[Any], Any], tasks: Any, *more: Any, **options: Any) -> Any:
        came: Iterator[Finished[tuple[PackedTask, ...], Any]] = run_dask(
            function, tasks, *more, **options
        )
        for finished in came:
            files = {
                place: zlib.decompress(content)
                for place, content in finished.task[0].content.files.items()
            }
            sent.append((files, pickle.dumps(finished.task), pickle.dumps(finished.result)))
            yield finished

    monkeypatch.setattr("provisioner.cli.fleet.packed_work.run_dask", keeping)
    result = planned(folder, workers.engine, key="a-key-of-this-machine")
    assert result.exit_code == 0, result.output
    files = [sorted(files) for files, *_ in sent]
    account = ["accounts/{0}/provisioner.yaml", "accounts/{0}/team.yaml"]
    shared = ["common/profiles.yaml", "fleet.yaml"]
    assert sorted(files) == [
        [*sorted([*(one.format("eu") for one in account), "accounts/eu/mia.html"]), *shared],
        [*(one.format("us") for one in account), *shared],
    ]
    written = workers.output().encode()
    for key in (KEY.encode(), b"a-key-of-this-machine"):
        assert key not in written
        for content, *pickled in sent:
            assert not any(key in text for text in (*content.values(), *pickled))


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_lost_worker_costs_its_task_unless_it_may_be_repeated(
    repeatable: bool, workers: Cluster, tmp_path: Path
) -> None:
    workers.fill()
    marks = str(tmp_path / "marks")
    done = [*run_dask(end_first_worker, [marks], 1, workers.engine, repeatable=repeatable)]
    if repeatable:
        assert done == [Finished(marks, 2)]
    else:
        assert done == [Finished(marks, None, "the connection to its worker was lost")]
        assert Path(marks).read_text() == "begun\n"


def test_without_workers_every_task_is_in_the_report(
    workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.fill()
    monkeypatch.setattr(dask, "WATCH_SECONDS", 0.1)
    done = [*run_dask(end_each_worker, range(4), 4, workers.engine, repeatable=False)]
    assert sorted(one.task for one in done) == [0, 1, 2, 3]
    assert all("worker" in one.reason for one in done)
    with pytest.raises(Exception, match="has no workers"):
        next(run_dask(len, [""], 1, workers.engine, repeatable=True))


def test_without_a_scheduler_every_task_is_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(dask_connection, "CONNECT_SECONDS", 2)
    with cluster(tmp_path) as own:
        tasks = [own.scheduler, 0]
        done = [*run_dask(end_process, tasks, 1, own.engine, repeatable=False)]
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)
    lost = "the connection to the scheduler was lost"
    assert [(one.result, one.reason) for one in done] == [(None, lost), (None, lost)]


def refused(folder: Path, engine: str, *arguments: str) -> str:
    result = planned(folder, engine, *arguments)
    assert result.exit_code == 1, result.output
    assert "[engine-unavailable]" in result.stderr
    assert result.stdout == ""
    return " ".join(result.stderr.split())


def test_an_unreachable_scheduler_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_connection, "CONNECT_SECONDS", 0.2)
    text = refused(folder, "dask://127.0.0.1:9")
    assert "no Dask scheduler answered at dask://127.0.0.1:9" in text


def test_another_version_is_an_error(
    folder: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.fill()
    here = {"packages": {**get_versions()["packages"], "liveagent-provisioner": "99.0"}}
    monkeypatch.setattr("distributed.versions.get_versions", lambda **_options: here)
    text = refused(folder, workers.engine)
    assert f"has liveagent-provisioner {provisioner.__version__}, and here is 99.0" in text


def test_the_missing_extra_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install -U 'liveagent-provisioner[fleet]'" in refused(folder, "dask://127.0.0.1:9")


@pytest.mark.parametrize("engine", ["ray", "dask://", "dask://host", "tcp://127.0.0.1:1"])
def test_other_engines_are_wrong_usage(engine: str, folder: Path) -> None:
    assert planned(folder, engine).exit_code == 64


def test_earlier_versions_are_not_on_the_workers(folder: Path) -> None:
    result = planned(folder, "dask://127.0.0.1:9", "--base", "main")
    assert result.exit_code == 64
    assert "--base needs the repository" in result.stderr


def test_invalid_files_are_the_failure_of_their_account(folder: Path, workers: Cluster) -> None:
    workers.fill()
    (folder / "accounts/eu/team.yaml").write_text("agents: [{mail: x}]")
    (folder / "accounts/us/provisioner.yaml").write_text("target: x")
    result = planned(folder, workers.engine)
    assert result.exit_code == 1
    assert "Not planned (2):" in result.stdout, result.output
    assert "accounts/eu/team.yaml:1:11" in result.stderr
    assert "accounts/us/provisioner.yaml:1:1" in result.stderr
