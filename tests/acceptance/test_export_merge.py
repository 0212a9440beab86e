"""`export --merge` into an edited project: comments, profiles and overlays stay."""

from pathlib import Path
from typing import Any

import pytest

from tests.properties.accounts import PNG, upload
from tests.support import Account, account, changes, write_project

SETTINGS = """
    # ours
    targets:
      production: {{url: "{url}", api_key: {{env: LIVEAGENT_V3_API_KEY}}}}  # the real one
"""
STRUCTURE = """
    departments:   # as in the panel
      - name: Support
      - {name: Sales}
      - {name: General}
    profiles:
      - name: online   # everybody
        availability: {tickets: online, chats: online}
        chat: {max_load: 4}
"""
TEAM = """\
# The team, by shift.
agents:

  # Mia trains the others.
  - email: mia@acme.example
    name: "Mia Chen"          # since 2019
    extends: [online]
    role: agent
    departments:
      Support: {tickets: true, chats: true}   # both

  - {email: bob@acme.example, name: Bob, role: agent, departments: {Sales: {tickets: true}}}
"""
OVERLAY = """\
agents:
  - email: mia@acme.example
    chat: {priority: 10}   # only in production
"""


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write_project(folder, provisioner=SETTINGS.format(url=live.server.url), structure=STRUCTURE)
    (folder / "agents").mkdir()
    (folder / "agents/team.yaml").write_text(TEAM)
    (folder / "targets/production").mkdir(parents=True)
    (folder / "targets/production/mia.yaml").write_text(OVERLAY)
    [creator] = live.everything("/agents")
    words = ("--stdout", "--only", f"agent/{creator['email']}")
    (folder / "agents/creator.yaml").write_text(live.run("export", *words).stdout)
    live.apply(folder)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and ".provisioner" not in file.parts
    }


