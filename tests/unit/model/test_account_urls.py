"""Which hosts are pinned, and which addresses have no encryption."""

import pytest

from provisioner.model.account_urls import account_address, is_loopback, is_pinned, is_unencrypted


@pytest.mark.parametrize(
    ("url", "pins"),
    [
        ("https://acme.ladesk.com", "acme.ladesk.com"),
        ("https://ACME.Ladesk.com.", "other.example, acme.LADESK.com"),
        ("https://acme.ladesk.com/api/v3", "other.example acme.ladesk.com:443"),
        ("http://acme.ladesk.com", "acme.ladesk.com:80"),
        ("https://acme.ladesk.com:8443", "acme.ladesk.com"),
        ("https://acme.ladesk.com", "*.ladesk.com"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080", "[::1]"),
    ],
)
def test_a_pinned_host(url: str, pins: str) -> None:
    assert is_pinned(url, pins)


@pytest.mark.parametrize(
    ("url", "pins"),
    [
        ("https://evil.example", "acme.ladesk.com"),
        ("https://acme.ladesk.com", ","),
        ("https://acme.ladesk.com.evil.example", "acme.ladesk.com *.ladesk.com"),
        ("https://evil-ladesk.com", "*.ladesk.com"),
        ("https://ladesk.com", "*.ladesk.com"),
        ("https://acme.ladesk.com:8443", "acme.ladesk.com:443"),
        ("https://evil.example/acme.ladesk.com", "*.ladesk.com"),
        # Some parsers end the host at a backslash, others at the slash after it.
        ("https://evil.example\\.ladesk.com", "*.ladesk.com"),
        ("https://evil.example\\@acme.ladesk.com", "acme.ladesk.com"),
        ("https://evil.example%2f.ladesk.com", "*.ladesk.com"),
        ("https://evil.example\uff0f.ladesk.com", "*.ladesk.com"),
        ("https://acme.ladesk.com:443x", "acme.ladesk.com"),
        ("https://[::1]acme.ladesk.com", "*.ladesk.com [::1]"),
        ("https://[a-z].example", "[a-z].example"),
        ("https://b.example", "[a-z].example"),
    ],
)
def test_any_other_host(url: str, pins: str) -> None:
    assert not is_pinned(url, pins)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.example", False),
        ("http://localhost:80", False),
        ("http://127.0.0.1:8080/api/v3", False),
        ("http://[::1]", False),
        ("http://acme.example", True),
        ("http://localhost.acme.example", True),
        ("http://127.0.0.1\\.acme.example", True),
        ("http://[::1]acme.example", True),
    ],
)
def test_without_encryption(url: str, expected: bool) -> None:
    assert is_unencrypted(url) is expected


def test_an_address_is_the_same_with_the_root_of_its_api() -> None:
    for url in ("https://acme.example", "https://acme.example/", "https://acme.example/api/v3/"):
        assert account_address(url) == "https://acme.example"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1",
        "127.8.9.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
@pytest.mark.parametrize("rest", ["", ":8080", "/api/v3"])
def test_this_machine(host: str, rest: str) -> None:
    assert is_loopback(f"http://{host}{rest}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://",
        "http://acme.example",
        "http://localhost.acme.example",
        "http://x.localhost",
        "http://127.0.0.1.acme.example",
        "http://127.0.0.1@acme.example",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://[::1",
        "http://[::ffff:10.0.0.1]",
        "http://2130706433",
    ],
)
def test_another_machine_or_none(url: str) -> None:
    assert not is_loopback(url)
