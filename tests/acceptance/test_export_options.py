"""Export with selectors, as a fragment, into a new repository, and with names of roles."""

from pathlib import Path

import pytest
import yaml

from provisioner.sandbox.switches import Switches
from tests.support import KEY, Account, account, changes, write_project

PROJECT = """
    departments: [{name: Support}, {name: Großkunden}, {name: Sales}]
    roles: [{name: Team lead, permissions: {manage_agents: grant}}, {name: Analyst}]
    agents:
      - email: mia@acme.example
        name: Mia Chen
        role: Team lead
        departments:
          Großkunden: {tickets: true}
          Support: {chats: true, signature: "Mia,\\nSupport"}
        signature: "Kind regards\\nMia"
        hours: [{days: [mon], from: "09:00", to: "17:00", departments: [Support]}]
      - email: bob@acme.example
        name: Bob
        departments: {Großkunden: {tickets: true}, Support: {tickets: true, chats: true}}
      - {email: ann@acme.example, name: Ann, departments: {Sales: {}, Großkunden: {}}}
"""


@pytest.fixture
def filled(live: Account, tmp_path: Path) -> Account:
    live.apply(write_project(tmp_path / "project", a=PROJECT))
    return live


def exported(live: Account, folder: Path, *options: str) -> dict[str, str]:
    """Export into a folder, and return its YAML files."""
    result = live.run("export", str(folder), *options)
    assert result.exit_code == 0, result.output
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*.yaml")
    }


def test_an_agent_is_in_the_file_of_the_main_department(filled: Account, tmp_path: Path) -> None:
    """Most hours, then most services, then the first department; file names are ASCII."""
    files = exported(filled, tmp_path / "out")
    agents = {
        name: [one["email"] for one in yaml.safe_load(text)["agents"]]
        for name, text in files.items()
        if name.startswith("agents/")
    }
    assert agents.pop("agents/general.yaml")
    assert agents == {
        "agents/grosskunden.yaml": ["ann@acme.example"],
        "agents/support.yaml": ["bob@acme.example", "mia@acme.example"],
    }


def test_the_account_becomes_a_target(filled: Account, tmp_path: Path) -> None:
    files = exported(filled, tmp_path / "out")
    assert yaml.safe_load(files["provisioner.yaml"]) == {
        "version": 1,
        "targets": {
            "production": {"url": filled.server.url, "api_key": {"env": "LIVEAGENT_V3_API_KEY"}}
        },
        "default_target": "production",
    }
    assert KEY not in "".join(files.values())


class TestOnly:
    def test_objects_come_with_what_they_need(self, filled: Account, tmp_path: Path) -> None:
        files = exported(filled, tmp_path / "out", "--only", "agent/mia@*")
        content = {
            name: [next(iter(one.values())) for one in objects]
            for text in files.values()
            for name, objects in yaml.safe_load(text).items()
            if isinstance(objects, list)
        }
        assert content == {
            "departments": ["Großkunden", "Support"],
            "roles": ["Team lead"],
            "agents": ["mia@acme.example"],
        }
        assert changes(filled.plan(tmp_path / "out")) == {}

    @pytest.mark.parametrize("selector", ["agents", "member-of/Support", "department/S*"])
    def test_selectors_are_those_of_plans(
        self, selector: str, filled: Account, tmp_path: Path
    ) -> None:
        exported(filled, tmp_path / "out", "--only", selector)
        assert changes(filled.plan(tmp_path / "out")) == {}

    def test_a_selector_without_object_is_wrong_usage(
        self, filled: Account, tmp_path: Path
    ) -> None:
        result = filled.run("export", str(tmp_path / "out"), "--only", "agent/nobody@acme.example")
        assert result.exit_code == 64
        assert "[selector-without-object]" in result.stderr
        assert not (tmp_path / "out").exists()

    @pytest.mark.usefixtures("filled")
    def test_hours_of_other_agents_are_not_read(self, tmp_path: Path) -> None:
        with account(tmp_path, surface="v3") as v3:
            exported(v3, tmp_path / "out", "--only", "agent/mia@acme.example")
            devices = [one.path for one in v3.server.requests.entries() if "/plans" in one.path]
            v3.server.requests.clear()
            exported(v3, tmp_path / "all")
            all_devices = [one.path for one in v3.server.requests.entries() if "/plans" in one.path]
        assert 0 < len(devices) < len(all_devices)


