"""A real browser on the real product."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.chromium import FLAGS, chromium
from tests.factories import help_centre

expect.set_options(timeout=30_000)  # milliseconds: a reply may take its time on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Open for this package's tests only: Playwright's loop would stand in the way of asynchronous tests after them."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine: install the package chromium, or name one in CHROMIUM")
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    # Playwright's sync API runs a loop in this thread; Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live: str) -> Iterator[Page]:
    """A page of a new visitor, whose console has to stay silent. Relative addresses are the product's."""
    context = browser.new_context(base_url=live, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.said = said  # type: ignore[attr-defined]
    yield page
    context.close()
    assert said == [], "the browser's console is not silent"


@pytest.fixture
def library() -> None:
    help_centre()
