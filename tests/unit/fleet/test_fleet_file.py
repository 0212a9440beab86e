"""`fleet.yaml`: accounts by list and by pattern, selection, shared folders, and its mistakes."""

from pathlib import Path

import pytest

from provisioner.app.open_project import validate
from provisioner.diagnostics import UsageError
from provisioner.documents.fleet_document import shared_folders
from provisioner.fleet.fleet_file import WaveSettings
from provisioner.fleet.fleet_reading import read_fleet

SETTINGS = "targets: {production: {url: https://acme.example, api_key: {env: KEY}}}\n"
AGENT = "agents: [{email: mia@acme.example, name: Mia}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("eu", "us", ".old"):
        project = tmp_path / "accounts" / name
        project.mkdir(parents=True)
        (project / "provisioner.yaml").write_text(SETTINGS)
        (project / "team.yaml").write_text(AGENT)
    (tmp_path / "accounts/notes").mkdir()
    (tmp_path / "common/targets/production").mkdir(parents=True)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "fleet.yaml").write_text(text)
    return folder


def problems(folder: Path, text: str) -> list[str]:
    return [f"{one.span}: {one.summary}" for one in read_fleet(write(folder, text)).findings]


def test_accounts_are_listed_or_matched_and_a_listed_one_has_priority(folder: Path) -> None:
    text = """
        accounts:
          - {project: "accounts/*", wave: 2, tags: [rest]}
          - {name: first, project: ./accounts/us/, target: production, tags: [emea]}
        waves: {canary: 1, stop_after_failures: 3}
    """
    fleet = read_fleet(write(folder, text))
    assert fleet.findings == ()
    assert [(one.name, one.project, one.target, one.wave, one.tags) for one in fleet.accounts] == [
        ("eu", "accounts/eu", "", 2, ("rest",)),
        ("first", "accounts/us", "production", 1, ("emea",)),
    ]
    assert fleet.waves == WaveSettings(canary=1, stop_after_failures=3)


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ([], ["eu", "us"]),
        (["us"], ["us"]),
        (["e*"], ["eu"]),
        (["tag/emea"], ["eu"]),
        (["wave/2", "eu"], ["eu", "us"]),
    ],
)
def test_selectors_choose_accounts_in_the_order_of_the_file(
    selectors: list[str], names: list[str], folder: Path
) -> None:
    text = "accounts: [{project: accounts/eu, tags: [emea]}, {project: accounts/us, wave: 2}]"
    fleet = read_fleet(write(folder, text))
    assert [account.name for account in fleet.selected(selectors)] == names


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("eU", 'did you mean "eu"?'),
        ("tag/emae", 'did you mean "tag/emea"?'),
        ("wave/3", 'did you mean "wave/2" or "wave/1"?'),
        ("", 'known: "eu", "us"'),
    ],
)
def test_a_selector_that_means_no_account_is_wrong_usage(
    selector: str, hint: str, folder: Path
) -> None:
    text = "accounts: [{project: accounts/eu, tags: [emea]}, {project: accounts/us, wave: 2}]"
    fleet = read_fleet(write(folder, text))
    with pytest.raises(UsageError, match=f'"{selector}" is no account of') as caught:
        fleet.selected([selector])
    assert caught.value.diagnostics[0].hint == hint


