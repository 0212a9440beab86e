"""The page /docs comes from the sandbox alone: its files, its headers, and who may read it."""

import importlib.util
import re

import pytest
import requests

from provisioner.sandbox.routes import SURFACES
from tests.effort import LONGEST_SECONDS
from tests.sandbox.api import Api, Start

MEDIA_TYPES = {
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/start.js": "text/javascript; charset=utf-8",
    "/docs/favicon-32x32.png": "image/png",
}


def fetch(api: Api, path: str, **headers: str) -> requests.Response:
    """Get a path without a key."""
    return requests.get(f"{api.sandbox.url}{path}", headers=headers, timeout=LONGEST_SECONDS)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_needs_no_key(start: Start, surface: str, path: str) -> None:
    response = fetch(start(surface=surface), path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_page_loads_only_files_of_the_sandbox(api: Api) -> None:
    page = fetch(api, "/docs").text
    paths = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert sorted(paths) == sorted(MEDIA_TYPES)
    for path in paths:
        response = fetch(api, path)
        assert response.status_code == 200
        assert response.content
        assert response.headers["Content-Type"] == MEDIA_TYPES[path]
    assert '"/api/v3/openapi.json"' in fetch(api, "/docs/start.js").text


def test_the_browser_is_forbidden_to_load_anything_else(api: Api) -> None:
    page = fetch(api, "/docs")
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert policy[:2] == ["default-src 'self'", "img-src 'self' data:"]
    assert all(rule.endswith(" 'none'") for rule in policy[2:])
    # A policy with 'self' allows no script and no style inside of the page.
    assert not re.search(r"<style|style=|<script>|\son\w+=", page.text)


@pytest.mark.parametrize("path", ["/docs", *MEDIA_TYPES, "/api/v3/openapi.json"])
def test_another_host_gets_nothing(api: Api, path: str) -> None:
    assert fetch(api, path, Host="sandbox.example").status_code == 421


def test_a_missing_package_is_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    response = fetch(api, "/docs")
    assert response.status_code == 404
    assert response.json() == {
        "message": "Swagger UI is not installed: pip install -U 'liveagent-provisioner[sandbox]'"
    }
