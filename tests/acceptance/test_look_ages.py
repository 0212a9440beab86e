"""No write goes out on an old look, whatever it waits for: a clock of the test's own measures it.

Each request takes its time on this clock, and each wait moves it. One request runs at a time, since
the wait of one would seem to pass for all others, too.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from provisioner.app.apply_plan import ExecutablePlan, Provider, apply_plan
from provisioner.app.make_plan import PlanOptions, make_plan
from provisioner.app.open_project import open_project
from provisioner.diagnostics import Diagnostic, UnansweredError
from provisioner.execution.operations import Operation
from provisioner.execution.report import Report, Status
from provisioner.execution.run_control import UNCONTROLLED
from provisioner.liveagent.account_reader import LiveAgentReader
from provisioner.liveagent.account_writer import LiveAgentWriter
from provisioner.liveagent.costs import apply_cost
from provisioner.liveagent.current_rows import LEAST_SECONDS, LOOK_SECONDS
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.transport import Transport
from provisioner.liveagent.page_looks import look_rules
from provisioner.planning.scope import Scope
from tests.support import KEY, Account, account, write_project

PEOPLE = [f"a{number}@acme.example" for number in range(12)]

AGENT = """
      - email: {email}
        name: {name}
        voice_status: {voice}
        availability: {{chats: {chats}}}
        departments: {{Support: {{tickets: {tickets}, role: {role}}}{more}}}
        hours: [{{days: [mon], from: "09:00", to: "{to}", services: [tickets]}}]
        alias: {alias}
