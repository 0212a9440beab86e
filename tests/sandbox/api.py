"""A client for the tests that knows the sandbox by its HTTP only."""

import json
from collections.abc import Callable
from typing import Any

import requests

from provisioner.sandbox.server import Sandbox
from tests.effort import LONGEST_SECONDS

KEY = "k-owner"

Json = Any


class Api:
    """Sends requests to one sandbox with one key, and fails the test on an unexpected status."""

    def __init__(self, sandbox: Sandbox, key: str, session: requests.Session) -> None:
        self.sandbox = sandbox
        self.key = key
        self._session = session

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request; `filters` and `body` are turned into JSON."""
        headers = {"apikey": self.key} | options.pop("headers", {})
        params = options.pop("params", {})
        if "filters" in options:
            params = params | {"_filters": json.dumps(options.pop("filters"))}
        if "body" in options:
            options["json"] = options.pop("body")
        url = f"{self.sandbox.url}/api/v3{path}"
        return self._session.request(
            method, url, headers=headers, params=params, timeout=LONGEST_SECONDS, **options
        )

    def get(self, path: str, **options: Any) -> Json:
        return self._done("GET", path, **options)

    def post(self, path: str, body: Json = None, **options: Any) -> Json:
        return self._done("POST", path, body=body, **options)

    def put(self, path: str, body: Json = None, **options: Any) -> Json:
        return self._done("PUT", path, body=body, **options)

    def delete(self, path: str) -> Json:
        return self._done("DELETE", path)

    def _done(self, method: str, path: str, **options: Any) -> Json:
        response = self.send(method, path, **options)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def refusal(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Send a request that must fail, and return status and message."""
        response = self.send(method, path, **options)
        assert response.status_code >= 400, response.text
        return response.status_code, response.json()["message"]

    def agent(self, name: str, **values: Any) -> Json:
        """Create an agent with an email made from the name."""
        email = f"{name.lower().replace(' ', '.')}@acme.example"
        return self.post("/agents", {"name": name, "email": email, **values})

    def department(self, name: str) -> str:
        department_id: str = self.post("/departments", {"name": name})["department_id"]
        return department_id

    def devices(self, agent_id: str) -> dict[str, Json]:
        """Return an agent's web devices by service."""
        found = self.get("/devices", filters={"agent_id": agent_id, "type": "W"})
        return {device["service_type"]: device for device in found}

    def owner(self) -> Json:
        return self.get("/agents", filters={"role": "owner"})[0]

    def as_agent(self, agent_id: str) -> "Api":
        """Act with a key of this agent."""
        return self.with_key(self.post("/apikeys", {"userid": agent_id})["key"])

    def with_key(self, key: str) -> "Api":
        """Act with another key."""
        return Api(self.sandbox, key, self._session)


Start = Callable[..., Api]
Rows = Callable[..., list[tuple[Any, ...]]]
