"""HTTP with an account: one session, the key in the header only, and every failure named.

`requests` reads proxies and CA bundles from the environment, as its users expect.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from provisioner.diagnostics import Diagnostic, RejectedError, TargetError
from provisioner.documents.attachments import Attachment
from provisioner.liveagent.pacing import MARGIN_SECONDS, WINDOW_SECONDS, Pacer

API_ROOT = "/api/v3"
TIMEOUT_SECONDS = (10, 60)
"""To connect, and between two bytes of an answer."""

MOST_LIMIT_WAITS = 10
"""How often one request waits for the account's limit before that is reported as an error."""

UNSAID_WAIT_SECONDS = 10.0
"""How long to wait after a 429 that names no number of seconds (U: what LiveAgent sends)."""

MESSAGE_LENGTH = 300
"""Characters of a server's message that are shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON content and its headers."""

    content: Any
    headers: Mapping[str, str]


class Client:
    """Talks to one account, from several threads at once.

    Attributes:
        requests: how many calls were made so far; one that met the limit and was sent again is
            still one.
    """

    def __init__(self, url: str, api_key: str, *, pacer: Pacer, connections: int = 16) -> None:
        """Make a client.

        Args:
            url: the account's address, with or without `/api/v3`.
            api_key: a key of API v3.
            pacer: asked before each request.
            connections: how many are kept open.
        """
        self.root = url.rstrip("/").removesuffix(API_ROOT) + API_ROOT
        self.requests = 0
        self._counting = threading.Lock()
        self._pacer = pacer
        self._session = requests.Session()
        self._session.headers.update({"apikey": api_key, "Accept": "application/json"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def __repr__(self) -> str:
        """Show the address and never the key."""
        return f"Client({self.root!r})"

    def is_own_key(self, text: object) -> bool:
        """Tell whether a text is the API key that this client uses."""
        return text == self._session.headers["apikey"]

    def stop(self) -> None:
        """Make no request any more that would have to wait for the limit."""
        self._pacer.stop()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Make one request.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below `/api/v3`, quoted.
            params: of the query.
            body: sent as JSON.

        Raises:
            RejectedError: the account declined the request (4xx).
            TargetError: no answer, or one that API v3 does not give.
        """
        return self._call(method, path, params=params, json=body)

    def upload(self, path: str, file: Attachment) -> Answer:
        """Send a file as a form; see `call`."""
        return self._call("POST", path, files={"file": (file.name, file.content, file.type)})

    def download(self, path: str) -> bytes:
        """Return the content of a file; see `call`."""
        return self._answer("GET", path, headers={"Accept": "*/*"}).content

    def _call(self, method: str, path: str, **content: Any) -> Answer:
        answer = self._answer(method, path, **content)
        try:
            return Answer(answer.json(), answer.headers)
        except (requests.JSONDecodeError, RecursionError) as error:
            name = f"{method} {API_ROOT}{path}"
            raise TargetError(not_liveagent(name, "the answer is not JSON")) from error

    def _answer(self, method: str, path: str, **content: Any) -> requests.Response:
        """Make one request, waiting for the account's limit, and return a success."""
        with self._counting:
            self.requests += 1
        answer = self._send(method, path, content)
        for _ in range(MOST_LIMIT_WAITS):
            if answer.status_code != requests.codes.too_many_requests:
                break
            # The limit is no error but a wait; the request it met has had no effect.
            self._pacer.hold(_retry_after(answer))
            answer = self._send(method, path, content)
        if not answer.ok or answer.is_redirect:
            raise _failure(f"{method} {API_ROOT}{path}", answer)
        return answer

    def _send(self, method: str, path: str, content: Mapping[str, Any]) -> requests.Response:
        self._pacer.wait()
        try:
            return self._session.request(
                method,
                self.root + path,
                **content,
                timeout=TIMEOUT_SECONDS,
                # A redirect could carry the key to another host, and turns a PUT into a GET.
                allow_redirects=False,
            )
        except requests.RequestException as error:
            name = f"{method} {API_ROOT}{path}"
            raise TargetError(_unreachable(name, self.root, error)) from error


def _retry_after(answer: requests.Response) -> float:
    """Return how many seconds a 429 asks to wait; the header's other form is a date."""
    asked = answer.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdecimal():
        return min(float(asked), WINDOW_SECONDS) + MARGIN_SECONDS
    return UNSAID_WAIT_SECONDS


def not_liveagent(name: str, what: str) -> Diagnostic:
    """Report an answer that is not what API v3 sends."""
    return Diagnostic(
        code="target-not-liveagent",
        summary=f"{name}: {what}",
        hint="check that the target's url is the LiveAgent account itself, such as "
        "https://acme.ladesk.com",
    )


def _unreachable(name: str, root: str, error: requests.RequestException) -> Diagnostic:
    match error:
        case requests.ConnectTimeout() | requests.ReadTimeout():
            what = "no answer in time"
        case requests.exceptions.SSLError():
            what = "the certificate is not trusted"
        case requests.exceptions.ProxyError():
            what = "the proxy does not answer"
        case requests.exceptions.ChunkedEncodingError():
            what = "the connection broke in the middle of the answer"
        case requests.ConnectionError():
            what = "can't connect, or the connection broke"
        case _:
            what = f"the request failed ({type(error).__name__})"
    return Diagnostic(
        code="target-unreachable",
        summary=f"{name}: {what}",
        hint=f"check the target's address ({root.removesuffix(API_ROOT)}), the network, and "
        "HTTPS_PROXY and REQUESTS_CA_BUNDLE where they are needed",
    )


def _failure(name: str, answer: requests.Response) -> TargetError:
    """Return the error for an answer other than success."""
    said = _message(answer)
    summary = f"{name}: {answer.status_code} {answer.reason}" + (f": {said}" if said else "")
    if answer.is_redirect:
        place = answer.headers.get("Location", "")
        return TargetError(not_liveagent(name, f"redirected to {place[:MESSAGE_LENGTH]}"))
    status = answer.status_code
    if status in {401, 403}:
        finding = Diagnostic(
            code="target-refused",
            summary=summary,
            hint="check that the key is one of API v3 (keys of API v1 are others), is still "
            "valid, allows this machine's address, and has the privileges for this call",
        )
        return RejectedError(finding, status)
    if said is None:
        summary += " (not an answer of the API)"
    finding = Diagnostic(code="target-error", summary=summary)
    if said is not None and status < requests.codes.server_error:
        return RejectedError(finding, status)
    return TargetError(finding)


def _message(answer: requests.Response) -> str | None:
    """Return the server's own message, or None where the answer is not the API's."""
    try:
        content = answer.json()
    except (requests.JSONDecodeError, RecursionError):
        return None
    message = content.get("message") if isinstance(content, dict) else None
    return str(message)[:MESSAGE_LENGTH] if message else None
