"""The page of access in a real browser: it can be searched, printed and read by everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioner.render.html import access_page
from tests import access_lists
from tests.browser.shown_pages import obstacles, shown

ADDRESS = "https://artifacts.example/access.html"
"""Where the page seems to come from; nothing leaves the machine."""

PEOPLE = "#by-person .card:visible"


@contextmanager
def opened(browser: Browser, body: str, **options: Any) -> Iterator[Page]:
    """Show a page in a context of its own."""
    context = browser.new_context(**options)
    with shown(context, ADDRESS, body) as page:
        yield page
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, access_page.draw(access_lists.typical())) as page:
        yield page


def names(page: Page) -> list[str]:
    """Return who is shown by person, once the page is filtered."""
    expect(page.locator("#filters[aria-busy]")).to_have_count(0)
    return [card.inner_text() for card in page.locator(f"{PEOPLE} > p > b").all()]


EVERYBODY = ["Bob Novak", "Eve Stone", "Leon K", "Mia Chen", "New One", "Olga Berg", "Zoe Lind"]


def test_owners_and_admins_come_first(page: Page) -> None:
    titles = page.locator("h2").all_inner_texts()
    assert titles == ["Owners and admins 3", "By department 3", "By person 7", "Not looked at"]
    rows = page.locator("#powerful tbody tr")
    assert [row.locator("td").first.inner_text() for row in rows.all()] == [
        "OWNER",
        "OWNER",
        "ADMIN",
    ]
    assert "not in your files" in rows.first.inner_text()
    assert names(page) == EVERYBODY
    expect(page.locator("output")).to_have_text("7 of 7 shown")


@pytest.mark.parametrize(
    ("control", "value", "shown"),
    [
        ("Role", "owner", ["Leon K", "Olga Berg"]),
        ("Department", "Sales", ["Bob Novak", "New One"]),
        ("Show", "only marked", ["Bob Novak", "Eve Stone", "Leon K", "Mia Chen", "Zoe Lind"]),
    ],
)
def test_a_choice_leaves_what_fits(page: Page, control: str, value: str, shown: list[str]) -> None:
    page.get_by_label(control, exact=True).select_option(label=value)
    assert names(page) == shown
    expect(page.locator("output")).to_have_text(f"{len(shown)} of 7 shown")


def test_a_choice_of_a_department_leaves_only_that_one(page: Page) -> None:
    page.get_by_label("Department", exact=True).select_option(label="VIP")
    expect(page.locator("#by-department h3:visible")).to_have_text(["VIP 1"])
    expect(page.locator("#powerful")).to_be_hidden()


def test_a_search_by_keyboard_finds_every_word_anywhere(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the people")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("MANAGER team.yaml:21")
    assert names(page) == ["Mia Chen"]
    expect(page.locator("#powerful")).to_be_hidden()
    page.get_by_label("Search").fill("nobody of this name")
    expect(page.get_by_text("Nobody matches the filters.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(PEOPLE)).to_have_count(7)


def test_paper_has_everything_without_controls(page: Page) -> None:
    page.get_by_label("Search").fill("olga")
    expect(page.locator(PEOPLE)).to_have_count(1)
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator(PEOPLE)).to_have_count(7)
    expect(page.locator("#powerful tbody tr:visible")).to_have_count(3)
    expect(page.locator("#by-department h3:visible")).to_have_count(3)


def test_without_scripts_everything_is_there(browser: Browser) -> None:
    body = access_page.draw(access_lists.typical())
    with opened(browser, body, java_script_enabled=False) as page:
        assert names(page) == EVERYBODY
        expect(page.locator("#filters")).to_be_hidden()


def test_a_difference_is_searched_the_same_way(browser: Browser) -> None:
    with opened(browser, access_page.draw_difference(access_lists.difference())) as page:
        expect(page.locator("#differences tbody tr")).to_have_count(5)
        page.get_by_label("Search").fill("vip")
        expect(page.locator("#differences tbody tr:visible")).to_have_count(2)
        expect(page.locator("output")).to_have_text("1 of 4 shown")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    for body in (
        access_page.draw(access_lists.typical()),
        access_page.draw_difference(access_lists.difference()),
    ):
        with opened(browser, body, color_scheme=scheme) as page:
            found = obstacles(page)
        assert found == []


@pytest.mark.parametrize("width", [360, 1200])
def test_no_width_makes_the_page_scroll_sideways(browser: Browser, width: int) -> None:
    for report in (access_lists.typical(), access_lists.hostile("W" * 10_000)):
        size: Any = {"width": width, "height": 800}
        with opened(browser, access_page.draw(report), viewport=size) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>",
        "'\"><svg onload=alert(1)>{{ 7 * 7 }}</style></script><b>",
        "\u202eevil\x1b[31m @everyone | `x` &lt;b&gt;",
    ],
)
def test_a_name_is_only_a_name(browser: Browser, name: str) -> None:
    with opened(browser, access_page.draw(access_lists.hostile(name))) as page:
        for tag in ("img", "svg", "iframe", "a[href^=http]", "[onload]", "[onerror]"):
            assert page.locator(tag).count() == 0
        assert page.locator("script").count() == page.locator("style").count() == 1
        shown = name.replace("\u202e", "\\u202e").replace("\x1b", "\\u001b")
        assert shown in page.locator(".card b").first.inner_text()


def test_two_thousand_people_stay_light(browser: Browser) -> None:
    body = access_page.draw(access_lists.many(2_000))
    assert len(body) < 2_000 * 1_700
    with opened(browser, body) as page:
        page.get_by_label("Search").fill("p1234@")
        expect(page.locator(PEOPLE)).to_have_count(1)
