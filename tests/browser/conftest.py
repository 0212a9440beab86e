"""A real Chromium for the tests of the HTML report."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.effort import LONGEST_SECONDS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# A busy machine may take long to filter thousands of cards; the default is five seconds.
expect.set_options(timeout=LONGEST_SECONDS * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        why = "no Chromium is installed here: run `make browser`"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that containers don't give.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()
