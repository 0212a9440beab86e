"""Measures what is sent to an account on API v3: requests, ages of looks, and the critical path.

The client runs in this process against the embedded sandbox, and each request that it sends is
noted with its time.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from benchmarks.accounts import department_of, departments
from benchmarks.server import KEY
from provisioner.cli.main import main
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.transport import Transport
from provisioner.planning.plans.requests import RequestBudget
from provisioner.sandbox.server import Sandbox

LIMIT = 180
DELAY = 0.25
"""Seconds by which each request of the reading is delayed, so that those in sequence count."""

Agent = dict[str, Any]
Edit = Callable[[Agent], Agent | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request.

    Attributes:
        call: method and path below `/api/v3`.
        at: when it was sent.
        answered: when its answer had come.
        shown: the answer to a reading; empty for a write.
    """

    call: str
    at: float
    answered: float
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A change of many agents.

    Attributes:
        planned: the requests of the plan.
        sent: the requests that the apply really sent.
        voice: the requests among them that write a voice status.
    """

    planned: RequestBudget
    sent: int
    voice: int


@dataclass(frozen=True, slots=True)
class Aged:
    """Changes under a limit of requests, in real time.

    Attributes:
        seconds: of the apply.
        ages: seconds from sending a look until sending the write that relies on it.
        statistics: the requests, as the report of the apply has them.
    """

    seconds: float
    ages: Sequence[float]
    statistics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading with each request delayed.

    Attributes:
        requests: all of them.
        path: the most that waited for each other.
        seconds: from the first request to the last answer.
    """

    requests: int
    path: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """All that was sent.

    Attributes:
        works: name to what was sent for it.
        aged: name to the changes under a limit.
        reading: of an account.
    """

    works: Mapping[str, Counted]
    aged: Mapping[str, Aged]
    reading: Reading


NOTHING, ONE_FIELD, THREE_FIELDS, NEW = (
    "no change",
    "one field of half of the agents",
    "name, availability and services of half of the agents",
    "all agents new",
)
NAMES, DELETIONS = "names", "deletions"


