"""`provisioner init`: with examples or from an account, with pipelines, never over a file."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from provisioner.cli.files.new_project import PLATFORMS
from provisioner.cli.main import main
from tests.support import KEY, Account, write_project

TEAM = """
    agents:
      - {email: mia@acme.example, name: Mia, role: agent, departments: {Support: {chats: true}}}
    departments: [{name: Support}]
"""
COMPOSE = "services: {web: {image: nginx}}\n"
NOTHING = {"LIVEAGENT_BASE_URL": None, "LIVEAGENT_V3_API_KEY": None}
WITHOUT_ACCOUNT = {
    *(f".github/workflows/{name}.yml" for name in ("approvals", "manual")),
    ".azure/install.yml",
}
"""The files that need neither target nor key: they write what others have computed, or install."""

WORKFLOWS = {
    *(f".github/workflows/{name}.yml" for name in ("approvals", "manual")),
    *(f".github/workflows/{name}.yml" for name in ("apply", "drift", "plan", "snapshot")),
}


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], env={**NOTHING, **environment})


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and ".provisioner" not in path.parts
    }


@pytest.fixture
def account(live: Account, tmp_path: Path) -> Account:
    """An account with two agents and a department."""
    live.apply(write_project(tmp_path / "first", team=TEAM))
    return live


class TestFromAnAccount:
    def test_a_new_target(self, account: Account, tmp_path: Path) -> None:
        project = tmp_path / "team"
        arguments = ("--from", "emea", "--url", account.server.url, "--key-env", "EMEA_KEY")
        result = run("init", project, *arguments, EMEA_KEY=KEY)
        assert result.exit_code == 0, result.output
        assert result.stdout == (
            "Started from emea: 2 agents, 2 departments.\n"
            f"Next: provisioner plan {project}, which is empty; then commit the files.\n"
        )
        settings = yaml.safe_load((project / "provisioner.yaml").read_text())
        assert settings["targets"] == {
            "emea": {"url": account.server.url, "api_key": {"env": "EMEA_KEY"}}
        }
        planned = run("plan", project, "--detailed-exitcode", EMEA_KEY=KEY)
        assert (planned.exit_code, "Nothing to change" in planned.stdout) == (0, True)

    def test_a_declared_target_of_the_project_above(
        self, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = f"targets: {{main: {{url: '{account.server.url}', api_key: {{file: key}}}}}}"
        old = write_project(tmp_path / "old", provisioner=target)
        (old / "key").write_text(KEY)
        (old / "below").mkdir()
        monkeypatch.chdir(old / "below")
        result = run("init", tmp_path / "new", "--from", "main")
        assert result.exit_code == 0, result.output
        assert "Using the project in .." in result.stderr
        assert run("plan", tmp_path / "new", "--detailed-exitcode").exit_code == 0

    @pytest.mark.parametrize(("name", "written"), [("environment", "production"), ("emea", "emea")])
    def test_the_target_of_the_environment(
        self, name: str, written: str, account: Account, tmp_path: Path
    ) -> None:
        result = account.run("init", str(tmp_path / "new"), "--from", name)
        assert result.exit_code == 0, result.output
        settings = yaml.safe_load((tmp_path / "new/provisioner.yaml").read_text())
        assert settings["default_target"] == written
        assert settings["targets"][written]["api_key"] == {"env": "LIVEAGENT_V3_API_KEY"}

    def test_an_address_alone_is_production(self, account: Account, tmp_path: Path) -> None:
        result = run(
            "init", tmp_path / "new", "--url", account.server.url, LIVEAGENT_V3_API_KEY=KEY
        )
        assert result.exit_code == 0, result.output
        assert "default_target: production" in (tmp_path / "new/provisioner.yaml").read_text()

    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (("--from", "emea"), 1, 'no project here declares the target "emea"'),
            (("--from", "emea", "--url", "{url}"), 1, "[api-key-missing]"),
            (("--from", "emea", "--url", "http://acme.example"), 1, "[insecure-url]"),
            (("--from", "sandbox", "--url", "{url}"), 64, "a target's name"),
            (("--from", "a b", "--url", "{url}"), 64, "a target's name"),
            (("--key-env", "KEY"), 64, "--key-env goes with --url"),
            (("--url", "{url}", "--key-env", "a-secret-key"), 64, "not a key"),
        ],
    )
    def test_what_can_not_begin_writes_nothing(
        self, arguments: tuple[str, ...], code: int, words: str, live: Account, tmp_path: Path
    ) -> None:
        live.server.requests.clear()
        given = [one.format(url=live.server.url) for one in arguments]
        result = run("init", tmp_path / "new", *given)
        assert (result.exit_code, words in result.output) == (code, True), result.output
        assert "a-secret-key" not in result.output
        assert not (tmp_path / "new").exists()
        assert live.server.requests.entries() == []


class TestPipelines:
    @pytest.mark.parametrize(
        ("platform", "names"),
        [
            ("github", WORKFLOWS),
            ("gitlab", {".gitlab-ci.yml"}),
            ("bitbucket", {"bitbucket-pipelines.yml"}),
            ("azure", {".azure/azure-pipelines.yml", ".azure/install.yml"}),
            ("jenkins", {"Jenkinsfile"}),
            ("forgejo", {".forgejo/workflows/provisioner.yml"}),
        ],
    )
    def test_with_target_and_key_of_the_account(
        self, platform: str, names: set[str], account: Account, tmp_path: Path
    ) -> None:
        project = tmp_path / "new"
        arguments = ("--from", "emea", "--url", account.server.url, "--key-env", "EMEA_KEY")
        result = run("init", project, *arguments, "--ci", platform, EMEA_KEY=KEY)
        assert result.exit_code == 0, result.output
        assert "Pipelines:" in result.stdout
        assert names <= files(project)
        named = re.compile(r"""TARGET(: "emea"|=emea| = 'emea')$""", re.MULTILINE)
        for name in names:
            text = (project / name).read_text()
            assert (named.search(text) is not None) == (name not in WITHOUT_ACCOUNT)
            assert "LIVEAGENT_V3_API_KEY" not in text
            assert name == "Jenkinsfile" or yaml.safe_load(text)
        assert run("plan", project, "--detailed-exitcode", EMEA_KEY=KEY).exit_code == 0

    def test_without_an_account_they_are_the_examples(self, tmp_path: Path) -> None:
        assert run("init", tmp_path / "new", "--ci", "github").exit_code == 0
        examples = Path(__file__).parents[2] / "examples/pipelines/github"
        for file in examples.glob("*.yml"):
            copy = tmp_path / "new/.github/workflows" / file.name
            assert copy.read_bytes() == file.read_bytes()
        assert run("validate", tmp_path / "new").exit_code == 0

    @pytest.mark.parametrize("platform", PLATFORMS)
    def test_at_the_top_of_a_repository_for_a_project_below(
        self, platform: str, tmp_path: Path
    ) -> None:
        (tmp_path / "clone/.git").mkdir(parents=True)
        assert run("init", tmp_path / "clone/a b/team", "--ci", platform).exit_code == 0
        own = {
            f"a b/team/{name}" for name in ("provisioner.yaml", "departments.yaml", "agents.yaml")
        }
        names = files(tmp_path / "clone") - own
        assert all(name.startswith(PLATFORMS[platform]) for name in names)
        texts = [(tmp_path / "clone" / name).read_text() for name in names]
        folder = re.compile(r"""PROJECT(: "|='| = ')a b/team["']( |$)""", re.MULTILINE)
        assert any(map(folder.search, texts))
        assert not any(re.search(r"PROJECT(: | = |=)'?\.", text) for text in texts)
        assert run("validate", tmp_path / "clone/a b/team").exit_code == 0

    def test_of_a_fleet_only_at_the_top_of_a_repository(self, tmp_path: Path) -> None:
        (tmp_path / "clone/.git").mkdir(parents=True)
        (tmp_path / "clone/fleet").mkdir()
        (tmp_path / "clone/fleet/fleet.yaml").write_text("accounts: [{project: eu}]\n")
        result = run("init", tmp_path / "clone/fleet", "--ci", "github")
        assert (result.exit_code, "top of a repository" in result.output) == (64, True)
        assert files(tmp_path / "clone") == {"fleet/fleet.yaml"}

    def test_no_pipeline_of_the_repository_is_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "clone/.git").mkdir(parents=True)
        (tmp_path / "clone/Jenkinsfile").write_text("// mine")
        result = run("init", tmp_path / "clone/team", "--ci", "jenkins")
        assert (result.exit_code, "Jenkinsfile already there" in result.stderr) == (1, True)
        assert files(tmp_path / "clone") == {"Jenkinsfile"}

    @pytest.mark.parametrize("platform", ["github", "gitlab"])
    def test_in_the_folder_of_a_fleet_they_are_those_of_a_fleet(
        self, platform: str, tmp_path: Path
    ) -> None:
        (tmp_path / "fleet.yaml").write_text("accounts: [{project: eu}]\n")
        result = run("init", tmp_path, "--ci", platform)
        assert (result.exit_code, "docs/fleets.md" in result.stdout) == (0, True)
        examples = Path(__file__).parents[2] / f"examples/pipelines/{platform}-fleet"
        names = {file.name for file in examples.iterdir()}
        assert {Path(name).name for name in files(tmp_path)} == {"fleet.yaml", *names}
        assert run("init", tmp_path, "--ci", platform).exit_code == 1