MISTAKES = {
    "no folder": ("[{project: accounts/ue}]", '1:22: the folder "accounts/ue" does not exist'),
    "outside": ("[{project: ../eu}]", '1:22: "../eu" is not below the folder of the fleet'),
    "nothing matches": (
        "[{project: 'common/*'}]",
        '1:22: no folder with a provisioner.yaml matches "common/*"',
    ),
    "named pattern": (
        "[{project: 'accounts/*', name: a}]",
        "1:42: an entry with a pattern can't have one name",
    ),
    "equal names": (
        "[{project: accounts/eu, name: US}, {project: accounts/us}]",
        '1:56: the name "us" is that of two accounts',
    ),
    "same project": (
        "[{project: accounts/eu, name: a}, {project: accounts/eu, name: b}]",
        '1:55: "b" is the same project and target as "a"',
    ),
    "no common folder": (
        "[{project: accounts/eu, include: [comon]}]",
        '1:45: the folder "comon" does not exist',
    ),
    "unknown key": ("[{project: accounts/eu, wav: 1}]", '1:35: unknown key "wav" in accounts[0]'),
    "none": ("[]", "1:11: accounts is empty"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_reported_at_its_place(name: str, folder: Path) -> None:
    accounts, problem = MISTAKES[name]
    assert problems(folder, f"accounts: {accounts}\n") == [f"fleet.yaml:{problem}"]


def test_the_file_of_a_fleet_may_be_missing_or_empty(folder: Path) -> None:
    assert [one.code for one in read_fleet(folder).findings] == ["path-missing"]
    assert problems(folder, "") == ["None: fleet.yaml has no documents"]


def test_a_file_with_another_name_includes_nothing(folder: Path) -> None:
    (folder / "big.yaml").write_text("accounts: [{project: accounts/eu, include: [common]}]")
    [finding] = read_fleet(folder / "big.yaml").findings
    assert finding.summary == "only fleet.yaml can include folders"


def test_a_lock_in_a_file_with_another_name_would_be_none(folder: Path) -> None:
    (folder / "big.yaml").write_text("accounts: [{project: accounts/eu}]\nlock: {folder: locks}")
    [finding] = read_fleet(folder / "big.yaml").findings
    assert (finding.summary, finding.hint) == (
        "only fleet.yaml can have a lock for its projects",
        "rename the file to fleet.yaml",
    )


@pytest.mark.parametrize("shared", ["include: [common]", "lock: {folder: common}"])
def test_a_project_that_a_nearer_fleet_takes_away_is_reported(shared: str, folder: Path) -> None:
    text = f"accounts: [{{project: 'accounts/*'}}]\n{shared}\n"
    assert problems(folder, text) == []
    write(folder / "accounts/us", "accounts: [{project: .}]")
    why = "can't use what this file shares"
    assert problems(folder, text) == [
        f'fleet.yaml:1:22: "accounts/us" {why}: accounts/us/fleet.yaml is nearer'
    ]
    assert problems(folder, "accounts: [{project: 'accounts/*'}]") == [], "it shares nothing"
    (folder / "accounts/us/fleet.yaml").unlink()
    (folder / "accounts/us/.git").mkdir()
    [problem] = problems(folder, text)
    assert f'"accounts/us" {why}: it is in another git repository' in problem


def test_shared_profiles_attachments_and_overlays_belong_to_each_project(folder: Path) -> None:
    write(folder, "include: [common]\naccounts: [{project: 'accounts/*'}]\n")
    common = "profiles: [{name: tier1, signature: {file: kind.txt}, chat: {max_load: 3}}]\n"
    (folder / "common/profiles.yaml").write_text(common)
    (folder / "common/kind.txt").write_text("Kind regards\n")
    overlay = "profiles: [{name: tier1, chat: {max_load: 5}}]\n"
    (folder / "common/targets/production/profiles.yaml").write_text(overlay)
    team = "agents: [{email: mia@acme.example, name: Mia, extends: [tier1]}]\n"
    (folder / "accounts/eu/team.yaml").write_text(team)
    project = validate(folder / "accounts/eu")
    assert project.findings == ()
    [mia] = project.desired.resources.values()
    assert (mia.attributes["signature"], mia.attributes["chat"]["max_load"]) == ("Kind regards", 3)
    [mia] = project.desired_for("production").resources.values()
    assert mia.attributes["chat"]["max_load"] == 5


def test_folders_are_shared_only_with_accounts_of_the_nearest_fleet(folder: Path) -> None:
    write(folder, "accounts: [{project: accounts/eu, include: [common]}, {project: accounts/us}]")
    common = folder.resolve() / "common"
    assert shared_folders(folder / "accounts/eu") == (common,)
    assert shared_folders(folder / "accounts/us") == ()
    assert shared_folders(folder) == ()
    (folder / "accounts/eu/.git").mkdir()
    assert shared_folders(folder / "accounts/eu") == (), "a repository ends the search"


def test_a_link_out_of_the_fleet_is_not_shared(folder: Path) -> None:
    inner = folder / "inner"
    (inner / "eu").mkdir(parents=True)
    (inner / "common").symlink_to(folder / "common")
    write(inner, "include: [common]\naccounts: [{project: eu}]\n")
    assert shared_folders(inner / "eu") == ()
    [finding] = read_fleet(inner).findings
    assert finding.summary == '"common" is not below the folder of the fleet'
