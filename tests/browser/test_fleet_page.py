"""The page of a fleet in a real browser: it is searched by account, and has each one's report."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioner.diagnostics import Diagnostic
from provisioner.fleet.account_task import AccountResult, PlanSeverity, failed_account
from provisioner.fleet.fleet_file import FleetAccount
from provisioner.fleet.fleet_report import fleet_report
from provisioner.render.fleet import fleet_list_pages, fleet_page
from provisioner.render.fleet.plan_digest import digest_of
from provisioner.render.html.html_page import draw_framed
from provisioner.render.review.review import review_of
from tests import plans
from tests.browser.shown_pages import obstacles, shown

ADDRESS = "https://artifacts.example/fleet.html"


def body() -> str:
    """Return a page of four accounts, of which one has no plan."""
    typical, same = review_of(plans.typical()), review_of(plans.plan({}, {}))
    cases = {
        "eu": (typical, PlanSeverity.GAINS),
        "us": (typical, PlanSeverity.CHANGES),
        "calm": (same, PlanSeverity.UNCHANGED),
    }
    accounts = {name: FleetAccount(name, f"accounts/{name}", tags=("emea",)) for name in cases}
    results = [
        AccountResult(accounts[name], severity, 0, digest_of(review))
        for name, (review, severity) in cases.items()
    ]
    away = FleetAccount("away", "accounts/away", "production")
    failed = failed_account(away, Diagnostic(code="worker-lost", summary="no answer"))
    report = fleet_report("acme", [*results, failed], [*cases, "away"], 4)
    pages = {name: draw_framed(review) for name, (review, _severity) in cases.items()}
    return "".join(fleet_page.draw(report, ".", pages.get))


def drift_body() -> str:
    """Return a page of the drift of three accounts."""
    accounts = [FleetAccount(name, f"accounts/{name}") for name in ("eu", "calm", "away")]
    severities = (PlanSeverity.CHANGES, PlanSeverity.UNCHANGED)
    results = [AccountResult(*pair, 0) for pair in zip(accounts[:2], severities, strict=True)]
    failed = failed_account(accounts[2], Diagnostic(code="worker-lost", summary="no answer"))
    report = fleet_report("acme", [*results, failed], ["eu", "calm", "away"], 3)
    texts = {"eu": "agent/mia@acme.example\n    name: declared Mia, live Mio\n"}
    return "".join(fleet_list_pages.draw_drift(report, lambda name, _format: texts.get(name)))


@contextmanager
def opened(browser: Browser, content: str | None = None, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    with shown(context, ADDRESS, content or body()) as page:
        yield page
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


def expect_accounts(page: Page, *names: str) -> None:
    """Check which accounts are visible; the search needs a moment."""
    expect(page.locator(".account:visible .who b:first-child")).to_have_text([*names])


def test_accounts_are_found_by_words(page: Page) -> None:
    expect_accounts(page, "away", "eu", "us")
    page.get_by_label("Search").fill("emea calm")
    expect_accounts(page, "calm")
    expect(page.locator("output")).to_have_text("1 of 4 shown")
    page.get_by_label("Search").fill("nobody")
    expect(page.get_by_text("No account matches.")).to_be_visible()
    page.keyboard.press("Escape")
    expect_accounts(page, "away", "eu", "us")


def test_a_report_is_shown_when_it_is_unfolded_and_works_by_itself(page: Page) -> None:
    assert len(page.frames) == 1
    page.get_by_text("Report of eu").click()
    frame = page.frame_locator("iframe[title='Report of eu']")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    frame.get_by_label("Search").fill("Zoe")
    expect(frame.locator("output")).to_have_text("1 of 7 shown")
    frame.get_by_role("button", name="Clear").click()
    expect(frame.locator("output")).to_have_text("7 of 7 shown")
    box = page.locator("iframe[title='Report of eu']").bounding_box()
    assert box is not None
    assert box["height"] > 1000
    assert page.locator(".account:visible iframe:visible").count() == 1


def test_a_list_without_reports_is_found_by_its_words_and_can_be_read(browser: Browser) -> None:
    with opened(browser, drift_body(), bypass_csp=True) as page:
        expect_accounts(page, "away", "eu")
        page.get_by_label("Search").fill("mio")
        expect_accounts(page, "eu")
        assert obstacles(page) == []


def test_without_scripts_everything_is_there(browser: Browser) -> None:
    with opened(browser, java_script_enabled=False) as page:
        assert page.locator(".account .who").count() == 4
        page.get_by_text("Report of us").click()
        frame = page.frame_locator("iframe[title='Report of us']")
        expect(frame.get_by_role("heading", level=1)).to_be_visible()


SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_read_by_everybody(
    browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    options: dict[str, Any] = {"viewport": {"width": width, "height": 800}}
    with opened(browser, color_scheme=scheme, bypass_csp=True, **options) as page:
        page.get_by_text("Report of us").click()
        frame = page.frame_locator("iframe[title='Report of us']")
        expect(frame.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert obstacles(page) == []
