"""Classifies faults of a connection: the message, the hint and whether a retry may help.

The libraries wrap a cause in several errors and use one wrapper for many causes, so all of the
wrapped errors are searched.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as urllib3

from provisioner.diagnostics import Diagnostic, TargetError, UnansweredError
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.bounded_connections import AnswerTooLargeError, OutOfTimeError
from provisioner.redaction import shown

CA_VARIABLE = "REQUESTS_CA_BUNDLE"
"""The variable that names a file of certificates to trust."""

PROXY_CREDENTIALS = (
    "the proxy asks for a user name and a password (407)",
    "write them into the proxy's address: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
)
"""The message and the hint."""

_NETWORK = "check the target's address ({root}), the network, and HTTPS_PROXY if it is needed"
_PLAIN_PORT = "check the port in the target's address ({root}); HTTPS mostly has port 443"
_TLS_PORT = "write https:// in the target's address ({root}) if its port speaks TLS"

_TLS_ALERT = "\x15\x03"
"""The first bytes of a TLS alert."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """A kind of fault.

    Attributes:
        what: the message, completing "GET /api/v3/agents: …".
        hint: what to do; `{root}` is the account's address.
        code: the code of the diagnostic.
        sent: whether the request may have reached the account.
        lasting: whether a retry can't succeed.
    """

    what: str
    hint: str = _NETWORK
    code: str = "target-unreachable"
    sent: bool = True
    lasting: bool = False


def failure(call: str, root: str, error: Exception, *, writes: bool) -> TargetError:
    """Return the error to raise for a request without a whole answer."""
    fault = _classified([*_causes(error)], root)
    tries = " (tried once)" if fault.lasting and not fault.sent else ""
    diagnostic = Diagnostic(
        code=fault.code,
        summary=f"{call}: {fault.what}{tries}",
        hint=fault.hint.replace("{root}", root),
    )
    if fault.lasting:
        return TargetError(diagnostic, uncertain=writes and fault.sent)
    return UnansweredError(diagnostic, sent=fault.sent)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all errors that it wraps, outer ones first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [getattr(one, "reason", None), *one.args, one.__cause__, one.__context__]


def _classified(causes: list[BaseException], root: str) -> _Fault:
    for kind, classify in _KINDS:
        for cause in causes:
            if isinstance(cause, kind):
                return classify(cause, root)
    return _Fault(f"the request failed: {_system_words(causes)}")


def _host(root: str) -> str:
    return urlsplit(root).netloc


def _certificate(error: ssl.SSLCertVerificationError, root: str) -> _Fault:
    what, hint = _CERTIFICATES.get(
        error.verify_code,
        (
            "is not trusted: " + shown(error.verify_message, 80),
            f"if your network has its own certificate authority, name its file in {CA_VARIABLE}",
        ),
    )
    return _Fault(
        f"the certificate of {_host(root)} {what}",
        f"the API key was not sent; {hint}",
        "target-untrusted",
        sent=False,
        lasting=True,
    )


_OTHER_HOST = (
    "was issued for another host",
    "write the host in the target's address as the certificate names it",
)
_CERTIFICATES = {
    9: ("is not valid yet", "check the clock of this machine"),
    10: (
        "has expired",
        "the owner of the domain has to renew it; check the clock of this machine, too",
    ),
    62: _OTHER_HOST,
    64: _OTHER_HOST,
}
"""OpenSSL's code (X509_V_ERR) to message and hint."""

_NOT_TLS = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"}
"""OpenSSL's reasons for a server that does not speak TLS."""


def _tls(error: ssl.SSLError, root: str) -> _Fault:
    reason = error.reason or ""
    if reason in _NOT_TLS or "RECORD_LAYER_FAILURE" in reason:
        what = f"{_host(root)} does not speak TLS on this port"
        return _Fault(what, _PLAIN_PORT, sent=False, lasting=True)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _Fault(f"{_host(root)} ended the TLS connection")
    words = shown(reason.replace("_", " ").lower() or str(error), 80)
    return _Fault(f"TLS with {_host(root)} failed: {words}")


_NO_TUNNEL = "Tunnel connection failed: "
"""The start of the message of `http.client` for a proxy's refusal."""


