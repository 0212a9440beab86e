"""`plan --base`: what a branch changes, and what was to be changed before."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.repository import Repository
from tests.support import Account, account

PNG = b"\x89PNG\r\n\x1a\nphoto"

TEAM = """
    departments: [{name: Support}, {name: Sales}]
    roles:
      - name: Lead
        permissions:
          manage_agents: grant
    profiles:
      - name: tier1
        chat: {max_load: 3}
      - name: tier2
        chat: {max_load: 5}
    agents:
      - email: mia@acme.example
        name: Mia
        extends: [tier1]
        photo: mia.png
        signature: {file: mia.txt}
        departments:
          Support: {tickets: true}
          Sales: {chats: true}
      - email: bob@acme.example
        name: Bob
        departments:
          Support: {}
"""


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path) as running:
        yield running


@pytest.fixture
def repository(live: Account, tmp_path: Path) -> Repository:
    """Return a repository whose main branch is applied, on a branch of its own."""
    made = Repository.new(tmp_path / "clone")
    made.folder.joinpath("mia.png").write_bytes(PNG)
    made.folder.joinpath("mia.txt").write_text("Regards\n")
    made.commit("Begin", team=TEAM)
    live.apply(made.folder)
    made.branch("change")
    return made


def edit(repository: Repository, old: str, new: str, message: str = "Change") -> str:
    """Replace a text of the team's file, commit, and return the commit."""
    file = repository.folder / "team.yaml"
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    file.write_text(text.replace(old, new))
    return repository.commit(message)


def drift(live: Account, email: str, **fields: str) -> None:
    row = live.agent(email)
    live.call("PUT", f"/agents/{row['id']}", {**row, **fields})


Told = dict[str, tuple[str | None, str | None]]


def origins(plan: Mapping[str, Any]) -> Told:
    """Return what changes, and `address field` for each of an update, to its origin and commit."""

    def said(part: Mapping[str, Any]) -> tuple[str | None, str | None]:
        return part["origin"], part["commit"] and part["commit"]["id"]

    told: Told = {}
    for change in plan["resource_changes"]:
        if change["change"]["actions"] != ["no-op"]:
            told[change["address"]] = said(change)
            for field in change["fields"]:
                told[" ".join([change["address"], *field["path"]])] = said(field)
    return told


def plan(live: Account, repository: Repository, *arguments: str) -> Told:
    return origins(live.plan(repository.folder, "--base", "main", *arguments))


MIA = "agent/mia@acme.example"
BOB = "agent/bob@acme.example"


