"""`fleet plan` and `validate` of a fleet: all accounts in one run, each as if alone."""

import json
import pickle
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioner.app.open_project import open_project_root
from provisioner.cli.account.connection import among_workers, connect
from provisioner.cli.fleet.account_console import AccountConsole
from provisioner.cli.fleet.account_plan import plan_account
from provisioner.cli.main import main
from provisioner.fleet.account_task import AccountResult, AccountTask, PlanDigest
from provisioner.liveagent.http.machine_limits import CONNECTIONS
from provisioner.render.fleet.plan_digest import digest_of
from provisioner.render.review.review import Review
from tests.support import KEY, Account, write_project

TEAM = {
    "calm": "agents: []",
    "more": "agents: [{email: mia@acme.example, name: Mia, extends: [tier1]}]",
    "boss": "agents: [{email: boss@acme.example, name: Boss, role: admin}]",
    "gone": "agents: [{email: bob@acme.example, state: absent}]",
}
MIA = "agents: [{email: mia@acme.example, name: Mia}]"
COMMON = "profiles: [{name: tier1, chat: {max_load: 3}}]\ndepartments: [{name: General}]\n"
NOWHERE = "targets: {production: {url: 'http://127.0.0.1:9', insecure: true, api_key: {env: KEY}}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a fleet with an account of each severity; all that answer are one account."""
    fleet = write_project(
        tmp_path / "fleet",
        fleet="""
            include: [common]
            accounts:
              - {project: accounts/calm, tags: [quiet]}
              - {project: accounts/more}
              - {project: accounts/gone}
              - {project: accounts/boss}
              - {project: accounts/away, target: production}
        """,
    )
    write_project(fleet / "common", profiles=COMMON)
    for name, team in TEAM.items():
        write_project(fleet / "accounts" / name, team=team)
    write_project(fleet / "accounts/away", team=TEAM["more"], provisioner=NOWHERE)
    return fleet


def planned(live: Account, folder: Path, *arguments: str) -> Result:
    live.call("POST", "/agents", {"email": "bob@acme.example", "name": "Bob"})
    return live.run("fleet", "plan", str(folder), "--jobs", "1", *arguments)


def elements(result: Result) -> dict[str, dict[str, Any]]:
    return {element["fleet"]["name"]: element for element in json.loads(result.stdout)}


def test_accounts_are_listed_by_severity_and_one_that_fails_stops_no_other(
    live: Account, folder: Path
) -> None:
    result = planned(live, folder)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles == [
        "Not planned (1):",
        "Power gained (1):",
        "Access lost (1):",
        "Changed (1):",
        "Unchanged (1): calm",
        *titles[-2:],
    ]
    assert titles[-2] == (
        "Fleet: 5 accounts: 1 not planned, 1 with power gained, 1 with access lost, 1 changed, "
        "1 unchanged."
    )
    assert titles[-1].startswith("Plan: 2 to create, 1 to delete, 1 gains power, 1 loses access, ")
    assert "  away: accounts/away, production" in lines
    assert any('    ! target "production" has no API key' in line for line in lines)
    assert "    Gains power: Boss: new → admin" in lines
    assert any(line.startswith("    Loses access: Bob: ") for line in lines)
    assert f"    provisioner plan {folder}/accounts/more" in lines
    assert "(account away) [api-key-missing]" in " ".join(result.stderr.split())


def test_json_is_an_array_of_the_plans_of_the_accounts_alone(live: Account, folder: Path) -> None:
    result = planned(live, folder, "--format", "json")
    accounts = elements(result)
    assert [*accounts] == ["calm", "more", "gone", "boss", "away"]
    for name in TEAM:
        alone = live.plan(folder / "accounts" / name)
        more = accounts[name].pop("fleet")
        assert accounts[name] == alone
        assert more["project"] == f"accounts/{name}"
    assert "resource_changes" not in accounts["away"]
    assert [error["code"] for error in accounts["away"]["errors"]] == ["api-key-missing"]
    assert accounts["away"]["fleet"]["severity"] == "failed"


