"""What is fuzzed: projects, an account on both surfaces, and the files that commands wrote."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from click.testing import CliRunner, Result

from provisioner.cli.main import main
from provisioner.execution import executor
from provisioner.sandbox.routes import Surface
from provisioner.sandbox.store import identifiers
from tests.soak.fuzz import mutate
from tests.soak.fuzz.account import FuzzAccount, fuzz_account
from tests.support import KEY

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests/cases"
SURFACES: tuple[Surface, ...] = ("full", "v3")

Files = Mapping[str, bytes]

SETTINGS = """\
version: 1
targets:
  production: {url: "URL", api_key: {env: LIVEAGENT_V3_API_KEY}, requests_per_minute: 5000}
  other: {url: "URL", api_key: {file: ../key.txt}, requests_per_minute: 5000}
default_target: production
manage:
  agents: {undeclared: report}
  departments: {undeclared: ignore}
  roles: {undeclared: delete}
protect: {agents: [owner@acme.example], departments: [General]}
guards: {max_delete: 5, max_delete_percent: 90, max_update_percent: 90, min_population: 3}
initial: [agents.panel.theme, agents.availability]
ignore: [{field: agents.level, reason: given by the product}]
moves: [{from: "@old.example", to: "@acme.example"}]
role_ids: {Team lead: x3k9f2ab}
acknowledged: [{step: "role/Team lead#permissions@3f2a9c01", by: Priya, "on": 2026-11-22}]
account:
  plan: Enterprise
  max_custom_roles: 3
  features: {chats: true, calls: true}
  plugins: {sounds: true}
  chat_routing: max_utilization
  timezone: Europe/Prague
"""


@dataclass
class World:
    """Everything that cases start from.

    Attributes:
        folder: the current folder of every command.
        accounts: by surface; each holds the team.
        projects: files by path, by name; "team" is what the accounts hold.
        plans: a plan file by surface.
        snapshots: a snapshot file by surface.
        record: the record of the run that made the team.
    """

    folder: Path
    accounts: dict[Surface, FuzzAccount]
    projects: dict[str, Files]
    plans: dict[Surface, bytes]
    snapshots: dict[Surface, bytes]
    record: bytes

    def run(self, surface: Surface, *arguments: str) -> Result:
        """Run one command with the account of a surface as the environment's target."""
        return run(self.accounts[surface], *arguments)


def run(account: FuzzAccount, *arguments: str) -> Result:
    """Run one command line in this process."""
    environment = {
        "LIVEAGENT_BASE_URL": account.url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    account.rewriter.begin()
    return CliRunner().invoke(main, list(arguments), env=environment)


def read_files(folder: Path) -> Files:
    """Return the content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".provisioner" not in path.parts
    }


def write_files(folder: Path, files: Files) -> None:
    """Write files below a folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def settings(account: FuzzAccount) -> bytes:
    """Return a provisioner.yaml with everything in it, for an account."""
    return SETTINGS.replace("URL", account.url).encode()


def _projects() -> dict[str, Files]:
    acme = read_files(ROOT / "examples/acme")
    teams = ("teams/support", "teams/back-office")
    team = {name: content for name, content in acme.items() if not name.startswith(teams)}
    found: dict[str, Files] = {"team": team, "acme": acme}
    for pattern in ("plan/*/after", "validate/*/*/project"):
        for folder in sorted(CASES.glob(pattern)):
            found[folder.relative_to(CASES).as_posix()] = read_files(folder)
    return found


class _SeededIds:
    """Replaces the module `secrets`, so that ids are the same in every campaign."""

    def __init__(self, seed: str) -> None:
        self._random = mutate.seeded(seed)
        self.choice = self._random.choice

    def token_hex(self, size: int) -> str:
        return self._random.randbytes(size).hex()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Make the accounts and the files; the same ones every time."""
    projects = _projects()
    team = folder / "team"
    write_files(team, projects["team"])
    (folder / "key.txt").write_text(KEY, encoding="utf-8")
    with ExitStack() as stack:
        enter = stack.enter_context
        enter(mock.patch.object(identifiers, "secrets", _SeededIds("ids")))
        accounts: dict[Surface, FuzzAccount] = {}
        accounts["full"] = enter(fuzz_account(folder / "full", "full", None))
        # One step after the other, since ids are drawn in the order of the creations.
        with mock.patch.dict(executor.execute.__kwdefaults__, concurrency=1):
            made = run(accounts["full"], "apply", str(team), "--yes")
        assert made.exit_code == 0, made.output
        database = folder / "full/account.db"
        accounts["v3"] = enter(fuzz_account(folder / "v3", "v3", database))
        (record,) = (team / ".provisioner/runs").iterdir()
        plans: dict[Surface, bytes] = {}
        snapshots: dict[Surface, bytes] = {}
        _edit(team)
        projects["team"] = read_files(team)
        for surface in SURFACES:
            accounts[surface].remember()
            plan, snapshot = folder / f"{surface}.plan", folder / f"{surface}.snapshot"
            assert run(accounts[surface], "plan", str(team), "--out", str(plan)).exit_code == 0
            taken = run(accounts[surface], "snapshot", str(team), "--out", str(snapshot))
            assert taken.exit_code == 0, taken.output
            plans[surface], snapshots[surface] = plan.read_bytes(), snapshot.read_bytes()
        (team / "provisioner.yaml").write_bytes(settings(accounts["full"]))
        planned = run(accounts["full"], "plan", str(team), "-t", "other")
        assert planned.exit_code == 0, planned.output
        yield World(folder, accounts, projects, plans, snapshots, record.read_bytes())


def _edit(team: Path) -> None:
    """Change the team, so that a plan for it creates, updates and deletes."""
    (team / "leavers.yaml").write_text(
        "agents:\n"
        "  - {email: new.one@acme.example, name: New One, departments: {Sales: {tickets: true}}}\n"
        "  - {email: sofia.rossi@acme.example, state: absent}\n"
        "departments: [{name: Returns desk}]\n",
        encoding="utf-8",
    )
