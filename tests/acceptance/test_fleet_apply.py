"""`fleet apply`: waves, failures, signals, and the report of every account."""

import json
import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from provisioner.app.make_plan import Planned, make_plan
from provisioner.app.open_project import Project
from provisioner.cli.fleet.account_apply import apply_account
from provisioner.cli.main import main
from provisioner.fleet.apply_task import ApplyResult, ApplyTask
from provisioner.sandbox.faults import Fault
from tests.effort import LONGEST_SECONDS
from tests.fleets import WAVES, Fleet, groups, running, wait_for
from tests.support import KEY, Account, held, write_project

OWNER = "agents: [{email: two@acme.example, name: A, role: owner}]"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def fleet(live: Account, tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet", live)


def test_all_accounts_are_applied_and_then_there_is_nothing_to_do(fleet: Fleet) -> None:
    result = fleet.apply("--yes")
    assert result.exit_code == 0, result.output
    report = groups(result.stdout)
    assert report["Done (3):"].count("1 created") == 3
    assert "Fleet: 3 accounts: 3 done." in report
    assert result.stderr.splitlines() == [
        "wave 1 (1 of 2): 2 to apply.",
        "[1/3] one: done",
        "[2/3] two: done",
        "wave 2 (2 of 2): 1 to apply.",
        "[3/3] three: done",
    ]
    again = fleet.apply("--yes")
    assert (again.exit_code, groups(again.stdout)) == (
        0,
        {"Nothing to do (3): one, two, three": [], "Fleet: 3 accounts: 3 nothing to do.": []},
    )


def test_an_element_of_json_is_the_document_of_an_apply_alone(fleet: Fleet) -> None:
    elements = fleet.elements("--only", "one", exit_code=0)
    assert elements[0].pop("errors") == []
    assert elements[0].pop("fleet")["outcome"] == "done"
    fleet.connect("two")
    arguments = ["apply", str(fleet.folder / "two"), "--yes", "--format", "json"]
    alone = CliRunner().invoke(main, arguments, env=fleet.environment)
    assert [*elements[0]] == [*json.loads(alone.stdout)]
    assert elements[0]["outcome"] == "applied"
    assert elements[0]["changes"]["created"] == 1


@pytest.mark.parametrize(
    ("trouble", "exit_code", "outcome", "error"),
    [
        ({"key": "WRONG_KEY"}, 1, "failed", "target-refused"),
        ({"key": "NO_KEY"}, 1, "failed", "api-key-missing"),
        ({"url": NOWHERE}, 1, "failed", "target-unreachable"),
        ({"more": "confirm: [owner]"}, 3, "refused", "not-confirmed"),
    ],
)
def test_one_failure_stops_what_has_not_begun_and_running_again_does_the_rest(
    trouble: dict[str, str], exit_code: int, outcome: str, error: str, fleet: Fleet
) -> None:
    write_project(fleet.folder / "two", team=OWNER)
    fleet.connect("two", **trouble)
    elements = fleet.elements(exit_code=exit_code)
    assert [one["fleet"]["outcome"] for one in elements] == ["done", outcome, "not-begun"]
    assert elements[1]["errors"][0]["code"] == error
    assert elements[2]["fleet"]["reason"] == (
        "not applied and verified: two (stop_after_failures: 1)"
    )
    assert fleet.created() == ["one"]
    fleet.connect("two")
    rest = {"one": "nothing-to-do", "two": "done", "three": "done"}
    assert fleet.outcomes(exit_code=0) == rest


def test_an_incomplete_account_stops_the_others_and_is_finished_by_the_next_run(
    fleet: Fleet,
) -> None:
    fleet.live.server.faults.add(Fault("lose", "POST", "agents"))
    result = fleet.apply("--yes")
    assert result.exit_code == 4
    report = groups(result.stdout)
    assert report["Incomplete (1):"][0].startswith("one: production")
    assert f"provisioner runs show 1 {fleet.folder}/one" in report["Incomplete (1):"]
    assert report["Not begun (2):"] == [
        "two, three",
        "not applied and verified: one (stop_after_failures: 1)",
    ]
    assert "Run fleet apply again to do the rest." in report
    assert fleet.outcomes(exit_code=0) == dict.fromkeys(WAVES, "done")


def test_fewer_failures_than_the_limit_don_t_hold_the_other_waves(fleet: Fleet) -> None:
    fleet.waves("{stop_after_failures: 2}")
    fleet.connect("one", key="WRONG_KEY")
    expected = {"one": "failed", "two": "done", "three": "done"}
    assert fleet.outcomes(exit_code=1) == expected


def test_one_failure_of_the_canary_stops_all_others(fleet: Fleet) -> None:
    fleet.waves("{canary: 1, stop_after_failures: 5}")
    fleet.connect("one", url=NOWHERE)
    elements = fleet.elements(exit_code=1)
    assert [one["fleet"]["outcome"] for one in elements] == ["failed", "not-begun", "not-begun"]
    assert elements[1]["fleet"]["reason"] == "not applied and verified: one (the canary)"
    assert fleet.created() == []


def test_an_allowance_is_for_one_account(fleet: Fleet) -> None:
    for name in ("one", "two"):
        fleet.connect(name, more="confirm: [owner]")
        write_project(fleet.folder / name, team=OWNER.replace("two", name))
    assert fleet.apply("--yes", "--allow", "owners=1").exit_code == 64
    assert fleet.apply("--yes", "--allow", "on:owners=1").exit_code == 64
    expected = {"one": "done", "two": "refused", "three": "not-begun"}
    assert fleet.outcomes("--allow", "one:owners=1", exit_code=3) == expected


def test_no_key_is_in_a_task_a_result_the_output_or_a_record(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.connect("three", key="WRONG_KEY")
    content = []

    def keeping(task: ApplyTask) -> ApplyResult:
        result = apply_account(task)
        content.extend([pickle.dumps(task), pickle.dumps(result)])
        return result

    monkeypatch.setattr("provisioner.cli.fleet.fleet_apply.apply_account", keeping)
    content.append(fleet.apply("--yes", "-v", "--format", "json").output.encode())
    content += [path.read_bytes() for path in fleet.folder.rglob("*") if path.is_file()]
    assert len(content) > 2 * len(WAVES) + 2
    for key in (KEY, fleet.environment["WRONG_KEY"]):
        assert not any(key.encode() in one for one in content)


def test_without_yes_and_terminal_it_is_wrong_usage(fleet: Fleet) -> None:
    result = fleet.apply()
    assert (result.exit_code, fleet.live.server.requests.entries()) == (64, [])
    assert "fleet apply needs --yes" in result.stderr


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.cli.console.confirmation.has_terminal", lambda: True)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_the_plan_and_asks_once(fleet: Fleet) -> None:
    no = fleet.apply(answer="n\n")
    assert (no.exit_code, fleet.live.writes()) == (1, [])
    assert "Plan: 3 to create, " in no.stdout
    assert no.output.count("Apply this to 3 accounts (wave 1, then wave 2)? [y/N]") == 1
    assert "Not applied; nothing was written." in no.output
    yes = fleet.apply(answer="y\n")
    assert (yes.exit_code, fleet.created()) == (0, [*WAVES])
    assert "Apply this" not in fleet.apply().output


@pytest.mark.usefixtures("terminal")
def test_only_a_plan_that_was_confirmed_is_applied(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.waves("{stop_after_failures: 5}")
    fleet.connect("three", url=NOWHERE)

    def changing(*_arguments: object, **_options: object) -> bool:
        write_project(fleet.folder / "two", team="agents: [{email: eve@acme.example, name: Eve}]")
        fleet.connect("three")
        return True

    monkeypatch.setattr("click.confirm", changing)
    result = fleet.apply()
    assert (result.exit_code, fleet.created()) == (3, ["one"])
    refused = "\n".join(groups(result.stdout)["Refused (2):"])
    assert "! its plan is not the one that was confirmed [stale-plan]" in refused
    assert "! its plan was not shown, and so not confirmed [stale-plan]" in refused
    assert fleet.live.writes() == [("POST", "/agents")]


def test_a_signal_lets_running_steps_finish_and_begins_nothing(fleet: Fleet) -> None:
    fleet.own_locks()
    with running(fleet) as process:
        with held(fleet.live, "POST", "/agents") as arrived:
            assert arrived.wait(LONGEST_SECONDS)
            process.send_signal(signal.SIGINT)
            wait_for(process, "Stopping: ")
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 4, output
    report = groups(output)
    not_begun = next(below for title, below in report.items() if title.startswith("Not begun"))
    assert any("three" in line for line in not_begun)
    assert "the run was stopped by a signal" in output
    assert fleet.created()
    assert fleet.apply("--yes").exit_code == 0
    assert fleet.created() == [*WAVES]


def test_a_second_signal_ends_all_processes(fleet: Fleet) -> None:
    fleet.own_locks()
    with running(fleet) as process, held(fleet.live, "POST", "/agents") as arrived:
        assert arrived.wait(LONGEST_SECONDS)
        process.send_signal(signal.SIGTERM)
        wait_for(process, "Stopping: ")
        process.send_signal(signal.SIGINT)
        wait_for(process, "Stopped at once.")
        # The workers have the other ends of the pipes, too: reading ends when all have ended.
        process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 4


def test_a_killed_worker_leaves_its_account_incomplete_and_the_next_run_finishes_it(
    fleet: Fleet,
) -> None:
    with running(fleet, "--only", "one", "--only", "three") as process:
        with held(fleet.live, "POST", "/agents") as arrived:
            assert arrived.wait(LONGEST_SECONDS)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            os.kill(int(children), signal.SIGKILL)
            wait_for(process, "one: incomplete")
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 4, output
    assert "its process was ended by SIGKILL [worker-lost]" in output
    assert groups(output)["Not begun (1):"][0] == "three"
    assert fleet.apply("--yes").exit_code == 0
    assert fleet.created() == [*WAVES]


def test_a_lease_keeps_two_workers_off_one_account(fleet: Fleet) -> None:
    fleet.waves("{stop_after_failures: 5}")
    with running(fleet, "--only", "wave/1") as process:
        with held(fleet.live, "POST", "/agents") as arrived:
            assert arrived.wait(LONGEST_SECONDS)
            wait_for(process, ": refused")
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 3, output
    assert {"Refused (1):", "Done (1):"} <= {*groups(output)}
    [first] = fleet.created()
    assert f" in {first} on " in output


@pytest.mark.parametrize(("at", "exit_code"), [("one", 1), ("two", 4)])
def test_a_signal_before_the_first_write_of_an_account_writes_nothing_to_it(
    at: str, exit_code: int, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(project: Project, *arguments: Any) -> Planned:
        if project.root.name == at:
            signal.raise_signal(signal.SIGTERM)
        return make_plan(project, *arguments)

    monkeypatch.setattr("provisioner.cli.run.project_apply.make_plan", interrupted)
    elements = fleet.elements(exit_code=exit_code)
    before = [*WAVES][: [*WAVES].index(at)]
    assert fleet.created() == before
    reasons = [one["fleet"]["reason"] for one in elements if one["fleet"]["reason"]]
    stopped = "the run was stopped by a signal"
    assert reasons[0] == f"{stopped} before its first write"
    assert {*reasons[1:]} == {stopped}
    assert len(reasons) == len(WAVES) - len(before)
