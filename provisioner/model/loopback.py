"""Recognition of loopback addresses."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit


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
