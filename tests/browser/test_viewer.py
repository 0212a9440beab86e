"""The sandbox's page /docs in a real browser: it shows and calls the API, and leaves no trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioner.sandbox.openapi import document
from provisioner.sandbox.routes import SURFACES, Surface
from provisioner.sandbox.server import Sandbox
from provisioner.sandbox.switches import Switches
from tests.effort import LONGEST_SECONDS

KEY = "k-owner"


@contextmanager
def opened(browser: Browser, folder: Path, surface: Surface) -> Iterator[Page]:
    """Show the page, and check that it asks no other host and complains about nothing."""
    with Sandbox(folder / "sandbox.db", api_key=KEY, surface=surface) as sandbox:
        page = browser.new_page()
        page.set_default_timeout(LONGEST_SECONDS * 1000)
        complaints: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{sandbox.url}/docs")
        yield page
        assert [url for url in requests if not url.startswith(f"{sandbox.url}/")] == []
        assert complaints == []
        page.close()


@pytest.mark.parametrize("surface", SURFACES)
def test_every_operation_is_shown(browser: Browser, tmp_path: Path, surface: Surface) -> None:
    content = document.document(surface, Switches())
    with opened(browser, tmp_path, surface) as page:
        operations = sum(len(methods) for methods in content["paths"].values())
        expect(page.locator(".opblock")).to_have_count(operations)
        expect(page.locator(".opblock-tag")).to_have_count(len(content["tags"]))
        expect(page.locator(".info .title")).to_contain_text(content["info"]["title"])


def test_a_reader_can_call_the_sandbox_with_a_key(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "full") as page:
        page.get_by_role("button", name="Authorize").click()
        dialog = page.locator(".modal-ux")
        dialog.locator("input").fill(KEY)
        dialog.get_by_role("button", name="Apply credentials").click()
        dialog.get_by_role("button", name="Close").first.click()
        operation = page.locator("#operations-Agents-list_agents")
        operation.locator("button").first.click()
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_role("button", name="Execute").click()
        answer = operation.locator(".live-responses-table .response")
        expect(answer.locator(".response-col_status")).to_contain_text("200")
        expect(answer).to_contain_text("owner@acme.example")