def measure(folder: Path, size: int, aged: int, delay: float = DELAY) -> Traffic:
    """Measure an account.

    Args:
        folder: for its files.
        size: its agents, the owner included.
        aged: the changes under the limit.
        delay: of each request of the reading, in seconds.
    """
    account = _Account(folder, size)
    works = {
        NOTHING: account.work("nothing", lambda agent: agent, 0),
        ONE_FIELD: account.work("one", renamed, size // 2),
        THREE_FIELDS: account.work("three", _with_three, size // 2),
        NEW: _Account(folder / "new", 1).work("new", lambda agent: agent, size, new=size),
    }
    ages = {
        NAMES: account.aged(NAMES, renamed, aged),
        DELETIONS: account.aged(DELETIONS, lambda _agent: None, aged),
    }
    return Traffic(works, ages, account.reading(delay))


def critical_path(requests: Sequence[Sent]) -> int:
    """Return the most requests of which each was sent after the answer to the one before."""
    longest: list[tuple[float, int]] = []
    for request in sorted(requests, key=lambda one: one.at):
        before = (path for answered, path in longest if answered <= request.at)
        longest.append((request.answered, 1 + max(before, default=0)))
    return max((path for _, path in longest), default=0)


def ages_of(requests: Sequence[Sent]) -> list[float]:
    """Return the age of the youngest look before each write of an agent, in order of sending."""
    looks = [one for one in requests if one.shown]
    ages = []
    for write in requests:
        if write.shown or not write.call.startswith(("PUT /agents/", "DELETE /agents/")):
            continue
        agent = write.call.rsplit("/", 1)[1]
        shows = (one for one in looks if one.answered <= write.at and agent in one.shown)
        ages.append(write.at - max(one.at for one in shows))
    return ages


@contextmanager
def _noted(delay: float = 0.0) -> Iterator[list[Sent]]:
    """Note each request that this process sends, and delay it."""
    sent: list[Sent] = []
    send = Transport.send

    def note(transport: Transport, method: str, path: str, **more: Any) -> Answer:
        at = time.perf_counter()
        time.sleep(delay)
        answer = send(transport, method, path, **more)
        shown = answer.body.decode() if method == "GET" else ""
        call = f"{method} {path.removeprefix('/api/v3')}"
        sent.append(Sent(call, at, time.perf_counter(), shown))
        return answer

    with patch.object(Transport, "send", note):
        yield sent


def _run(sandbox: Sandbox, *arguments: str, per_minute: int = 0) -> dict[str, Any]:
    environment = {
        "LIVEAGENT_BASE_URL": sandbox.url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": str(per_minute),
    }
    result = CliRunner().invoke(main, [*arguments, "--format", "json"], env=environment)
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


@dataclass
class _Account:
    """An account on API v3 with agents and their owner, copied for each measurement.

    Attributes:
        folder: of the database and the projects.
        size: the agents, the owner included.
    """

    folder: Path
    size: int
    database: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = self.folder / "account.db"
        with Sandbox(self.database, api_key=KEY) as sandbox:
            agents = [*map(agent_data, range(self.size - 1))]
            if agents:  # in departments, which only the full surface can write
                _run(sandbox, "apply", str(self._project("before", agents)), "--yes")

    def work(self, name: str, edit: Edit, number: int, new: int = 0) -> Counted:
        """Edit a number of agents, or create new ones, and count the requests."""
        project = self._edited(name, edit, number, new)
        with self._copy(name) as sandbox:
            planned = _run(sandbox, "plan", str(project), per_minute=LIMIT)["requests"]
            with _noted() as sent:
                _run(sandbox, "apply", str(project), "--yes", *_allow(number))
        voice = sum(one.call.endswith("updateVoiceStatus") for one in sent)
        return Counted(RequestBudget.of_data(planned), len(sent), voice)

    def aged(self, name: str, edit: Edit, number: int) -> Aged:
        """Edit a number of agents under the limit, and return the ages of the looks."""
        project = self._edited(name, edit, number)
        with self._copy(name, LIMIT) as sandbox, _noted() as sent:
            before = time.perf_counter()
            arguments = ("apply", str(project), "--yes", *_allow(number))
            report = _run(sandbox, *arguments, per_minute=LIMIT)
            seconds = time.perf_counter() - before
        return Aged(seconds, ages_of(sent), report["requests"])

    def reading(self, delay: float) -> Reading:
        """Read the account with each request delayed."""
        with self._copy("reading") as sandbox, _noted(delay) as sent:
            _run(sandbox, "plan", str(self.folder / "before"))
        seconds = max(one.answered for one in sent) - min(one.at for one in sent)
        return Reading(len(sent), critical_path(sent), seconds)

    def _copy(self, name: str, rate_limit: int = 0) -> Sandbox:
        copy = self.folder / f"{name}.db"
        shutil.copy(self.database, copy)
        return Sandbox(copy, api_key=KEY, surface="v3", rate_limit=rate_limit)

    def _edited(self, name: str, edit: Edit, number: int, new: int = 0) -> Path:
        agents = [agent_data(at) for at in range(self.size - 1)]
        edited = [edit(agent) or _absent(agent) for agent in agents[:number]]
        created = [_newcomer(self.size + at) for at in range(new)]
        return self._project(name, [*edited, *agents[number:], *created])

    def _project(self, name: str, agents: Sequence[Agent]) -> Path:
        project = self.folder / name
        project.mkdir()
        (project / "provisioner.yaml").write_text("version: 1\n", "utf-8")
        names = [{"name": name} for name in departments(self.size - 1)]
        team = {"departments": names, "agents": [*agents]}
        # JSON is YAML, too.
        (project / "team.yaml").write_text(json.dumps(team), "utf-8")
        return project


def _allow(number: int) -> tuple[str, ...]:
    return ("--allow", f"updates={number}", "--allow", f"deletes={number}") if number else ()


def agent_data(number: int) -> Agent:
    """Return the declaration of an agent of the account."""
    services = {"tickets": True, "chats": False}
    return {**_newcomer(number), "departments": {department_of(number): services}}


def _newcomer(number: int) -> Agent:
    return {
        "email": f"agent{number:06}@acme.example",
        "name": f"Agent Number {number:06}",
        "role": "agent",
        "voice_status": "both",
        "availability": {"tickets": "online", "chats": "online", "calls": "offline"},
    }


def renamed(agent: Agent) -> Agent:
    """Return the agent with another name."""
    return {**agent, "name": f"New {agent['name']}"}


def _with_three(agent: Agent) -> Agent:
    [name] = agent["departments"]
    return {
        **renamed(agent),
        "availability": {**agent["availability"], "calls": "online"},
        "departments": {name: {"tickets": True, "chats": True}},
    }


def _absent(agent: Agent) -> Agent:
    return {"email": agent["email"], "state": "absent"}
