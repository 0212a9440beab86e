"""A fleet of four accounts, a sandbox each, and the laws of what any run leaves behind."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from provisioner.sandbox.faults import Fault, Faults
from provisioner.sandbox.server import Sandbox
from tests.soak.harness import Running, start_child
from tests.states import mails, state
from tests.support import Account, write_project

WAVES = {"alpha": 1, "beta": 1, "gamma": 2, "delta": 2}
CREATED = 3
"""Objects that each account gets: a department and two agents."""

TEAM = """
    departments: [{{name: Support {name}}}]
    agents:
      - email: ann@{name}.example
        name: Ann
        signature: <b>Ann</b>
        departments: {{Support {name}: {{tickets: true}}}}
      - {{email: bob@{name}.example, name: Bob, departments: {{Support {name}: {{}}}}}}
"""

OK = 200

ENDS_SECONDS = 120
"""The longest time in which processes must end by themselves."""


class Moment:
    """Does something once, at a request to any of the accounts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._at = 0
        self._action: Callable[[], None] = lambda: None

    def set(self, at: int, action: Callable[[], None]) -> None:
        """Do it at the request with this number, counted from now on."""
        with self._lock:
            self._count, self._at, self._action = 0, at, action

    def request(self) -> None:
        """Count a request."""
        with self._lock:
            self._count += 1
            if self._count == self._at:
                self._action()


class Watched(Faults):
    """The faults of one account; it notes each write that arrives, also one without an answer."""

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self._moment = moment
        self.writes: list[tuple[str, str]] = []

    def fault_of(self, method: str, path: str) -> Fault | None:
        if method != "GET":
            self.writes.append((method, path))
        self._moment.request()
        return super().fault_of(method, path)


@dataclass(frozen=True)
class Ended:
    """How a run ended: the exit code, and what it wrote."""

    code: int | None
    stdout: str
    stderr: str

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each account in the report as JSON; each is there once."""
        elements = json.loads(self.stdout)
        names = [one["fleet"]["name"] for one in elements]
        assert names == [*WAVES], names
        return {one["fleet"]["name"]: one["fleet"]["outcome"] for one in elements}

    def text_outcomes(self) -> dict[str, str]:
        """Return the outcome of each account in the report as text; each is there once."""
        found: list[tuple[str, str]] = []
        title = ""
        for line in self.stdout.splitlines():
            if not line.startswith(" "):
                title, _, names = line.partition(" (")
                listed = names.partition("): ")[2]
            else:
                indent = len(line) - len(line.lstrip())
                listed = line if indent == 2 else ""
            if title in TITLES:
                # One account with its title, or the names of several.
                names = listed.partition(": ")[0]
                words = names.replace(",", " ").split()
                found += [(word, TITLES[title]) for word in words if word in WAVES]
        assert sorted(name for name, _ in found) == sorted(WAVES), self.stdout
        return dict(found)


TITLES = {
    "Incomplete": "incomplete",
    "Failed, nothing written": "failed",
    "Refused": "refused",
    "Not begun": "not-begun",
    "Done": "done",
    "Nothing to do": "nothing-to-do",
}


class Writes(NamedTuple):
    """The writes to an account: those that it received, those that it made, and all recorded."""

    received: int
    landed: int
    recorded: int


@dataclass
class World:
    """A fleet with its sandboxes."""

    folder: Path
    accounts: dict[str, Account]
    faults: dict[str, Watched]
    moment: Moment
    environment: dict[str, str]
    engine: tuple[str, ...] = ("--jobs", "2")
    has_cluster: bool = False
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def fleet(self) -> Path:
        return self.folder / "fleet"

    def settle(self, waves: str = "{stop_after_failures: 9}", more: str = "") -> None:
        """Write the files of the fleet; `more` are settings of each project."""
        entries = [
            f"  - {{project: {name}, target: production, wave: {wave}}}"
            for name, wave in WAVES.items()
        ]
        write_project(self.fleet, fleet="\n".join(["accounts:", *entries, f"waves: {waves}", ""]))
        for name, live in self.accounts.items():
            self.connect(name, live.server.url, more)
            write_project(self.fleet / name, team=TEAM.format(name=name))

    def connect(self, name: str, url: str, more: str = "") -> None:
        key = f"{{env: KEY_{name.upper()}}}"
        target = f"{{url: '{url}', insecure: true, api_key: {key}}}"
        text = f"targets: {{production: {target}}}\n{more}"
        write_project(self.fleet / name, provisioner=text)

    def start(self, *arguments: str, **more: str) -> Running:
        """Start a command of the fleet."""
        number = next(self._number)
        output = self.folder / f"{number}.out"
        words = ["fleet", arguments[0], str(self.fleet), *arguments[1:]]
        environment = {**self.environment, **more}
        return start_child(words, environment, output, self.folder / f"{number}.err")

    def ended(self, running: Running) -> Ended:
        code = running.end().code
        errors = running.output.with_suffix(".err").read_text(encoding="utf-8")
        output = running.output.read_text(encoding="utf-8")
        return Ended(code, output, errors)

    def start_apply(self, *arguments: str, **more: str) -> Running:
        """Start an apply on the engine of this world."""
        return self.start("apply", "--yes", *self.engine, *arguments, **more)

    def apply(self, *arguments: str, **more: str) -> Ended:
        """Apply the fleet, and return the report as JSON."""
        return self.ended(self.start_apply("--format", "json", *arguments, **more))

    def written(self) -> dict[str, "Writes"]:
        """Return the writes to each account since the last call."""
        found = {}
        for name, faults in self.faults.items():
            log = self.accounts[name].server.requests
            landed = sum(one.method != "GET" and one.status == OK for one in log.entries())
            found[name] = Writes(len(faults.writes), landed, started_writes(self, name))
            faults.writes.clear()
            log.clear()
        return found

    def held(self) -> dict[str, Any]:
        """Return what the accounts hold, and the mails that they have sent."""
        return {
            name: (state(live), mails(self.folder / name / "account.db"))
            for name, live in self.accounts.items()
        }

    def calm(self) -> None:
        """End all faults."""
        for faults in self.faults.values():
            faults.clear()
        self.moment.set(0, lambda: None)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Run the sandboxes of a fleet."""
    moment, accounts, faults = Moment(), dict[str, Account](), dict[str, Watched]()
    environment = {
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        "PROVISIONER_RECORDS": str(folder / "records"),
        "TMPDIR": str(folder / "temporary"),
        "XDG_RUNTIME_DIR": str(folder / "runtime"),
    }
    for name in ("temporary", "runtime"):
        (folder / name).mkdir(parents=True)
    with ExitStack() as stack:
        for name in WAVES:
            (folder / name).mkdir()
            faults[name] = Watched(moment)
            key = environment[f"KEY_{name.upper()}"] = f"a-key-of-{name}"
            database = folder / name / "account.db"
            server = Sandbox(database, api_key=key, faults=faults[name])
            accounts[name] = Account(stack.enter_context(server), key)
        made = World(folder, accounts, faults, moment, environment)
        made.settle()
        yield made


