"""Export through the command line: what is written, where it comes from, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.support import KEY, Account, account, changes, write_project

PNG = b"\x89PNG\r\n\x1a\n" + b"Mia"

PROJECT = r"""
    departments: [{name: Support}, {name: Sales}]
    roles: [{name: Lead, permissions: {manage_agents: grant}}, {name: Plain}]
    agents:
      - email: Mia@acme.example
        name: Mia Chen
        alias: Mia
        photo: mia.png
        gender: female
        role: Lead
        availability: {tickets: online, chats: offline}
        to_solve_only: true
        departments:
          Support:
            tickets: true
            calls: false
            role: manager
            change_own_status: true
            signature: "Mia,\nSupport"
          Sales: {signature: Mia of Sales}
        notifications:
          email: {ticket_assigned: true, new_ticket: true}
          slack: {user: U02ABC, customer_reply: true}
        signature: "Kind regards\n\n{$firstname}\n"
        chat: {max_load: 7, priority: 10}
        panel: {theme: dark}
        level: Expert
        sounds: {new_chat: chime, new_ticket: muted}
        hours:
          - {days: [mon, tue], from: "09:00", to: "12:00"}
          - {days: [sun], from: "22:00", to: "02:00", services: [chats], departments: [Support]}
        voice_status: outgoing
      - {email: bob@acme.example, name: Bob, photo: mia.png}
"""

MIA = """\
# Exported from the live account. Roles and departments are always written;
# any other setting that is left out has the account's default.
agents:
  # two-factor login is on, which only the agent can do
  - email: Mia@acme.example
    name: Mia Chen
    alias: Mia
    photo: photos/mia.png
    gender: female
    role: Lead
    availability: {tickets: online}
    to_solve_only: true
    departments:
      Sales:
        tickets: false
        chats: false
        calls: false
        role: solver
        signature: Mia of Sales
      Support:
        tickets: true
        chats: false
        calls: false
        role: manager
        change_own_status: true
        signature: |-
          Mia,
          Support
    notifications:
      email: {new_ticket: true}
      slack: {user: U02ABC, customer_reply: true}
    signature: |
      Kind regards

      {$firstname}
    chat: {max_load: 7, priority: 10}
    panel: {theme: dark}
    level: Expert
    sounds: {new_chat: chime, new_ticket: muted}
    hours:
      - days: [mon, tue]
        from: "09:00"
        to: "12:00"
      - days: [sun]
        from: "22:00"
        to: "02:00"
        services: [chats]
        departments: [Support]
    voice_status: outgoing
