"""Proxies and credentials of the environment: what may get a request, and what may not."""

from pathlib import Path

import pytest
import trustme

from provisioner.liveagent.http.client import Client
from provisioner.liveagent.http.pacing import Pacer
from tests.unit.liveagent.scripted import Reply, scripted

KEY = "secret-of-the-account"

VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("exceptions", [None, "", "acme.example"])
def test_a_loopback_address_is_never_asked_through_a_proxy(
    variable: str, exceptions: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        scripted(lambda _request: Reply({"from": "proxy"})) as (proxy, through_proxy),
        scripted(lambda _request: Reply({"from": "account"})) as (url, seen),
    ):
        monkeypatch.setenv(variable, proxy)
        if exceptions is not None:
            monkeypatch.setenv("NO_PROXY", exceptions)
        for address in (url, url.replace("127.0.0.1", "localhost")):
            client = Client(address, KEY, pacer=Pacer(0))
            assert client.call("GET", "/agents").content == {"from": "account"}
            client.close()
    assert (len(through_proxy), len(seen)) == (0, 2)


@pytest.mark.parametrize("variable", VARIABLES)
def test_any_other_address_is_asked_through_the_proxy(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(lambda _request: Reply({"from": "proxy"})) as (proxy, through_proxy):
        monkeypatch.setenv(variable, proxy)
        client = Client("http://acme.example", KEY, pacer=Pacer(0))
        assert client.call("GET", "/agents").content == {"from": "proxy"}
        client.close()
    assert len(through_proxy) == 1


def test_a_loopback_address_keeps_the_certificates_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    for address in ("https://127.0.0.1:1", "https://acme.example"):
        assert Client(address, KEY, pacer=Pacer(0))._transport.verify == str(bundle)


@pytest.mark.parametrize("machine", ["machine 127.0.0.1", "default"])
def test_a_netrc_adds_and_replaces_nothing(
    machine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"{machine} login eve password pass-of-eve\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with scripted(lambda _request: Reply([])) as (url, seen):
        client = Client(url, KEY, pacer=Pacer(0))
        client.call("GET", "/agents")
        client.call("PUT", "/agents/x", body={"name": "Mia Chen"})
        client.close()
    for request in seen:
        assert request.headers["apikey"] == KEY
        assert "authorization" not in {name.lower() for name in request.headers}
