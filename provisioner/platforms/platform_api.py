"""Calls the API of a platform, with the time limits, sizes and retries of calls to an account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from provisioner.diagnostics import (
    Diagnostic,
    RefusedError,
    RejectedError,
    TargetError,
    UnansweredError,
)
from provisioner.liveagent.http.answers import Answer
from provisioner.liveagent.http.pacing import Pacer
from provisioner.liveagent.http.retries import Retries
from provisioner.liveagent.http.transport import Transport
from provisioner.model.account_urls import address_problem, is_unencrypted
from provisioner.redaction import hide, shown

CODE = "platform-refused"

_TOO_MANY_REQUESTS = 429
_NO_ACCESS = {401, 403, 404}
_FIRST_OF_SERVER = 500
_MOST_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class ApiResult:
    """The content of an answer.

    Attributes:
        content: the decoded JSON; None if the body is empty.
        headers: by name, in any letter case.
    """

    content: Any
    headers: Mapping[str, str]


class PlatformApi:
    """Sends requests with a token to the host of one platform, and to no other one.

    Redirects are not followed, because they could send the token elsewhere.
    """

    def __init__(
        self, url: str, token: str, headers: Mapping[str, str], pacer: Pacer | None = None
    ) -> None:
        """Prepare calls below the address of an API, and redact the token in all output.

        `headers` hold the token in the form that the platform reads. `pacer` waits for retries.

        Raises:
            RefusedError: the address is malformed, or would send the token in plain text.
            TargetError: the file of trusted certificates is missing.
        """
        problem = address_problem(url)
        if not problem and is_unencrypted(url):
            problem = "is not an https address"
        if problem:
            raise RefusedError(
                Diagnostic(
                    code="platform-address",
                    summary=f"the address of the platform's API {problem}",
                    hint="correct the variable that names it; the token was not sent",
                )
            )
        hide(token)
        if not (token.isascii() and token.isprintable()):
            # Not shown: it is the token.
            raise TargetError(Diagnostic(code=CODE, summary="the token is no plain text"))
        parts = urlsplit(url)
        self._root = parts.path.rstrip("/")
        self._retries = Retries(pacer or Pacer(0))
        self._transport = Transport(
            f"{parts.scheme}://{parts.netloc}", token, _MOST_CONNECTIONS, headers
        )

    def __enter__(self) -> Self:
        """Keep the connections open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._transport.close()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str | int] | None = None,
        root: str | None = None,
    ) -> ApiResult:
        """Make a call and return the content of its answer.

        `path` is below the address of the API, or below another `root` on the same host. A POST is
        repeated only if it had certainly no effect, so that no comment is written twice.

        Raises:
            TargetError: the platform declined the call, or gave no usable answer.
        """
        root = self._root if root is None else root

        def send() -> ApiResult:
            try:
                answer = self._transport.send(method, root + path, params=params, body=body)
            except UnansweredError as error:
                raise error.about(_of_platform(error.diagnostics[0])) from error
            except TargetError as error:
                raise TargetError(_of_platform(error.diagnostics[0])) from error
            return _result(f"{method} {path}", answer)

        return self._retries.run(send, lambda error: method != "POST" or not error.sent)


def _of_platform(diagnostic: Diagnostic) -> Diagnostic:
    """Return a fault of a connection in words of the platform."""
    hint = "check the network, HTTPS_PROXY, and the platform's address"
    return replace(diagnostic, code=CODE, hint=hint)


def _result(call: str, answer: Answer) -> ApiResult:
    status = answer.status
    if not answer.succeeded:
        reason = answer.reason() or shown(answer.phrase)
        if "Location" in answer.headers and status < _TOO_MANY_REQUESTS:
            reason = "redirects are not followed"
        hint = ""
        if status in _NO_ACCESS:
            hint = "check the token: docs/commands.md lists what it needs on each platform"
        diagnostic = Diagnostic(code=CODE, summary=f"{call}: {status} {reason}", hint=hint)
        if status == _TOO_MANY_REQUESTS or "Retry-After" in answer.headers:
            # It was declined, so it has had no effect.
            wait = answer.asked_wait(0)
            raise UnansweredError(diagnostic, status=status, sent=False, retry_after=wait)
        if status >= _FIRST_OF_SERVER:
            raise UnansweredError(diagnostic, status=status)
        raise RejectedError(diagnostic, status)
    try:
        content = json.loads(answer.body) if answer.body.strip() else None
    except (ValueError, RecursionError) as error:
        diagnostic = Diagnostic(code=CODE, summary=f"{call}: the answer is not JSON")
        raise TargetError(diagnostic) from error
    return ApiResult(content, answer.headers)
