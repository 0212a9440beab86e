"""The life of a small team in an account with odd switches: plan, apply, export, leaver, rejoin.

The account is a sandbox in this process, and so is the command line. On API v3 a person does the
manual steps in the panel, which is the sandbox's own database here.
"""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from click.testing import Result

from provisioner.sandbox.database import Database
from provisioner.sandbox.routes import Surface
from provisioner.sandbox.store import agents, departments, devices, identifiers
from provisioner.sandbox.store.schema import SCHEMA, VERSION
from provisioner.sandbox.switches import Switches
from tests.support import Account, account

SECTIONS = {
    "v3": "",
    "full": 'alias: Mia, chat: {max_load: 4}, signature: "Kind regards",',
}
TEAM = """
    departments: [{{name: Support}}]
    agents:
      - {{email: mia@acme.example, name: Mia Chen, role: agent, gender: female, {sections}
          availability: {{tickets: online, chats: offline}},
          departments: {{Support: {{tickets: true, chats: true, calls: false}}}},
          hours: [{{days: [mon, sun], from: "09:00", to: "17:30", services: [tickets]}}]}}
      - {{email: ana@acme.example, name: Ana Silva, role: admin}}
      - {{email: bob@acme.example, {bob}}}
"""
HERE, GONE = "name: Bob Novak, role: agent, departments: {}", "state: absent"

NEVER = re.compile(r"\[internal\]|Traceback|\bNone\b|object at 0x")
"""What no output may have: an error of the program, or a value that nobody formatted."""

CODE = re.compile(r"\[([a-z]+(?:-[a-z]+)+)\]")

EXIT_CHANGES = 2
ROLE_IDS = re.compile(r"role_ids: \{.*\}")
"""The line that the hint of a manual step asks for."""

MOST_RUNS = 5
"""Applies until manual steps and what waits for them are done."""


@dataclass
class Story:
    """One account with its project, and what happened so far.

    Attributes:
        live: the account.
        folder: has the account's database and the project.
        surface: of the account.
        switches: of the account.
        log: one line for each command, for the message of a failed test.
        codes: codes of errors and warnings so far.
        manual: the number of manual steps so far.
        bob: the entry of the agent who leaves.
        role_ids: the line of provisioner.yaml that a manual step asked for.
        reruns: whether a run may fail or end as incomplete, so that it must be run again.
    """

    live: Account
    folder: Path
    surface: Surface
    switches: Switches
    log: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    manual: int = 0
    reruns: bool = False
    bob: str = ""
    role_ids: str = ""

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def declare(self, bob: str) -> None:
        """Write the project's files, with this entry of the agent who leaves."""
        self.bob = bob
        self.project.mkdir(exist_ok=True)
        text = TEAM.format(sections=SECTIONS[self.surface], bob=bob)
        (self.project / "team.yaml").write_text(dedent(text), encoding="utf-8")
        config = f"guards: {{max_delete_percent: 100, max_update_percent: 100}}\n{self.role_ids}\n"
        (self.project / "provisioner.yaml").write_text(config, encoding="utf-8")

    def run(self, *arguments: str) -> Result:
        """Run a command; no output may show an error of the program."""
        result = self.live.run(*arguments)
        self.log.append(f"$ {' '.join(arguments)} -> {result.exit_code}\n{result.output}")
        self.codes |= {*CODE.findall(result.output)}
        assert not NEVER.search(result.output), self.story()
        assert result.exit_code in {0, 1, 2, 3, 4}, self.story()
        return result

    def story(self) -> str:
        return "\n".join(self.log)

    def converge(self) -> bool:
        """Apply, and do manual steps in the panel, until a plan is empty.

        Returns:
            Whether it became empty. If not, a command refused something, or wrote less than all.
        """
        planned = self.run("plan", str(self.project), "--format", "json")
        for _ in range(MOST_RUNS):
            self.do_manual_steps(planned)
            applied = self.run("apply", str(self.project), "--yes")
            if applied.exit_code and not self.reruns:
                return False
            planned = self.run("plan", str(self.project), "--detailed-exitcode", "--format", "json")
            if planned.exit_code == 0:
                return True
            if planned.exit_code != EXIT_CHANGES and not self.reruns:
                return False
        return False

    def do_manual_steps(self, planned: Result) -> None:
        """Do the manual steps of a plan in the panel, as far as they can be done yet."""
        is_plan = planned.exit_code in {0, EXIT_CHANGES}
        steps = json.loads(planned.stdout)["manual_steps"] if is_plan else []
        self.manual += len(steps)
        for step in steps:
            if match := ROLE_IDS.search(step["hint"]):
                self.role_ids = match[0]
                self.declare(self.bob)
        with self.panel() as database:
            for step in steps:
                do_by_hand(database, step, self.switches)

    @contextmanager
    def panel(self) -> Iterator[Database]:
        """Open the account's database for a person's work in the panel."""
        path = self.folder / "account.db"
        database = Database(path, SCHEMA, VERSION, lambda _: None)
        with closing(database), database.transaction(write=True):
            yield database


