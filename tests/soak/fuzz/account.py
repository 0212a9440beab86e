"""A sandbox for the campaign: answers that are rewritten, and an account that is put back."""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioner.sandbox import server
from provisioner.sandbox.app import build_app
from provisioner.sandbox.routes import Surface
from provisioner.sandbox.server import Sandbox
from tests.soak.fuzz import mutate
from tests.support import KEY

MOST_REQUESTS = 2000
"""Requests of one command; more than that is a command without an end."""

_ODD_STATUSES = (204, 206, 301, 400, 403, 404, 410, 418, 422, 500, 503)
_HEADERS = (b"next_page_cursor", b"content-type", b"api_surface", b"content-range")


class Rewriter:
    """Wraps the application of the sandbox and damages answers, equally for equal seeds."""

    def __init__(self) -> None:
        self.seed = ""
        """Seeds the damage; "" damages nothing."""
        self.chance = 0.0
        self.after_writes = False
        """Whether answers are damaged only once something was written."""
        self.writes: list[str] = []
        self.requests = 0
        self._app: ASGIApp
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()

    def around(self, app: ASGIApp) -> "Rewriter":
        """Take the place of an application."""
        self._app = app
        return self

    def begin(self) -> None:
        """Count from zero, for the next command."""
        self.writes.clear()
        self.requests = 0
        self._times.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}"
        with self._lock:
            self.requests += 1
            self._times[name] += 1
            random = mutate.seeded(f"{self.seed} {name} {self._times[name]}")
            damaged = bool(self.seed) and (bool(self.writes) or not self.after_writes)
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        start, body = messages[0], messages[-1]
        # A refused request wrote nothing.
        if scope["method"] != "GET" and start["status"] < 400:
            self.writes.append(name)
        if self.requests > MOST_REQUESTS:
            start["status"] = 500
        elif damaged and random.random() < self.chance:
            _damage(random, start, body)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(body["body"])).encode()))
        await send({**start, "headers": headers})
        await send(body)


def _damage(random: Random, start: Message, body: Message) -> None:
    match random.randrange(12):
        case 0:
            body["body"] = mutate.raw(random, body["body"])
        case 1:
            start["status"] = random.choice(_ODD_STATUSES)
        case 2:
            name, new = random.choice(_HEADERS), random.choice((b"", b"x", b"9" * 50, b"\xff"))
            start["headers"] = [*(h for h in start["headers"] if h[0] != name), (name, new)]
        case 3:
            body["body"] = mutate.as_json(mutate.value(random, None))
        case _:
            try:
                data: Any = json.loads(body["body"])
            except ValueError:
                data = None
            body["body"] = mutate.as_json(mutate.content(random, data))
    if start["status"] == 204:
        body["body"] = b""


class FuzzAccount:
    """One running sandbox whose account can be put back as it was."""

    def __init__(self, sandbox: Sandbox, rewriter: Rewriter) -> None:
        self.url = sandbox.url
        self.rewriter = rewriter
        self._log = sandbox.requests
        self._connection: sqlite3.Connection = sandbox._database._connection
        self._template = sqlite3.connect(":memory:", check_same_thread=False)
        self._changes = -1
        self.remember()

    def remember(self) -> None:
        """Take the account as it is for what `put_back` brings back."""
        self._connection.backup(self._template)
        self._changes = self._connection.total_changes

    def put_back(self) -> None:
        """Bring the account back, if anything was written, and forget the requests."""
        self._log.clear()
        if self._connection.total_changes != self._changes:
            self._template.backup(self._connection)
            self._changes = self._connection.total_changes

    def close(self) -> None:
        """Free the copy."""
        self._template.close()


@contextmanager
def fuzz_account(folder: Path, surface: Surface, database: Path | None) -> Iterator[FuzzAccount]:
    """Run a sandbox behind a rewriter, on a copy of a database or on a fresh one."""
    folder.mkdir()
    file = folder / "account.db"
    if database is not None:
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(file)) as new:
            old.backup(new)
    rewriter = Rewriter()
    with mock.patch.object(server, "build_app", lambda *given: rewriter.around(build_app(*given))):
        sandbox = Sandbox(file, api_key=KEY, surface=surface)
        sandbox.start()
    try:
        with closing(FuzzAccount(sandbox, rewriter)) as account:
            yield account
    finally:
        sandbox.stop()
