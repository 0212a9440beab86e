"""Helpers of the tests of `provisioner probe`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import yaml

from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.probing.account_probe import AccountProbe
from provisioner.liveagent.probing.throwaway import ThrowawayAgents
from tests.support import KEY, Account

EMAIL = "probe@acme.example"


def facts_of(project: Path) -> dict[str, Any]:
    content = yaml.safe_load((project / "capabilities.yaml").read_text("utf-8"))
    facts: dict[str, Any] = content["targets"]["environment"]["facts"]
    return facts


def probe(live: Account, project: Path, *, exit_code: int = 0) -> str:
    result = live.run("probe", str(project), "--agent", EMAIL, "--yes")
    assert result.exit_code == exit_code, result.output
    assert "[internal]" not in result.output
    return result.output


def living(live: Account) -> list[str]:
    for _ in range(3):  # with the switch lag_agents, two readings show the past
        rows = live.call("GET", "/agents?_page=1&_perPage=100")
    return sorted(row["email"] for row in rows if row.get("status") != "X")


def start(live: Account, project: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "provisioner", "probe", project, "--agent", EMAIL, "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "LIVEAGENT_BASE_URL": live.server.url,
            "LIVEAGENT_V3_API_KEY": KEY,
            "PROVISIONER_REQUESTS_PER_MINUTE": "0",
        },
    )


@contextmanager
def probing(live: Account, **more: Any) -> Iterator[AccountProbe]:
    """Yield a probe without the command line; its answers come from `more`."""
    client = Client(live.server.url, KEY, pacer=Pacer(0))
    options: dict[str, Any] = {
        "ask": lambda _question, _answers: None,
        "hold_signals": nullcontext,
        "on_agent": lambda _agent: None,
        **more,
    }
    yield AccountProbe(client, ThrowawayAgents(client, EMAIL, ""), **options)
    client.close()
