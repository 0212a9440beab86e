"""`drift --notify`: one line to a webhook, whose failure changes nothing."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support import Account, write_project
from tests.unit.liveagent.raw import raw_server
from tests.unit.liveagent.test_connections import context_of


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    return authority


@pytest.fixture
def drifting(live: Account, tmp_path: Path) -> Path:
    del live
    return write_project(tmp_path / "p", team="departments: [{name: Support}]")


def answering(received: list[bytes], status: str) -> object:
    def answer(connection: socket.socket) -> Iterator[bytes]:
        received.append(connection.recv(65536))
        yield f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nLocation: /x\r\n\r\nok".encode()

    return answer


def test_the_headline_is_posted_if_there_is_drift(
    live: Account, drifting: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[bytes] = []
    context = context_of(authority.issue_cert("127.0.0.1"))
    with raw_server(answering(received, "200 OK"), context) as port:  # type: ignore[arg-type]
        monkeypatch.setenv("PROVISIONER_WEBHOOK", f"https://127.0.0.1:{port}/services/secret")
        result = live.run("drift", str(drifting), "--notify", "--detailed-exitcode")
        live.apply(drifting)
        clean = live.run("drift", str(drifting), "--notify", "--detailed-exitcode")
    assert result.exit_code == 2
    [body] = received
    assert json.loads(body) == {"text": "Drift on environment, compared with the files: 1 missing."}
    assert "webhook" not in result.stderr
    assert clean.exit_code == 0


@pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Oops"])
def test_an_answer_that_is_no_success_is_a_warning(
    live: Account,
    drifting: Path,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
) -> None:
    received: list[bytes] = []
    context = context_of(authority.issue_cert("127.0.0.1"))
    with raw_server(answering(received, status), context) as port:  # type: ignore[arg-type]
        monkeypatch.setenv("PROVISIONER_WEBHOOK", f"https://127.0.0.1:{port}/secret")
        result = live.run("drift", str(drifting), "--notify", "--detailed-exitcode")
    assert result.exit_code == 2
    assert f"it answered {status[:3]}" in result.stderr
    assert len(received) == 1
    assert "/secret" not in result.output


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "PROVISIONER_WEBHOOK is not set"),
        ("http://127.0.0.1:1/secret", "its address is no https address"),
        ("https://127.0.0.1:1/secret", "ConnectionError"),
        ("https://[/secret", "its address is no https address"),
        ("https://127.0.0.1:x/secret", "InvalidURL"),
    ],
)
def test_an_unusable_webhook_is_a_warning_without_its_address(
    live: Account, drifting: Path, monkeypatch: pytest.MonkeyPatch, address: str, words: str
) -> None:
    monkeypatch.setenv("PROVISIONER_WEBHOOK", address)
    result = live.run("drift", str(drifting), "--notify")
    assert result.exit_code == 0
    assert "warning: the webhook got no message" in result.stderr
    assert words in result.stderr
    assert "secret" not in result.output
