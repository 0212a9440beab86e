"""Sends one request to an account and reads its answer within bounds.

Proxies and CA bundles come from the environment, as users of `requests` expect. Requests to
loopback hosts use no proxy: it would connect to its own machine.
"""

import json
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3.exceptions import HTTPError

from provisioner.diagnostics import Diagnostic, TargetError
from provisioner.liveagent.http import bounded_connections
from provisioner.liveagent.http.answers import Answer, UnreadableError, decompressed
from provisioner.liveagent.http.bounded_connections import BoundedAdapter, bounded_call
from provisioner.liveagent.http.connection_faults import CA_VARIABLE, failure
from provisioner.liveagent.http.refusals import not_liveagent
from provisioner.model.account_urls import address_problem, is_loopback
from provisioner.redaction import MASK, SHORTEST_KEY, spellings

_CHUNK_BYTES = 64 * 1024


class Transport:
    """Sends requests to one account, from several threads at once.

    Attributes:
        verify: whether certificates are checked, or the file of trusted certificates.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        connections: int,
        key_headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare connections to an account.

        The key is sent with every request, and masked in every answer. `key_headers` hold it in
        the form that the server reads; None for that of LiveAgent.

        Raises:
            TargetError: the address is malformed, or the CA bundle is missing.
        """
        if problem := address_problem(url):
            raise TargetError(_malformed(problem))
        self._url = url
        session = requests.Session()
        # Only gzip is decompressed within bounds; any other compression is refused.
        own = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        self._headers = {**session.headers, **own, **(key_headers or {"apikey": api_key})}
        self._own_key = [
            spelling.encode()
            for spelling in sorted(spellings(api_key), key=len, reverse=True)
            if len(api_key) >= SHORTEST_KEY
        ]
        # Read once for the one address of the account: reading it for each request would double
        # the work per request. No other settings are used: a .netrc must not add credentials.
        environment = session.merge_environment_settings(url, {}, None, None, None)
        self._proxies = {} if is_loopback(url) else environment["proxies"]
        verify = environment["verify"]
        self.verify: bool | str = True if verify is None else verify
        if url.startswith("https://") and isinstance(self.verify, str):
            _check_bundle(self.verify)
        # With all connections in use, further requests wait instead of opening more.
        self._adapter = BoundedAdapter(pool_maxsize=connections, pool_block=True)

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return its whole answer, without following redirects.

        A redirect could send the key to another host, and turns a PUT into a GET.

        `path` is below the account's address. `body` is sent as JSON, and `files` as a form.

        Raises:
            UnansweredError: no whole answer came; a retry may succeed.
            TargetError: no whole answer came, and a retry can't succeed.
        """
        call, writes = f"{method} {path}", method != "GET"
        # A session would merge its settings, which are the same for all requests, into each.
        request = requests.PreparedRequest()
        try:
            request.prepare(
                method,
                self._url + path,
                params=urlencode(params or {}),
                headers={
                    **self._headers,
                    **(headers or {}),
                    **({"Content-Type": "application/json"} if body is not None else {}),
                },
                data=json.dumps(body).encode() if body is not None else None,
                files=files,
            )
            with bounded_call():
                response = self._adapter.send(
                    request,
                    stream=True,
                    timeout=(bounded_connections.CONNECT_SECONDS, bounded_connections.READ_SECONDS),
                    verify=self.verify,
                    proxies=self._proxies,
                )
                return self._read(response)
        except (OSError, HTTPError) as error:
            raise failure(call, self._url, error, writes=writes) from error
        except UnreadableError as error:
            diagnostic = not_liveagent(call, f"the answer {error}")
            raise TargetError(diagnostic, uncertain=writes) from error

    def _read(self, response: requests.Response) -> Answer:
        try:
            chunks = response.raw.stream(_CHUNK_BYTES, decode_content=False)
            body = decompressed(chunks, response.headers.get("Content-Encoding", ""))
        except BaseException:
            response.close()  # a connection in the middle of an answer can't be used again
            raise
        response.raw.release_conn()
        for spelling in self._own_key:
            # Masked before decoding: a key that an account echoes must reach no plan and no record.
            body = body.replace(spelling, MASK.encode())
        return Answer(response.status_code, response.reason or "", response.headers, body)


def _malformed(problem: str) -> Diagnostic:
    return Diagnostic(
        code="target-url",
        summary=f"the account's address {problem}",
        hint="write an address such as https://acme.ladesk.com",
    )


def _check_bundle(name: str) -> None:
    """Check the file or folder of trusted certificates: errors of `requests` would not name it.

    Raises:
        TargetError: it does not exist, or has no certificates.
    """
    file = Path(name)
    problem = "" if file.exists() else "does not exist"
    if file.is_file():
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            problem = "holds no certificates in the form PEM"
        except OSError as error:
            problem = f"can't be read: {error.strerror}"
    elif not problem and not file.is_dir():
        problem = "is neither a file nor a folder"
    if problem:
        variable = CA_VARIABLE if os.environ.get(CA_VARIABLE) == name else "CURL_CA_BUNDLE"
        raise TargetError(
            Diagnostic(
                code="ca-bundle",
                summary=f"{name}, which {variable} names, {problem}",
                hint=f"correct {variable}, or unset it to trust the usual certificate authorities",
            )
        )
