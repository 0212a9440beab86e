"""Measures reading from and writing to a sandbox over HTTP: requests by endpoint, and rates."""

import re
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import requests
from requests.adapters import HTTPAdapter

from benchmarks.accounts import Layout, write_project
from benchmarks.costs import Cost, cost_of
from benchmarks.planning import PROVISIONER
from provisioner.sandbox.server import Sandbox

KEY = "a-key-for-benchmarks"
AGENTS = 999
"""One less than a thousand, because the account also has its owner."""

THREADS = 16
PAGES = ("/agents", "/grid/agents", "/devices", "/agents/profiles")


@dataclass(frozen=True, slots=True)
class Serving:
    """The performance of a sandbox and the client.

    Attributes:
        read: surface to endpoint to the number of requests of one reading.
        applied: endpoint to the number of writes and looks when all agents are new.
        apply: the cost of that apply, reading and verifying included.
        requests: that it took in all.
        bare_rate: writes a second of the bare HTTP client.
        pages: endpoint to the seconds of a page of 500 rows.
    """

    read: dict[str, Counter[str]]
    applied: Counter[str]
    apply: Cost
    requests: int
    bare_rate: float
    pages: dict[str, float]

    @property
    def rate(self) -> float:
        """Requests a second of the apply."""
        return self.requests / self.apply.seconds


def measure(folder: Path) -> Serving:
    """Apply, read and write."""
    project = folder / "project"
    project.mkdir(parents=True)
    write_project(project, AGENTS, Layout.ONE_FILE)
    (project / "provisioner.yaml").write_text("version: 1\n", "utf-8")
    with serving(folder / "bare.db") as url:
        rates = [_bare_rate(url, "before")]
    with serving(folder / "timed.db") as url:
        apply = cost_of((*PROVISIONER, "apply", str(project), "--yes"), _environment(url))
        pages = {path: _page_seconds(url, path) for path in PAGES}
    with serving(folder / "bare.db") as url:
        rates.append(_bare_rate(url, "behind"))
    applied, read = _counted(folder / "counted.db", project)
    return Serving(read, applied, apply, applied.total(), statistics.mean(rates), pages)


@contextmanager
def serving(database: Path) -> Iterator[str]:
    """Serve a sandbox without a limit in a separate process, and yield its address."""
    command = [*PROVISIONER, "sandbox", "serve", "--port", "0", "--rate-limit", "0"]
    command += ["--db", str(database), "--api-key", KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


def _environment(url: str) -> dict[str, str]:
    return {
        "LIVEAGENT_BASE_URL": url,
        "LIVEAGENT_V3_API_KEY": KEY,
        "PROVISIONER_REQUESTS_PER_MINUTE": "0",
    }


def _counted(database: Path, project: Path) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Return the requests of an apply, and of readings on both surfaces, by endpoint."""
    with Sandbox(database, api_key=KEY) as sandbox:
        cost_of((*PROVISIONER, "apply", str(project), "--yes"), _environment(sandbox.url))
        applied = endpoints(sandbox)
    read: dict[str, Counter[str]] = {}
    surfaces: tuple[Literal["v3", "full"], ...] = ("v3", "full")
    for surface in surfaces:
        with Sandbox(database, api_key=KEY, surface=surface) as sandbox:
            cost_of((*PROVISIONER, "plan", str(project)), _environment(sandbox.url))
            read[surface] = endpoints(sandbox)
    return applied, read


def endpoints(sandbox: Sandbox) -> Counter[str]:
    """Return a sandbox's requests so far, by method and path without ids."""
    return Counter(
        f"{entry.method} {_template(entry.path)}" for entry in sandbox.requests.entries()
    )


def _template(path: str) -> str:
    """Return a path with its ids replaced: numbers, eight characters, and the default's name."""
    words = path.removeprefix("/api/v3").split("/")
    names = ("profiles", "settings")
    return "/".join(
        "{id}" if word not in names and re.fullmatch(r"\d+|default|[0-9a-z]{8}", word) else word
        for word in words
    )


def _bare_rate(url: str, name: str) -> float:
    """Return the agents per second that bare POST requests create, to compare an apply with."""
    session = requests.Session()
    session.headers["apikey"] = KEY
    session.mount("http://", HTTPAdapter(pool_maxsize=THREADS))

    def write(number: int) -> None:
        body = {"email": f"{name}{number}@acme.example", "name": f"Bare {number}"}
        session.post(f"{url}/api/v3/agents", json=body, timeout=30).raise_for_status()

    before = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, range(AGENTS)))
    return AGENTS / (time.perf_counter() - before)


def _page_seconds(url: str, path: str) -> float:
    took = []
    for _ in range(5):
        before = time.perf_counter()
        params = {"_perPage": 500, "_page": 1} if "grid" not in path else {"_perPage": 500}
        answer = requests.get(
            f"{url}/api/v3{path}", params=params, headers={"apikey": KEY}, timeout=30
        )
        assert len(answer.json()) == params["_perPage"]
        took.append(time.perf_counter() - before)
    return sorted(took)[len(took) // 2]
