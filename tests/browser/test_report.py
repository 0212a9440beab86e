"""The HTML report in a real browser: it shows, filters, prints and can be read by everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from provisioner.planning.changes import Risk
from provisioner.planning.plans.plan_data import Plan
from provisioner.render.html import html_page
from provisioner.render.review.review import review_of
from tests import plans
from tests.effort import LONGEST_SECONDS

ADDRESS = "https://artifacts.example/plan.html"
"""Where the report seems to come from; nothing leaves the machine."""

CARDS = ".card:visible"


@contextmanager
def opened(
    browser: Browser, content: Plan, *, headers: dict[str, str] | None = None, **options: Any
) -> Iterator[Page]:
    """Show a plan, and check that it asks for nothing and complains about nothing."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(LONGEST_SECONDS * 1000)
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    body = html_page.draw(review_of(content))
    head = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    context.route("**/*", lambda route: route.fulfill(body=body, headers=head))
    page.goto(ADDRESS)
    yield page
    assert requests == [ADDRESS]
    if headers is None:
        assert complaints == []
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, plans.typical()) as page:
        yield page


def names(page: Page) -> list[str]:
    """Return who is shown in the list of changes, once it is filtered."""
    expect(page.locator("#filters[aria-busy]")).to_have_count(0)
    return [card.inner_text() for card in page.locator(f"{CARDS} > p > b").all()]


EVERYBODY = ["Zoe Lind", "Ada Kim", "Bob Novak", "Joe Roy", "Mia Chen", "Eve Stone", "Returns"]


class TestFilters:
    def test_at_first_everything_is_shown(self, page: Page) -> None:
        assert names(page) == EVERYBODY
        expect(page.locator("output")).to_have_text("7 of 7 shown")

    @pytest.mark.parametrize(
        ("control", "value", "shown"),
        [
            ("Action", "create", ["Zoe Lind", "Returns"]),
            ("Action", "delete", ["Eve Stone"]),
            ("Risk", "more rights", ["Ada Kim"]),
            ("Risk", "loses access", ["Bob Novak", "Joe Roy", "Mia Chen"]),
            ("Department", "Billing", ["Joe Roy", "Eve Stone"]),
            ("Department", "Returns", ["Zoe Lind", "Returns"]),
        ],
    )
    def test_a_choice_leaves_what_fits(
        self, page: Page, control: str, value: str, shown: list[str]
    ) -> None:
        page.get_by_label(control, exact=True).select_option(label=value)
        assert names(page) == shown
        expect(page.locator("output")).to_have_text(f"{len(shown)} of 7 shown")

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("NOVAK", ["Bob Novak"]),
            ("chats support", ["Zoe Lind", "Bob Novak", "Joe Roy", "Mia Chen"]),
            ("signature", ["Mia Chen"]),
            ("team.yaml:4", ["Bob Novak"]),
        ],
    )
    def test_a_search_finds_every_word_anywhere(
        self, page: Page, words: str, shown: list[str]
    ) -> None:
        page.get_by_label("Search").fill(words)
        assert names(page) == shown

    def test_choices_and_search_hold_together(self, page: Page) -> None:
        page.get_by_label("Search").fill("support")
        page.get_by_label("Action").select_option("update")
        page.get_by_label("Risk").select_option(label="fewer rights")
        assert names(page) == ["Bob Novak"]

    def test_titles_of_nothing_go_and_a_note_comes(self, page: Page) -> None:
        page.get_by_label("Search").fill("nobody of this name")
        assert names(page) == []
        assert page.locator(".part-title:visible").count() == 0
        expect(page.get_by_text("No change matches the filters.")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(CARDS)).to_have_count(7)
        expect(page.get_by_text("No change matches the filters.")).to_be_hidden()

    def test_a_title_of_an_origin_goes_with_its_changes(self, browser: Browser) -> None:
        with opened(browser, plans.with_base()) as page:
            titles = page.locator(".origin:visible")
            assert titles.all_inner_texts() == ["Changed by this branch", "Earlier drift"]
            page.get_by_label("Search").fill("ada")
            expect(titles).to_have_count(1)
            assert titles.all_inner_texts() == ["Earlier drift"]
            page.get_by_label("Search").fill("zoe")
            expect(page.get_by_text("Changed by this branch")).to_be_visible()
            assert titles.all_inner_texts() == ["Changed by this branch"]


class TestKeyboard:
    def test_the_first_stop_leads_past_the_head(self, page: Page) -> None:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the plan")
        page.keyboard.press("Enter")
        page.wait_for_url("**#main")

    def test_a_slash_leads_to_the_search_and_escape_clears_it(self, page: Page) -> None:
        page.keyboard.press("/")
        expect(page.get_by_label("Search")).to_be_focused()
        page.keyboard.type("a/b zoe")
        expect(page.get_by_label("Search")).to_have_value("a/b zoe")
        expect(page.locator(CARDS)).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator(CARDS)).to_have_count(7)

    def test_filters_work_without_a_mouse(self, page: Page) -> None:
        page.get_by_label("Search").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        expect(page.locator("output")).to_have_text("2 of 7 shown")

    def test_every_stop_is_seen(self, page: Page) -> None:
        page.get_by_label("Action").focus()
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"

    def test_a_long_text_unfolds(self, page: Page) -> None:
        whole = page.locator(".long pre").first
        expect(whole).to_be_hidden()
        page.locator(".long summary").first.focus()
        page.keyboard.press("Enter")
        expect(whole).to_be_visible()
        assert "Kind regards,\nMia Chen\nSupport is open" in whole.inner_text()


