"""The built-in target in poor surroundings: behind a proxy, and with few file descriptors."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.unit.liveagent.scripted import Reply, scripted

ROOT = Path(__file__).parents[2]

FEWEST = 32
"""Descriptors that are enough for the example team."""


def run(limit: int, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process that may open this many files."""
    command = f'ulimit -n {limit} && exec "$0" -m provisioner "$@"'
    return subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns(".provisioner")
    return shutil.copytree(ROOT / "examples/acme", tmp_path / "acme", ignore=ignored)


@pytest.mark.parametrize("limit", [FEWEST, 64])
def test_few_descriptors_are_enough(acme: Path, limit: int) -> None:
    applied = run(limit, "apply", str(acme), "-t", "sandbox", "--yes")
    assert applied.returncode == 0, applied.stderr
    planned = run(limit, "plan", str(acme), "-t", "sandbox", "--detailed-exitcode")
    assert planned.returncode == 0, planned.stdout


def test_too_few_descriptors_are_told_before_anything_starts(acme: Path) -> None:
    planned = run(16, "plan", str(acme), "-t", "sandbox")
    assert planned.returncode == 1
    assert "too few file descriptors are left [sandbox-failed]" in planned.stderr
    assert "ulimit -n" in planned.stderr


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_gets_anything_of_the_sandbox(acme: Path, variable: str) -> None:
    with scripted(lambda _request: Reply(status=403)) as (proxy, seen):
        planned = run(
            FEWEST, "plan", str(acme), "-t", "sandbox", **{variable: proxy, "NO_PROXY": ""}
        )
    assert planned.returncode == 0, planned.stderr
    assert seen == []


def test_a_served_sandbox_takes_more_clients_than_it_has_descriptors(tmp_path: Path) -> None:
    command = f'ulimit -n {FEWEST} && exec "$0" -m provisioner sandbox serve --db "$1"'
    arguments = ["/bin/sh", "-c", command, sys.executable, str(tmp_path / "sandbox.db")]
    with (
        subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as server,
        ExitStack() as stack,
    ):
        stack.callback(server.terminate)
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        port = int(url.rpartition(":")[2])
        for _ in range(2 * FEWEST):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        assert requests.get(f"{url}/api/v3/ping", timeout=30).status_code == 200
