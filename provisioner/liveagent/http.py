"""HTTP with an account: one session, the key in the header only, and every failure named.

`requests` reads proxies and CA bundles from the environment, as its users expect. Loopback hosts
are the exception: a proxy would look for them on its own machine.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from provisioner.diagnostics import (
    Diagnostic,
    RejectedError,
    TargetError,
    UnansweredError,
)
from provisioner.documents.attachments import Attachment
from provisioner.liveagent.pacing import MARGIN_SECONDS, WINDOW_SECONDS, Pacer
from provisioner.liveagent.retries import Retries
from provisioner.model.loopback import is_loopback
from provisioner.redaction import hide

API_ROOT = "/api/v3"
TIMEOUT_SECONDS = (10, 60)
"""To connect, and between two bytes of an answer."""

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
        """Make a client.

        Args:
            url: the account's address, with or without `/api/v3`.
            api_key: a key of API v3.
            pacer: asked before each request.
            on_retry: is told why a request is sent again, and after how many seconds.
            connections: how many there may be at once.
        """
        hide(api_key)
        self.root = url.rstrip("/").removesuffix(API_ROOT) + API_ROOT
        self.requests = 0
        self._counting = threading.Lock()
        self._pacer = pacer
        self.retries = Retries(pacer, on_retry)
        self._session = requests.Session()
        self._session.headers.update({"apikey": api_key, "Accept": "application/json"})
        # Looked up once for the one address of the account: for each request it would take about
        # as long as all the rest. Nothing else is taken over: a .netrc must not add credentials.
        environment = self._session.merge_environment_settings(self.root, {}, None, None, None)
        self._session.trust_env = False
        if not is_loopback(self.root):
            self._session.proxies.update(environment["proxies"])
        self._session.verify = environment["verify"]
        for scheme in ("http://", "https://"):
            # Blocking: more calls at once wait, and open no more connections.
            adapter = HTTPAdapter(pool_maxsize=connections, pool_block=True)
            self._session.mount(scheme, adapter)

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
        repeatable: bool | None = None,
    ) -> Answer:
        """Make one request, again where its answer did not come and it may be repeated.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below `/api/v3`, quoted.
            params: of the query.
            body: sent as JSON.
            repeatable: whether it may take effect twice without harm; of all but POST, it may.

        Raises:
            RejectedError: the account declined the request (4xx).
            UnansweredError: no true answer came, however often it was asked.
            TargetError: an answer that API v3 does not give.
        """
        return self._call(method, path, repeatable=repeatable, params=params, json=body)

    def upload(self, path: str, file: Attachment) -> Answer:
        """Send a file as a form; see `call`. Sent twice, one of the two is used nowhere."""
        form = {"file": (file.name, file.content, file.type)}
        return self._call("POST", path, repeatable=True, files=form)

    def download(self, path: str) -> bytes:
        """Return the content of a file; see `call`."""
        return self._answer("GET", path, headers={"Accept": "*/*"}).content

    def _call(self, method: str, path: str, **content: Any) -> Answer:
        answer = self._answer(method, path, **content)
        if not answer.content and method in {"PUT", "DELETE"}:
            return Answer(None, answer.headers)  # success needs no words
        try:
            return Answer(answer.json(), answer.headers)
        except (requests.JSONDecodeError, RecursionError) as error:
            finding = not_liveagent(f"{method} {API_ROOT}{path}", "the answer is not JSON")
            if method == "GET":
                raise TargetError(finding) from error
            # Something in between has answered; the account may have done it.
            failure = UnansweredError(finding, status=answer.status_code)
            failure.uncertain = True
            raise failure from error

    def _answer(
        self, method: str, path: str, *, repeatable: bool | None = None, **content: Any
    ) -> requests.Response:
        """Make one request and return a success."""
        with self._counting:
            self.requests += 1
        may_repeat = method != "POST" if repeatable is None else repeatable
        try:
            return self.retries.run(
                lambda: self._try(method, path, content), lambda error: may_repeat or not error.sent
            )
        except UnansweredError as error:
            error.uncertain = error.sent and method != "GET"
            raise

    def _try(self, method: str, path: str, content: Mapping[str, Any]) -> requests.Response:
        """Send a request, waiting for the account's limit as long as it takes."""
        answer = self._send(method, path, content)
        while answer.status_code == requests.codes.too_many_requests:
            # The limit is no error but a wait; the request it met has had no effect.
            self._pacer.hold(_asked_wait(answer, UNSAID_WAIT_SECONDS))
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
            finding = _unreachable(f"{method} {API_ROOT}{path}", self.root, error)
            if isinstance(error, _LASTING):
                raise TargetError(finding) from error
            raise UnansweredError(finding, sent=not _never_sent(error)) from error


_LASTING = (
    requests.exceptions.SSLError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)
"""Failures that another try can't mend."""


def _never_sent(error: requests.RequestException) -> bool:
    """Tell whether a request surely did not reach the account: no connection was made."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _asked_wait(answer: requests.Response, otherwise: float) -> float:
    """Return how many seconds an answer asks to wait; the header's other form is a date."""
    asked = answer.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdecimal():
        return min(float(asked), WINDOW_SECONDS) + MARGIN_SECONDS
    return otherwise


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
    if status >= requests.codes.server_error and status not in _LASTING_STATUSES:
        finding = Diagnostic(
            code="target-error",
            summary=summary,
            hint="the account had trouble; run again, and if it stays so, ask LiveAgent's support "
            "with the call and the time",
        )
        return UnansweredError(finding, status=status, retry_after=_asked_wait(answer, 0))
    finding = Diagnostic(code="target-error", summary=summary)
    if said is not None and status < requests.codes.server_error:
        return RejectedError(finding, status)
    return TargetError(finding)


_LASTING_STATUSES = {requests.codes.not_implemented, requests.codes.http_version_not_supported}


def _message(answer: requests.Response) -> str | None:
    """Return the server's own message, or None where the answer is not the API's."""
    try:
        content = answer.json()
    except (requests.JSONDecodeError, RecursionError):
        return None
    message = content.get("message") if isinstance(content, dict) else None
    return str(message)[:MESSAGE_LENGTH] if message else None