class TestFragment:
    def test_it_is_exactly_the_selected_objects(self, filled: Account) -> None:
        result = filled.run("export", "--stdout", "--only", "agent/mia@acme.example")
        assert result.exit_code == 0, result.output
        assert result.stdout == (
            """\
agents:
  - email: mia@acme.example
    name: Mia Chen
    role: Team lead
    departments:
      Großkunden: {tickets: true, chats: false, calls: false, role: solver}
      Support:
        tickets: false
        chats: true
        calls: false
        role: solver
        signature: |-
          Mia,
          Support
    signature: |-
      Kind regards
      Mia
    hours:
      - days: [mon]
        from: "09:00"
        to: "17:00"
        departments: [Support]
"""
        )
        assert "department/Großkunden, department/Support, role/Team lead" in result.stderr

    def test_pasted_into_a_project_it_is_no_change(self, filled: Account, tmp_path: Path) -> None:
        words = ("--only", "agent/mia@acme.example", "--only", "roles", "--only", "departments")
        result = filled.run("export", "--stdout", *words)
        assert result.stderr == ""
        write_project(tmp_path / "pasted", a=result.stdout)
        assert changes(filled.plan(tmp_path / "pasted")) == {}

    @pytest.mark.parametrize(
        "words",
        [
            ("export",),
            ("export", "--stdout"),
            ("export", "out", "--stdout", "--only", "agents"),
        ],
    )
    def test_wrong_usage(self, words: tuple[str, ...], live: Account) -> None:
        assert live.run(*words).exit_code == 64
        assert live.server.requests.entries() == []


def test_a_new_repository_is_no_content(live: Account, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in (".git/config", ".github/CODEOWNERS", ".gitignore", "README.md", "LICENSE"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("mine")
    exported(live, out)
    assert (out / "README.md").read_text() == "mine"
    assert (out / "departments.yaml").exists()
    again = live.run("export", str(out))
    assert again.exit_code == 1
    assert "agents, departments.yaml, provisioner.yaml" in again.stderr
    assert "--merge" in again.stderr


class TestRolesOnV3:
    @pytest.mark.parametrize("switches", [Switches(), Switches(role_id_shape="opaque")])
    def test_custom_roles_keep_names_that_role_ids_has(
        self, switches: Switches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with account(tmp_path, surface="full", switches=switches) as panel:
            panel.apply(write_project(tmp_path / "project", a=PROJECT))
            ids = {row["name"]: row["id"] for row in panel.everything("/roles")}
        with account(tmp_path, surface="v3", switches=switches) as live:
            home = write_project(
                tmp_path / "home",
                provisioner=f"""
                    targets:
                      production:
                        url: "{live.server.url}"
                        api_key: {{env: LIVEAGENT_V3_API_KEY}}
                    role_ids: {{Team lead: {ids["Team lead"]}, agent: {ids.get("Agent", "agent")}}}
                """,
            )
            monkeypatch.chdir(home)
            files = exported(live, tmp_path / "out")
            assert "roles:\n  - name: Team lead\n" in files["roles.yaml"]
            assert "role: Team lead\n" in files["agents/support.yaml"]
            target = yaml.safe_load(files["provisioner.yaml"])["targets"]["production"]
            assert target["role_ids"]["Team lead"] == ids["Team lead"]
            plan = live.run("plan", str(tmp_path / "out"), "--detailed-exitcode")
            assert plan.exit_code == 0, plan.output

    def test_a_role_without_a_name_is_adopted_with_the_line_that_names_it(
        self, tmp_path: Path
    ) -> None:
        with account(tmp_path, surface="full") as panel:
            panel.apply(write_project(tmp_path / "project", a=PROJECT))
            [lead] = [one["id"] for one in panel.everything("/roles") if one["name"] == "Team lead"]
        out = tmp_path / "out"
        with account(tmp_path, surface="v3") as live:
            settings = exported(live, out)["provisioner.yaml"]
            lines = f"# role_ids:\n#   NAME: {lead}  # such as mia@acme.example\n"
            assert settings.endswith(lines)
            named = lines.replace("# role", "role").replace("#   NAME", "  Team lead")
            (out / "provisioner.yaml").write_text(settings.replace(lines, named))
            files = exported(live, out, "--merge")
            assert "- name: Team lead\n" in files["roles.yaml"]
            assert "role: Team lead\n" in files["agents/support.yaml"]
            plan = live.run("plan", str(out), "--detailed-exitcode")
            assert plan.exit_code == 0, plan.output
