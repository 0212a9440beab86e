"""`provisioner probe` never touches an account of a person, and leaves nothing behind."""

import signal
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.probing.account_probe import AccountProbe
from provisioner.liveagent.probing.throwaway import ThrowawayAgents
from provisioner.sandbox.faults import Fault
from provisioner.sandbox.switches import Switches
from tests.effort import LONGEST_SECONDS
from tests.probes import EMAIL, facts_of, living, probe, start
from tests.support import KEY, Account, account, held, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "team", agents="agents: [{email: mia@acme.example}]\n")


class TestOfPeople:
    def test_an_agent_is_never_used(self, live: Account, project: Path) -> None:
        live.call("POST", "/agents", {"email": EMAIL, "name": "Mia Chen", "role": "agent"})
        before = live.agent(EMAIL)
        written = len(live.writes())
        assert "[probe-agent]" in probe(live, project, exit_code=3)
        assert len(live.writes()) == written
        assert live.agent(EMAIL) == before

    @pytest.mark.parametrize("listed", [False, True])
    def test_a_deleted_account_is_never_restored(
        self, tmp_path: Path, project: Path, *, listed: bool
    ) -> None:
        switches = Switches(list_deleted_agents=listed)
        with account(tmp_path, switches=switches) as live:
            body = {"email": EMAIL, "name": "Mia Chen", "role": "agent"}
            agent = live.call("POST", "/agents", body)
            live.call("DELETE", f"/agents/{agent['id']}")
            assert "[probe-agent]" in probe(live, project, exit_code=3)
            assert live.call("GET", f"/agents/{agent['id']}")["status"] == "X"
            assert ("POST", "/agents/undelete") not in live.writes()

    def test_a_person_who_got_the_recorded_account_is_left_alone(
        self, live: Account, project: Path
    ) -> None:
        probe(live, project)
        content = yaml.safe_load((project / "capabilities.yaml").read_text("utf-8"))
        path = f"/agents/{content['targets']['environment']['probe']['id']}"
        agent = live.call("GET", path)
        live.call("POST", "/agents/undelete", agent)
        live.call("PUT", path, {**agent, "name": "Mia Chen"})
        live.call("DELETE", path)
        assert "[probe-agent]" in probe(live, project, exit_code=3)
        assert live.call("GET", path)["status"] == "X"


class TestCleanUp:
    @pytest.mark.parametrize("surface", ["v3", "full"])
    def test_after_an_interrupt_at_any_request(self, tmp_path: Path, surface: str) -> None:
        with account(tmp_path, surface=surface) as live:
            before = living(live)
            for number in range(1, 200):
                email = f"probe{number}@acme.example"
                if not interrupted_at(live, number, email):
                    break
                assert living(live) == before, number
            assert 30 < number < 199

    def test_after_an_error(self, live: Account, project: Path) -> None:
        before = living(live)
        live.server.faults.add(Fault("drop", method="PUT", path="/agents/.*", times=0))
        probe(live, project, exit_code=1)
        assert living(live) == before

    def test_an_agent_that_is_left_is_named_and_the_next_probe_removes_it(
        self, live: Account, project: Path
    ) -> None:
        before = living(live)
        live.server.faults.add(
            Fault("status", status=500, method="DELETE", path="/agents/", times=6)
        )
        output = probe(live, project, exit_code=4)
        assert "[probe-leftover]" in output
        assert living(live) == sorted([*before, EMAIL])
        probe(live, project)
        assert living(live) == before

    def test_a_creation_without_an_answer_is_found_and_removed(
        self, live: Account, project: Path
    ) -> None:
        before = living(live)
        live.server.faults.add(Fault("drop", method="POST", path="/agents$", lands=True))
        probe(live, project)
        assert facts_of(project)["creates_agents"] is True
        assert living(live) == before


def interrupted_at(live: Account, number: int, email: str) -> bool:
    """Run a probe that is interrupted after a request; return whether it came to that."""
    client = Client(live.server.url, KEY, pacer=Pacer(0))
    calls, inner = 0, client.call

    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        content = inner(*arguments, **options)
        if calls == number:
            raise KeyboardInterrupt
        return content

    client.call = call  # type: ignore[method-assign]
    one = AccountProbe(
        client,
        ThrowawayAgents(client, email, ""),
        ask=lambda _question, _answers: None,
        hold_signals=nullcontext,
        on_agent=lambda _agent: None,
    )
    try:
        one.run()
    except KeyboardInterrupt:
        return True
    finally:
        client.close()
    return False


class TestProcess:
    def test_ctrl_c_leaves_nothing(self, live: Account, project: Path) -> None:
        before = living(live)
        with held(live, "POST", "/agents/undelete") as arrived:
            process = start(live, project)
            assert arrived.wait(LONGEST_SECONDS)
            process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 1
        assert "Stopped; the throwaway agent is deleted again." in printed
        assert living(live) == before

    def test_the_next_probe_removes_what_a_killed_one_has_left(
        self, live: Account, project: Path
    ) -> None:
        before = living(live)
        with held(live, "GET", "/status") as arrived:
            process = start(live, project)
            assert arrived.wait(LONGEST_SECONDS)
            process.kill()
            process.communicate(timeout=LONGEST_SECONDS)
        assert EMAIL in living(live)
        probe(live, project)
        assert living(live) == before
