"""`plan --base`: what a branch changes, and what was to be changed before."""

from pathlib import Path

import pytest

from tests.branches import BOB, MIA, PNG, attributions_of, begin, drift, edit, plan
from tests.repository import Repository
from tests.support import Account, account


@pytest.fixture
def repository(live: Account, tmp_path: Path) -> Repository:
    return begin(live, tmp_path / "clone")


class TestAttribution:
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
        attributions = plan(live, repository)
        assert attributions[f"{BOB} name"] == attributions[BOB] == ("drift", first)
        assert attributions[f"{MIA} name"] == attributions[MIA] == ("branch", commit)

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
        attributions = plan(live, repository)
        assert attributions[MIA] == ("branch", None)
        assert attributions[f"{MIA} name"][0] == "drift"
        assert attributions[f"{MIA} departments Support tickets"] == ("branch", commit)

    def test_what_came_to_the_base_since_is_not_the_branch_s_doing(
        self, live: Account, repository: Repository
    ) -> None:
        """The base is where the branch began: main went on, and was applied."""
        edit(repository, "name: Mia\n", "name: Mia Chen\n")
        repository.git("checkout", "--quiet", "main")
        edit(repository, "name: Bob\n", "name: Robert\n")
        live.apply(repository.folder)
        repository.git("checkout", "--quiet", "change")
        attributions = plan(live, repository)
        assert attributions[f"{MIA} name"][0] == "branch"
        assert attributions[f"{BOB} name"][0] == "drift"

    def test_a_new_object_and_one_that_was_missing_before(
        self, live: Account, repository: Repository
    ) -> None:
        bob = live.agent("bob@acme.example")
        live.call("DELETE", f"/agents/{bob['id']}")
        file = repository.folder / "team.yaml"
        file.write_text(file.read_text() + "  - {email: new@acme.example, name: New}\n")
        commit = repository.commit("Welcome")
        attributions = plan(live, repository)
        assert attributions["agent/new@acme.example"] == ("branch", commit)
        assert attributions[BOB][0] == "drift"

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
        attributions = plan(live, repository)
        assert attributions["agent/mia.chen@acme.example email"][0] == "branch"
        assert attributions["agent/mia.chen@acme.example gender"][0] == "drift"

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
        attributions = plan(live, repository)
        assert attributions["department/Help"] == ("branch", commit)
        assert attributions[f"{BOB} departments Help calls"][0] == "drift"

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
        attributions = plan(live, repository)
        assert attributions["role/Head name"][0] == "branch"
        assert attributions[f"{BOB} role"][0] == "drift"

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
        attributions = plan(live, repository)
        assert attributions["role/Lead permissions manage_agents"] == ("branch", commit)

    def test_a_permission_left_out_among_others(
        self, live: Account, repository: Repository
    ) -> None:
        edit(
            repository,
            "manage_agents: grant",
            "manage_agents: grant\n      view_rankings_of_other_agents: grant",
        )
        repository.git("checkout", "--quiet", "-B", "main")
        repository.branch("less")
        live.apply(repository.folder)
        commit = edit(repository, "\n      manage_agents: grant", "")
        attributions = plan(live, repository)
        assert attributions == {
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
        attributions = plan(live, repository)
        assert attributions[BOB] == ("branch", commit)
        assert attributions[f"{MIA} departments Sales"] == ("branch", other)

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
            attributions = attributions_of(live.plan(Path(path), "--base", "main"))
            assert attributions["agent/a@acme.example name"] == ("branch", commit)

    def test_a_project_that_the_branch_begins_is_all_its_own(
        self, live: Account, tmp_path: Path
    ) -> None:
        repository = Repository.new(tmp_path / "clone")
        repository.commit("Begin")
        repository.branch("change")
        commit = repository.commit("Start", "team", team="departments: [{name: Support}]")
        attributions = attributions_of(live.plan(repository.folder / "team", "--base", "main"))
        assert attributions == {"department/Support": ("branch", commit)}

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
        output = live.run("plan", str(repository.folder), "--base", "main").stdout
        commit = repository.git("rev-parse", "main")[:8]
        assert f"This branch: 1 change since main ({commit}); earlier drift: 2.\n" in output

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
        """API v3 shows hours device by device: the hours of agents in either project are read."""
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
