"""The page of manual work in a real browser: it is ticked, copied from, printed and read."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from provisioner.address import agent, role
from provisioner.planning.manual import manual_step
from provisioner.planning.manual.manual_step import ManualStep, on_one_line
from provisioner.planning.plans.policy_changes import PlanAccount
from provisioner.render.html import manual_page
from tests import plans
from tests.browser.shown_pages import obstacles, shown

ADDRESS = "https://artifacts.example/manual.html"
"""Where the page seems to come from; nothing leaves the machine."""

URL = "https://acme.example"
PEOPLE = ("Mia Chen", "Ben Carter", "Li Wei")
SIGNATURE = 'Kind regards,\n  "Mia" O\'Chen <mia@acme.example>\n\n' + "Open at nine. " * 99

HOSTILE = (
    "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>{{ 7 * 7 }}</style></script><b>",
    "\u202eevil\x1b[31m @everyone | `x` &lt;b&gt;",
)


def step(name: str, section: str, values: dict[str, Any], **more: Any) -> ManualStep:
    """Return a manual step of an agent."""
    address = agent(f"{name.split(maxsplit=1)[0].lower()}@acme.example")
    todo = tuple(f"{key.capitalize()}: {on_one_line(str(value))}" for key, value in values.items())
    return ManualStep(
        address, name, section, values=values, **{"todo": todo, "verifiable": False, **more}
    )


def creation(name: str) -> ManualStep:
    """Return the step of a new agent whom a person creates."""
    email = f"{name.split(maxsplit=1)[0].lower()}@acme.example"
    values = {"email": email, "name": name, "role": "agent"}
    return step(
        name,
        manual_step.CREATION,
        values,
        verifiable=True,
        todo=(
            "create the agent",
            *(f"{key.capitalize()}: {value}" for key, value in values.items()),
        ),
    )


def joins(name: str, *departments: str) -> ManualStep:
    """Return the step of an agent who joins departments, which the API shows as done."""
    return step(
        name,
        manual_step.MEMBERSHIP,
        {"join": [*departments], "leave": []},
        todo=tuple(f'join "{each}"' for each in departments),
        verifiable=True,
    )


def typical(signature: str = SIGNATURE) -> tuple[ManualStep, ...]:
    """Return steps of three agents and of a role."""
    permissions = {"tickets.delete": "revoke"}
    lead = ManualStep(
        role("Team lead"),
        "Team lead",
        manual_step.ROLE_DEFINITION,
        ('create the role "Team lead" if it does not exist', "revoke: tickets.delete"),
        {"name": "Team lead", "absent": False, "permissions": permissions},
        verifiable=False,
    )
    everybody = [
        part
        for name in PEOPLE
        for part in (joins(name, "Support"), step(name, "notifications", {"email": "yes"}))
    ]
    mia = (
        step("Mia Chen", "alias", {"alias": "Mia"}),
        step("Mia Chen", "signature", {"signature": signature}),
    )
    return (lead, *everybody, *mia)


def drawn(*steps: ManualStep, url: str = URL, panel_url: str = "") -> str:
    """Return the page of a plan for an account with Mia."""
    account = PlanAccount(url, panel_url=panel_url)
    before = plans.state(mia=plans.person("Mia Chen"))
    content = plans.with_ids(plans.plan(before, before, steps=steps))
    return manual_page.draw(replace(content, account=account))


@contextmanager
def opened(context: BrowserContext, body: str, **headers: str) -> Iterator[Page]:
    """Show a page in a context, whose storage the next page finds."""
    with shown(context, ADDRESS, body, headers) as page:
        yield page


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser with its own storage and clipboard."""
    new = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    new.clock.set_fixed_time("2026-11-26T12:00:00")
    yield new
    new.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with opened(context, drawn(*typical())) as page:
        yield page


def ticked(page: Page) -> list[str]:
    """Return the pages of the panel with an entry that is ticked as a whole."""
    return [part.inner_text() for part in page.locator(".page:has(.entry.done) h3").all()]


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


NOTIFICATIONS = "Configuration > Agents > (each of these 3) > Notifications"


