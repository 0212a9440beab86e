"""Shows writes late: lists as they were some reads ago, and new objects as missing at first."""

import json
from collections import deque
from collections.abc import Sequence

from starlette.types import Message, Scope

from provisioner.sandbox.switches import Switches

_ROOT = "/api/v3"
_CREATIONS = {f"{_ROOT}/{path}" for path in ("agents", "agents/undelete", "departments", "roles")}
_GRID = f"{_ROOT}/grid/agents"
_SERVICES = "update"
"""The last part of the path that writes services of members."""


class Lag:
    """The delays of one sandbox. Only the server's thread uses it."""

    def __init__(self, switches: Switches) -> None:
        """Start with an account that shows everything."""
        self._reads = {
            f"{_ROOT}/agents": switches.lag_agents,
            f"{_ROOT}/agents/profiles": switches.lag_profiles,
            _GRID: switches.lag_grid_agents,
            f"{_ROOT}/grid/departments": switches.lag_departments,
            f"{_ROOT}/devices": switches.lag_devices,
            f"{_ROOT}/roles": switches.lag_roles,
        }
        self._requests = switches.lag_new_objects
        self._earlier: dict[tuple[str, bytes], deque[list[Message]]] = {}
        self._hidden: dict[str, int] = {}

    def hides(self, scope: Scope) -> bool:
        """Return whether a request is for something new that is not shown yet."""
        for part in scope["path"].split("/"):
            if self._hidden.get(part):
                self._hidden[part] -= 1
                return True
        return False

    def shown(self, scope: Scope, messages: list[Message]) -> list[Message]:
        """Return the answer to send for the answer that the account has now."""
        if not messages or messages[0]["status"] not in {200, 206}:
            return messages
        if scope["method"] != "GET":
            self._note_new(scope, messages)
            return messages
        if scope["path"] == _GRID:
            self._hidden.clear()  # a new object is found at the latest when a list shows it
        reads = self._reads.get(scope["path"])
        if not reads:
            return messages
        key = (scope["path"], scope["query_string"])
        earlier = self._earlier.setdefault(key, deque(maxlen=reads + 1))
        earlier.append(messages)
        return earlier[0]

    def _note_new(self, scope: Scope, messages: Sequence[Message]) -> None:
        """Hide the object that a request has created."""
        path = scope["path"]
        if self._requests and scope["method"] == "POST" and path in _CREATIONS:
            row = json.loads(messages[1]["body"] or "{}")
            new = row.get("id") or row.get("department_id")
            self._hidden[str(new)] = self._requests
        is_membership = path.startswith(f"{_ROOT}/departments/") and path.count("/") == 5
        if self._requests and scope["method"] == "PUT" and is_membership:
            self._hidden[_SERVICES] = self._requests
