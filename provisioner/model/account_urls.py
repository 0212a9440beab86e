"""Checks of account addresses before any request: validity, encryption and pinned hosts."""

import re
from fnmatch import fnmatchcase
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from provisioner.diagnostics import Diagnostic

API_ROOT = "/api/v3"

_URL = r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?"
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_LONGEST_NAME = 253
"""Maximum length of a host name (RFC 1035)."""

_HOST = r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]"
"""Hosts that all URL parsers read the same: ASCII letters and digits, no backslash."""

_PORTS = {"http": 80, "https": 443}


def account_address(url: str) -> str:
    """Return the address of an account without the root of its API."""
    return url.rstrip("/").removesuffix(API_ROOT)


def address_problem(url: str) -> str:
    """Return the problem of an account's address, or "" if it is valid.

    The text continues 'the address …' and does not repeat the address.
    """
    if not url.isprintable() or not re.fullmatch(_URL, url):
        return "is not an http or https URL without credentials, query and fragment"
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        if host.startswith("[") or ":" in host:
            IPv6Address(host)
            return "" if port != 0 else "has the port 0"
    except ValueError:
        return "has a malformed host or port"
    if port == 0:
        return "has the port 0"
    return _name_problem(host)


def _name_problem(host: str) -> str:
    """Return the problem of a host name, or "" if it is valid."""
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return "has a host name that can't be written in ASCII"
    name = name.removesuffix(".")
    if len(name) > _LONGEST_NAME:
        return f"has a host name of more than {_LONGEST_NAME} characters"
    for label in name.split("."):
        if not label:
            return "has a host name with an empty part"
        if not re.fullmatch(_LABEL, label, re.IGNORECASE):
            return f'has a host name with an invalid part: "{label[:63]}"'
    return ""


def is_unencrypted(url: str) -> bool:
    """Return whether an address sends the API key in plain text to another machine."""
    is_local = _host_and_port(url) is not None and is_loopback(url)
    return url.startswith("http://") and not is_local


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is this machine.

    Only `localhost` and IP addresses count. DNS resolves any other name, such as `x.localhost`, and
    may return any address. A URL without a valid host is not loopback.
    """
    try:
        host = urlsplit(url).hostname or ""
        if host.lower().rstrip(".") == "localhost":
            return True
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_pinned(url: str, pins: str) -> bool:
    """Return whether the host of an address is among the allowed ones.

    Args:
        url: the address of an account.
        pins: host names separated by commas or blanks. `*` matches any text: `*.ladesk.com` allows
            every subdomain. `HOST:PORT` allows one port, `HOST` all ports.
    """
    host_and_port = _host_and_port(url)
    if host_and_port is None:
        return False
    host, port = host_and_port
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
    if not re.fullmatch(_HOST, host):
        return None
    return host.lower().removesuffix("."), port


def unencrypted(what: str) -> Diagnostic:
    """Return the error for an address that would send the API key in plain text.

    Args:
        what: the object with the address, such as `target "production"`.
    """
    return Diagnostic(
        code="insecure-url",
        summary=f"{what} is reached without encryption",
        hint="write https:// in its address; or, if you own the whole network path, declare the "
        "target in provisioner.yaml with insecure: true",
    )