class TestWhose:
    def test_a_change_of_the_branch_names_its_commit(
        self, live: Account, repository: Repository
    ) -> None:
        commit = edit(repository, "name: Bob\n", "name: Robert\n")
        assert plan(live, repository) == {
            BOB: ("branch", commit),
            f"{BOB} name": ("branch", commit),
        }

    def test_what_differed_before_is_drift_with_the_commit_that_said_so(
        self, live: Account, repository: Repository
    ) -> None:
        drift(live, "bob@acme.example", name="Somebody")
        first = repository.git("rev-parse", "main")
        commit = edit(repository, "name: Mia\n", "name: Mia Chen\n")
        told = plan(live, repository)
        assert told[f"{BOB} name"] == told[BOB] == ("drift", first)
        assert told[f"{MIA} name"] == told[MIA] == ("branch", commit)

    def test_a_field_that_both_change_to_other_values_is_the_branch_s(
        self, live: Account, repository: Repository
    ) -> None:
        drift(live, "bob@acme.example", name="Somebody", gender="F")
        edit(repository, "name: Bob\n", "name: Robert\n")
        assert plan(live, repository)[f"{BOB} name"][0] == "branch"

    def test_an_object_with_drift_and_a_change_is_the_branch_s_and_its_fields_tell(
        self, live: Account, repository: Repository
    ) -> None:
        drift(live, "mia@acme.example", name="Somebody")
        commit = edit(repository, "Support: {tickets: true}", "Support: {tickets: false}")
        told = plan(live, repository)
        assert told[MIA] == ("branch", None)
        assert told[f"{MIA} name"][0] == "drift"
        assert told[f"{MIA} departments Support tickets"] == ("branch", commit)

    def test_what_came_to_the_base_since_is_not_the_branch_s_doing(
        self, live: Account, repository: Repository
    ) -> None:
        """The base is where the branch began: main went on, and was applied."""
        edit(repository, "name: Mia\n", "name: Mia Chen\n")
        repository.git("checkout", "--quiet", "main")
        edit(repository, "name: Bob\n", "name: Robert\n")
        live.apply(repository.folder)
        repository.git("checkout", "--quiet", "change")
        told = plan(live, repository)
        assert told[f"{MIA} name"][0] == "branch"
        assert told[f"{BOB} name"][0] == "drift"

    def test_a_new_object_and_one_that_was_missing_before(
        self, live: Account, repository: Repository
    ) -> None:
        bob = live.agent("bob@acme.example")
        live.call("DELETE", f"/agents/{bob['id']}")
        file = repository.folder / "team.yaml"
        file.write_text(file.read_text() + "  - {email: new@acme.example, name: New}\n")
        commit = repository.commit("Welcome")
        told = plan(live, repository)
        assert told["agent/new@acme.example"] == ("branch", commit)
        assert told[BOB][0] == "drift"

    def test_a_missing_object_with_another_value_is_the_branch_s(
        self, live: Account, repository: Repository
    ) -> None:
        bob = live.agent("bob@acme.example")
        live.call("DELETE", f"/agents/{bob['id']}")
        edit(repository, "name: Bob\n", "name: Robert\n")
        assert plan(live, repository)[BOB][0] == "branch"

    def test_a_rename_keeps_earlier_drift_apart(
        self, live: Account, repository: Repository
    ) -> None:
        drift(live, "mia@acme.example", gender="F")
        edit(repository, "name: Mia\n", "name: Mia\n    gender: male\n")
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("rename")
        edit(
            repository,
            "email: mia@acme.example",
            "email: mia.chen@acme.example\n    previously: mia@acme.example",
        )
        told = plan(live, repository)
        assert told["agent/mia.chen@acme.example email"][0] == "branch"
        assert told["agent/mia.chen@acme.example gender"][0] == "drift"

    def test_a_renamed_department_keeps_earlier_drift_apart(
        self, live: Account, repository: Repository
    ) -> None:
        edit(repository, "Support: {}", "Support: {calls: true}")
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("rename")
        file = repository.folder / "team.yaml"
        text = file.read_text().replace("Support:", "Help:")
        file.write_text(text.replace("{name: Support}", "{name: Help, previously: Support}"))
        commit = repository.commit("Rename")
        told = plan(live, repository)
        assert told["department/Help"] == ("branch", commit)
        assert told[f"{BOB} departments Help calls"][0] == "drift"

    def test_a_renamed_role_keeps_earlier_drift_apart(
        self, live: Account, repository: Repository
    ) -> None:
        edit(repository, "name: Bob\n", "name: Bob\n    role: Lead\n")
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("rename")
        file = repository.folder / "team.yaml"
        text = file.read_text().replace("role: Lead", "role: Head")
        file.write_text(text.replace("- name: Lead", "- name: Head\n    previously: Lead"))
        repository.commit("Rename")
        told = plan(live, repository)
        assert told["role/Head name"][0] == "branch"
        assert told[f"{BOB} role"][0] == "drift"

    def test_a_file_that_git_does_not_have_is_the_branch_s_without_a_commit(
        self, live: Account, repository: Repository
    ) -> None:
        (repository.folder / "new.yaml").write_text("departments: [{name: New}]\n")
        assert plan(live, repository) == {"department/New": ("branch", None)}