class TestTicks:
    def test_a_tick_survives_a_reload(self, page: Page) -> None:
        page.get_by_label("Alias: Mia").check()
        page.reload()
        expect(page.get_by_label("Alias: Mia")).to_be_checked()
        expect(page.get_by_role("checkbox", name="Signature")).not_to_be_checked()

    def test_another_value_is_not_ticked(self, context: BrowserContext) -> None:
        with opened(context, drawn(*typical())) as page:
            page.get_by_role("checkbox", name="Signature").check()
        with opened(context, drawn(*typical())) as page:
            expect(page.get_by_role("checkbox", name="Signature")).to_be_checked()
        with opened(context, drawn(*typical("other"))) as page:
            expect(page.get_by_role("checkbox", name="Signature")).not_to_be_checked()

    def test_a_shared_value_has_a_tick_for_each_person(self, page: Page) -> None:
        entry = page.locator(f".page:has-text('{NOTIFICATIONS}') .entry")
        entry.get_by_label("Ben Carter").check()
        whole = entry.get_by_label("Email: yes")
        assert whole.evaluate("box => box.indeterminate")
        assert ticked(page) == []
        entry.get_by_label("Mia Chen").check()
        entry.get_by_label("Li Wei").check()
        assert [title.split(" ↗")[0] for title in ticked(page)] == [NOTIFICATIONS]
        whole.uncheck()
        page.reload()
        expect(entry.get_by_label("Ben Carter")).not_to_be_checked()

    def test_a_tick_of_another_day_shows_its_date(self, page: Page) -> None:
        page.get_by_label("Alias: Mia").check()
        expect(page.locator("[data-ticked]")).to_have_count(0)
        page.context.clock.set_fixed_time("2026-11-28T12:00:00")
        page.reload()
        expect(page.locator("[data-ticked='2026-11-26']")).to_have_text("Alias: Mia")

    def test_two_windows_show_the_same_ticks(self, context: BrowserContext, page: Page) -> None:
        with opened(context, drawn(*typical())) as other:
            other.get_by_label("Alias: Mia").check()
            expect(page.get_by_label("Alias: Mia")).to_be_checked()

    def test_ticks_of_another_account_are_others(self, context: BrowserContext) -> None:
        with opened(context, drawn(*typical())) as page:
            page.get_by_label("Alias: Mia").check()
        body = drawn(*typical(), url="https://staging.example")
        with opened(context, body) as page:
            expect(page.get_by_label("Alias: Mia")).not_to_be_checked()

    def test_progress_counts_entries(self, page: Page) -> None:
        total = page.locator(".entry").count()
        page.get_by_label("Alias: Mia").check()
        expect(page.locator("#done")).to_have_text(f"1 of {total} tasks ticked")
        page.get_by_label("Show").select_option("open")
        expect(page.locator("#shown")).to_have_text(f"{total - 1} of {total} shown")
        expect(page.get_by_label("Alias: Mia")).to_be_hidden()

    def test_the_keyboard_ticks_and_copies(self, page: Page) -> None:
        page.get_by_label("Alias: Mia").focus()
        page.keyboard.press("Space")
        expect(page.get_by_label("Alias: Mia")).to_be_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#copied")).to_contain_text("Copied Alias")
        assert clipboard(page) == "Mia"

    def test_a_browser_that_keeps_nothing_says_so(self, context: BrowserContext) -> None:
        sandboxed = {"Content-Security-Policy": "sandbox allow-scripts"}
        with opened(context, drawn(*typical()), **sandboxed) as page:
            page.get_by_label("Alias: Mia").check()
            expect(page.locator("#done")).to_contain_text("1 of")
            expect(page.locator("#not-kept")).to_be_visible()


class TestCopies:
    def test_a_long_text_is_copied_and_shown_whole(self, page: Page) -> None:
        page.get_by_role("button", name="Copy Signature").click()
        expect(page.locator("#copied")).to_contain_text("Copied Signature")
        assert clipboard(page) == SIGNATURE
        assert page.locator("pre").inner_text() == SIGNATURE

    def test_a_clone_has_the_name_and_the_email_of_each_agent(
        self, context: BrowserContext
    ) -> None:
        for names in (PEOPLE, PEOPLE[:2]):
            with opened(context, drawn(*map(creation, names))) as page:
                expect(page.get_by_label(f"{names[0]} create the agent")).to_be_visible()
                clone = page.locator(".entry").nth(1)
                expect(clone).to_contain_text(f"clone {names[0]}")
                for name in names[1:]:
                    expect(clone).to_contain_text(name)
                clone.get_by_role("button", name="Copy Email").last.click()
                expect(page.locator("#copied")).to_contain_text("Copied Email")
                assert clipboard(page) == f"{names[-1].split()[0].lower()}@acme.example"

    def test_without_a_clipboard_the_selection_is_copied(self, page: Page) -> None:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        page.evaluate("document.addEventListener('copy', () => { window.copies = 1 })")
        page.get_by_role("button", name="Copy Alias").click()
        expect(page.locator("#copied")).to_contain_text("Copied Alias")
        assert page.evaluate("window.copies") == 1
        expect(page.get_by_role("button", name="Copy Alias")).to_be_focused()

    def test_the_command_has_the_ticked_steps_that_the_api_does_not_show(
        self, context: BrowserContext
    ) -> None:
        lead = ManualStep(
            role("Night's lead"), "Night's lead", manual_step.ROLE_DEFINITION, ("create",), {}
        )
        open_lead = replace(lead, verifiable=False)
        with opened(context, drawn(open_lead, *typical())) as page:
            command = page.get_by_role("button", name="Copy the command")
            expect(command).to_be_disabled()
            for box in page.locator("input[type=checkbox]:visible").all():
                box.check()
            command.click()
            expect(page.locator("#copied")).to_contain_text("Copied")
            words = shlex.split(clipboard(page))
        steps = [one.id for one in (open_lead, *typical()) if not one.verifiable]
        assert words[:5] == ["provisioner", "manual", "done", "-t", "production"]
        assert sorted(words[5:]) == sorted(steps)


