"""`fleet apply --engine dask://…`: once on a worker, with records that later runs reach."""

import json
import os
import pickle
import shutil
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.files.workspace import check_shared_records
from provisioner.cli.main import main
from provisioner.fleet.engines.dask import DaskEngine
from tests.dask_cluster import Cluster, is_asked_to_stop
from tests.effort import LONGEST_SECONDS
from tests.fleets import WAVES, Fleet, groups, running, wait_for
from tests.support import KEY, Account, held, write_project

if TYPE_CHECKING:
    from provisioner.fleet.engines.local import Finished


@pytest.fixture
def fleet(live: Account, tmp_path: Path, workers: Cluster) -> Fleet:
    """A fleet that is applied on the workers; only they have the key."""
    workers.fill()
    shutil.rmtree(workers.records)
    workers.records.mkdir()
    fleet = Fleet(tmp_path / "fleet", live)
    # One at a time, because the accounts are one sandbox, and have one lock.
    fleet.engine = ("--engine", workers.engine, "--jobs", "1")
    for name in WAVES:
        fleet.connect(name, key="KEY_OF_WORKERS")
    return fleet


def command(fleet: Fleet, workers: Cluster, *words: str, key: str = "") -> Result:
    """Run another command for the fleet, with the records of the workers."""
    environment = {"PROVISIONER_RECORDS": str(workers.records), "KEY_OF_WORKERS": key}
    return CliRunner().invoke(main, [*words], env={**fleet.environment, **environment})


