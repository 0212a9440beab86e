"""Attacks by a branch of a stranger: the ready-made workflows plan it, and disclose nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.github import TEAM, GitHub
from tests.pipelines.runner import Job
from tests.support import KEY
from tests.traps import TRAPS, set_trap
from tests.unit.liveagent.scripted import Reply, Request, scripted

COMMENT = "provisioner-plan: production"
SOURCE = "api_key: {env: LIVEAGENT_V3_API_KEY}"


@pytest.fixture
def thief() -> Iterator[tuple[str, list[Request]]]:
    """Yield a stranger's server and what it got."""
    with scripted(lambda _: Reply([])) as server:
        yield server


class TestProgramsOfTheRepository:
    def test_a_repository_in_the_project_s_folder_runs_nothing(
        self, github: GitHub, tmp_path: Path
    ) -> None:
        trapped = set_trap(tmp_path / "trap", *TRAPS, embedded=True)
        trapped.mark.unlink(missing_ok=True)
        assert not github.job("snapshot", "snapshot").failed
        settings = (github.author.folder / "provisioner.yaml").read_text()
        github.author.commit("In a folder", "team", team=TEAM, provisioner=settings)
        github.author.git("push", "--quiet", "origin", "main")
        github.author.branch("change")
        shutil.copytree(trapped.project, github.author.folder / "team", dirs_exist_ok=True)
        github.author.commit("Innocent")
        github.author.git("push", "--quiet", "origin", "change")
        for job in ("plan", "plan-of-fork"):
            planned = github.job("plan", job, "change", project="team")
            assert not planned.failed, planned.log
            assert "Mia" in planned.summary
        assert not trapped.mark.exists()


class TestAddressAndKey:
    def test_another_address_gets_no_key(
        self, github: GitHub, thief: tuple[str, list[Request]]
    ) -> None:
        url, stolen = thief
        github.propose(github.live.server.url, url, "provisioner.yaml")
        planned = github.job("plan", "plan", "change")
        assert not planned.failed, planned.log
        assert stolen == []
        comment = github.comments[COMMENT]
        assert comment.splitlines()[1].endswith("policy changed (1 setting)")
        assert f"targets.production.url: `{github.live.server.url}` → `{url}`" in comment

    @pytest.mark.parametrize(
        ("hosts", "words"),
        [("", "this is not the plan that was reviewed"), ("127.0.0.1", "host-not-pinned")],
    )
    def test_a_merged_address_is_not_applied_by_the_plan_that_was_reviewed(
        self, github: GitHub, hosts: str, words: str
    ) -> None:
        """The reviewed plan was made from the account at the former address."""
        folder, url = github.author.folder, github.live.server.url
        settings, team = ((folder / n).read_text() for n in ("provisioner.yaml", "team.yaml"))
        other = url.replace("127.0.0.1", "localhost")
        github.propose_files(
            {
                "provisioner.yaml": settings.replace(url, other),
                "team.yaml": team.replace("name: Bob", "name: Robert"),
            }
        )
        assert not github.job("plan", "plan", "change", hosts=hosts).failed
        github.merge()
        applied = github.job("apply", "apply", hosts=hosts)
        assert applied.failed
        assert words in applied.log
        assert github.live.agent("bob@acme.example")["name"] == "Bob"

    def test_a_command_of_the_branch_does_not_run(self, github: GitHub, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        github.propose(SOURCE, f"api_key: {{command: touch {mark}}}", "provisioner.yaml")
        planned = github.job("plan", "plan", "change")
        assert not planned.failed, planned.log
        assert "targets.production.api_key:" in github.comments[COMMENT]
        assert not mark.exists()

    def test_a_pinned_host_holds_without_a_base(
        self, github: GitHub, thief: tuple[str, list[Request]]
    ) -> None:
        url, stolen = thief
        away = url.replace("127.0.0.1", "localhost")
        github.propose(github.live.server.url, away, "provisioner.yaml")
        assert github.job("plan", "plan", "change", hosts="acme.example").failed
        assert "Could not be planned" in github.comments[COMMENT]
        github.merge()
        for name in ("apply", "drift", "snapshot"):
            failed = github.job(name, name, hosts="127.0.0.1")
            assert failed.failed
            assert "host-not-pinned" in failed.log
        assert stolen == []

    def test_a_merged_guard_changes_the_digest(self, github: GitHub) -> None:
        """Two plans that write the same under another policy are not the same plan."""
        github.propose("name: Bob", "name: Robert")
        assert not github.job("plan", "plan", "change").failed
        github.author.git("checkout", "--quiet", "main")
        file = github.author.folder / "provisioner.yaml"
        file.write_text(file.read_text() + "guards: {max_delete: 500}\n")
        github.author.commit("Another change")
        github.author.git("push", "--quiet", "origin", "main")
        github.merge()
        applied = github.job("apply", "apply")
        assert applied.failed
        assert "this is not the plan that was reviewed" in applied.log
        assert github.live.agent("bob@acme.example")["name"] == "Bob"

    def test_a_reviewed_change_of_policy_is_applied(self, github: GitHub) -> None:
        settings = (github.author.folder / "provisioner.yaml").read_text()
        files = {
            "provisioner.yaml": settings + "guards: {max_delete: 6}\n",
            "team.yaml": (github.author.folder / "team.yaml").read_text().replace("Bob", "Robert"),
        }
        github.propose_files(files)
        assert not github.job("plan", "plan", "change").failed
        github.merge()
        applied = github.job("apply", "apply")
        assert not applied.failed, applied.log
        assert github.live.agent("bob@acme.example")["name"] == "Robert"


class TestLinks:
    @pytest.mark.parametrize("name", ["more.yaml", "provisioner.yaml", "more", ".provisioner"])
    def test_a_link_that_leaves_the_project_shows_and_writes_nothing(
        self, github: GitHub, tmp_path: Path, name: str
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        secret = outside / "secret.yaml"
        secret.write_text(f"agents: [{{email: secret-{KEY}@acme.example, name: S}}]\n")
        leads_to = secret if name.endswith(".yaml") else outside
        github.author.branch("change")
        link = github.author.folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(leads_to)
        github.author.commit("Link")
        github.author.git("push", "--quiet", "origin", "change")
        planned = github.job("plan", "plan", "change")
        assert planned.failed
        assert "secret-" not in planned.log + planned.summary
        assert "Could not be planned" in github.comments[COMMENT]
        assert [file.name for file in outside.iterdir()] == ["secret.yaml"]


def test_code_of_the_repository_does_not_run_in_the_installation(tmp_path: Path) -> None:
    """The action installs an empty folder, so pip ends without any network."""
    mark = tmp_path / "mark"
    for name in ("work/venv", "work/pip", "temp", "action"):
        (tmp_path / name).mkdir(parents=True)
    for module in ("venv/__init__", "venv/__main__", "pip/__init__", "pip/__main__", "json"):
        (tmp_path / f"work/{module}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (tmp_path / "action/requirements.txt").touch()
    done = Job(tmp_path / "work", tmp_path / "temp", {}, {}, {})
    done.environment["GITHUB_ACTION_PATH"] = str(tmp_path / "action")
    done.install()
    assert "Neither 'setup.py' nor 'pyproject.toml' found" in done.log
    assert (tmp_path / "temp/provisioner/bin/python").exists()
    assert not mark.exists()
