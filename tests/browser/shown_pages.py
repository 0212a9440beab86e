"""Pages in a real browser: shown as a file of artifacts, and checked for complaints."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.effort import LONGEST_SECONDS


@contextmanager
def shown(
    context: BrowserContext,
    address: str,
    body: str,
    headers: Mapping[str, str] | None = None,
    *,
    may_complain: bool = False,
) -> Iterator[Page]:
    """Show a page, and check that it asks for nothing else and complains about nothing.

    Args:
        context: the context of the browser; it serves the page, and nothing leaves the machine.
        address: where the page seems to come from.
        body: the page.
        headers: further headers of the answer.
        may_complain: whether messages of the browser are accepted.
    """
    page = context.new_page()
    page.set_default_timeout(LONGEST_SECONDS * 1000)
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    head = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    context.unroute_all()
    context.route("**/*", lambda route: route.fulfill(body=body, headers=head))
    page.goto(address)
    yield page
    assert {*requests} == {address}
    assert may_complain or complaints == []
    page.close()


def obstacles(page: Page) -> list[tuple[Any, list[Any]]]:
    """Return what keeps people from reading a page, by the rules of axe."""
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
        if found["impact"] != "minor"
    ]