@pytest.mark.parametrize(
    ("only", "exit_code"),
    [
        (["calm"], 0),
        (["calm", "more"], 2),
        (["more", "refused"], 3),
        (["tag/quiet", "refused", "away"], 1),
        (["nobody"], 64),
    ],
)
def test_the_worst_exit_code_of_an_account_counts(
    only: list[str], exit_code: int, live: Account, folder: Path
) -> None:
    protected = "protect: {agents: [bob@acme.example]}"
    write_project(folder / "accounts/refused", team=TEAM["gone"], provisioner=protected)
    file = folder / "fleet.yaml"
    file.write_text(f"{file.read_text()}  - {{project: accounts/refused}}\n")
    chosen = [word for name in only for word in ("--only", name)]
    result = planned(live, folder, "--detailed-exitcode", *chosen)
    assert result.exit_code == exit_code, result.output


def test_processes_make_the_same_report(live: Account, folder: Path) -> None:
    one = planned(live, folder, "--only", "calm", "--only", "more", "--format", "json")
    arguments = ("--only", "calm", "--only", "more", "--format", "json", "--jobs", "2")
    two = live.run("fleet", "plan", str(folder), *arguments)
    assert two.stdout == one.stdout


def test_no_key_is_in_a_task_or_a_result(
    live: Account, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled = []

    def keeping(task: AccountTask) -> AccountResult:
        result = plan_account(task)
        pickled.extend([pickle.dumps(task), pickle.dumps(result)])
        return result

    monkeypatch.setattr("provisioner.cli.commands.fleet.plan_fleet.plan_account", keeping)
    planned(live, folder, "--format", "json")
    assert len(pickled) == 2 * len((*TEAM, "away"))
    assert not any(KEY.encode() in content for content in pickled)


def test_a_fault_of_one_account_is_its_own(
    live: Account, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(review: Review) -> PlanDigest:
        if review.plan.effective:
            raise ValueError("a fault")
        return digest_of(review)

    monkeypatch.setattr("provisioner.cli.fleet.account_plan.digest_of", failing)
    result = planned(live, folder, "--only", "calm", "--only", "more")
    assert result.exit_code == 1
    assert "Unchanged (1): calm" in result.stdout
    assert "    ! ValueError: a fault [internal]" in result.stdout


def test_snapshots_replace_the_accounts(live: Account, folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "snapshots"
    taken.mkdir()
    project = folder / "accounts/more"
    live.run("snapshot", str(project), "--out", str(taken / "more.snapshot"))
    live.server.requests.clear()
    arguments = ("--jobs", "1", "--only", "more", "--snapshots", str(taken))
    result = live.run("fleet", "plan", str(folder), *arguments)
    assert "Changed (1):\n  more: environment, " in result.stdout, result.output
    assert live.server.requests.entries() == []


def validated(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["validate", *arguments, str(folder)])


def test_a_fleet_is_valid_in_one_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "accounts/calm/team.yaml").write_text(TEAM["more"])
    for path in (folder, folder / "fleet.yaml"):
        result = validated(path)
        assert (result.exit_code, result.stdout) == (0, "Valid: 5 accounts, 10 declared objects.\n")
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["validate"])
    assert result.stdout == "Valid: 5 accounts, 10 declared objects.\n"


def test_a_shared_finding_is_shown_once_and_the_others_name_their_account(folder: Path) -> None:
    (folder / "common/profiles.yaml").write_text(COMMON.replace("3", "x"))
    (folder / "accounts/more/more.yaml").write_text("roles: [{nam: x}]\n")
    result = validated(folder, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)["findings"]
    assert [(one["file"].rpartition("fleet/")[2], one["accounts"]) for one in found] == [
        ("accounts/more/more.yaml", ["more"]),
        ("common/profiles.yaml", ["calm", "more", "gone", "boss", "away"]),
    ]
    text = validated(folder).stdout
    assert f"{folder}/accounts/more/more.yaml:1:10: error: " in text
    assert "(account more) [unknown-key]\n    1 | roles: [{nam: x}]\n" in text
    assert text.count("(accounts calm, more, gone, boss, away) [wrong-type]") == 1


@pytest.mark.parametrize("format_", ["github", "gitlab", "sarif", "junit"])
def test_each_format_names_the_account(format_: str, folder: Path) -> None:
    (folder / "accounts/more/more.yaml").write_text("roles: [{nam: x}]\n")
    result = validated(folder, "--format", format_)
    assert "(account more)" in result.stdout
    assert "accounts/more/more.yaml" in result.stdout


def test_a_target_that_no_project_has_is_an_error(folder: Path) -> None:
    file = folder / "fleet.yaml"
    file.write_text(file.read_text().replace("target: production", "target: prodution"))
    overlay = folder / "common/targets/prodction"
    overlay.mkdir(parents=True)
    (overlay / "a.yaml").write_text("agents: []\n")
    result = validated(folder)
    assert result.exit_code == 1
    assert f'{folder}/fleet.yaml:8:15: error: there is no target "prodution"' in result.stdout
    assert 'common/targets/prodction is laid over the target "prodction"' in result.stdout


@pytest.mark.parametrize(
    ("url", "wave", "lock", "name", "warning"),
    [
        ("https://ACME.example/api/v3", 1, "", "fleet", ": while one is applied, the other is"),
        ("https://acme.example", 1, "", "other", ": both can be applied at once"),
        ("https://other.example", 1, "", "fleet", ""),
        ("https://acme.example", 2, "", "fleet", ""),
        ("https://acme.example", 1, "lock: {folder: locks}", "fleet", ""),
    ],
)
def test_one_account_of_two_projects_that_can_run_at_once_is_a_warning(
    url: str, wave: int, lock: str, name: str, warning: str, tmp_path: Path
) -> None:
    for project, address in (("eu", "https://acme.example"), ("us", url)):
        target = f"{{url: '{address}', api_key: {{env: KEY}}}}"
        write_project(
            tmp_path / project, provisioner=f"targets: {{production: {target}}}", team=MIA
        )
    accounts = f"accounts: [{{project: eu}}, {{project: us, wave: {wave}}}]"
    write_project(tmp_path, **{name: f"{accounts}\n{lock}"})
    result = validated(tmp_path / f"{name}.yaml")
    assert result.exit_code == 0, result.output
    start = "us has the same address as eu in wave 1"
    assert (start in result.output) == bool(warning)
    assert not warning or start + warning in " ".join(result.output.split())


def test_workers_share_the_limit_of_the_key_and_a_plan_alone_does_not(
    live: Account, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    environment = {"LIVEAGENT_BASE_URL": live.server.url, "LIVEAGENT_V3_API_KEY": KEY}
    run = partial(CliRunner().invoke, main, env=environment)
    assert run(["plan", str(folder / "accounts/more")]).exit_code == 0
    shared = tmp_path / "provisioner"
    assert not shared.exists()
    assert run(["fleet", "plan", str(folder), "--jobs", "1", "--only", "more"]).exit_code == 0
    (file,) = shared.glob("key-*")
    assert len(file.read_bytes()) > 8 * 3
    # The address of this machine itself is none that an account counts.
    assert not (shared / "address").exists()


def test_workers_share_the_connections_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("KEY", KEY)
    root = write_project(
        tmp_path / "p",
        provisioner="targets: {eu: {url: 'https://acme.example', api_key: {env: KEY}}}",
    )
    project, console = open_project_root(root), AccountConsole()
    with ExitStack() as stack:
        stack.enter_context(among_workers())
        numbers = [
            stack.enter_context(connect(console, project, "eu", parallelism=wanted)).parallelism
            for wanted in (280, 32)
        ]
    assert numbers == [280, CONNECTIONS - 280]
    with connect(console, project, "eu", parallelism=400) as connection:
        assert connection.parallelism == 400
