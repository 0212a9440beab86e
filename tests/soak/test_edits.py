"""A soak: runs in fresh processes, with random edits and faults, against one account."""

import random
from pathlib import Path
from typing import Any

from provisioner.documents.yaml.yaml_writer import write_yaml
from provisioner.sandbox.faults import Fault
from tests.soak.harness import FULL, running
from tests.states import mails

RUNS = 200 if FULL else 8
REST_EVERY = 4
"""Between the rest points everything may go wrong; at one nothing does."""

DEPARTMENTS = ["Support", "Sales", "Billing"]
EMAILS = [f"agent{number}@acme.example" for number in range(12)]
FIELDS: dict[str, list[Any]] = {
    "alias": ["Al", "Bo"],
    "gender": ["male", "female"],
    "role": ["agent", "admin", "Lead"],
    "level": ["Expert", "Novice"],
    "availability": [{"tickets": "online"}, {"tickets": "offline", "chats": "online"}],
    "chat": [{"max_load": 2, "priority": 10}, {"max_load": 7, "priority": 20}],
}


class Model:
    """What is declared, and so what the account has to hold at a rest point."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  repeatable on purpose
        self.agents: dict[str, dict[str, Any]] = {}
        self.absent: set[str] = set()

    def edit(self) -> None:
        """Change a few things."""
        for _ in range(self.random.randint(1, 4)):
            email = self.random.choice(EMAILS)
            if email in self.agents and self.random.random() < 0.15:
                del self.agents[email]
                self.absent.add(email)
                continue
            self.absent.discard(email)
            number = self.random.randint(0, len(DEPARTMENTS))
            self.agents[email] = {
                "name": f"Agent {self.random.randint(1, 9)}",
                **{name: self.random.choice(values) for name, values in FIELDS.items()},
                "departments": {
                    name: {
                        "tickets": self.random.random() < 0.5,
                        "role": self.random.choice(["reader", "solver", "manager"]),
                    }
                    for name in sorted(self.random.sample(DEPARTMENTS, number))
                },
            }

    def write(self, folder: Path) -> None:
        """Write the project."""
        folder.mkdir(exist_ok=True)
        agents = [{"email": email, **agent} for email, agent in sorted(self.agents.items())]
        agents += [{"email": email, "state": "absent"} for email in sorted(self.absent)]
        content = {
            "agents": agents,
            "departments": [{"name": name} for name in DEPARTMENTS],
            "roles": [{"name": "Lead", "permissions": {"manage_agents": "grant"}}],
        }
        (folder / "team.yaml").write_text(write_yaml(content), encoding="utf-8")
        settings = {"guards": {"max_delete": 50, "max_delete_percent": 100}}
        settings["guards"]["max_update_percent"] = 100
        (folder / "provisioner.yaml").write_text(
            write_yaml({"version": 1, **settings}), encoding="utf-8"
        )


def test_the_account_is_as_the_model_at_every_rest_point(tmp_path: Path) -> None:
    model, project = Model(2026), tmp_path / "project"
    chance = model.random.random
    with running(tmp_path / "server") as (live, runner):
        for number in range(1, RUNS + 1):
            rest = number % REST_EVERY == 0
            model.edit()
            model.write(project)
            live.server.faults.clear()
            if not rest:
                kind = model.random.choice(["drop", "status", "truncate", "html"])
                status = model.random.choice([429, 500, 502, 503])
                live.server.faults.add(
                    Fault(
                        kind,  # type: ignore[arg-type]
                        times=0,
                        chance=chance() * 0.4,
                        status=status,
                        lands=chance() < 0.5,
                    )
                )
            ended = runner.run("apply", str(project), "--yes")
            assert ended.code in ({0} if rest else {0, 1, 4}), f"run {number}: {ended.output}"
            if rest:
                check(live, model, number)
        emails = [
            email for email, kind in mails(tmp_path / "server/account.db") if kind == "registration"
        ]
        assert len(emails) == len(set(emails))


def check(live: Any, model: Model, number: int) -> None:
    """Compare the account with the model, over the API and with no code of the tool."""
    departments = {row["department_id"]: row["name"] for row in live.everything("/departments")}
    profiles = {row["agent_id"]: row for row in live.everything("/agents/profiles")}
    rows = {
        row["email"]: row
        for row in live.everything("/agents")
        if row["email"] != "owner@acme.example"
    }
    assert sorted(rows) == sorted(model.agents), f"run {number}"
    roles = {row["id"]: row["name"] for row in live.everything("/roles")}
    for email, wanted in model.agents.items():
        row = rows[email]
        profile = profiles[row["id"]]
        seen = {
            "name": row["name"],
            "alias": profile["alias"],
            "role": roles.get(row["roleId"], row["role"]),
            "level": profile["level"],
            "chat": {"max_load": profile["max_chat_load"], "priority": profile["chat_priority"]},
            "departments": {
                departments[entry["department_id"]]: entry["role"]
                for entry in profile["memberships"]
            },
        }
        assert seen == {
            **{name: wanted[name] for name in ("name", "alias", "role", "level", "chat")},
            "departments": {name: entry["role"] for name, entry in wanted["departments"].items()},
        }, f"run {number}: {email}"