class TestCauses:
    def test_a_profile_s_line_is_the_cause(self, live: Account, repository: Repository) -> None:
        commit = edit(repository, "chat: {max_load: 3}", "chat: {max_load: 4}")
        assert plan(live, repository)[f"{MIA} chat max_load"] == ("branch", commit)

    def test_another_profile_is_the_cause_though_its_lines_are_old(
        self, live: Account, repository: Repository
    ) -> None:
        commit = edit(repository, "extends: [tier1]", "extends: [tier2]")
        assert plan(live, repository)[f"{MIA} chat max_load"] == ("branch", commit)

    def test_a_line_that_is_not_committed_is_the_branch_s_without_a_commit(
        self, live: Account, repository: Repository
    ) -> None:
        file = repository.folder / "team.yaml"
        file.write_text(file.read_text().replace("name: Bob\n", "name: Robert\n"))
        assert plan(live, repository)[f"{BOB} name"] == ("branch", None)

    def test_leaving_a_membership_out(self, live: Account, repository: Repository) -> None:
        commit = edit(repository, "\n      Sales: {chats: true}", "", "Leave Sales")
        edit(repository, "name: Bob\n", "name: Robert\n")
        assert plan(live, repository)[f"{MIA} departments Sales"] == ("branch", commit)

    def test_leaving_a_permission_out(self, live: Account, repository: Repository) -> None:
        commit = edit(
            repository, "permissions:\n      manage_agents: grant", "permissions: {}", "Take back"
        )
        told = plan(live, repository)
        assert told["role/Lead permissions manage_agents"] == ("branch", commit)

    def test_a_permission_left_out_among_others(
        self, live: Account, repository: Repository
    ) -> None:
        edit(
            repository,
            "manage_agents: grant",
            "manage_agents: grant\n      manage_agents_devices: grant",
        )
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("less")
        live.apply(repository.folder)
        commit = edit(repository, "\n      manage_agents: grant", "")
        told = plan(live, repository)
        assert told == {
            "role/Lead": ("branch", commit),
            "role/Lead permissions manage_agents": ("branch", commit),
        }

    def test_a_photo_s_file_is_the_cause(self, live: Account, repository: Repository) -> None:
        repository.folder.joinpath("mia.png").write_bytes(PNG + b"other")
        commit = repository.commit("New photo")
        assert plan(live, repository)[f"{MIA} photo"] == ("branch", commit)

    def test_a_signature_s_file_is_the_cause(self, live: Account, repository: Repository) -> None:
        repository.folder.joinpath("mia.txt").write_text("Best regards\n")
        commit = repository.commit("Friendlier")
        assert plan(live, repository)[f"{MIA} signature"] == ("branch", commit)

    def test_declared_absent_and_suspended(self, live: Account, repository: Repository) -> None:
        commit = edit(repository, "name: Bob\n", "state: absent\n", "Bob leaves")
        other = edit(repository, "name: Mia\n", "name: Mia\n    state: suspended\n")
        told = plan(live, repository)
        assert told[BOB] == ("branch", commit)
        assert told[f"{MIA} departments Sales"] == ("branch", other)

    def test_a_removed_declaration_where_undeclared_is_deleted(
        self, live: Account, repository: Repository
    ) -> None:
        policy = "manage: {agents: {undeclared: delete}}\nguards: {min_population: 100}\n"
        repository.commit("Delete what is not declared", provisioner=policy)
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("leave")
        live.call("POST", "/agents", {"email": "stray@acme.example", "name": "Stray"})
        text = (repository.folder / "team.yaml").read_text()
        commit = repository.commit("Bob leaves", team=text[: text.index("  - email: bob")])
        assert plan(live, repository) == {
            BOB: ("branch", commit),
            "agent/stray@acme.example": ("drift", None),
        }

    def test_a_removed_file(self, live: Account, repository: Repository) -> None:
        repository.commit("Add", more="agents: [{email: x@acme.example, name: X}]")
        policy = "manage: {agents: {undeclared: delete}}\n"
        repository.commit("Policy", provisioner=policy)
        repository.git("checkout", "--quiet", "-B", "main")
        live.apply(repository.folder)
        repository.branch("leave")
        (repository.folder / "more.yaml").unlink()
        commit = repository.commit("Remove the file")
        assert plan(live, repository) == {"agent/x@acme.example": ("branch", commit)}

    def test_a_renamed_file_changes_nothing(self, live: Account, repository: Repository) -> None:
        first = repository.git("rev-parse", "main")
        (repository.folder / "team.yaml").rename(repository.folder / "people.yaml")
        repository.commit("Move")
        drift(live, "bob@acme.example", name="Somebody")
        assert plan(live, repository)[f"{BOB} name"] == ("drift", first)

    def test_a_policy_of_the_branch_is_the_cause_without_a_line(
        self, live: Account, repository: Repository
    ) -> None:
        policy = "ignore: [{field: agents.name, reason: theirs}]"
        repository.commit("Leave names alone", provisioner=policy)
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("strict")
        drift(live, "bob@acme.example", name="Somebody")
        repository.commit("Enforce names", provisioner="version: 1")
        assert plan(live, repository)[f"{BOB} name"] == ("branch", None)


