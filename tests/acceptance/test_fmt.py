"""`provisioner fmt`: which files it writes, what it prints, and its exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli.main import main
from tests.support import Account, write_project

EXAMPLES = Path(__file__).parents[2] / "examples"

WANTED = "agents:\n  - email: mia@acme.example\n    name: Mia\n"
OTHER = "agents:\n- name: 'Mia'\n  email: mia@acme.example\n"


def run(*words: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["fmt", *map(str, words)], input=stdin)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "a.yaml").write_text(OTHER)
    (folder / "b.yaml").write_text(WANTED.replace("Mia", "Bob").replace("mia", "bob"))
    return folder


def test_files_are_written_with_their_mode_and_listed(team: Path) -> None:
    (team / "a.yaml").chmod(0o640)
    result = run(team)
    assert (result.exit_code, result.stdout) == (0, f"{team.as_posix()}/a.yaml\n")
    assert "1 file formatted, 1 formatted already." in result.stderr
    assert (team / "a.yaml").read_text() == WANTED
    assert (team / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert run(team).stdout == ""


def test_check_and_diff_write_nothing(team: Path) -> None:
    listed = f"{team.as_posix()}/a.yaml\n"
    checked, shown, both = run(team, "--check"), run(team, "--diff"), run(team, "--check", "--diff")
    assert [one.exit_code for one in (checked, shown, both)] == [1, 0, 1]
    assert checked.stdout == listed
    assert shown.stdout == both.stdout
    assert "-- name: 'Mia'\n" in shown.stdout
    assert "+  - email: mia@acme.example\n" in shown.stdout
    assert (team / "a.yaml").read_text() == OTHER
    assert run(team / "b.yaml", "--check").exit_code == 0


def test_a_file_with_an_error_is_reported_and_the_others_are_written(team: Path) -> None:
    (team / "c.yaml").write_text("agents: [\n")
    result = run(team)
    assert result.exit_code == 1
    assert f"{team.as_posix()}/c.yaml:1:10: error" in result.stderr
    assert (team / "c.yaml").read_text() == "agents: [\n"
    assert (team / "a.yaml").read_text() == WANTED


def test_standard_input_is_formatted_to_standard_output() -> None:
    assert run("-", stdin=OTHER).stdout == WANTED
    assert run("-", "--check", stdin=OTHER).exit_code == 1
    assert run("-", "--check", stdin=WANTED).exit_code == 0
    windows = "agents:\r\n- name: Müller\r\n  email: m@acme.example\r\n"
    wanted = "agents:\r\n  - email: m@acme.example\r\n    name: Müller\r\n"
    assert run("-", stdin=windows.encode()).stdout_bytes == wanted.encode()
    assert run("-", stdin="a: [").exit_code == 1
    assert run("-", "team", stdin="").exit_code == 64


def test_excluded_files_and_links_out_of_the_project_are_not_written(
    team: Path, tmp_path: Path
) -> None:
    (team / "provisioner.yaml").write_text("version: 1\nexclude: [chart.yaml]\n")
    (team / "chart.yaml").write_text("a:   1\n")
    (tmp_path / "outside.yaml").write_text(OTHER)
    (team / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (team / "k8s").mkdir()
    (team / "k8s/pod.yaml").write_text("apiVersion: v1\nkind: Pod\n")
    result = run(team)
    assert (result.exit_code, result.stdout) == (1, f"{team.as_posix()}/a.yaml\n")
    for hinted in (result, run(team / "k8s/pod.yaml")):
        assert '["k8s/pod.yaml"]' in hinted.stderr
    assert (tmp_path / "outside.yaml").read_text() == OTHER


def test_all_projects_and_shared_folders_of_a_fleet_are_formatted(tmp_path: Path) -> None:
    files = {
        "fleet.yaml": "include: [common]\naccounts: [{project: eu, name: eu}]\n",
        "common/profiles.yaml": "profiles:\n- name: tier1\n",
        "eu/provisioner.yaml": "version:   1\n",
        "eu/team.yaml": OTHER,
        "eu/rule-tests/one.yaml": "rules:   [a]\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert sorted(run(tmp_path, "--check").stdout.split()) == sorted(
        f"{tmp_path.as_posix()}/{name}" for name in files
    )
    assert run(tmp_path).exit_code == 0
    assert run(tmp_path, tmp_path / "eu", "--check").exit_code == 0


def test_the_examples_are_formatted() -> None:
    projects = [EXAMPLES / name for name in ("acme", "minimal", "rules", "consent", "fleet")]
    result = run(*projects, "--check")
    assert (result.exit_code, result.stdout) == (0, ""), result.output


def test_an_export_is_formatted(live: Account, tmp_path: Path) -> None:
    live.apply(EXAMPLES / "acme")
    assert live.run("export", str(tmp_path / "out")).exit_code == 0
    result = run(tmp_path / "out", "--diff", "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_new_project_is_formatted(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["init", str(tmp_path / "new")]).exit_code == 0
    result = run(tmp_path / "new", "--diff", "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_set_and_agent_add_write_formatted_lines(tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p", team=f"departments:\n  - name: Support\n\n{WANTED}    role: agent\n"
    )
    for words in (
        ("set", "agents", "alias=M", "chat.max_load=3", "departments.Support.tickets=true"),
        ("agent", "add", "bob@acme.example", "--name", "Bob", "--like", "mia@acme.example"),
    ):
        result = CliRunner().invoke(main, [*words, str(project), "--no-plan"])
        assert result.exit_code == 0, result.output
    checked = run(project, "--diff", "--check")
    assert (checked.exit_code, checked.stdout) == (0, "")
