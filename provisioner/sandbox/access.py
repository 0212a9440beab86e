"""Decides whether a request is accepted: its host, its key, the key's scopes and its limit."""

import math
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address

from starlette.requests import Request

from provisioner.sandbox.call import Operation
from provisioner.sandbox.database import Database, Row
from provisioner.sandbox.errors import BlockedError, ForbiddenError, TooManyRequestsError
from provisioner.sandbox.policy import DENIED
from provisioner.sandbox.store import devices, identifiers, keys, phones, scopes

_WINDOW = 60.0


class RateLimit:
    """Limits the requests of each key within any 60 seconds.

    The limit is documented (D: KB 217359: 180 per minute and key). The answer to a request above
    it is not (U), so it is the one that `_login` documents: 429.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without any requests.

        The limit 0 is none.
        """
        self._per_minute = per_minute
        self._clock = clock
        self._passed: defaultdict[int, deque[float]] = defaultdict(deque)

    def count(self, key_id: int) -> None:
        """Count one request of a key.

        Raises:
            TooManyRequestsError: the key has reached the limit; it has the seconds to wait.
        """
        if not self._per_minute:
            return
        now, passed = self._clock(), self._passed[key_id]
        while passed and passed[0] <= now - _WINDOW:
            passed.popleft()
        if len(passed) >= self._per_minute:
            raise TooManyRequestsError(math.ceil(passed[0] + _WINDOW - now))
        passed.append(now)


def is_own_host(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether the one Host header of a request names this machine, at any port.

    A page in a browser may have its own name resolve to 127.0.0.1 (DNS rebinding); its requests
    still carry that name.
    """
    hosts = [value for name, value in headers if name.lower() == b"host"]
    match = _HOST.fullmatch(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
    if match is None:
        return False
    name = match["v6"] or match["name"]
    try:
        return name.lower().rstrip(".") == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


_HOST = re.compile(r"(\[(?P<v6>[^\]]*)\]|(?P<name>[^:\[\]]*))(:[0-9]*)?")


def authenticate(database: Database, request: Request, limit: RateLimit) -> Row:
    """Return the row of a request's key, and count the request for the limit.

    The key must be in the header: in the query string it is refused (D: changelog 2018-06-13).

    Raises:
        ForbiddenError: there is no key, or it is wrong or no longer valid.
        BlockedError: the key may not be used from this address.
        TooManyRequestsError: the key has reached its limit.
    """
    text = request.headers.get("apikey")
    if text is None:
        raise ForbiddenError("API key is missing; send it in the request header 'apikey'")
    key = keys.find(database, text)
    if key is None:
        raise ForbiddenError("ApiKey not found")
    if key["valid_to_date"] and key["valid_to_date"] < identifiers.now():
        raise ForbiddenError("ApiKey has expired")
    address = request.client.host if request.client else ""
    if key["whitelist"] != "*" and address not in key["whitelist"].replace(",", " ").split():
        raise BlockedError("Access from this IP address is not allowed")
    limit.count(key["id"])
    return key


def require_scope(
    database: Database, key: Row, operation: Operation, path: Mapping[str, str]
) -> None:
    """Check that a key has a scope for a request (D: the scopes; I: which call needs which).

    Raises:
        ForbiddenError: it has none of them.
    """
    granted = scopes.from_json(key["privileges"]).intersection(operation.scopes)
    if not operation.scopes or granted - scopes.OWN:
        return
    if not granted or not _is_own(database, key, path):
        raise ForbiddenError(DENIED)


def _is_own(database: Database, key: Row, path: Mapping[str, str]) -> bool:
    """Return whether the object of a path belongs to the key's agent; a path without one does."""
    agent_id = str(key["agent_id"])
    match path:
        case {"agentId": owner}:
            return owner in {agent_id, "me"}
        case {"deviceId": number}:
            return _owner(devices.find(database, _number(number)), "agent_id") == agent_id
        case {"apikeyId": number}:
            return _owner(keys.read(database, _number(number)), "userid") == agent_id
        case {"phoneId": phone_id}:
            return phone_id in phones.OWN or phones.owner(database, phone_id) == agent_id
    return True


def _owner(row: Row | None, column: str) -> str:
    return str(row[column]) if row else ""


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0
