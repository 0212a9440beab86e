"""Calls of API v3: paced, sent again where that is safe, and every failure named."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from provisioner.diagnostics import TargetError, UnansweredError
from provisioner.documents.files.attachments import Attachment
from provisioner.liveagent.http import bounds
from provisioner.liveagent.http.answers import Answer, is_error
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.refusals import (
    TOO_MANY_REQUESTS,
    not_liveagent,
    rate_limited,
    refusal,
    rejected,
)
from provisioner.liveagent.http.retries import Retries
from provisioner.liveagent.http.transport import Transport
from provisioner.redaction import MASK, hide

API_ROOT = "/api/v3"


def quoted(identifier: object) -> str:
    """Return an id as a part of a path. The models call some ids floats (D), paths have none."""
    if isinstance(identifier, float) and identifier.is_integer():
        identifier = int(identifier)
    return quote(str(identifier), safe="")


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a successful answer.

    Attributes:
        content: its JSON; None where a write was answered without words.
        headers: by name, in any letter case.
    """

    content: Any
    headers: Mapping[str, str]


class Client:
    """Talks to one account, from several threads at once.

    Attributes:
        root: the address of the API.
        retries: tries again what may be tried again.
        requests: how many calls were made so far; one that was sent again is still one.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        pacer: Pacer,
        on_retry: Callable[[str, float], None] = lambda _why, _seconds: None,
        connections: int = 16,
    ) -> None:
        """Make a client; from then on, the key is redacted from all output.

        Args:
            url: the account's address, with or without `/api/v3`.
            api_key: a key of API v3.
            pacer: asked before each request.
            on_retry: is told why a request is sent again, and after how many seconds.
            connections: how many there may be at once.

        Raises:
            TargetError: the address is malformed, or the CA bundle is missing.
        """
        hide(api_key)
        account = url.rstrip("/").removesuffix(API_ROOT)
        self.root = account + API_ROOT
        self.requests = 0
        self.retries = Retries(pacer, on_retry)
        self._api_key = api_key
        self._counting = threading.Lock()
        self._pacer = pacer
        self._transport = Transport(account, api_key, connections)

    def __repr__(self) -> str:
        """Show the address and never the key."""
        return f"Client({self.root!r})"

    def is_own_key(self, text: object) -> bool:
        """Return whether a text of an answer is the API key of this client, masked or too short."""
        return text in (MASK, self._api_key)

    def stop(self) -> None:
        """Make no request any more that would have to wait for the limit."""
        self._pacer.stop()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> Content:
        """Make one request, again where its answer did not come and it may be repeated.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below `/api/v3`, quoted.
            params: of the query.
            body: sent as JSON.
            repeatable: whether it may take effect twice without harm; of all but POST, it may.

        Raises:
            RejectedError: the account declined the request.
            UnansweredError: no true answer came, however often it was asked.
            TargetError: an answer that API v3 does not give.
        """
        return self._call(method, path, repeatable=repeatable, params=params, body=body)

    def upload(self, path: str, file: Attachment) -> Content:
        """Send a file as a form; see `call`. Sent twice, one of the two is used nowhere."""
        form = {"file": (file.name, file.content, file.type)}
        return self._call("POST", path, repeatable=True, files=form)

    def download(self, path: str) -> bytes:
        """Return the content of a file; see `call`."""
        return self._answer("GET", path, headers={"Accept": "*/*"}).body

    def _call(self, method: str, path: str, **request: Any) -> Content:
        call, answer = f"{method} {API_ROOT}{path}", self._answer(method, path, **request)
        if not answer.body and method in {"PUT", "DELETE"}:
            return Content(None, answer.headers)  # success needs no words
        try:
            content = answer.content()
        except ValueError as error:
            finding = not_liveagent(call, "the answer is not JSON")
            if method == "GET":
                raise TargetError(finding) from error
            # Something in between has answered; the account may have done it.
            failure = UnansweredError(finding, status=answer.status)
            failure.uncertain = True
            raise failure from error
        if is_error(content):
            raise rejected(call, answer)
        return Content(content, answer.headers)

    def _answer(
        self, method: str, path: str, *, repeatable: bool | None = None, **request: Any
    ) -> Answer:
        """Make one request and return a success."""
        with self._counting:
            self.requests += 1
        may_repeat = method != "POST" if repeatable is None else repeatable
        try:
            return self.retries.run(
                lambda: self._try(method, path, request), lambda error: may_repeat or not error.sent
            )
        except UnansweredError as error:
            error.uncertain = error.sent and method != "GET"
            raise

    def _try(self, method: str, path: str, request: Mapping[str, Any]) -> Answer:
        """Send a request, waiting for the account's limit up to a total time.

        The limit is no failure but a wait: a request that met it has had no effect.
        """
        call, waited, asked = f"{method} {API_ROOT}{path}", 0.0, 0
        while True:
            self._pacer.wait()
            answer = self._transport.send(method, API_ROOT + path, **request)
            if answer.status != TOO_MANY_REQUESTS:
                break
            seconds = answer.asked_wait(bounds.UNSAID_WAIT_SECONDS)
            waited, asked = waited + seconds, asked + 1
            if waited > bounds.LIMIT_WAIT_SECONDS:
                raise TargetError(rate_limited(call, asked))
            self._pacer.hold(seconds)
        if not answer.succeeded:
            raise refusal(call, answer)
        return answer