class TestExistingFiles:
    @pytest.mark.parametrize(
        "name", ["provisioner.yaml", "agents.yaml", ".github/workflows/plan.yml"]
    )
    def test_one_that_would_be_overwritten(self, name: str, tmp_path: Path) -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# mine\n")
        result = run("init", tmp_path, "--ci", "github")
        assert (result.exit_code, f"{name} already there" in result.stderr) == (1, True)
        assert "[file-exists]" in result.stderr
        assert (files(tmp_path), file.read_text()) == ({name}, "# mine\n")

    def test_one_of_an_account(self, account: Account, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        (folder / "agents").mkdir(parents=True)
        (folder / "agents/support.yaml").write_text("# mine\n")
        result = account.run("init", str(folder), "--from", "environment")
        assert (result.exit_code, "[file-exists]" in result.stderr) == (1, True), result.output
        assert "agents/support.yaml already there" in result.stderr
        assert files(folder) == {"agents/support.yaml"}

    def test_those_of_other_tools_are_kept_and_excluded(
        self, account: Account, tmp_path: Path
    ) -> None:
        for folder, arguments in (
            (tmp_path / "a", ()),
            (tmp_path / "b", ("--from", "environment")),
        ):
            (folder / "charts").mkdir(parents=True)
            for name in ("docker-compose.yml", "charts/values.yaml"):
                (folder / name).write_text(COMPOSE)
            result = account.run("init", str(folder), *arguments)
            assert result.exit_code == 0, result.output
            settings = yaml.safe_load((folder / "provisioner.yaml").read_text())
            assert settings["exclude"] == ["charts/values.yaml", "docker-compose.yml"]
            assert run("validate", folder).exit_code == 0
            assert (folder / "docker-compose.yml").read_text() == COMPOSE

    def test_objects_that_are_declared_already(self, account: Account, tmp_path: Path) -> None:
        folder = write_project(tmp_path / "new", old=TEAM)
        result = account.run("init", str(folder), "--from", "environment")
        assert (result.exit_code, "[duplicate-agent]" in result.stderr) == (1, True)
        assert files(folder) == {"old.yaml"}

    def test_nothing_is_written_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "new").mkdir()
        (tmp_path / "new/.github").symlink_to(tmp_path / "elsewhere")
        result = run("init", tmp_path / "new", "--ci", "github")
        assert (result.exit_code, "[link-outside]" in result.stderr) == (1, True)
        assert files(tmp_path / "elsewhere") == set()


