"""One team's story: an account made by hand becomes an account that the files own.

The same story on both surfaces. What API v3 can't write, a person does in the panel.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.panel import Panel
from tests.repository import Repository
from tests.support import Account, account, changes

TEAMS = ("Support", "Sales", "Billing")
PEOPLE = [f"p{number:02}@{'old' if number >= 50 else 'acme'}.example" for number in range(60)]


@dataclass(frozen=True)
class Story:
    """The account, the panel, and the project in a repository."""

    surface: str
    tool: Account
    panel: Panel
    folder: Path

    def run(self, *arguments: str, exit_code: int = 0) -> str:
        """Run a command on the project, and check how it ends."""
        result = self.tool.run(*arguments)
        assert result.exit_code == exit_code, result.output
        return result.stdout

    def edit(self, *arguments: str) -> None:
        """Run a command that edits the project."""
        self.run(*arguments, str(self.folder), "--no-plan")

    def drift(self, exit_code: int) -> tuple[str, dict[str, Any]]:
        """Return drift as text and as data."""
        text = self.run("drift", str(self.folder), "--detailed-exitcode", exit_code=exit_code)
        return text, json.loads(self.run("drift", str(self.folder), "--format", "json"))

    def apply(self) -> None:
        """Apply the project."""
        self.run("apply", str(self.folder), "--yes")

    def replace(self, old: str, new: str) -> None:
        """Replace a text in all files of agents, departments and roles."""
        for file in self.folder.rglob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(old, new), encoding="utf-8")

    def settle(self) -> None:
        """Check that the account is as the files declare, and commit them."""
        plan = self.tool.run("plan", str(self.folder), "--detailed-exitcode")
        assert plan.exit_code == 0, plan.output
        text, data = self.drift(0)
        v3, full = "in sync in all that was compared", "all as the files declare"
        assert (v3 if self.surface == "v3" else full) in text
        assert "100 % of access" in text or self.surface == "v3"
        assert data["unmanaged"] == []
        repository = Repository(self.folder)
        repository.git("add", "--all")
        repository.git("commit", "--quiet", "--allow-empty", "--message", "Next chapter")


@pytest.fixture(params=["full", "v3"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    with (
        account(tmp_path) as panel,
        account(tmp_path, surface=request.param) as tool,
    ):
        yield Story(request.param, tool, Panel(panel), tmp_path / "project")


def test_an_account_made_by_hand_is_adopted_and_kept(story: Story) -> None:
    _made_by_hand(story)
    _adopted(story)
    _changed_by_hand(story)
    _accepted_and_reverted(story)
    _released(story)
    _renamed(story)
    _left(story)


def _made_by_hand(story: Story) -> None:
    panel = story.panel
    for name in TEAMS:
        panel.found(name)
    lead = panel.account.call("POST", "/roles", {"name": "Lead"})["id"]
    for number, email in enumerate(PEOPLE):
        panel.hire(email, role_id=lead if number in {30, 31} else "")
    for number, email in enumerate(PEOPLE):
        panel.join(email, TEAMS[number % 3], "tickets", role="manager" if number < 3 else "solver")


def _adopted(story: Story) -> None:
    story.run("export", str(story.folder))
    Repository.new(story.folder)
    story.settle()


def _changed_by_hand(story: Story) -> None:
    panel = story.panel
    panel.set_role("p01@acme.example", "admin")
    panel.join("p02@acme.example", "Sales")
    panel.leave("p03@acme.example", "Support")
    panel.serve("p04@acme.example", "Sales", "tickets", "chats")
    panel.join("p05@acme.example", "Billing", "tickets", role="manager")
    panel.delete("p06@acme.example")
    panel.hire("rogue@evil.example", "owner")
    panel.hire("new.admin@evil.example", "admin")
    text, data = story.drift(2)
    seen = {1, 2, 3, 4, 6} | ({5} if story.surface == "full" else set())
    assert {one["address"] for one in data["drift"]} | {
        step["address"] for step in data["manual_steps"]
    } == {f"agent/p0{number}@acme.example" for number in seen}
    assert data["drift"][0]["address"] == "agent/p01@acme.example"
    powerful = [one["address"] for one in data["ownership"]["undeclared_powerful"]]
    assert powerful == ["agent/rogue@evil.example", "agent/new.admin@evil.example"]
    assert "not declared: 1 owner, 1 admin." in text
    assert "No drift" not in text
    assert ("membership roles" in data["not_looked_at"]) == (story.surface == "v3")


def _accepted_and_reverted(story: Story) -> None:
    story.run("drift", str(story.folder), "--accept", "agent/p01@acme.example")
    assert changes(story.tool.plan(story.folder)).get("agent/p01@acme.example") is None
    gone = "".join(
        f"  - {{email: {name}@evil.example, state: absent}}\n" for name in ("rogue", "new.admin")
    )
    (story.folder / "gone.yaml").write_text(f"agents:\n{gone}", encoding="utf-8")
    story.apply()
    if story.surface == "v3":
        story.panel.leave("p02@acme.example", "Sales")
        story.panel.join("p03@acme.example", "Support", "tickets")
        story.panel.join("p05@acme.example", "Billing", "tickets")
        story.panel.join("p06@acme.example", "Support", "tickets")
    (story.folder / "gone.yaml").unlink()
    story.settle()


def _released(story: Story) -> None:
    story.replace("    role: admin\n", "")
    entry = {
        "address": "agent/p01@acme.example",
        "path": ["role"],
        "live": "admin",
        "default": "agent",
    }
    plan = story.tool.plan(story.folder)
    assert changes(plan) == {}
    assert plan["unmanaged"] == [entry]
    assert [(one["address"], one["path"], one["value"]) for one in plan["released"]] == [
        ("agent/p01@acme.example", ["role"], "admin")
    ]
    assert story.drift(2)[1]["unmanaged"] == [entry]
    story.edit("set", "agent/p01@acme.example", "role=null")
    assert changes(story.tool.plan(story.folder)) == {"agent/p01@acme.example": "update"}
    story.apply()
    story.settle()


def _renamed(story: Story) -> None:
    """A marriage, a new domain, and a department and a role with new names."""
    story.edit(
        "agent", "rename", "p10@acme.example", "p10.novak@acme.example", "--name", "Pia Novak"
    )
    story.replace("@old.example", "@new.example")
    settings = story.folder / "provisioner.yaml"
    text = settings.read_text(encoding="utf-8")
    moves = '\nmoves:\n  - {from: "@old.example", to: "@new.example"}\n'
    settings.write_text(text + moves, encoding="utf-8")
    plan = story.tool.plan(story.folder)
    assert set(changes(plan).values()) == {"update"}
    assert plan["summary"]["update"] == 11
    story.apply()
    story.replace("      Sales:", "      Revenue:")
    story.replace("  - name: Sales\n", "  - name: Revenue\n    previously: Sales\n")
    if story.surface == "full":
        story.replace("    role: Lead\n", "    role: Senior\n")
        story.replace("  - name: Lead\n", "  - name: Senior\n    previously: Lead\n")
    story.apply()
    if story.surface == "v3":
        story.panel.rename_department("Sales", "Revenue")
    story.settle()


def _left(story: Story) -> None:
    story.edit("agent", "suspend", "p20@acme.example")
    story.apply()
    if story.surface == "v3":
        story.panel.leave("p20@acme.example", "Billing")
    story.edit("agent", "remove", "p20@acme.example")
    assert changes(story.tool.plan(story.folder)) == {"agent/p20@acme.example": "delete"}
    story.apply()
    story.edit("agent", "remove", "p20@acme.example", "--entry")
    story.settle()
