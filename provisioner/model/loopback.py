"""Loopback addresses: hosts that are this machine itself."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is this machine.

    Only `localhost` and literal addresses count. Any other name, such as `x.localhost`, is for
    DNS to resolve and may lead anywhere; a URL without a valid host is not loopback.
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