def started_writes(made: World, name: str) -> int:
    """Return how many writes the records of an account have, of all runs."""
    steps = []
    for file in (made.folder / "records" / name).rglob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["event"] == "started":
                steps += [one["step"] for one in entry["steps"]]
    return sum("#read-" not in step for step in steps)


def check_report(
    outcomes: Mapping[str, str], written: Mapping[str, Writes], *, certain: bool = True
) -> None:
    """Check the outcome of each account against what its sandbox received, and its record.

    `certain` is whether nobody is lost on another machine: such an account is incomplete, whatever
    it has written.
    """
    for name, outcome in outcomes.items():
        writes = written[name]
        wrong = f"{name} is {outcome} after {writes}"
        assert writes.recorded >= writes.received == 0 or writes.recorded > 0, wrong
        if outcome == "incomplete":
            # A killed run may have recorded a step that it could not send.
            assert writes.received or writes.recorded or not certain, wrong
        else:
            assert (writes.landed > 0) == (outcome == "done"), wrong


def check_output(ended: Ended) -> None:
    """Check that nothing in the output shows a fault of the program, or a key."""
    for text in (ended.stdout, ended.stderr):
        for word in ("Traceback", "[internal]", "a-key-of-"):
            assert word not in text, text


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    with suppress(OSError):
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
        return sorted(map(int, text.split()))
    return []


def wait_for_end(processes: Sequence[int]) -> None:
    """Wait until processes have ended by themselves."""
    ends_at = time.monotonic() + ENDS_SECONDS
    while left := [one for one in processes if _lives(one)]:
        assert time.monotonic() < ends_at, f"processes are left: {left}"
        time.sleep(0.02)


def _lives(process: int) -> bool:
    with suppress(OSError):
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        return status.rpartition(")")[2].split()[0] != "Z"
    return False


def leftovers(made: World) -> list[str]:
    """Return the files that no run may leave behind."""
    # Dask keeps its own folder, and a killed worker the one of its task.
    by_dask = ("dask-scratch-space", "provisioner-task-")
    found = [
        one
        for one in (made.folder / "temporary").iterdir()
        if not (made.has_cluster and one.name.startswith(by_dask))
    ]
    found += [*made.folder.rglob("locks/*.json"), *made.folder.rglob("*.new")]
    for leases in (made.folder / "leases", made.folder / "records/.leases"):
        found += [*leases.glob("*.lock")]
    found += [*(made.folder / "runtime").rglob("*.connections")]
    return sorted(str(one.relative_to(made.folder)) for one in found)


def check_rest(made: World, wanted: Mapping[str, Any]) -> None:
    """Check that a calm run does the rest, a third one nothing, and that nothing is left behind."""
    made.calm()
    made.written()
    end_leases(made)
    second = made.apply()
    check_output(second)
    assert second.code == 0, second.stdout + second.stderr
    check_report(second.outcomes(), made.written())
    assert set(second.outcomes().values()) <= {"done", "nothing-to-do"}
    held = made.held()
    for name in WAVES:
        assert held[name] == wanted[name], name
    third = made.apply()
    assert set(third.outcomes().values()) == {"nothing-to-do"}, third.stderr
    assert third.code == 0
    assert not any(writes.received for writes in made.written().values())
    runs = made.ended(made.start("runs", "--format", "json"))
    check_output(runs)
    assert (runs.code, len(json.loads(runs.stdout))) == (0, len(WAVES)), runs.stderr
    assert leftovers(made) == []


def end_leases(made: World) -> None:
    """Let the time of all leases be over: their runs are dead."""
    for file in (made.folder / "leases").glob("*.lock"):
        with suppress(ValueError):
            claim = json.loads(file.read_text(encoding="utf-8"))
            claim["until"] = claim["at"]
            file.write_text(json.dumps(claim), encoding="utf-8")
            continue
        os.utime(file, (0, 0))