def do_by_hand(database: Database, step: dict[str, Any], switches: Switches) -> None:
    """Do a manual step as a person would, where it can be done already."""
    values = step["values"]
    agent = agents.by_email(database, step["address"].removeprefix("agent/"))
    match step["section"]:
        case "department" if departments.by_name(database, values["name"]) is None:
            departments.add(database, values["name"])
        case "create" if agent is None:
            new = {"id": identifiers.agent_id(), "role_id": None, "gender": "X", **values}
            agents.add(database, new)
            if switches.web_devices == "each_service":
                devices.add_web_devices(database, new["id"], "F")
        case "departments" if agent is not None:
            for name in values["join"]:
                if department := departments.by_name(database, name):
                    new = departments.new_membership(department["id"], agent["id"], switches)
                    departments.put_membership(database, new, "F")
            for name in values["leave"]:
                if department := departments.by_name(database, name):
                    departments.delete_membership(database, department["id"], agent["id"])


def truth(database: Database) -> dict[str, Any]:
    """Return what an account has of the declared values."""
    people = database.all(
        "SELECT email, name, role, gender, status FROM agents WHERE NOT is_creator ORDER BY email"
    )
    presets = database.all(
        "SELECT v.service_type, v.preset_status FROM devices v JOIN agents a ON a.id = v.agent_id"
        " WHERE a.email = 'mia@acme.example' ORDER BY v.id"
    )
    services = database.all(
        "SELECT v.service_type, r.preset_status FROM device_departments r"
        " JOIN devices v ON v.id = r.device_id JOIN departments d ON d.id = r.department_id"
        " JOIN agents a ON a.id = r.agent_id"
        " WHERE d.name = 'Support' AND a.email = 'mia@acme.example'"
    )
    return {
        "people": [tuple(row.values()) for row in people],
        "availability": {row["service_type"]: row["preset_status"] for row in presets[:2]},
        "services": {row["service_type"]: row["preset_status"] for row in services},
        "shifts": len(database.all("SELECT id FROM device_plans")),
    }


WANTED: dict[str, Any] = {
    "people": [
        ("ana@acme.example", "Ana Silva", "admin", "X", "A"),
        ("bob@acme.example", "Bob Novak", "agent", "X", "A"),
        ("mia@acme.example", "Mia Chen", "agent", "F", "A"),
    ],
    "availability": {"M": "N", "T": "F"},
    "services": {"M": "N", "T": "N", "P": "F"},
    "shifts": 2,
}
"""What the account has of the declared values after a complete story."""


@contextmanager
def story(folder: Path, surface: Surface, switches: Switches) -> Iterator[Story]:
    """Start an account that has only its owner."""
    folder.mkdir(parents=True, exist_ok=True)
    with account(folder, surface=surface, switches=switches) as live:
        life = Story(live, folder, surface, switches)
        with life.panel() as database:
            # The owner answers tickets, so that not everybody's services are empty.
            database.run(
                "UPDATE device_departments SET preset_status = 'N', work_allocation_allowed = 1"
                " WHERE device_id IN (SELECT id FROM devices WHERE service_type = 'M')"
            )
        yield life