def test_workers_apply_each_account_once_and_later_runs_reach_the_records(
    fleet: Fleet, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTOR", "mia")
    monkeypatch.setenv("GITHUB_SHA", "a1b2c3d4")
    result = fleet.apply("--yes")
    assert result.exit_code == 0, result.output
    assert "Fleet: 3 accounts: 3 done." in result.stdout
    assert fleet.created() == [*WAVES]
    assert [*fleet.folder.rglob(".provisioner")] == []
    assert fleet.outcomes(exit_code=0) == dict.fromkeys(WAVES, "nothing-to-do")
    history = command(fleet, workers, "fleet", "runs", str(fleet.folder), "--format", "json")
    runs = [run for one in json.loads(history.stdout) for run in one["runs"]]
    assert [(run["by"], run["commit"], run["ending"]) for run in runs] == [
        ("mia", "a1b2c3d4", "complete")
    ] * 3
    assert os.getpid() not in {run["pid"] for run in runs}


@pytest.mark.parametrize("missing", ["folder", "name"])
def test_without_a_place_for_records_nothing_is_written(
    missing: str, fleet: Fleet, workers: Cluster
) -> None:
    file = fleet.folder / "fleet.yaml"
    if missing == "folder":
        workers.records.rmdir()
    else:
        file = file.rename(fleet.folder / "other.yaml")
    words = ["fleet", "apply", str(file), "--yes", *fleet.engine]
    result = command(fleet, workers, *words)
    workers.records.mkdir(exist_ok=True)
    assert (result.exit_code, fleet.live.server.requests.entries()) == (3, [])
    report = groups(result.stdout)
    assert {"Refused (1):", "Not begun (2):"} <= {*report}, result.stdout
    assert "[records-not-shared]" in result.stderr


@pytest.mark.parametrize(
    ("of_fleet", "of_project"), [("{folder: locks}", ""), ("", "lock: {sqlite: lock.db}")]
)
def test_a_lock_of_each_worker_protects_nothing(
    of_fleet: str, of_project: str, fleet: Fleet
) -> None:
    fleet.waves("{stop_after_failures: 1}" + (f"\nlock: {of_fleet}" if of_fleet else ""))
    fleet.connect("one", key="KEY_OF_WORKERS", more=of_project)
    elements = fleet.elements("--only", "one", exit_code=3)
    assert elements[0]["errors"][0]["code"] == "lock-place"
    assert "no place that all workers reach" in elements[0]["errors"][0]["summary"]
    assert fleet.live.server.requests.entries() == []


def test_no_key_is_anywhere_after_an_apply(
    fleet: Fleet, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    content: list[bytes] = []

    def keeping(engine: DaskEngine, *arguments: Any, **options: Any) -> Iterator[Any]:
        finished: Finished[Any, Any]
        for finished in run_on_workers(engine, *arguments, **options):
            content.extend([pickle.dumps(finished.task), pickle.dumps(finished.result)])
            sent: Any = finished.task  # plans go in batches
            for task in sent if isinstance(sent, tuple) else (sent,):
                content.extend(map(zlib.decompress, task.content.files.values()))
            yield finished

    run_on_workers = DaskEngine.run
    monkeypatch.setattr(DaskEngine, "run", keeping)
    (fleet.folder / "three/.env").write_text(KEY)
    (fleet.folder / "secret.csv").write_text(KEY)
    here = "a-key-of-this-machine"
    folder, far, near = str(fleet.folder), fleet.engine, ("--jobs", "1")
    for words in (
        ["plan", folder, "-v", "--format", "json", *far],
        ["apply", folder, "-v", "--yes", "--format", "json", "--only", "wave/1", *far],
        ["apply", folder, "-v", "--yes", "--only", "wave/2", *near],
        ["drift", folder, "-v", *far],
        ["drift", folder, "-v", "--format", "json", *near],
        ["access", folder, *far],
        ["runs", folder, "--format", "json"],
    ):
        key = here if far[0] in words else KEY
        result = command(fleet, workers, "fleet", *words, key=key)
        assert result.exit_code == 0, (words, result.output)
        content += [result.stdout.encode(), result.stderr.encode()]
    content += [file.read_bytes() for file in workers.records.rglob("*") if file.is_file()]
    content += [workers.output().encode(), *workers.pages()]
    assert len(content) > 30
    assert fleet.created() == [*WAVES]
    for text in (KEY, here):
        assert not [one for one in content if text.encode() in one]


@pytest.mark.parametrize("value", ["", "records", "/nowhere/records"])
def test_records_need_an_absolute_folder(
    value: str, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_RECORDS", value)
    problem = check_shared_records(fleet.folder / "one")
    assert problem is not None
    assert "PROVISIONER_RECORDS" in problem.summary


def test_files_that_can_t_be_sent_are_a_failure_and_stop_the_next_wave(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.fleet.project_content.MOST_BYTES", 10)
    outcomes = {"one": "failed", "two": "not-begun", "three": "not-begun"}
    assert fleet.outcomes(exit_code=1) == outcomes


def test_a_killed_worker_leaves_its_account_incomplete_and_a_local_run_finishes_it(
    fleet: Fleet, workers: Cluster
) -> None:
    with running(fleet, "--only", "one", "--only", "three", records=workers.records) as process:
        with held(fleet.live, "POST", "/agents") as arrived:
            assert arrived.wait(LONGEST_SECONDS)
            os.kill(record(workers, "one")[0]["actor"]["pid"], signal.SIGKILL)
            wait_for(process, "one: incomplete")
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 4, output
    report = groups(output)
    assert f"provisioner runs show 1 {fleet.folder}/one" in report["Incomplete (1):"]
    assert report["Not begun (1):"][0] == "three"
    assert "the connection to its worker was lost [worker-lost]" in output
    finish_here(fleet, workers)
    emails = [row["email"] for row in fleet.live.everything("/agents")]
    assert len(emails) == len({*emails})
    assert fleet.created() == [*WAVES]


def record(workers: Cluster, account: str) -> list[dict[str, Any]]:
    """Return the lines of the last record of an account."""
    file = max((workers.records / account / ".provisioner/runs").iterdir())
    return [json.loads(line) for line in file.read_text().splitlines()]


def finish_here(fleet: Fleet, workers: Cluster, *only: str) -> None:
    """Apply the rest on this machine, after the end of a worker's run."""
    words = ["fleet", "apply", str(fleet.folder), "--yes", "--jobs", "1", "--lock-timeout", "30"]
    rest = command(fleet, workers, *words, *only, key=KEY)
    assert rest.exit_code == 0, rest.output


@pytest.mark.parametrize(
    ("ends", "ending"),
    [
        ("the run by a signal", "incomplete"),
        ("the run at once by two signals", "incomplete"),
        ("the killed run", "complete"),
        ("the worker by a signal", ""),
    ],
)
def test_whatever_ends_the_worker_finishes_its_steps_and_the_record(
    ends: str, ending: str, fleet: Fleet, workers: Cluster
) -> None:
    agents = ", ".join(f"{{email: b{number}@acme.example, name: B}}" for number in range(9))
    write_project(fleet.folder / "one", team=f"agents: [{agents}]")
    with running(fleet, "--only", "one", "--only", "three", records=workers.records) as process:
        with held(fleet.live, "POST", "/agents") as arrived:
            assert arrived.wait(LONGEST_SECONDS)
            match ends:
                case "the killed run":
                    process.kill()
                case "the worker by a signal":
                    os.kill(record(workers, "one")[0]["actor"]["pid"], signal.SIGTERM)
                    wait_for(process, "one: incomplete")
                case _:
                    process.send_signal(signal.SIGINT)
                    wait_for(process, "Stopping: ")
                    workers.wait_until(is_asked_to_stop)
            if "two" in ends:
                process.send_signal(signal.SIGINT)
                wait_for(process, "Stopped at once.")
                process.wait(LONGEST_SECONDS)
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    if ends == "the run by a signal":
        report = groups(output)
        assert "8 of 9 steps applied" in report["Incomplete (1):"]
        assert report["Not begun (1):"] == ["three", "the run was stopped by a signal"]
    number = record(workers, "one")[0]["id"]
    finish_here(fleet, workers, "--only", "one")
    file = workers.records / f"one/.provisioner/runs/{number:06}.jsonl"
    end = json.loads(file.read_text().splitlines()[-1])
    assert end["event"] == "end"
    assert end["ending"] == (ending or end["ending"])