class TestWhere:
    def test_in_a_folder_of_the_repository_and_from_elsewhere(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository = Repository.new(tmp_path / "clone")
        agents = "agents: [{email: a@acme.example, name: %s}]"
        repository.commit("Begin", "help desk/team", team=agents % "A")
        live.apply(repository.folder / "help desk/team")
        repository.branch("change")
        commit = repository.commit("Change", "help desk/team", team=agents % "B")
        for here, path in (
            (tmp_path, "clone/help desk/team"),
            (repository.folder / "help desk/team", "."),
        ):
            monkeypatch.chdir(here)
            told = origins(live.plan(Path(path), "--base", "main"))
            assert told["agent/a@acme.example name"] == ("branch", commit)

    def test_a_project_that_the_branch_begins_is_all_its_own(
        self, live: Account, tmp_path: Path
    ) -> None:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin")
        repository.branch("change")
        commit = repository.commit("Start", "team", team="departments: [{name: Support}]")
        told = origins(live.plan(repository.folder / "team", "--base", "main"))
        assert told == {"department/Support": ("branch", commit)}

    def test_the_account_is_read_once_and_nothing_is_left_behind(
        self, live: Account, repository: Repository
    ) -> None:
        live.server.requests.clear()
        live.plan(repository.folder)
        before = len(live.server.requests.entries())
        edit(repository, "name: Bob\n", "name: Robert\n")
        live.server.requests.clear()
        plan(live, repository)
        assert len(live.server.requests.entries()) == before
        assert repository.git("status", "--porcelain") == ""

    def test_the_text_says_how_much_is_whose(self, live: Account, repository: Repository) -> None:
        """An agent who has both counts for both."""
        drift(live, "bob@acme.example", name="Somebody")
        drift(live, "mia@acme.example", name="Somebody")
        edit(repository, "Support: {tickets: true}", "Support: {tickets: false}")
        said = live.run("plan", str(repository.folder), "--base", "main").stdout
        commit = repository.git("rev-parse", "main")[:8]
        assert f"This branch: 1 change since main ({commit}); earlier drift: 2.\n" in said

    def test_a_saved_plan_keeps_it(
        self, live: Account, repository: Repository, tmp_path: Path
    ) -> None:
        drift(live, "bob@acme.example", name="Somebody")
        edit(repository, "name: Mia\n", "name: Mia Chen\n")
        file = tmp_path / "saved.json"
        arguments = ("plan", str(repository.folder), "--base", "main")
        printed = live.run(*arguments, "--format", "json", "--out", str(file)).stdout
        assert live.run("show", str(file), "--format", "json").stdout == printed
        assert live.run("apply", str(file), "--yes").exit_code == 0

    def test_manual_steps_say_whose_they_are(self, tmp_path: Path) -> None:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team="departments: [{name: Support}]")
        repository.branch("change")
        repository.commit("More", team="departments: [{name: Support}, {name: Sales}]")
        with account(tmp_path, surface="v3") as live:
            data = live.plan(repository.folder, "--base", "main")
        assert {step["address"]: step["origin"] for step in data["manual_steps"]} == {
            "department/Sales": "branch",
            "department/Support": "drift",
        }

    def test_hours_that_only_the_base_declares_are_read_and_the_plan_holds(
        self, tmp_path: Path
    ) -> None:
        """API v3 shows hours device by device: both projects say whose are read."""
        hours = "hours: [{days: [mon], from: '09:00', to: '17:00', services: [chats]}]"
        agents = "agents: [{email: a@acme.example, name: A, departments: {General: {}}%s}]"
        general = "departments: [{name: General}]\n"
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin", team=general + agents % f", {hours}")
        with account(tmp_path) as live:
            live.apply(repository.folder)
        repository.branch("change")
        repository.commit(
            "Without hours", team=general + (agents % "").replace("name: A", "name: B")
        )
        file = tmp_path / "saved.json"
        with account(tmp_path, surface="v3") as live:
            result = live.run("plan", str(repository.folder), "--base", "main", "--out", str(file))
            assert result.exit_code == 0, result.output
            assert live.run("apply", str(file), "--yes").exit_code == 0


