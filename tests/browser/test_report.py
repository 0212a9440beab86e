"""The HTML report in a real browser: it shows, filters, prints and can be read by everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioner.planning.plans.plan_data import Plan
from provisioner.render.html import html_page
from provisioner.render.review.review import review_of
from tests import plans
from tests.browser.shown_pages import obstacles, shown

ADDRESS = "https://artifacts.example/plan.html"
"""Where the report seems to come from; nothing leaves the machine."""

ENTRIES = ".entry:visible"


@contextmanager
def opened(
    browser: Browser, content: Plan, *, headers: dict[str, str] | None = None, **options: Any
) -> Iterator[Page]:
    """Show a plan; with headers of a server, the browser may say that it blocks something."""
    context = browser.new_context(**options)
    page_text = html_page.draw(review_of(content))
    with shown(context, ADDRESS, page_text, headers, may_complain=headers is not None) as page:
        yield page
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser, plans.typical()) as page:
        yield page


def names(page: Page) -> list[str]:
    """Return who is shown, each once and in the order of the page, once it is filtered."""
    expect(page.locator("#filters[aria-busy]")).to_have_count(0)
    visible = page.locator("[data-of]:visible :is(p > b, :scope > b)")
    return [*dict.fromkeys(visible.evaluate_all(FIRST_NAMES))]


def alike() -> Plan:
    """Return a plan in which thirty people get the same load of chats."""
    before = plans.state(
        **{f"agent{number:02}": plans.person(f"Agent {number:02}") for number in range(30)}
    )
    return plans.plan(before, {one: {**before[one], "chat": {"max_load": 4}} for one in before})


FIRST_NAMES = (
    """bolds => bolds.filter(bold => !bold.closest(".what")).map(bold => bold.innerText)"""
)

EVERYBODY = ["Ada Kim", "Eve Stone", "Bob Novak", "Joe Roy", "Mia Chen", "Zoe Lind", "Returns"]


class TestFilters:
    def test_at_first_everything_is_shown(self, page: Page) -> None:
        assert names(page) == EVERYBODY
        expect(page.locator("output")).to_have_text("7 of 7 shown")

    @pytest.mark.parametrize(
        ("department", "shown"),
        [("Billing", ["Eve Stone", "Joe Roy"]), ("Returns", ["Zoe Lind", "Returns"])],
    )
    def test_a_department_leaves_whom_it_concerns(
        self, page: Page, department: str, shown: list[str]
    ) -> None:
        page.get_by_label("Department", exact=True).select_option(label=department)
        assert names(page) == shown
        expect(page.locator("output")).to_have_text(f"{len(shown)} of 7 shown")

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("NOVAK", ["Bob Novak"]),
            ("mia@acme", ["Mia Chen"]),
            ("billing", ["Eve Stone", "Joe Roy"]),
            ("admin", ["Ada Kim", "Bob Novak"]),
            ("signature", ["Mia Chen"]),
            ("nine to six", ["Mia Chen"]),
            ("returns tickets", ["Zoe Lind"]),
            ("loses access billing", ["Eve Stone", "Joe Roy"]),
            ("team.yaml:6", ["Bob Novak"]),
        ],
    )
    def test_a_search_finds_people_by_anything(
        self, page: Page, words: str, shown: list[str]
    ) -> None:
        page.get_by_label("Search").fill(words)
        assert names(page) == shown

    def test_somebody_is_shown_in_all_places(self, page: Page) -> None:
        page.get_by_label("Search").fill("signature")
        titles = page.locator(".part:visible > h2")
        expect(titles).to_have_text(["Loses access 4", "Moves 1", "Changes 2"])

    def test_choices_and_search_hold_together(self, page: Page) -> None:
        page.get_by_label("Search").fill("chats")
        page.get_by_label("Department", exact=True).select_option(label="Billing")
        assert names(page) == ["Joe Roy"]

    def test_titles_of_nothing_go_and_a_note_comes(self, page: Page) -> None:
        page.get_by_label("Search").fill("nobody of this name")
        assert names(page) == []
        expect(page.locator(".part:visible")).to_have_count(0)
        expect(page.get_by_text("Nothing in this plan matches.")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_text("Nothing in this plan matches.")).to_be_hidden()
        assert names(page) == EVERYBODY

    def test_a_title_of_an_origin_goes_with_its_changes(self, browser: Browser) -> None:
        with opened(browser, plans.drifted()) as page:
            titles = page.locator(".origin:visible > h2")
            expect(titles).to_have_text(["Changed by this branch"])
            page.get_by_label("Search").fill("joe")
            expect(titles).to_have_count(0)
            page.get_by_label("Search").fill("mon-wed")
            expect(titles).to_have_text(["Changed by this branch"])

    def test_a_search_unfolds_whom_it_finds_and_folds_them_again(self, browser: Browser) -> None:
        with opened(browser, alike()) as page:
            entry = page.locator("#changes-0 .entry")
            person = entry.get_by_text("Agent 07")
            expect(entry.locator("p")).to_contain_text("30 people chat (none) → max_load 4")
            expect(person).to_be_hidden()
            page.get_by_label("Search").fill("agent07@")
            expect(person).to_be_visible()
            expect(entry.locator("[data-of]:visible")).to_have_count(1)
            page.keyboard.press("Escape")
            expect(person).to_be_hidden()

    def test_a_value_that_new_people_share_finds_them(self, browser: Browser) -> None:
        load, person = {"chat": {"max_load": 7}}, plans.person
        newcomers = {name: person(name.title(), Sales="chats") | load for name in ("mia", "bob")}
        content = plans.plan({}, plans.state(**newcomers, joe=person("Joe", Sales="chats")))
        with opened(browser, content) as page:
            page.get_by_label("Search").fill("max_load 7")
            assert names(page) == ["Bob", "Mia"]


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
        expect(page.locator(ENTRIES)).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator(ENTRIES)).to_have_count(11)

    def test_filters_work_without_a_mouse(self, page: Page) -> None:
        page.get_by_label("Search").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        expect(page.locator("output")).to_have_text("2 of 7 shown")

    def test_every_stop_is_seen(self, page: Page) -> None:
        page.get_by_label("Search").focus()
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"

    def test_names_unfold(self, browser: Browser) -> None:
        with opened(browser, alike()) as page:
            first = page.locator("#changes-0 .names li").first
            expect(first).to_be_hidden()
            page.locator("#changes-0 .names summary").focus()
            page.keyboard.press("Enter")
            expect(first).to_be_visible()

    def test_a_long_text_unfolds(self, page: Page) -> None:
        whole = page.locator(".long pre").first
        expect(whole).to_be_hidden()
        page.locator(".long summary").first.focus()
        page.keyboard.press("Enter")
        expect(whole).to_be_visible()
        assert "Kind regards,\nMia Chen\nSupport is open" in whole.inner_text()


def test_the_matrix_shows_the_coverage_of_the_plan(page: Page) -> None:
    page.get_by_text("Departments that keep their numbers: 2").click()
    rows = page.locator(".matrix tbody tr")
    shown = {
        row.locator("th").inner_text().split()[0]: [
            cell.inner_text().split("\n")[0] for cell in row.locator("td").all()
        ]
        for row in rows.all()
    }
    expected: dict[str, list[str]] = {}
    for cell in plans.typical().coverage.cells:
        before = cell.before or 0
        text = str(cell.after) if before == cell.after else f"{before} → {cell.after}"
        expected.setdefault(cell.department, []).append(text)
    assert shown == expected
    assert [*shown] == ["Billing", "Returns", "Sales", "Support"]
    assert expected["Billing"] == ["2 → 0", "0", "0"]
    assert page.locator(".matrix .zero").inner_text() == "2 → 0\nnobody left"
    page.get_by_text("Work that depends on one person: 4").click()
    assert page.locator(".people li").all_inner_texts()[0] == (
        "Ada Kim ada@acme.example\ntickets in Sales"
    )


def test_hours_are_a_picture_and_a_table(page: Page) -> None:
    before, after = page.get_by_role("img").all()
    expect(before).to_have_accessible_name(
        "Support chats by hour, before: the table below has the numbers"
    )
    expect(after.locator("rect.zero")).to_have_count(2)
    assert before.locator("rect.zero").count() == 0
    expect(page.locator(".grid p").first).to_have_text("Support chats 16 h without anybody")
    page.get_by_text("The same as a table").click()
    monday = page.locator(".week tbody tr").first.locator("td")
    assert [cell.inner_text() for cell in monday.all()] == ["0"] * 9 + ["1→0"] * 8 + ["0"] * 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_gains_power_is_in_amber(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    with opened(browser, plans.typical(), color_scheme=scheme) as page:
        color = "node => getComputedStyle(node).color"
        amber = page.locator("#gains h2").evaluate(color)
        assert amber == {"light": "rgb(122, 75, 0)", "dark": "rgb(242, 198, 107)"}[scheme]
        assert page.locator("#gains .what").evaluate(color) == amber
        assert page.locator("#losses h2").evaluate(color) != amber


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["typical", "with_base", "hostile"])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, name: str, scheme: Literal["light", "dark"]
) -> None:
    content = plans.hostile("<i>a</i>") if name == "hostile" else getattr(plans, name)()
    with opened(browser, content, color_scheme=scheme) as page:
        for fold in page.locator("details").all():
            fold.evaluate("node => { node.open = true }")
        found = obstacles(page)
    assert found == []


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
    assert page.locator(ENTRIES).count() == 11


def test_a_filter_is_for_the_screen_and_not_for_paper(browser: Browser) -> None:
    with opened(browser, plans.drifted()) as page:
        people = page.locator("#changes-0 [data-of]:visible")
        page.get_by_label("Search").fill("bob")
        expect(page.locator("#losses .entry:visible")).to_have_count(1)
        expect(people).to_have_count(1)
        page.emulate_media(media="print")
        expect(page.locator("#losses .entry:visible")).to_have_count(4)
        expect(people).to_have_count(3)
        expect(page.locator("#nothing")).to_be_hidden()


def test_a_slash_brings_what_is_found_into_sight(browser: Browser) -> None:
    with opened(browser, plans.many(100), viewport={"width": 1000, "height": 700}) as page:
        page.evaluate("scrollTo({top: 9000, behavior: 'instant'})")
        page.keyboard.press("/")
        expect(page.locator("#filters")).to_be_in_viewport(ratio=1)


def test_a_phone_clips_nothing_without_a_hint(browser: Browser) -> None:
    with opened(browser, plans.drifted(), viewport={"width": 390, "height": 800}) as page:
        page.get_by_text("The same as a table").click()
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
    for plan in (plans.typical(), content):
        with opened(browser, plan, viewport={"width": width, "height": 800}) as page:
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
        for tag in ("img", "svg svg", "iframe", "a[href^=http]", "[onload]", "[onerror]"):
            assert page.locator(tag).count() == 0
        assert page.locator("script").count() == page.locator("style").count() == 1
        shown = name.replace("\u202e", "\\u202e").replace("\x1b", "\\u001b")
        assert shown in page.locator(".entry b").first.inner_text()


def test_two_thousand_agents_stay_light(browser: Browser) -> None:
    number = 2_000
    content = plans.many(number)
    assert len(html_page.draw(review_of(content))) < 1_150 * number
    with opened(browser, content) as page:
        assert page.locator("*").count() < 20 * number
        in_sight = "node => node.checkVisibility({contentVisibilityAuto: true})"
        laid_out = f"[...document.querySelectorAll('.entry > p')].filter({in_sight}).length"
        assert page.evaluate(laid_out) < 100
        page.get_by_label("Search").fill("agent.1234@")
        expect(page.locator("output")).to_have_text(f"1 of {number} shown")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("output")).to_have_text(f"{number} of {number} shown")