def test_the_matrix_shows_the_coverage_of_the_plan(page: Page) -> None:
    cells = plans.typical().coverage.cells
    rows = page.locator(".matrix tbody tr")
    shown = {
        row.locator("th").inner_text().split()[0]: [
            cell.inner_text().split("\n")[0] for cell in row.locator("td").all()
        ]
        for row in rows.all()
    }
    expected: dict[str, list[str]] = {}
    for cell in cells:
        before = cell.before or 0
        text = str(cell.after) if before == cell.after else f"{before} → {cell.after}"
        expected.setdefault(cell.department, []).append(text)
    assert shown == expected
    assert expected["Billing"] == ["2 → 0", "0", "0"]
    assert page.locator(".matrix .zero").inner_text() == "2 → 0\nnobody left"
    assert page.locator(".people li").all_inner_texts()[0] == (
        "Ada Kim ada@acme.example\ntickets in Sales"
    )


def test_hours_that_nobody_takes_any_more_are_unfolded_and_marked(page: Page) -> None:
    monday = page.locator(".week tbody tr").first.locator("td")
    assert [cell.inner_text() for cell in monday.all()] == ["0"] * 9 + ["1→0"] * 8 + ["0"] * 7
    expect(page.locator(".grid summary")).to_have_text("Support chats 16 h without anybody")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["typical", "with_base", "hostile"])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, name: str, scheme: Literal["light", "dark"]
) -> None:
    content = plans.hostile("<i>a</i>") if name == "hostile" else getattr(plans, name)()
    with opened(browser, content, color_scheme=scheme) as page:
        for fold in page.locator("details").all():
            fold.evaluate("node => { node.open = true }")
        violations = Axe().run(page).response["violations"]
    assert [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in violations
        if found["impact"] != "minor"
    ] == []


def test_light_and_dark_differ(browser: Browser) -> None:
    colors = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        with opened(browser, plans.typical(), color_scheme=scheme) as page:
            colors.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colors == ["rgb(255, 255, 255)", "rgb(19, 22, 26)"]


def test_it_prints_without_controls_and_with_all_that_is_folded(page: Page) -> None:
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("nav")).to_be_hidden()
    expect(page.locator(".long pre").first).to_be_visible()
    assert page.locator(CARDS).count() == 7


def test_a_filter_is_for_the_screen_and_not_for_paper(browser: Browser) -> None:
    with opened(browser, plans.drifted()) as page:
        page.get_by_label("Search").fill("bob")
        rows = page.locator("#losses tbody tr:visible")
        expect(rows).to_have_count(1)
        expect(page.locator(CARDS)).to_have_count(2)
        page.emulate_media(media="print")
        expect(rows).to_have_count(4)
        expect(page.locator(CARDS)).to_have_count(6)
        expect(page.locator("#nothing")).to_be_hidden()


def test_a_slash_brings_what_is_found_into_sight(browser: Browser) -> None:
    with opened(browser, plans.many(100), viewport={"width": 1000, "height": 700}) as page:
        page.evaluate("scrollTo({top: 9000, behavior: 'instant'})")
        page.keyboard.press("/")
        expect(page.locator("#filters")).to_be_in_viewport(ratio=1)


def test_a_phone_clips_nothing_without_a_hint(browser: Browser) -> None:
    with opened(browser, plans.drifted(), viewport={"width": 390, "height": 800}) as page:
        wider = "node => node.scrollWidth > node.clientWidth"
        clipped = f"[...document.querySelectorAll('.scroll')].filter({wider})"
        assert page.evaluate(f"{clipped}.every(n => n.previousElementSibling.matches('.hint'))")
        expect(page.locator(".hint").first).to_be_visible()
        beyond = "n => n.getBoundingClientRect().right > innerWidth"
        cells = "document.querySelectorAll('.list td, .matrix td')"
        assert not page.evaluate(f"[...{cells}].some({beyond})")


def test_without_scripts_everything_is_there(browser: Browser) -> None:
    with opened(browser, plans.typical(), java_script_enabled=False) as page:
        assert names(page) == EVERYBODY
        expect(page.locator("#filters")).to_be_hidden()


def test_it_can_be_read_where_a_store_allows_nothing(browser: Browser) -> None:
    strict = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    with opened(browser, plans.typical(), headers=strict) as page:
        assert names(page) == EVERYBODY


@pytest.mark.parametrize("width", [360, 1200])
def test_no_width_makes_the_page_scroll_sideways(browser: Browser, width: int) -> None:
    content = plans.hostile("W" * 10_000)
    for shown in (plans.typical(), content):
        with opened(browser, shown, viewport={"width": width, "height": 800}) as page:
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
    with opened(browser, plans.hostile(name)) as page:
        for tag in ("img", "svg", "iframe", "a[href^=http]", "[onload]", "[onerror]"):
            assert page.locator(tag).count() == 0
        assert page.locator("script").count() == page.locator("style").count() == 1
        shown = name.replace("\u202e", "\\u202e").replace("\x1b", "\\u001b")
        assert shown in page.locator(".card b").first.inner_text()


def test_two_thousand_agents_stay_light(browser: Browser) -> None:
    number = 2_000
    content = plans.many(number)
    assert len(html_page.draw(review_of(content))) < 1_150 * number
    with opened(browser, content) as page:
        assert page.locator(".card").count() == number
        assert page.locator("*").count() < 40 * number
        in_sight = "node => node.checkVisibility({contentVisibilityAuto: true})"
        laid_out = f"[...document.querySelectorAll('.card > p')].filter({in_sight}).length"
        assert page.evaluate(laid_out) < 100
        page.get_by_label("Search").fill("agent.1234@")
        expect(page.locator(CARDS)).to_have_count(1)
        page.get_by_role("button", name="Clear").click()
        page.get_by_label("Risk").select_option(Risk.DELETES.value)
        expect(page.locator("output")).to_have_text(f"100 of {number} shown")
