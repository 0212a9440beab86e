"""`--parallelism` of apply and undo, and the requests that the report counts."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from provisioner.liveagent.http.transport import Transport
from provisioner.sandbox.faults import Fault
from tests.support import Account, write_project

TEAM = [{"email": f"a{number}@acme.example", "name": f"A{number}"} for number in range(6)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", team=json.dumps({"agents": TEAM}))


def run(live: Account, *arguments: str) -> Any:
    result = live.run(*arguments, "--yes", "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("number", ["0", "33", "-1", "1.5", "many"])
@pytest.mark.parametrize("command", ["apply", "undo"])
def test_other_numbers_are_wrong_usage(live: Account, command: str, number: str) -> None:
    words = ["undo", "1"] if command == "undo" else ["apply"]
    result = live.run(*words, "--parallelism", number)
    assert (result.exit_code, result.stdout) == (64, "")
    assert "--parallelism" in result.stderr


@pytest.mark.parametrize("number", [1, 3, 32])
def test_no_more_threads_write_and_no_more_connections_are_open(
    live: Account, project: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    connections: list[int] = []
    make, send = Transport.__init__, Transport.send

    def made(self: Transport, url: str, key: str, most: int) -> None:
        connections.append(most)
        make(self, url, key, most)

    def sent(self: Transport, method: str, path: str, **request: Any) -> Any:
        if method != "GET":
            threads.add(threading.get_ident())
        return send(self, method, path, **request)

    monkeypatch.setattr(Transport, "__init__", made)
    monkeypatch.setattr(Transport, "send", sent)
    option = ("--parallelism", str(number))
    done = run(live, "apply", str(project), *option)
    assert done["outcome"] == "applied"
    run(live, "undo", "1", str(project), "--allow", "deletes=6", *option)
    assert set(connections) == {number}
    assert 1 <= len(threads) <= 2 * number  # an apply and an undo


def test_the_report_counts_what_the_account_has_seen(live: Account, project: Path) -> None:
    planned = live.plan(project)["requests"]["total"]
    before = len([*live.server.requests.entries()])
    live.server.faults.add(Fault(kind="drop", method="GET"))
    requests = run(live, "apply", str(project))["requests"]
    seen = len([*live.server.requests.entries()]) - before
    assert requests["sent"] == seen == planned + 1
    assert (requests["retries"], requests["waits"]) == (1, 0)
    assert (requests["per_minute"], requests["limit_used"]) == (0, None)


def test_the_text_has_the_same_numbers(live: Account, project: Path) -> None:
    planned = live.plan(project)["requests"]["total"]
    shown = live.run("apply", str(project), "--yes").stdout
    assert f"Sent {planned} requests: 0 waits for the limit, 0 retried" in shown
