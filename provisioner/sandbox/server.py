"""The sandbox as a running server, in its own thread on a loopback port."""

import asyncio
import functools
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import uvicorn
from starlette.types import ASGIApp

from provisioner.sandbox.access import RateLimit
from provisioner.sandbox.app import build_app
from provisioner.sandbox.connections import (
    MOST_CONNECTIONS,
    Connection,
    descriptors_for_connections,
)
from provisioner.sandbox.database import Database
from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.faults import Faults
from provisioner.sandbox.routes import Surface
from provisioner.sandbox.store import scopes, seed
from provisioner.sandbox.store.contents import Contents, load
from provisioner.sandbox.store.keys import add_for_creator
from provisioner.sandbox.store.schema import SCHEMA, VERSION
from provisioner.sandbox.store.snapshots import Snapshots
from provisioner.sandbox.switches import Switches
from provisioner.sandbox.wire import Lag, RequestLog, Wire

HOST = "127.0.0.1"

# From the call that accepts a connection to the protocol that knows it, asyncio takes three.
_ITERATIONS_TO_ACCEPT = 5

# Time that a stop waits for clients with unfinished requests.
_GRACE_SECONDS = 1.0


class Sandbox:
    """A LiveAgent-compatible server on 127.0.0.1; use it as a context manager.

    Attributes:
        requests: the log of requests since the start.
        faults: the rules of faults; they can be changed while the server runs.
    """

    def __init__(  # noqa: PLR0913  one for each part of its behaviour
        self,
        database: Path,
        *,
        api_key: str,
        surface: Surface = "full",
        rate_limit: int = 0,
        port: int = 0,
        switches: Switches = Switches(),  # noqa: B008 # frozen
        faults: Faults | None = None,
        request_log: TextIO | None = None,
        connections: int = MOST_CONNECTIONS,
        contents: Contents | None = None,
    ) -> None:
        """Describe the server; `start` runs it.

        Args:
            database: the SQLite file; a missing one is created and filled.
            api_key: a key of the account's creator.
            surface: `v3` as LiveAgent documents it, or `full` with the extensions.
            rate_limit: requests per minute and key; 0 for no limit.
            port: the port; 0 for a free one.
            switches: the behaviour where the real API's is not known for certain.
            faults: the rules of faults; None for none.
            request_log: gets a line for each request.
            connections: the largest number of clients at once; fewer if the process may not open
                as many files.
            contents: the rows of a new database; None for a new account with its owner.

        Raises:
            SandboxError: the switch `key_scopes` names a scope that does not exist.
        """
        self.requests = RequestLog(request_log)
        self.faults = faults or Faults()
        self._path = database
        self._api_key = api_key
        self._surface = surface
        self._rate_limit = rate_limit
        self._port = port
        self._switches = switches
        self._scopes = scopes.parse(switches.key_scopes)
        self._connections = connections
        self._contents = contents

    @property
    def port(self) -> int:
        """The port of the running server."""
        return self._port

    @property
    def url(self) -> str:
        """The address, such as a target's `url`."""
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        """Open the database and listen; requests are answered once it returns.

        Raises:
            SandboxError: the port is in use, the file is no sandbox database, or the system
                allows no further server.
        """
        listener = _listen(self._port)
        try:
            self._database = self._open()
        except SandboxError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._snapshots = Snapshots(self._path, self._switches)
        app = build_app(
            self._surface,
            self._database,
            self._snapshots,
            self._switches,
            RateLimit(self._rate_limit),
        )
        # With no descriptor left, no client could connect.
        connections = max(1, descriptors_for_connections(self._connections))
        protocol = functools.partial(
            Connection, most=connections, most_body_bytes=self._switches.max_body_bytes
        )
        self._server = _Server(
            Wire(app, self.requests, self.faults, Lag(self._switches)), protocol, connections
        )
        self._failures: list[OSError] = []
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="sandbox", daemon=True
        )
        self._thread.start()
        self._server.ready.wait()
        for error in self._failures:
            self._thread.join()
            listener.close()
            self._database.close()
            raise SandboxError(f"The sandbox cannot start: {error}.") from error

    def _run(self, listener: socket.socket) -> None:
        """Serve in the server's own thread; `start` raises a failure."""
        try:
            self._server.run([listener])
        except OSError as error:
            self._failures.append(error)
        finally:
            self._server.ready.set()

    def _open(self) -> Database:
        database = Database(self._path, SCHEMA, VERSION, self._fill)
        with database.transaction(write=True):
            add_for_creator(database, self._api_key, self._scopes)
        return database

    def _fill(self, database: Database) -> None:
        if self._contents is None:
            seed.seed(database, self._switches)
        else:
            load(database, self._contents, self._switches, self._api_key)

    def seed_activity(self, email: str, last_day: date = seed.LAST_DAY) -> None:
        """Add the history of an agent, before the start or while the server runs.

        That is a week of work for the report of agents, the LivePhone logins "Pixel 8" and
        "iPhone 15" with a mobile device each, and two-factor authentication.

        Args:
            email: the email of the agent; an agent with days of work is not changed.
            last_day: the last day of the week; the logins are valid for a year after it.

        Raises:
            SandboxError: there is no such agent.
        """
        # A separate connection, because only the server's thread may use the server's.
        with closing(self._open()) as database, database.transaction(write=True):
            seed.seed_activity(database, email, last_day, self._switches)

    def stop(self) -> None:
        """Answer the requests so far, stop listening, and close the database."""
        self._server.stop()
        self._thread.join()
        self._snapshots.close()
        self._database.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(sandbox: Sandbox, on_ready: Callable[[str], None]) -> None:
    """Run a sandbox until the process gets SIGINT or SIGTERM; only in the main thread.

    Raises:
        SandboxError: it cannot start.
    """
    stopped = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    handlers = [signal.signal(number, lambda *_: stopped.set()) for number in signals]
    try:
        with sandbox:
            on_ready(sandbox.url)
            stopped.wait()
    finally:
        for number, handler in zip(signals, handlers, strict=True):
            signal.signal(number, handler)


def _listen(port: int) -> socket.socket:
    # With the protocol given, asyncio turns Nagle's algorithm off. With that algorithm, every
    # answer would wait 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise SandboxError(f"Cannot listen on {HOST}:{port}: {error}.") from error
    return listener


class _Server(uvicorn.Server):
    """Uvicorn without output, with an event for its start and an immediate stop."""

    def __init__(self, app: ASGIApp, protocol: Any, connections: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                # Also the number of clients that are accepted before the first is served.
                backlog=connections,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
            )
        )
        self.ready = threading.Event()
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop

    def stop(self) -> None:
        """Make `run` return; from any thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Wait for `stop`; uvicorn's own loop would check for it ten times a second."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for running requests; uvicorn's own method takes at least a tenth of a second."""
        for listener in sockets or []:
            self._loop.remove_reader(listener)
        # Connections that have just been accepted get their transport from a server that is open.
        for _ in range(_ITERATIONS_TO_ACCEPT):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # One more iteration of the loop closes the sockets.
        await asyncio.sleep(0)
