"""Checks of the hosts in account addresses: encryption and pinning."""

import re
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from provisioner.model.loopback import is_loopback

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
"""Hosts that all URL parsers read the same: ASCII letters and digits, no backslash."""

_PORTS = {"http": 80, "https": 443}


API_ROOT = "/api/v3"


def account_address(url: str) -> str:
    """Return the address of an account without the root of its API."""
    return url.rstrip("/").removesuffix(API_ROOT)


def is_unencrypted(url: str) -> bool:
    """Return whether an address sends the API key in plain text to another machine."""
    local = _host_and_port(url) is not None and is_loopback(url)
    return url.startswith("http://") and not local


def is_pinned(url: str, pins: str) -> bool:
    """Return whether the host of an address is among the allowed ones.

    Args:
        url: the address of an account.
        pins: host names separated by commas or blanks. `*` matches any text: `*.ladesk.com` allows
            every subdomain. `HOST:PORT` allows one port, `HOST` all ports.
    """
    found = _host_and_port(url)
    if found is None:
        return False
    host, port = found
    return any(
        fnmatchcase(name, pin.replace("[", "[[]"))
        for pin in re.split(r"[,\s]+", pins.strip().lower())
        for name in (host, f"{host}:{port}")
    )


def _host_and_port(url: str) -> tuple[str, int] | None:
    """Return the host in lower case and the port, or None if parsers could disagree on them."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    host = parts.netloc.removesuffix(f":{parts.port}")
    if not _HOST.fullmatch(host):
        return None
    return host.lower().removesuffix("."), port