class TestQuestions:
    def test_answers_begin_from_an_account(self, account: Account, tmp_path: Path) -> None:
        project = tmp_path / "new"
        answers = f"{account.server.url}\nemea\n\ngitlab\n".encode()
        result = account.run_in_terminal(answers, "init", str(project))
        assert result.returncode == 0, result.stderr
        assert "Address of your account" in result.stderr
        assert result.stdout.startswith("Started from emea: 2 agents")
        assert 'PROVISIONER_TARGET: "emea"' in (project / ".gitlab-ci.yml").read_text()

    def test_no_answers_give_the_examples(self, live: Account, tmp_path: Path) -> None:
        project = tmp_path / "new"
        result = live.run_in_terminal(b"\n\n", "init", str(project))
        assert result.returncode == 0, result.stderr
        assert files(project) == {"provisioner.yaml", "departments.yaml", "agents.yaml"}

    def test_options_and_existing_files_are_not_asked_about(
        self, live: Account, tmp_path: Path
    ) -> None:
        assert live.run_in_terminal(b"", "init", str(tmp_path / "a"), "--ci", "gitlab").stderr == ""
        (tmp_path / "provisioner.yaml").touch()
        result = live.run_in_terminal(b"", "init", str(tmp_path))
        assert (result.returncode, "Address" in result.stderr) == (1, False)