"""
BEFORE = {
    "name": "A", "voice": "both", "chats": "offline", "tickets": "true", "role": "solver",
    "more": ", Old: {}", "to": "17:00", "alias": "M",
}  # fmt: skip
AFTER = {
    "name": "B", "voice": "outgoing", "chats": "online", "tickets": "false", "role": "reader",
    "more": ", New: {}", "to": "18:00", "alias": "N",
}  # fmt: skip

FULL_OPERATIONS = {
    operation
    for operation in Operation
    if operation.writes and not operation.creates and operation is not Operation.END_LOGIN
}
V3_OPERATIONS = {
    Operation.UPDATE_AGENT,
    Operation.DELETE_AGENT,
    Operation.SET_AVAILABILITY,
    Operation.SET_VOICE,
    Operation.SET_SERVICE,
    Operation.SET_HOURS,
}


def project(folder: Path, values: dict[str, str], *, is_after: bool, is_full: bool) -> Path:
    """Write a project; afterwards all has changed that the surface can write."""
    gone = ", state: absent" if is_after else ""
    closed = gone if is_full else ""
    shop = "Sales, previously: Shop" if is_after and is_full else "Shop"
    agents = [AGENT.format(email=email, **values) for email in PEOPLE]
    if not is_full:
        agents = [re.sub(r"alias.*|, role: \w+", "", one.replace("New", "Old")) for one in agents]
    permissions = "{manage_agents: grant}" if is_after else "{}"
    departments = f"{{name: Support}}, {{name: Old}}, {{name: New}}, {{name: {shop}}}"
    roles = f"    roles: [{{name: Lead, permissions: {permissions}}}, {{name: Past{gone}}}]\n"
    return write_project(
        folder,
        team=f"    departments: [{departments}, {{name: Closed{closed}}}]\n"
        f"{roles if is_full else ''}    agents:\n{''.join(agents)}"
        f"      - {{email: gone@acme.example, name: Gone{gone}}}\n",
    )


@dataclass
class Network:
    """What the client sends, with the time of each request and of its answer.

    Attributes:
        now: the time of the clock.
        seconds: how long each request takes.
        disturb: returns how a request fails; None if it does not.
        looks: path to the time when its last reading was sent and answered, and the answer.
        emptied: the paths of hours that were deleted. Adding hours belongs to the same write.
        ages: of each write, in seconds: of its look, and since the answer to it.
    """

    send: Callable[..., Answer]
    seconds: float = 0.01
    disturb: Callable[[int], str] = lambda _number: ""
    now: float = 0.0
    number: int = 0
    looks: dict[str, tuple[float, float, str]] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)
    ages: list[tuple[str, float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds

    def request(self, transport: Transport, method: str, path: str, **more: Any) -> Answer:
        """Send a request, or let it fail."""
        with self.lock:
            sent, self.number = self.now, self.number + 1
            trouble = self.disturb(self.number)
            self.now += self.seconds
            if method != "GET" and not path.endswith("/files"):
                self._note(method, path, sent, more)
        if trouble == "wait":
            return Answer(429, "Too Many Requests", {"Retry-After": "7"}, b"{}")
        answer = self.send(transport, method, path, **more)
        if trouble == "lost":
            finding = Diagnostic(code="target-error", summary="no answer")
            raise UnansweredError(finding, sent=True)
        if method == "GET":
            with self.lock:
                self.looks[path] = (sent, self.now, answer.body.decode())
        return answer

    def _note(self, method: str, path: str, sent: float, more: dict[str, Any]) -> None:
        """Note the age of the youngest look that shows what a write overwrites."""
        if method == "POST" and path in self.emptied:
            return
        if method == "DELETE" and path.endswith("/plans"):
            self.emptied.add(path)
        looks = [
            (sent - look, sent - answered)
            for shown, (look, answered, body) in self.looks.items()
            if _shows(shown, body, path, more)
        ]
        assert looks, f"{method} {path} without a look"
        self.ages.append((f"{method} {path}", *min(looks)))


def _shows(shown: str, body: str, path: str, more: dict[str, Any]) -> bool:
    """Return whether the answer at a path shows what a write overwrites."""
    shown, path = shown.removeprefix("/api/v3"), path.removeprefix("/api/v3")
    kind, *parts = path.strip("/").split("/")
    if path == "/devices/departments/update":
        users = {row["user_id"] for row in more["body"]["DeviceDepartments"]}
        return shown.startswith(("/grid/agents", "/agents/")) and any(one in body for one in users)
    if kind == "departments" and len(parts) == 2:
        return "profile" in shown and parts[1] in body
    if kind == "devices" and "plans" in parts:
        return shown == f"/devices/{parts[0]}/plans"
    if parts[-1] == "profile":
        return "profile" in shown and parts[0] in body
    if kind == "devices":
        is_list = shown.startswith(("/devices", "/agents/profiles"))
        return is_list and re.search(rf'"id": ?{parts[0]}\b', body) is not None
    return shown in {f"/{kind}", f"/{kind}/{parts[0]}"} and parts[0] in body


DISTURBANCES: dict[str, tuple[float, int, Callable[[int], str]]] = {
    "none": (0.001, 0, lambda _number: ""),
    "a slow server": (0.4, 0, lambda _number: ""),
    "a very slow server": (3.0, 0, lambda _number: ""),
    "a low limit": (0.001, 40, lambda _number: ""),
    "waits": (0.001, 0, lambda number: "wait" if number % 7 == 0 else ""),
    "lost answers": (0.001, 0, lambda number: "lost" if number > 30 and number % 9 == 0 else ""),
    "all of it": (
        0.3,
        60,
        lambda number: "wait" if number % 11 == 0 else "lost" if number % 13 == 0 else "",
    ),
}


@pytest.mark.parametrize("surface", ["full", "v3"])
@pytest.mark.parametrize("name", DISTURBANCES)
def test_no_write_goes_out_on_an_old_look(
    name: str, surface: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, per_minute, disturb = DISTURBANCES[name]
    is_full = surface == "full"
    with account(tmp_path) as live:
        live.apply(project(tmp_path / "p", BEFORE, is_after=False, is_full=True))
    folder = project(tmp_path / "p", AFTER, is_after=True, is_full=is_full)
    network = Network(Transport.send, seconds)
    monkeypatch.setattr(Transport, "send", lambda *args, **more: network.request(*args, **more))  # noqa: PLW0108
    with account(tmp_path, surface=surface) as live:
        report, planned = applied(live, folder, network, per_minute, disturb)
    assert [str(outcome) for outcome in report.with_status(Status.FAILED)] == []
    done = {outcome.step.operation for outcome in report.outcomes.values()}
    assert done >= (FULL_OPERATIONS if is_full else V3_OPERATIONS)
    old = [
        (call, age, since)
        for call, age, since in network.ages
        if age > LOOK_SECONDS and since > LEAST_SECONDS + seconds
    ]
    assert old == []
    if name in {"none", "a low limit"}:
        assert network.number == planned


def applied(
    live: Account,
    folder: Path,
    network: Network,
    per_minute: int,
    disturb: Callable[[int], str],
) -> tuple[Report, int]:
    """Plan and apply; only the apply is disturbed.

    Returns:
        The report, and the number of requests of the plan.
    """
    pacer = Pacer(per_minute, clock=lambda: network.now, sleep=network.sleep)
    client = Client(live.server.url, KEY, pacer=pacer)
    rules = partial(look_rules, capabilities=client.capabilities, per_minute=per_minute)
    options = PlanOptions("environment", apply_cost, rules, per_minute, scope=Scope())
    reader = LiveAgentReader(client)
    planned = make_plan(open_project(folder), reader, options)
    network.disturb, network.looks = disturb, {}
    writer = LiveAgentWriter(client, planned.live, {}, {})
    executable = ExecutablePlan.of(planned, planned.live)
    report = apply_plan(executable, Provider(reader, writer), UNCONTROLLED, concurrency=1)
    client.close()
    return report, planned.plan.requests.total