def test_a_page_leads_to_the_panel(page: Page) -> None:
    links = page.locator("h3 a")
    assert links.count() == page.locator("h3").count()
    assert {link.get_attribute("href") for link in links.all()} == {f"{URL}/agent/"}


def test_an_agent_has_the_link_of_the_pattern(context: BrowserContext) -> None:
    pattern = "https://acme.example/panel#id={id}"
    with opened(context, drawn(*typical(), panel_url=pattern)) as page:
        own = pattern.replace("{id}", "agent%2Fmia%40acme.example")
        links = page.get_by_role("link", name="Mia Chen")
        assert {link.get_attribute("href") for link in links.all()} == {own}
        assert page.get_by_role("link", name="Li Wei").count() == 0
        expect(page.get_by_role("link", name="Support")).to_have_attribute("href", f"{URL}/agent/")


def test_a_search_leaves_the_pages_that_fit(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("mia SIGNATURE")
    expect(page.locator(".entry:visible")).to_have_count(1)
    expect(page.locator(".page:visible")).to_have_count(1)
    page.get_by_label("Search").fill("nothing of this")
    expect(page.get_by_text("No work matches the filters.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".entry:visible")).to_have_count(page.locator(".entry").count())


def test_paper_has_everything_without_controls(page: Page) -> None:
    page.get_by_label("Search").fill("alias")
    expect(page.locator(".entry:visible")).to_have_count(1)
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator(".entry:visible")).to_have_count(page.locator(".entry").count())
    expect(page.locator(":is(button, #filters, progress):visible")).to_have_count(0)
    expect(page.locator("pre")).to_be_visible()
    assert page.locator("input[type=checkbox]:visible").count() > 0


def test_without_scripts_it_can_be_read_and_ticked(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    with opened(context, drawn(*typical())) as page:
        page.get_by_label("Alias: Mia").check()
        expect(page.locator(".entry:visible")).to_have_count(page.locator(".entry").count())
        expect(page.locator(":is(button, #filters, progress):visible")).to_have_count(0)
    context.close()


def test_no_work_is_a_page_too(context: BrowserContext) -> None:
    with opened(context, drawn()) as page:
        expect(page.locator(".verdict")).to_have_text("Nothing is left to do by hand")
        expect(page.locator("input")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("is_ticked", [False, True])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, scheme: Literal["light", "dark"], *, is_ticked: bool
) -> None:
    context = browser.new_context(color_scheme=scheme)
    with opened(context, drawn(*typical())) as page:
        if is_ticked:
            for box in page.locator("input[type=checkbox]:visible").all():
                box.check()
        found = obstacles(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("width", [360, 1200])
def test_no_width_makes_the_page_scroll_sideways(browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    for signature in (SIGNATURE, "W" * 10_000):
        with opened(context, drawn(*typical(signature))) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_only_a_text(context: BrowserContext, text: str) -> None:
    hostile = step(text, "signature", {"signature": f"{text}\n'{text}"})
    with opened(context, drawn(hostile, joins(text, text), joins("Ben Carter", text))) as page:
        for tag in ("img", "svg", "iframe", "a[href*=evil]", "[onload]", "[onerror]"):
            assert page.locator(tag).count() == 0
        assert page.locator("script").count() == page.locator("style").count() == 1
        page.get_by_role("button", name="Copy Signature").click()
        expect(page.locator("#copied")).to_contain_text("Copied")
        assert clipboard(page) == f"{text}\n'{text}"
