"""Validation of account addresses before any request."""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

_SHAPE = re.compile(r"https?://[^\s/?#@\\]+(/[^\s?#\\]*)?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_LONGEST_NAME = 253
"""Characters of a host name and of each part of it (RFC 1035)."""


def address_problem(url: str) -> str:
    """Return the problem of an account's address, or "" if it is valid.

    The text continues 'the address …' and does not repeat the address.
    """
    if not url.isprintable() or not _SHAPE.fullmatch(url):
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
    return _host_problem(host)


def _host_problem(host: str) -> str:
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
        if not _LABEL.fullmatch(label):
            return f'has a host name with an invalid part: "{label[:63]}"'
    return ""