"""


@pytest.fixture
def filled(live: Account, tmp_path: Path) -> Account:
    project = write_project(tmp_path / "project", a=PROJECT)
    (project / "mia.png").write_bytes(PNG)
    live.apply(project)
    live.server.seed_activity("mia@acme.example")
    live.server.requests.clear()
    return live


def test_every_section_is_there_and_nothing_that_has_its_default(
    filled: Account, tmp_path: Path
) -> None:
    result = filled.run("export", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert result.stdout == (
        f"Exported 3 agents, 3 departments, 2 roles to {tmp_path / 'out'}.\n"
        f"Next: provisioner plan {tmp_path / 'out'}, which is empty; then commit the files.\n"
    )
    assert result.stderr == "1 thing can't be declared; comments in the files list it.\n"
    files = {
        file.relative_to(tmp_path / "out").as_posix(): file.read_bytes()
        for file in (tmp_path / "out").rglob("*")
        if file.is_file()
    }
    assert set(files) == {
        "provisioner.yaml",
        "departments.yaml",
        "roles.yaml",
        "agents/general.yaml",
        "agents/no-department.yaml",
        "agents/support.yaml",
        "agents/photos/bob.png",
        "agents/photos/mia.png",
    }
    assert files["agents/support.yaml"].decode() == MIA
    assert files["agents/photos/mia.png"] == files["agents/photos/bob.png"] == PNG
    assert (
        files["roles.yaml"]
        .decode()
        .endswith(
            "roles:\n  - name: Lead\n    permissions: {manage_agents: grant}\n  - name: Plain\n"
        )
    )
    reads = [entry.path for entry in filled.server.requests.entries()]
    assert len([path for path in reads if "/files/" in path]) == 1
    assert filled.writes() == []
    assert changes(filled.plan(tmp_path / "out")) == {}


def test_the_account_can_be_made_again_from_its_export(filled: Account, tmp_path: Path) -> None:
    filled.run("export", str(tmp_path / "out"))
    (tmp_path / "other").mkdir()
    with account(tmp_path / "other") as other:
        (tmp_path / "out/provisioner.yaml").unlink()
        other.apply(tmp_path / "out")
        other.run("export", str(tmp_path / "again"))
    text = (tmp_path / "again/agents/support.yaml").read_text(encoding="utf-8")
    assert text == MIA.replace("  # two-factor login is on, which only the agent can do\n", "")


class TestV3:
    def test_what_the_api_does_not_show_is_said(self, filled: Account, tmp_path: Path) -> None:
        role = next(row["id"] for row in filled.everything("/roles") if row["name"] == "Lead")
        with account(tmp_path, surface="v3") as live:
            live.run("export", str(tmp_path / "out"))
            text = (tmp_path / "out/agents/support.yaml").read_text(encoding="utf-8")
            assert "as far as API v3 shows it" in text
            assert f'  # has a role that can\'t be declared: with the id "{role}"' in text
            assert "Support: {tickets: true, chats: false, calls: false}" in text
            assert not (tmp_path / "out/roles.yaml").exists()
            plan = live.run("plan", str(tmp_path / "out"), "--detailed-exitcode")
            assert plan.exit_code == 0, plan.output


class TestWhereTo:
    def test_a_folder_with_content_is_refused_before_any_request(
        self, live: Account, tmp_path: Path
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out/mine.txt").touch()
        for path in ("out", "out/mine.txt"):
            result = live.run("export", str(tmp_path / path))
            assert result.exit_code == 1
            assert "[file-exists]" in result.stderr
        assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]
        assert live.server.requests.entries() == []

    def test_an_empty_folder_is_filled_even_if_it_is_the_current_one(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "out").mkdir()
        monkeypatch.chdir(tmp_path / "out")
        assert live.run("export", ".").exit_code == 0
        assert Path("provisioner.yaml").exists()
        assert changes(live.plan(Path())) == {}

    def test_folders_on_the_way_are_made(self, live: Account, tmp_path: Path) -> None:
        assert live.run("export", str(tmp_path / "a/b/c")).exit_code == 0
        assert [file.name for file in (tmp_path / "a/b").iterdir()] == ["c"]

    def test_a_photo_that_can_not_be_read_leaves_nothing_behind(
        self, filled: Account, tmp_path: Path
    ) -> None:
        filled.server.faults.add(Fault(path="/files/", times=0))
        result = filled.run("export", str(tmp_path / "new/out"))
        assert result.exit_code == 1
        assert "[target-error]" in result.stderr
        assert not (tmp_path / "new").exists()

    def test_a_full_disk_leaves_nothing_behind(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: Any) -> None:
            raise OSError(28, "No space left on device", "roles.yaml")

        (tmp_path / "new").mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", fail)
            result = live.run("export", str(tmp_path / "new/out"))
        assert result.exit_code == 1
        assert "[file-unwritable]" in result.stderr
        assert "No space left on device" in result.stderr
        assert list((tmp_path / "new").iterdir()) == []


class TestWhereFrom:
    def test_a_target_of_the_project_here_is_named_in_the_export(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The declarations of that project don't matter: only its settings are read."""
        home = write_project(
            tmp_path / "home",
            provisioner=f"""
                targets:
                  production:
                    url: "{live.server.url}"
                    api_key: {{file: keys/production}}
                    requests_per_minute: 6000
                    role_ids: {{Lead: x7}}
            """,
            broken="agents: [{email: nobody}]",
        )
        (home / "keys").mkdir()
        (home / "keys/production").write_text(KEY)
        monkeypatch.chdir(home)
        result = live.run("export", "../out")
        assert result.exit_code == 0, result.output
        settings = (tmp_path / "out/provisioner.yaml").read_text(encoding="utf-8")
        assert "api_key: {file: ../home/keys/production}" in settings
        assert "requests_per_minute: 6000\n    role_ids: {Lead: x7}\n" in settings
        assert KEY not in settings
        plan = live.run("plan", "../out")
        assert "Nothing to change on production" in plan.stdout, plan.output

    def test_wrong_settings_here_are_reported(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = write_project(tmp_path / "home", provisioner="targts: {}")
        monkeypatch.chdir(home)
        result = live.run("export", "../out")
        assert result.exit_code == 1
        assert "[unknown-key]" in result.stderr

    def test_the_embedded_sandbox_is_the_one_of_the_current_folder(
        self, live: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = write_project(tmp_path / "home", a="agents: [{email: zoe@acme.example, name: Zoe}]")
        monkeypatch.chdir(home)
        live.run("apply", ".", "-t", "sandbox", "--yes")
        assert live.run("export", "../out", "-t", "sandbox").exit_code == 0
        assert "zoe@acme.example" in (tmp_path / "out/agents/no-department.yaml").read_text()
        assert not (tmp_path / "out" / ".provisioner").exists()


@pytest.mark.parametrize(
    ("surface", "remark"), [("full", ""), ("v3", "  # has a role that can't be declared: with the")]
)
def test_opaque_ids_of_built_in_roles(surface: str, remark: str, tmp_path: Path) -> None:
    """On v3 the id of the role agent looks like the id of a custom role."""
    with account(tmp_path, switches=Switches(role_id_shape="opaque"), surface=surface) as live:
        for name, role in (("Zoe", "admin"), ("Bob", "agent")):
            email = f"{name.lower()}@acme.example"
            live.call("POST", "/agents", {"email": email, "name": name, "role": role})
        live.run("export", str(tmp_path / "out"))
        text = (tmp_path / "out/agents/no-department.yaml").read_text(encoding="utf-8")
        assert "role: admin" in text
        assert ("can't be declared" in text) == bool(remark)
        assert remark in text
        assert changes(live.plan(tmp_path / "out")) == {}
