"""Keys pressed on a page of the desk."""

from __future__ import annotations

from playwright.sync_api import Page


def press(page: Page, key: str) -> None:
    """Press it once the page's deferred scripts listen: its words can be read before they do."""
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key)