class TestTrouble:
    def said(self, live: Account, folder: Path, ref: str = "main") -> str:
        result = live.run("plan", str(folder), "--base", ref)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        return " ".join(result.stderr.split())

    def test_an_unknown_ref(self, live: Account, repository: Repository) -> None:
        said = self.said(live, repository.folder, "origin/main")
        assert 'there is no "origin/main" in the repository [unknown-base]' in said
        assert "fetch-depth" not in said

    def test_a_ref_that_looks_like_an_option(self, live: Account, repository: Repository) -> None:
        assert "[unknown-base]" in self.said(live, repository.folder, "--all")

    def test_no_repository(self, live: Account, repository: Repository, tmp_path: Path) -> None:
        folder = tmp_path / "elsewhere"
        shutil.copytree(repository.folder, folder, ignore=shutil.ignore_patterns(".git"))
        assert "not a git repository" in (said := self.said(live, folder))
        assert "[no-history]" in said

    def test_no_git(
        self, live: Account, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        assert "git is not installed" in self.said(live, repository.folder)

    def test_a_shallow_clone_says_what_to_fetch(
        self, live: Account, repository: Repository, tmp_path: Path
    ) -> None:
        edit(repository, "name: Bob\n", "name: Robert\n")
        url = repository.folder.as_uri()
        repository.git("clone", "--quiet", "--depth=1", "--branch=change", url, str(tmp_path / "s"))
        said = self.said(live, tmp_path / "s", "origin/main")
        assert "fetch-depth: 0" in said

    def test_two_histories_that_never_met(self, live: Account, repository: Repository) -> None:
        repository.git("checkout", "--quiet", "--orphan", "other")
        repository.commit("Another beginning")
        assert "no commit in common" in self.said(live, repository.folder)

    def test_the_end_of_a_shallow_history_is_no_cause(
        self, live: Account, repository: Repository, tmp_path: Path
    ) -> None:
        """It looks as if it had made every line."""
        repository.git("checkout", "--quiet", "main")
        edit(repository, "name: Mia\n", "name: Mia Chen\n")
        url = repository.folder.as_uri()
        repository.git("clone", "--quiet", "--depth=1", url, str(tmp_path / "s"))
        drift(live, "bob@acme.example", name="Somebody")
        told = origins(live.plan(tmp_path / "s", "--base", "HEAD"))
        assert told[f"{BOB} name"] == ("drift", None)

    def test_an_invalid_base_is_told_and_no_obstacle(
        self, live: Account, repository: Repository
    ) -> None:
        edit(repository, "name: Bob\n", "nome: Bob\n")
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("mend")
        commit = edit(repository, "nome: Bob\n", "name: Robert\n")
        result = live.run("plan", str(repository.folder), "--base", "main")
        assert result.exit_code == 0
        assert "[base-unusable]" in result.stderr
        assert "is not known" in result.stdout
        assert plan(live, repository)[f"{BOB} name"] == (None, commit)

    def test_a_base_that_does_not_fit_the_account_is_told(
        self, live: Account, repository: Repository
    ) -> None:
        edit(repository, "manage_agents: grant", "fly: grant")
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("mend")
        edit(repository, "fly: grant", "manage_agents: grant")
        edit(repository, "name: Bob\n", "name: Robert\n")
        result = live.run("plan", str(repository.folder), "--base", "main", "--format", "json")
        assert result.exit_code == 0
        assert "[base-unusable]" in result.stderr
        assert origins(json.loads(result.stdout))[f"{BOB} name"][0] is None

    def test_a_dirty_work_tree_and_the_variables_of_a_hook_do_not_matter(
        self, live: Account, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit = edit(repository, "name: Bob\n", "name: Robert\n")
        (repository.folder / "mia.txt").write_text("Cheers\n")
        repository.git("add", "mia.txt")
        for name in ("GIT_DIR", "GIT_INDEX_FILE"):
            monkeypatch.setenv(name, "/nowhere")
        told = plan(live, repository)
        assert told[f"{BOB} name"] == ("branch", commit)
        assert told[f"{MIA} signature"] == ("branch", None)
        monkeypatch.undo()
        assert repository.git("status", "--porcelain") == "M  mia.txt"
