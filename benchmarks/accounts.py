"""Generated accounts: the same agents as YAML, as a snapshot and as rows for peers.

Every agent has 25 values. What differs between the files and the account depends on the `Work`;
by default it is every twentieth agent.
"""

import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from provisioner import address
from provisioner.live.snapshot_file import Snapshot, save
from provisioner.live.state import AccountFacts, LiveObject, LiveState

CHANGED_EACH = 20
"""One agent of this many differs: 5 %."""

AGENTS_OF_DEPARTMENT = 50
LARGE = 100_000
"""The size from which many files would measure the file system."""

TARGET = "production"
URL = "https://acme.ladesk.com"


class Work(StrEnum):
    """What a plan has to do."""

    SOME = "5 % changed"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    NEW = "new"


class Layout(StrEnum):
    """How a project is split into files."""

    ONE_FILE = "one file"
    DEPARTMENTS = "a file for each department"
    AGENTS = "a file for each agent"


def layouts(size: int) -> list[Layout]:
    """Return the layouts to measure for an account of this size."""
    return [layout for layout in Layout if layout is Layout.ONE_FILE or size < LARGE]


def department_of(number: int) -> str:
    """Return the name of an agent's department."""
    return f"Department {number // AGENTS_OF_DEPARTMENT:04}"


def departments(size: int) -> list[str]:
    """Return the names of all departments."""
    return sorted({department_of(number) for number in range(size)})


def is_changed(number: int) -> bool:
    """Return whether an agent differs between the files and the account."""
    return number % CHANGED_EACH == 0


def write_project(folder: Path, size: int, layout: Layout) -> None:
    """Write a project of `size` agents."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "provisioner.yaml").write_text(
        f"version: 1\ntargets:\n  {TARGET}: {{url: {URL}, api_key: {{env: KEY}}}}\n", "utf-8"
    )
    names = "".join(f"  - name: {name}\n" for name in departments(size))
    (folder / "departments.yaml").write_text(f"departments:\n{names}", "utf-8")
    for file, numbers in _files(size, layout):
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8") as out:
            out.write("agents:\n")
            out.writelines(map(agent_yaml, numbers))


def _files(size: int, layout: Layout) -> Iterator[tuple[str, range]]:
    per_file = {
        Layout.ONE_FILE: size,
        Layout.DEPARTMENTS: AGENTS_OF_DEPARTMENT,
        Layout.AGENTS: 1,
    }[layout]
    for start in range(0, size, per_file):
        yield f"agents/{start:06}.yaml", range(start, min(start + per_file, size))


def agent_yaml(number: int) -> str:
    """Return the declaration of an agent as people write it."""
    return f"""\
  - email: agent{number:06}@acme.example
    name: Agent Number {number:06}
    alias: Agent {number}
    gender: unspecified
    role: agent
    voice_status: both
    to_solve_only: false
    level: Expert
    availability: {{tickets: online, chats: online, calls: offline}}
    departments:
      {department_of(number)}:
        tickets: true
        chats: true
        calls: false
        role: solver
        change_own_status: false
    notifications:
      email: {{ticket_assigned: true, customer_reply: true, new_ticket: false}}
    signature: |-
      Kind regards,
      Agent Number {number:06}
      Acme customer service, line {number % 97}
    chat: {{max_load: 4, priority: 10}}
    panel: {{theme: dark}}
    sounds: {{new_chat: chime, new_ticket: muted}}
"""


def live_attributes(number: int, work: Work = Work.SOME) -> dict[str, Any]:
    """Return an agent of the account."""
    changed = work is Work.CHANGED or (work is Work.SOME and is_changed(number))
    return {
        "email": f"agent{number:06}@acme.example",
        "name": f"Agent Number {number:06}",
        "role": "agent",
        "availability": {"tickets": "online", "chats": "online", "calls": "offline"},
        "departments": {
            department_of(number): {
                "tickets": True,
                "chats": not changed,
                "calls": False,
                "role": "solver",
                "change_own_status": False,
                "signature": "",
            }
        },
        "gender": "unspecified",
        "voice_status": "both",
        "two_factor": False,
        "alias": f"Agent {number}",
        "photo": "",
        "to_solve_only": False,
        "notifications": {
            "email": {"ticket_assigned": True, "customer_reply": True, "new_ticket": False},
            "slack": {
                "user": "",
                "ticket_assigned": False,
                "customer_reply": False,
                "new_ticket": False,
            },
        },
        "signature": f"Kind regards,\nAgent Number {number:06}\n"
        f"Acme customer service, line {number % 97}",
        "chat": {"max_load": 3 if changed else 4, "priority": 10},
        "panel": {"theme": "dark"},
        "level": "Expert",
        "sounds": {"new_chat": "chime", "new_ticket": "muted"},
        "hours": {},
    }


def live_state(size: int, work: Work = Work.SOME) -> LiveState:
    """Return an account of `size` agents, none if they are new, and an undeclared owner."""
    owner = {**live_attributes(1), "email": "owner@acme.example", "role": "owner"}
    existing = 0 if work is Work.NEW else size
    agents = [*(live_attributes(number, work) for number in range(existing)), owner]
    objects = [
        LiveObject(address.agent(agent["email"]), f"{number:08x}", agent)
        for number, agent in enumerate(agents)
    ]
    objects += [
        LiveObject(address.department(name), f"d{number:07x}", {"name": name})
        for number, name in enumerate(departments(size))
    ]
    return LiveState.of(objects, account=AccountFacts(timezone="UTC"), requests=12)


def snapshot_of(folder: Path, work: Work = Work.SOME) -> Path:
    """Return the file of the account that `python -m benchmarks.accounts` writes for a work."""
    return folder / f"{work.name.lower()}.snapshot"


def project_of(folder: Path, layout: Layout = Layout.ONE_FILE) -> Path:
    """Return the project that `python -m benchmarks.accounts` writes with a layout."""
    return folder / layout.name.lower()


def write_snapshot(file: Path, size: int, work: Work = Work.SOME) -> None:
    """Write the account as `provisioner snapshot` would."""
    snapshot = Snapshot(
        live=live_state(size, work),
        target=TARGET,
        url=f"{URL}/api/v3",
        taken="2026-11-22T14:03:11Z",
    )
    file.write_bytes(save(snapshot))


def generate(folder: Path, size: int) -> None:
    """Write the projects of a size and its accounts, in a process of its own.

    The memory of a large parent would count for its children.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.accounts", str(folder), str(size)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    _folder, _size = Path(sys.argv[1]), int(sys.argv[2])
    for _work in Work:
        write_snapshot(snapshot_of(_folder, _work), _size, _work)
    for _layout in layouts(_size):
        write_project(project_of(_folder, _layout), _size, _layout)
