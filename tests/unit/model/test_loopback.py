"""Which addresses are this machine."""

import pytest

from provisioner.model.loopback import is_loopback


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
