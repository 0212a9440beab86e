"""Each fault of a connection has its own message and hint."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from provisioner.diagnostics import Diagnostic, TargetError, UnansweredError
from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from tests.unit.liveagent.raw import raw_server
from tests.unit.liveagent.scripted import Reply, scripted

KEY = "secret-of-the-account"
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def ok(_connection: object) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def silence(_connection: object) -> Iterator[bytes]:
    return iter(())


def ask(url: str) -> object:
    client = Client(url, KEY, pacer=Pacer(0, sleep=lambda _seconds: None))
    try:
        return client.call("GET", "/agents").content
    finally:
        client.close()


def failed(url: str) -> Diagnostic:
    with pytest.raises(TargetError) as raised:
        ask(url)
    (finding,) = raised.value.diagnostics
    return finding


@pytest.mark.usefixtures("trusted")
class TestTLS:
    def test_a_valid_certificate(self, authority: trustme.CA) -> None:
        with raw_server(ok, context_of(authority.issue_cert("127.0.0.1"))) as port:
            assert ask(f"https://127.0.0.1:{port}") == []

    @pytest.mark.parametrize(
        ("host", "days", "words"),
        [
            ("127.0.0.1", (-2, -1), "has expired"),
            ("127.0.0.1", (1, 2), "is not valid yet"),
            ("10.9.8.7", (-1, 1), "was issued for another host"),
        ],
    )
    def test_a_certificate_that_does_not_hold(
        self, authority: trustme.CA, host: str, days: tuple[int, int], words: str
    ) -> None:
        first, last = (NOW + day * DAY for day in days)
        certificate = authority.issue_cert(host, not_before=first, not_after=last)
        with raw_server(ok, context_of(certificate)) as port:
            finding = failed(f"https://127.0.0.1:{port}")
        assert finding.code == "target-untrusted"
        assert f"the certificate of 127.0.0.1:{port} {words}" in finding.summary
        assert "the API key was not sent" in finding.hint

    def test_a_host_that_the_certificate_does_not_name(self, authority: trustme.CA) -> None:
        with raw_server(ok, context_of(authority.issue_cert("acme.example"))) as port:
            finding = failed(f"https://localhost:{port}")
        assert "was issued for another host" in finding.summary

    def test_an_issuer_that_nobody_knows(self) -> None:
        with raw_server(ok, context_of(trustme.CA().issue_cert("127.0.0.1"))) as port:
            finding = failed(f"https://127.0.0.1:{port}")
        assert "is not trusted" in finding.summary
        assert "REQUESTS_CA_BUNDLE" in finding.hint

    def test_a_port_without_tls(self) -> None:
        with scripted(lambda _request: Reply([])) as (url, seen):
            finding = failed(url.replace("http:", "https:"))
        assert "does not speak TLS on this port" in finding.summary
        assert "443" in finding.hint
        assert seen == []

    def test_a_port_with_tls_that_is_asked_without(self, authority: trustme.CA) -> None:
        with raw_server(ok, context_of(authority.issue_cert("127.0.0.1"))) as port:
            finding = failed(f"http://127.0.0.1:{port}")
        assert "write https://" in finding.hint

    def test_a_tls_alert_in_place_of_an_answer(self) -> None:
        def alert(_connection: object) -> Iterator[bytes]:
            yield b"\x15\x03\x01\x00\x02\x02\x46"

        with raw_server(alert) as port:
            finding = failed(f"http://127.0.0.1:{port}")
        assert "speaks TLS on this port" in finding.summary

    def test_a_connection_that_ends_while_tls_is_set_up(self) -> None:
        with raw_server(silence, until=b"") as port:
            finding = failed(f"https://127.0.0.1:{port}")
        assert finding.code == "target-unreachable"


class TestBundle:
    @pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_a_missing_bundle_is_named(
        self, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(variable, str(tmp_path / "gone.pem"))
        finding = failed("https://acme.example")
        assert finding.code == "ca-bundle"
        assert variable in finding.summary
        assert "gone.pem" in finding.summary

    def test_a_bundle_is_not_needed_without_tls(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
        with scripted(lambda _request: Reply([])) as (url, _):
            assert ask(url) == []

    def test_a_bundle_without_certificates(
        self, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "odd.pem").write_text("no certificate")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "odd.pem"))
        with raw_server(ok, context_of(authority.issue_cert("127.0.0.1"))) as port:
            finding = failed(f"https://127.0.0.1:{port}")
        assert finding.code == "ca-bundle"
        assert "odd.pem" in finding.summary


class TestNetwork:
    def test_a_port_where_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        finding = failed(f"http://127.0.0.1:{port}")
        assert f"can't connect to 127.0.0.1:{port}: Connection refused" in finding.summary

    def test_a_host_that_does_not_exist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", unknown(socket.EAI_NONAME))
        assert 'there is no host "acme.invalid"' in failed("https://acme.invalid").summary

    def test_a_name_server_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", unknown(socket.EAI_AGAIN))
        assert "can't be looked up right now" in failed("https://acme.invalid").summary

    def test_a_server_that_hangs_up(self) -> None:
        with raw_server(silence) as port:
            finding = failed(f"http://127.0.0.1:{port}")
        assert "the connection broke before an answer came" in finding.summary

    @pytest.mark.parametrize(
        "first",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\x00" * 40,
            b"HTTP/9 x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
        ],
    )
    def test_something_else_than_http(self, first: bytes) -> None:
        def answer(_connection: object) -> Iterator[bytes]:
            yield first

        with raw_server(answer) as port:
            assert "the answer is not HTTP" in failed(f"http://127.0.0.1:{port}").summary

    def test_a_request_that_was_not_sent_is_known_to_be_not_sent(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}", KEY, pacer=Pacer(0, sleep=lambda _s: None))
        with pytest.raises(UnansweredError) as raised:
            client.call("POST", "/agents", body={})
        assert not raised.value.uncertain


def unknown(code: int) -> object:
    def look_up(*_arguments: object, **_options: object) -> object:
        raise socket.gaierror(code, "no such name")

    return look_up


class TestProxy:
    def test_nobody_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:word-of-user@127.0.0.1:{port}")
        finding = failed("https://acme.example")
        assert "the proxy refuses connections" in finding.summary
        assert "word-of-user" not in f"{finding}"

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_it_wants_credentials(self, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def answer(_connection: object) -> Iterator[bytes]:
            yield b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

        with raw_server(answer) as port:
            monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{port}")
            finding = failed(f"{scheme}://acme.example")
        assert "the proxy asks for a user name and a password (407)" in finding.summary
        assert "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT" in finding.hint

    def test_it_does_not_let_through(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def answer(_connection: object) -> Iterator[bytes]:
            yield b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"

        with raw_server(answer) as port:
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
            finding = failed("https://acme.example")
        assert "the proxy refused to connect: 403 Forbidden" in finding.summary


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1",
        "https://acme..example",
        "https://.acme.example",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 130 + "example",
        "https://acme.example:99999",
        "https://acme.example:0",
        "https://acme.example:x",
        "https://acme_.-x.example",
        "https://[fe80::1%25eth0",
        "https://a\u200db.example",
        "https://acme\u3002.example",
        "https://user:pw@acme.example",
        "https://acme.example\\@evil.example",
        "https://",
        "acme.example",
    ],
)
def test_a_malformed_address_is_a_finding(url: str) -> None:
    finding = failed(url)
    assert finding.code == "target-url"
    assert "pw" not in finding.summary


@pytest.mark.parametrize(
    "url", ["https://acme.ladesk.com.", "http://[::1]:8080/help", "https://münchen.example"]
)
def test_an_unusual_address_is_accepted(url: str) -> None:
    Client(url, KEY, pacer=Pacer(0)).close()
