"""An account in this process, seeded from a snapshot; its requests can be made to fail.

It needs the packages of the extra `sandbox`, so it is imported only where it is used.
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from provisioner.app.make_plan import PlanOptions
from provisioner.cli.account.connection import Connection
from provisioner.cli.console.output import Console
from provisioner.cli.console.wait_notes import WaitNotes
from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.live.snapshot_file import Snapshot
from provisioner.live.state import Surface
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.rows.account_rows import account_rows, sandbox_switches
from provisioner.model.assumptions import ASSUMPTIONS, AccountCapabilities
from provisioner.model.desired import DesiredState
from provisioner.model.hours_form import HOURS_FACTS
from provisioner.planning.proving.rehearsal import Failure, Injection
from provisioner.sandbox.connections import descriptors_for_connections
from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.faults import Fault, Faults
from provisioner.sandbox.server import Sandbox
from provisioner.sandbox.switches import Switches

CONNECTIONS = 8


class WriteFaults(Faults):
    """Makes writing requests fail by their number; a killed client gets no answer any more.

    Attributes:
        requests: the requests so far; a killed client sends none.
        writes: those of them that write.
        hit: the first request that failed, as method and path; "" for none.
        killed: whether the client was killed.
    """

    def __init__(self) -> None:
        """Start without a failure."""
        super().__init__()
        self.requests = self.writes = 0
        self.hit = ""
        self.killed = False
        self._injection: Injection | None = None
        self._on_kill: Callable[[], object] = lambda: None
        self._counting = threading.Lock()

    def inject(self, injection: Injection | None, on_kill: Callable[[], object]) -> None:
        """Prepare a failure; `on_kill` is called at the moment of a kill."""
        self._injection, self._on_kill = injection, on_kill

    def calm(self) -> None:
        """Let all further requests through."""
        self._injection, self.killed = None, False

    def fault_of(self, method: str, path: str) -> Fault | None:
        """Return the fault of a request, or None."""
        with self._counting:
            if self.killed:
                return Fault("drop")
            self.requests += 1
            if method == "GET":
                return super().fault_of(method, path)
            self.writes += 1
            injection = self._injection
            if injection is None or not 0 <= self.writes - injection.write < injection.times:
                return None
            self.hit = self.hit or f"{method} {path}"
            if injection.kind is Failure.KILL:
                self._on_kill()
                self.killed = True
        return _fault(injection)


def _fault(injection: Injection) -> Fault:
    if injection.kind in {Failure.KILL, Failure.LOST_ANSWER}:
        return Fault("drop", lands=injection.lands)
    return Fault("status", status=int(injection.kind.value), lands=injection.lands)


@dataclass(frozen=True, slots=True)
class EmbeddedAccount:
    """A running account of this process.

    Attributes:
        server: the server.
        faults: makes its requests fail.
        capabilities: what is known of its behaviour.
        key: its API key.
    """

    server: Sandbox
    faults: WriteFaults
    capabilities: AccountCapabilities
    key: str

    @contextmanager
    def connected(self, console: Console, options: PlanOptions) -> Iterator[Connection]:
        """Yield a new connection that waits for nothing, under the name of the real account."""
        # Both ends of each connection are in this process.
        parallelism = max(1, min(CONNECTIONS, descriptors_for_connections(2 * CONNECTIONS) // 2))
        client = Client(
            self.server.url,
            self.key,
            pacer=Pacer(0, sleep=lambda _seconds: None),
            connections=parallelism,
            capabilities=self.capabilities,
        )
        notes = WaitNotes(console)
        try:
            yield Connection(
                options.target, client, 0, notes, options.url, options.api_key, parallelism
            )
        finally:
            client.close()


@contextmanager
def embedded_account(
    folder: Path, stored: Snapshot, desired: DesiredState, known: AccountCapabilities
) -> Iterator[EmbeddedAccount]:
    """Run an account that shows what a snapshot has, with the surface of the snapshot.

    Args:
        folder: for its database.
        stored: the snapshot.
        desired: the declared objects; see `account_rows`.
        known: what is known of the real account. What the embedded one can behave like, it does.

    Raises:
        TargetError: it can't be made from the snapshot, or can't be started.
    """
    possible = Switches.__dataclass_fields__
    shared = {
        name: value
        for name, value in known.facts.items()
        if ASSUMPTIONS[name].switch == name and isinstance(value, type(possible[name].default))
    }
    switches = Switches(**{**shared, **sandbox_switches(stored)})
    facts = {**shared, **{name: getattr(switches, name) for name in HOURS_FACTS}}
    faults, key = WriteFaults(), secrets.token_hex(16)
    server = Sandbox(
        folder / "account.db",
        api_key=key,
        surface="v3" if stored.live.surface is Surface.V3 else "full",
        switches=switches,
        faults=faults,
        contents=account_rows(stored, desired),
    )
    try:
        with server:
            yield EmbeddedAccount(server, faults, replace(known, facts=facts, url=""), key)
    except SandboxError as error:
        raise TargetError(Diagnostic(code="sandbox-failed", summary=str(error))) from error
