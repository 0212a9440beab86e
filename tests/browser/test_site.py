"""The documentation in a real browser, opened as files: found, readable, and without a network."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from docs.site.__main__ import build
from tests.browser.shown_pages import obstacles

OF_THE_THEME = "landmark-unique"
"""Two navigations of the theme have the same name."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == []
    return (folder / "site").as_uri()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page that asks for files only, and that has no errors."""
    page = browser.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert errors == []
    page.close()


def test_the_search_finds_a_setting_without_a_server(page: Page, site: str) -> None:
    page.goto(f"{site}/index.html")
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("min_cover")
    expect(page.get_by_text("provisioner.yaml: min_cover")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "environment"])
def test_everybody_can_read_a_page(
    page: Page, site: str, name: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/{name}.html")
    assert [found for found in obstacles(page) if found[0] != OF_THE_THEME] == []


def test_no_table_of_fields_is_wider_than_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/reference.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    widths = page.evaluate("[...document.querySelectorAll('table')].map(one => one.offsetWidth)")
    assert max(widths) <= 390