def _proxy(error: BaseException, _root: str) -> _Fault:
    causes = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    refusal = next((str(one) for one in causes if str(one).startswith(_NO_TUNNEL)), "")
    if " 407" in refusal:
        return _Fault(*PROXY_CREDENTIALS, sent=False, lasting=True)
    if refusal:
        words = shown(refusal.removeprefix(_NO_TUNNEL), 80)
        hint = "check that the proxy allows the account's address ({root})"
        return _Fault(f"the proxy refused to connect: {words}", hint, sent=False)
    what = "the proxy does not answer"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        what = "the host of the proxy is not found"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        what = "the proxy refuses connections"
    hint = "check HTTPS_PROXY, and NO_PROXY for hosts that need no proxy"
    return _Fault(what, hint, sent=False)


def _name(error: socket.gaierror, root: str) -> _Fault:
    host = urlsplit(root).hostname
    what = f'there is no host "{host}"'
    if error.errno == socket.EAI_AGAIN:
        what = f'the host name "{host}" can\'t be looked up right now'
    return _Fault(what, sent=False)


def _not_http(error: BaseException, root: str) -> _Fault:
    if str(error).startswith(_TLS_ALERT):
        return _Fault(f"{_host(root)} speaks TLS on this port", _TLS_PORT, lasting=True)
    return _Fault("the answer is not HTTP", _PLAIN_PORT)


def _broken(_error: BaseException, root: str) -> _Fault:
    hint = _NETWORK + (f"; {_TLS_PORT}" if root.startswith("http://") else "")
    return _Fault("the connection broke before an answer came", hint)


def _system(error: BaseException, root: str) -> _Fault:
    words = _system_words([*_causes(error)])
    return _Fault(f"can't connect to {_host(root)}: {words}", sent=False)


def _system_words(causes: list[BaseException]) -> str:
    """Return the operating system's message, or else the name of the error."""
    reasons = (cause.strerror for cause in causes if isinstance(cause, OSError))
    return shown(next((reason for reason in reasons if reason), type(causes[0]).__name__), 80)


def _always(fault: _Fault) -> Callable[[Any, str], _Fault]:
    return lambda _error, _root: fault


_MIB = 1024 * 1024
_Kind = type[BaseException] | tuple[type[BaseException], ...]
_KINDS: tuple[tuple[_Kind, Callable[[Any, str], _Fault]], ...] = (
    (
        OutOfTimeError,
        _always(_Fault(f"no whole answer within {bounded_connections.CALL_SECONDS} s")),
    ),
    (
        AnswerTooLargeError,
        _always(
            _Fault(
                f"the answer has more than {bounded_connections.ANSWER_BYTES // _MIB} MiB",
                "check that the target's address ({root}) is the LiveAgent account itself",
                "target-not-liveagent",
                lasting=True,
            )
        ),
    ),
    (ssl.SSLCertVerificationError, _certificate),
    ((urllib3.ProxyError, requests.exceptions.ProxyError), _proxy),
    (ssl.SSLError, _tls),
    (
        (
            urllib3.LocationValueError,
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            UnicodeError,
        ),
        _always(
            _Fault(
                "the target's address is malformed ({root})",
                "write an address such as https://acme.ladesk.com",
                "target-url",
                sent=False,
                lasting=True,
            )
        ),
    ),
    (socket.gaierror, _name),
    (
        requests.ConnectTimeout,
        _always(
            _Fault(f"no connection within {bounded_connections.CONNECT_SECONDS} s", sent=False)
        ),
    ),
    (
        (urllib3.ReadTimeoutError, TimeoutError),
        _always(_Fault(f"no answer for {bounded_connections.READ_SECONDS} s")),
    ),
    (urllib3.NewConnectionError, _system),
    (http.client.RemoteDisconnected, _broken),
    (
        (urllib3.IncompleteRead, urllib3.InvalidChunkLength, http.client.IncompleteRead),
        _always(_Fault("the connection broke in the middle of the answer")),
    ),
    (ConnectionError, _broken),
    (http.client.HTTPException, _not_http),
    ((urllib3.ProtocolError, urllib3.InvalidHeader, requests.exceptions.InvalidHeader), _not_http),
)
"""Kind of cause to the function that classifies it; the first kind that matches is used."""
