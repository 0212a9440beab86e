"""The sandbox as a running server: a thread of its own on a loopback port."""

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
from provisioner.sandbox.connections import MOST_CONNECTIONS, Connection
from provisioner.sandbox.database import Database
from provisioner.sandbox.descriptors import descriptors_for_connections
from provisioner.sandbox.errors import SandboxError
from provisioner.sandbox.faults import Faults
from provisioner.sandbox.log import RequestLog
from provisioner.sandbox.routes import Surface
from provisioner.sandbox.store import seed
from provisioner.sandbox.store.keys import add_for_creator
from provisioner.sandbox.store.schema import SCHEMA, VERSION
from provisioner.sandbox.switches import Switches
from provisioner.sandbox.wire import Wire

HOST = "127.0.0.1"

# How long a stop waits for a client that does not finish its request.
_GRACE_SECONDS = 1.0


class Sandbox:
    """A LiveAgent-compatible server on 127.0.0.1; use it as a context manager.

    Attributes:
        requests: the log of the requests since the start.
        faults: what goes wrong on purpose; it can be changed while the server runs.
    """

    def __init__(
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
    ) -> None:
        """Describe the server; `start` runs it.

        Args:
            database: the SQLite file; it is made and filled where it does not exist.
            api_key: a key that belongs to the account's creator.
            surface: what LiveAgent documents, or that and the extensions.
            rate_limit: requests per minute and key; 0 for any number.
            port: the port; 0 for a free one.
            switches: how the sandbox behaves where nobody knows how the real one does.
            faults: what goes wrong on purpose; nothing where left out.
            request_log: gets a line for each request.
            connections: how many clients may be connected at once; fewer where the process may
                not open as many files.
        """
        self.requests = RequestLog(request_log)
        self.faults = faults or Faults()
        self._path = database
        self._api_key = api_key
        self._surface = surface
        self._rate_limit = rate_limit
        self._port = port
        self._switches = switches
        self._connections = connections

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """The address, as LIVEAGENT_BASE_URL takes it."""
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        """Open the database and listen; when it returns, requests are answered.

        Raises:
            SandboxError: the port is taken, the file is no sandbox database, or the system has
                no room for a server.
        """
        listener = _listen(self._port)
        try:
            self._database = self._open()
        except SandboxError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        app = build_app(self._surface, self._database, self._switches, RateLimit(self._rate_limit))
        # Without a descriptor left, no client would be accepted any more.
        connections = max(1, descriptors_for_connections(self._connections))
        protocol = functools.partial(
            Connection, most=connections, most_body_bytes=self._switches.max_body_bytes
        )
        self._server = _Server(Wire(app, self.requests, self.faults), protocol, connections)
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
        """Serve, in the server's own thread; a failure is kept for `start`."""
        try:
            self._server.run([listener])
        except OSError as error:
            self._failures.append(error)
        finally:
            self._server.ready.set()

    def _open(self) -> Database:
        first_rows = functools.partial(seed.seed, switches=self._switches)
        database = Database(self._path, SCHEMA, VERSION, first_rows)
        with database.transaction(write=True):
            add_for_creator(database, self._api_key)
        return database

    def seed_activity(self, email: str, last_day: date = seed.LAST_DAY) -> None:
        """Give an agent what only time would bring; before the start, or while it runs.

        That is a week of work for the report of agents, the LivePhone logins "Pixel 8" and
        "iPhone 15" with a mobile device each, and two-factor authentication switched on.

        Args:
            email: whose; an agent who already has days of work stays as it is.
            last_day: the last day of the week; the logins are valid until a year later.

        Raises:
            SandboxError: there is no such agent.
        """
        # A connection of its own: the server's belongs to the server's thread.
        with closing(self._open()) as database, database.transaction(write=True):
            seed.seed_activity(database, email, last_day, self._switches)

    def stop(self) -> None:
        """Answer what has arrived, stop listening, and close the database."""
        self._server.stop()
        self._thread.join()
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
    """Run a sandbox until the process gets SIGINT or SIGTERM. For the main thread.

    Args:
        sandbox: the server, not started yet.
        on_ready: called with its address once it listens.

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
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is; with it
    # every answer would wait 40 ms for the client's delayed acknowledgement.
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
    """Uvicorn, silent, that tells when it listens and stops without looking at the clock."""

    def __init__(self, app: ASGIApp, protocol: Any, connections: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                # Also how many clients are accepted before the first of them is looked at.
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
        """Make `run` return; for any thread."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Wait for `stop`; uvicorn's own loop would look for it ten times a second."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running requests end; uvicorn's own way takes a tenth of a second at the least."""
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
        # One more round of the loop closes the sockets.
        await asyncio.sleep(0)