def merged(live: Account, folder: Path, *options: str) -> str:
    result = live.run("export", str(folder), "--merge", *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def profile(live: Account, email: str, settings: dict[str, Any]) -> None:
    live.call("PUT", f"/agents/{live.agent(email)['id']}/profile", settings)


def department(live: Account, name: str) -> str:
    rows = live.everything("/departments")
    return str(next(row["department_id"] for row in rows if row["name"] == name))


def test_nothing_is_written_where_nothing_differs(live: Account, project: Path) -> None:
    before = content(project)
    result = live.run("export", str(project), "--merge")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing was written" in result.stderr
    assert content(project) == before


def test_only_what_differs_is_written_where_it_is_declared(live: Account, project: Path) -> None:
    mia = live.agent("mia@acme.example")
    profile(live, "mia@acme.example", {"max_chat_load": 9, "chat_priority": 20, "alias": "Mia"})
    live.call("PUT", f"/departments/{department(live, 'Sales')}/{mia['id']}", {"role": "manager"})
    live.call(
        "PUT",
        f"/agents/{live.agent('bob@acme.example')['id']}",
        {
            **live.agent("bob@acme.example"),
            "name": "Bob Li",
            "role": "admin",
            "roleId": "",
        },
    )
    before = content(project)
    dry = merged(live, project, "--dry-run")
    assert content(project) == before
    assert merged(live, project) == dry
    after = content(project)
    assert after["agents/team.yaml"].decode() == (
        TEAM.replace(
            '    name: "Mia Chen"          # since 2019\n',
            '    name: "Mia Chen"          # since 2019\n    alias: Mia\n',
        )
        .replace(
            "# both\n",
            "# both\n"
            "      Sales: {tickets: false, chats: false, calls: false, role: manager}\n"
            "    chat: {max_load: 9}\n",
        )
        .replace("name: Bob, role: agent", "name: Bob Li, role: admin")
    )
    assert after["targets/production/mia.yaml"].decode() == OVERLAY.replace("10}", "20}")
    assert {name for name in after if after[name] != before.get(name)} == {
        "agents/team.yaml",
        "targets/production/mia.yaml",
    }
    assert changes(live.plan(project)) == {}
    assert live.run("drift", str(project), "--detailed-exitcode").exit_code == 0
    assert merged(live, project) == ""


def test_photos_become_files(live: Account, project: Path) -> None:
    photo = upload(live, PNG)
    profile(live, "mia@acme.example", {"photo": photo})
    merged(live, project)
    assert (project / "agents/photos/mia.png").read_bytes() == PNG
    assert "photo: photos/mia.png" in (project / "agents/team.yaml").read_text()
    assert changes(live.plan(project)) == {}
    profile(live, "mia@acme.example", {"photo": upload(live, PNG + b"new")})
    merged(live, project)
    assert (project / "agents/photos/mia-2.png").read_bytes() == PNG + b"new"
    assert changes(live.plan(project)) == {}


def test_a_new_agent_is_put_to_the_team(live: Account, project: Path) -> None:
    role = live.call("POST", "/roles", {"name": "Lead"})["id"]
    new = live.call("POST", "/agents", {"email": "ann@acme.example", "name": "Ann", "roleId": role})
    press = live.call("POST", "/departments", {"name": "Press"})["department_id"]
    live.call("PUT", f"/departments/{press}/{new['id']}", {"role": "solver"})
    profile(live, "ann@acme.example", {"signature": "Kind regards\nAnn"})
    merged(live, project)
    after = content(project)
    assert after["agents/team.yaml"].decode().startswith(TEAM.rstrip("\n"))
    assert (
        "    signature: |-\n      Kind regards\n      Ann\n" in after["agents/team.yaml"].decode()
    )
    assert "  - name: Press\n" in after["structure.yaml"].decode()
    assert after["roles.yaml"] == b"roles:\n  - name: Lead\n"
    assert changes(live.plan(project)) == {}
    assert live.plan(project)["undeclared"] == []


def test_only_the_selected_objects_are_merged(live: Account, project: Path) -> None:
    profile(live, "mia@acme.example", {"alias": "Mia"})
    profile(live, "bob@acme.example", {"alias": "Bobby"})
    merged(live, project, "--only", "agent/bob@acme.example")
    text = (project / "agents/team.yaml").read_text()
    assert "alias: Bobby" in text
    assert "Chen" in text
    assert "alias: Mia" not in text


def test_declared_newcomers_and_leavers_stay(live: Account, project: Path) -> None:
    text = "agents:\n  - {email: new@acme.example, name: New}\n"
    (project / "new.yaml").write_text(text + "  - {email: bob@acme.example, state: absent}\n")
    team = project / "agents/team.yaml"
    team.write_text(TEAM.partition("\n  - {email: bob")[0])
    result = live.run("export", str(project), "--merge", "--only", "agent/bob*")
    assert "agent/bob@acme.example is declared as absent" in result.stderr
    result = live.run("export", str(project), "--merge")
    assert "agent/new@acme.example is not in the account; its entry stays" in result.stderr
    assert (project / "new.yaml").read_text().startswith(text)


@pytest.mark.parametrize(
    "rule", ["ignore: [{field: agents.alias, reason: x}]", "initial: [agents.alias]"]
)
def test_fields_of_rules_are_left_alone(rule: str, live: Account, project: Path) -> None:
    settings = project / "provisioner.yaml"
    settings.write_text(f"{settings.read_text()}{rule}\n")
    profile(live, "mia@acme.example", {"alias": "Mia"})
    assert merged(live, project) == ""


def test_a_membership_of_a_profile_is_named_and_not_lost(live: Account, project: Path) -> None:
    (project / "agents/team.yaml").write_text(
        TEAM.replace("      Support: {tickets: true, chats: true}   # both\n", "").replace(
            "    departments:\n", ""
        )
    )
    structure = project / "structure.yaml"
    text = (
        structure.read_text().rstrip()
        + "\n    departments: {Support: {tickets: true, chats: true}}\n"
    )
    structure.write_text(text)
    assert changes(live.plan(project)) == {}
    mia = live.agent("mia@acme.example")["id"]
    live.call("DELETE", f"/departments/{department(live, 'Support')}/{mia}")
    result = live.run("export", str(project), "--merge")
    assert 'the membership comes from profile "online"' in result.stderr
    assert structure.read_text() == text


def test_a_folder_with_settings_alone_gets_a_whole_project(live: Account, tmp_path: Path) -> None:
    settings = SETTINGS.format(url=live.server.url)
    folder = write_project(tmp_path / "new", provisioner=settings)
    before = (folder / "provisioner.yaml").read_bytes()
    assert live.run("export", str(folder)).exit_code == 1
    merged(live, folder)
    assert (folder / "provisioner.yaml").read_bytes() == before
    assert changes(live.plan(folder)) == {}


def test_an_invalid_project_is_refused(live: Account, project: Path) -> None:
    (project / "wrong.yaml").write_text("agents: [{email: nobody}]")
    live.server.requests.clear()
    result = live.run("export", str(project), "--merge")
    assert result.exit_code == 1
    assert "[invalid-email]" in result.stderr
    assert live.server.requests.entries() == []


def test_on_v3_what_the_api_shows_is_merged(live: Account, project: Path, tmp_path: Path) -> None:
    mia = live.agent("mia@acme.example")
    live.call("PUT", f"/departments/{department(live, 'Sales')}/{mia['id']}", {})
    live.call("PUT", f"/agents/{mia['id']}", {**mia, "role": "owner", "roleId": ""})
    live.call("POST", "/agents", {"email": "ann@acme.example", "name": "Ann"})
    with account(tmp_path, surface="v3") as v3:
        write_project(project, provisioner=SETTINGS.format(url=v3.server.url))
        merged(v3, project)
        text = (project / "agents/team.yaml").read_text()
        assert "role: owner" in text
        assert "      Sales: {tickets: false, chats: false, calls: false}\n" in text
        assert "ann@acme.example" in text
        assert changes(v3.plan(project)) == {}
        assert merged(v3, project) == ""
    assert "max_load: 4" in (project / "structure.yaml").read_text()
