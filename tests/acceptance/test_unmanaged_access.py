"""Access that the files do not own: always shown, in plans and as drift."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from provisioner.planning.plans.plan_json import checksum
from tests.support import Account, account, write_project

AGENTS = """
    departments: [{name: Support}, {name: Sales}, {name: General}]
    roles: [{name: Lead}]
    agents:
      - {email: owner@acme.example, name: Account Owner, role: owner, departments: {General: {}}}
      - email: mia@acme.example
        name: Mia
        role: %(role)s
        departments: %(departments)s
      - {email: bob@acme.example, name: Bob, role: agent, departments: {}}
"""
POWER = {"role": "Lead", "departments": "{Support: {tickets: true, chats: true, role: manager}}"}
MIA = "agent/mia@acme.example"
ALL_DECLARED = "all as the files declare"

WITHOUT_ROLE = AGENTS.replace("        role: %(role)s\n", "") % POWER

LEFT_OUT = [
    pytest.param(
        WITHOUT_ROLE,
        (["role"], "Lead", "agent"),
        "role: Lead; the default is agent",
        id="role",
    ),
    pytest.param(
        AGENTS.replace("        departments: %(departments)s\n", "") % POWER,
        (
            ["departments"],
            {"Support": {"tickets": True, "chats": True, "calls": False, "role": "manager"}},
            {},
        ),
        "departments: Support (tickets, chats; manager); the default is (none)",
        id="departments",
    ),
    pytest.param(
        AGENTS % {**POWER, "departments": "{Support: {tickets: true, role: manager}}"},
        (["departments", "Support", "chats"], True, False),
        "chats in Support: yes; the default is no",
        id="service",
    ),
    pytest.param(
        AGENTS % {**POWER, "departments": "{Support: {tickets: true, chats: true}}"},
        (["departments", "Support", "role"], "manager", "solver"),
        "role in Support: manager; the default is solver",
        id="role-in-department",
    ),
]


@pytest.fixture
def project(live: Account, tmp_path: Path) -> Path:
    """A project that declares every person of the account, applied."""
    folder = write_project(tmp_path / "p", team=AGENTS % POWER)
    live.apply(folder)
    return folder


def drift(live: Account, project: Path, exit_code: int) -> tuple[str, dict[str, Any]]:
    """Return drift as text and as data, and check its exit code."""
    text = live.run("drift", str(project), "--detailed-exitcode")
    assert text.exit_code == exit_code, text.output
    data = live.run("drift", str(project), "--format", "json")
    return text.stdout, json.loads(data.stdout)


def test_an_account_that_the_files_own_is_as_they_declare(live: Account, project: Path) -> None:
    text, data = drift(live, project, 0)
    assert ALL_DECLARED in text
    assert "declared: 3 of 3 people, 100 % of access.\n" in text
    assert data["unmanaged"] == data["released"] == data["not_looked_at"] == []
    assert data["ownership"]["undeclared_powerful"] == []


@pytest.mark.parametrize(("files", "entry", "sentence"), LEFT_OUT)
def test_each_access_field_that_the_files_leave_out_is_listed(
    live: Account, project: Path, files: str, entry: tuple[Any, ...], sentence: str
) -> None:
    write_project(project, team=files)
    live.apply(project)  # it is released until then
    path, value, default = entry
    expected = {"address": MIA, "path": path, "live": value, "default": default}
    live.server.requests.clear()

    text, data = drift(live, project, 2)
    assert data["unmanaged"] == [expected]
    assert data["drift"] == []
    assert f"{MIA}: {sentence}" in text
    assert "No drift" not in text
    assert ALL_DECLARED not in text

    planned = live.plan(project)
    assert planned["unmanaged"] == [expected]
    assert planned["released"] == []
    assert planned["summary"]["update"] == 0
    result = live.run("plan", str(project), "--detailed-exitcode")
    assert result.exit_code == 0
    assert f"{MIA}: {sentence}  team.yaml:6" in result.stdout
    assert "1 access value not managed." in result.stdout
    assert "all as declared" not in result.stdout
    markdown = live.run("plan", str(project), "--format", "markdown").stdout
    assert "nothing to change; 1 access value not managed\n" in markdown
    assert f"- `{MIA}`: " in markdown
    page = live.run("plan", str(project), "--format", "html").stdout
    assert '<section id="ownership"' in page
    assert MIA in page.partition('<section id="ownership"')[2].partition("</section>")[0]
    assert live.writes() == []


def test_unmanaged_access_is_in_saved_plans(live: Account, project: Path, tmp_path: Path) -> None:
    write_project(project, team=WITHOUT_ROLE)
    live.run("plan", str(project), "--out", str(tmp_path / "saved.plan"))
    shown = live.run("show", str(tmp_path / "saved.plan"), "--format", "json")
    planned = live.plan(project)
    data = json.loads(shown.stdout)
    for key in ("unmanaged", "released", "ownership", "not_looked_at", "summary"):
        assert data[key] == planned[key]


def test_a_plan_file_of_the_earlier_version_is_read(
    live: Account, project: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.plan"
    live.run("plan", str(project), "--out", str(saved))
    data = json.loads(saved.read_text(encoding="utf-8"))
    for key in ("unmanaged", "released", "ownership", "not_looked_at"):
        del data[key]
    data["format_version"] = "1.0"
    data["checksum"] = checksum(data)
    saved.write_text(json.dumps(data), encoding="utf-8")
    result = live.run("show", str(saved))
    assert result.exit_code == 0, result.output


class TestUndeclaredPower:
    def test_owners_and_admins_come_first_and_are_drift(self, live: Account, project: Path) -> None:
        owner = live.agent("owner@acme.example")
        leads = [row["id"] for row in live.everything("/roles") if row["name"] == "Lead"]
        for name, role, role_id in (
            ("plain", "agent", ""),
            ("lead", "agent", leads[0]),
            ("admin", "admin", ""),
            ("rogue", "owner", ""),
        ):
            body = {"email": f"{name}@evil.example", "name": name, "role": role}
            live.call("POST", "/agents", {**body, **({"roleId": role_id} if role_id else {})})
        text, data = drift(live, project, 2)
        powerful = data["ownership"]["undeclared_powerful"]
        assert [one["address"].partition("/")[2] for one in powerful] == [
            "rogue@evil.example",
            "admin@evil.example",
            "lead@evil.example",
        ]
        assert owner["email"] not in str(powerful)
        assert (
            "declared: 3 of 7 people, 58 % of access; "
            "not declared: 1 owner, 1 admin, 1 with a custom role, 1 agent.\n" in text
        )
        assert ALL_DECLARED not in text
        result = live.run("plan", str(project))
        assert "1 owner, 1 admin, 1 with a custom role not declared." in result.stdout
        assert "all as declared" not in result.stdout

    @pytest.mark.parametrize(
        ("settings", "exception"),
        [
            ('protect: {agents: ["*@evil.example"]}', "it is protected by the project"),
            ("manage: {agents: {undeclared: ignore}}", "the project ignores undeclared agents"),
        ],
    )
    def test_exceptions_are_listed_and_no_drift(
        self, live: Account, project: Path, settings: str, exception: str
    ) -> None:
        write_project(project, provisioner=f"version: 1\n{settings}\n")
        admin = {"email": "x@evil.example", "name": "X", "role": "admin"}
        live.call("POST", "/agents", admin)
        text, data = drift(live, project, 0)
        assert f"agent/x@evil.example X: role admin ({exception})" in text
        assert "No drift on" in text
        assert ALL_DECLARED not in text
        assert data["ownership"]["undeclared_powerful"][0]["exception"] == exception
        assert "all as declared" not in live.run("plan", str(project)).stdout

    def test_the_creator_and_the_key_s_own_account_are_exceptions(
        self, live: Account, tmp_path: Path
    ) -> None:
        text, data = drift(
            live, write_project(tmp_path / "empty", team="departments: [{name: General}]"), 0
        )
        [owner] = data["ownership"]["undeclared_powerful"]
        assert owner["exception"]
        assert ALL_DECLARED not in text

    def test_undeclared_drift_counts_every_object(self, live: Account, project: Path) -> None:
        settings = "version: 1\nmanage: {agents: {undeclared: %s}, departments: {undeclared: %s}}\n"
        write_project(project, provisioner=settings % ("drift", "drift"))
        assert ALL_DECLARED in drift(live, project, 0)[0]
        live.call("POST", "/agents", {"email": "new@acme.example", "name": "New"})
        live.call("POST", "/departments", {"name": "Secret"})
        text, data = drift(live, project, 2)
        assert data["undeclared_drift"] == ["agent/new@acme.example", "department/Secret"]
        assert "2 undeclared objects.\n" in text
        write_project(project, provisioner=settings % ("drift", "report"))
        assert drift(live, project, 2)[1]["undeclared_drift"] == ["agent/new@acme.example"]
        write_project(project, provisioner=settings % ("report", "report"))
        drift(live, project, 0)


class TestPolicy:
    def test_a_role_set_at_creation_only_is_unmanaged_once_it_differs(
        self, live: Account, project: Path
    ) -> None:
        write_project(project, provisioner="version: 1\ninitial: [agents.role]\n")
        drift(live, project, 0)
        bob = live.agent("bob@acme.example")
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "role": "admin"})
        _, data = drift(live, project, 2)
        assert [(one["address"], one["live"]) for one in data["unmanaged"]] == [
            ("agent/bob@acme.example", "admin")
        ]

    def test_an_ignored_role_is_named_as_not_looked_at(self, live: Account, project: Path) -> None:
        write_project(project, team=WITHOUT_ROLE)
        rule = "{field: agents.role, reason: given by the directory}"
        write_project(project, provisioner=f"version: 1\nignore: [{rule}]\n")
        text, data = drift(live, project, 0)
        assert data["not_looked_at"] == ["agents.role (`ignore` in provisioner.yaml)"]
        assert "Not looked at: agents.role" in text

    def test_a_suspended_or_absent_agent_has_no_unmanaged_departments(
        self, live: Account, project: Path
    ) -> None:
        gone = "\n      - {email: mia@acme.example, state: absent}\n"
        files = AGENTS.partition("      - email: mia")[0] + gone
        _, data = drift(live, write_project(project, team=files), 2)
        assert data["unmanaged"] == []


@contextmanager
def on_v3(folder: Path) -> Iterator[Account]:
    """Run the API v3 on the account of a folder, which another surface has filled."""
    with account(folder, surface="v3") as running:
        yield running


def test_v3_lists_what_it_can_t_look_at(live: Account, project: Path, tmp_path: Path) -> None:
    lead = next(row["id"] for row in live.everything("/roles") if row["name"] == "Lead")
    files = AGENTS.replace("        role: %(role)s\n", "").replace("roles: [{name: Lead}]", "")
    write_project(project, team=files % {**POWER, "departments": "{Support: {tickets: true}}"})
    with on_v3(tmp_path) as v3:
        text, data = drift(v3, project, 2)
        assert [(one["path"], one["live"]) for one in data["unmanaged"]] == [
            (["departments", "Support", "chats"], True),
        ]
        unnamed = f"the role with the id {lead} of 1 agent (name it in `role_ids`)"
        assert data["not_looked_at"][-1] == unnamed
        write_project(project, provisioner=f"version: 1\nrole_ids: {{Lead: {lead}}}\n")
        _, data = drift(v3, project, 2)
        assert data["unmanaged"][0]["live"] == "lead"
        assert data["not_looked_at"][0] == "membership roles"
        assert "Not looked at on API v3: membership roles, " in text
        assert "agent settings (alias, " in text
        plan = v3.run("plan", str(project)).stdout
        assert "Not looked at on API v3: membership roles" in plan


class TestExport:
    def test_an_export_declares_all_access(
        self, live: Account, project: Path, tmp_path: Path
    ) -> None:
        del project
        live.run("export", str(tmp_path / "out"))
        files = "".join(
            file.read_text(encoding="utf-8") for file in (tmp_path / "out/agents").glob("*.yaml")
        )
        assert files.count("\n    role: ") == files.count("\n    departments:") == 3
        assert "role: agent" in files
        assert "departments: {}" in files
        text, data = drift(live, tmp_path / "out", 0)
        assert data["unmanaged"] == []
        assert ALL_DECLARED in text
        bob = live.agent("bob@acme.example")
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "role": "admin"})
        text, _ = drift(live, tmp_path / "out", 2)
        assert "role: declared agent, live admin" in text

    def test_an_export_on_v3_declares_the_access_that_it_sees(
        self, live: Account, project: Path, tmp_path: Path
    ) -> None:
        files = AGENTS % {**POWER, "role": "agent"}
        live.apply(write_project(project, team=files))
        bob = live.agent("bob@acme.example")
        live.call("PUT", f"/agents/{bob['id']}", {**bob, "role": "admin"})
        with on_v3(tmp_path) as v3:
            v3.run("export", str(tmp_path / "out"))
            text, data = drift(v3, tmp_path / "out", 0)
        assert data["unmanaged"] == []
        assert data["ownership"]["declared_access"] == data["ownership"]["access"]
        assert "in sync in all that was compared" in text
