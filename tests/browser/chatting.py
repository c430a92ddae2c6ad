"""Talking to the assistant in a browser."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

ABOUT_CLOSING = "How do I delete my account?"


def ask(page: Page, text: str = ABOUT_CLOSING) -> None:
    page.get_by_role("textbox", name="Your question").fill(text)
    page.keyboard.press("Enter")


def ended(page: Page, status: str = "done") -> Locator:
    """The last reply that came to this end."""
    return page.get_by_role("log", name="Conversation").locator(f".reply[data-status={status}]").last
