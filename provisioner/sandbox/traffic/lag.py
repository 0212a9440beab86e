"""Shows new objects as missing at first."""

import json
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
        self._requests = switches.lag_new_objects
        self._hidden: dict[str, int] = {}

    def hides(self, scope: Scope) -> bool:
        """Return whether a request is for something new that is not shown yet."""
        for part in scope["path"].split("/"):
            if self._hidden.get(part):
                self._hidden[part] -= 1
                return True
        return False

    def note(self, scope: Scope, messages: Sequence[Message]) -> None:
        """Hide what a successful write has created, until the grid of agents is read."""
        if scope["path"] == _GRID:
            self._hidden.clear()
        elif messages and messages[0]["status"] == 200 and scope["method"] != "GET":
            self._note_new(scope, messages)

    def _note_new(self, scope: Scope, messages: Sequence[Message]) -> None:
        """Hide the object that a request has created."""
        path = scope["path"]
        if self._requests and scope["method"] == "POST" and path in _CREATIONS:
            new = _id_of(messages[1]["body"])
            if new is not None:
                self._hidden[str(new)] = self._requests
        is_membership = path.startswith(f"{_ROOT}/departments/") and path.count("/") == 5
        if self._requests and scope["method"] == "PUT" and is_membership:
            self._hidden[_SERVICES] = self._requests


def _id_of(body: bytes) -> object:
    """Return the id in the answer to a creation; None if the answer does not show it."""
    row = json.loads(body) if body.startswith(b"{") else {}
    return row.get("id") or row.get("department_id")
