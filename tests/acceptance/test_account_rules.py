"""What an account has no room for is found at plan time, with the reason."""

from pathlib import Path

import pytest

from provisioner.sandbox.switches import Switches
from tests.support import account, write_project

SUPPORT = "departments: [{name: Support}]\n"
FOREIGN = "{days: [mon], from: '09:00', to: '10:00', timezone: America/New_York}"
MIA = "email: mia@acme.example, name: Mia"

READS = [{"object": of, "privileges": ["read"]} for of in ("agent", "api", "settings", "user")]


@pytest.mark.parametrize(
    ("switches", "team", "code", "exit_code"),
    [
        (Switches(plan="Medium"), "roles: [{name: Lead}]", "roles-not-in-plan", 1),
        (
            Switches(max_custom_roles=1),
            "roles: [{name: Lead}, {name: Analyst}]",
            "too-many-roles",
            1,
        ),
        (
            Switches(chat_feature=False),
            f"agents: [{{{MIA}, availability: {{chats: online}}}}]",
            "service-off",
            1,
        ),
        (
            Switches(call_feature=False),
            SUPPORT + f"agents: [{{{MIA}, departments: {{Support: {{calls: true}}}}}}]",
            "service-off",
            1,
        ),
        (
            Switches(sounds_plugin=False),
            f"agents: [{{{MIA}, sounds: {{new_chat: chime}}}}]",
            "plugin-off",
            1,
        ),
        (Switches(gamification_plugin=False), f"agents: [{{{MIA}, level: Hero}}]", "plugin-off", 0),
        (
            Switches(chat_routing="random"),
            f"agents: [{{{MIA}, chat: {{priority: 3}}}}]",
            "priority-ignored",
            0,
        ),
        (
            Switches(),
            f"agents: [{{{MIA}, role: admin, to_solve_only: true}}]",
            "to-solve-only-role",
            1,
        ),
        (
            Switches(),
            f"agents: [{{{MIA}, notifications: {{slack: {{new_ticket: true}}}}}}]",
            "slack-without-user",
            1,
        ),
        (
            Switches(),
            SUPPORT + f"agents: [{{{MIA}, departments: {{Support: {{}}}}, hours: [{FOREIGN}]}}]",
            "hours-of-another-zone",
            1,
        ),
    ],
)
def test_the_account_tells(
    tmp_path: Path, switches: Switches, team: str, code: str, exit_code: int
) -> None:
    project = write_project(tmp_path / "p", team=team)
    with account(tmp_path, switches=switches) as live:
        result = live.run("plan", str(project))
        assert result.exit_code == exit_code, result.output
        assert f"[{code}]" in result.stderr
    with account(tmp_path / "p") as live:
        if switches != Switches():
            assert code not in live.run("plan", str(project)).stderr


def test_the_project_tells_where_the_account_does_not(tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p",
        team=f"agents: [{{{MIA}, availability: {{calls: online}}, chat: {{priority: 4}}}}]",
        provisioner="account: {features: {calls: false}, chat_routing: random}",
    )
    with account(tmp_path, surface="v3") as live:
        result = live.run("plan", str(project))
        assert result.exit_code == 1
        assert "the account has no calls" in result.stderr
        assert "[priority-ignored]" in result.stderr
    with account(tmp_path) as live:
        assert live.run("plan", str(project)).exit_code == 0


def test_an_owner_is_made_by_an_owner_only(tmp_path: Path) -> None:
    project = write_project(
        tmp_path / "p", team="agents: [{email: b@acme.example, name: B, role: owner}]"
    )
    with account(tmp_path) as live:
        admin = live.call(
            "POST", "/agents", {"email": "a@acme.example", "name": "A", "role": "admin"}
        )
        key = live.call(
            "POST",
            "/apikeys",
            {"name": "ci", "type": "A", "userid": admin["id"], "privileges": READS},
        )["key"]
        project_of_admin = write_project(
            project,
            provisioner=f"targets: {{t: {{url: '{live.server.url}', api_key: {{file: key}}}}}}",
        )
        (project / "key").write_text(key)
        result = live.run("plan", str(project_of_admin))
        assert result.exit_code == 1
        assert "a@acme.example, who is not an owner" in " ".join(result.stderr.split())


def test_what_the_account_has_already_breaks_no_rule(tmp_path: Path) -> None:
    """An admin who was 'to solve only' before: the export of such an account must plan empty."""
    team = "agents: [{email: mia@acme.example, name: Mia, %sto_solve_only: true}]"
    project = write_project(tmp_path / "p", team=team % "")
    with account(tmp_path) as live:
        live.apply(project)
        mia = live.agent("mia@acme.example")
        live.call("PUT", f"/agents/{mia['id']}", {**mia, "role": "admin"})
        assert live.run("plan", str(project), "--detailed-exitcode").exit_code == 0
        write_project(project, team=team % "role: owner, ")
        assert "[to-solve-only-role]" in live.run("plan", str(project)).stderr
