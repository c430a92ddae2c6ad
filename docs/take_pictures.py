"""`make pictures`: take the pictures of the docs from the product that `make run` serves on this machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.environment import var_folder  # noqa: E402
from tests.chromium import FLAGS, chromium  # noqa: E402  (the same browser as the tests')

ADDRESS = f"http://localhost:{os.environ.get('PORT', '8000')}"
PICTURES = ROOT / "docs" / "img"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name, options in {
            "chat": {"viewport": WIDE},
            "chat-dark": {"viewport": WIDE, "color_scheme": "dark"},
            "chat-phone": {"viewport": PHONE},
        }.items():
            page = browser.new_context(base_url=ADDRESS, **options).new_page()  # type: ignore[arg-type]
            take_chat(page, name)
        desk = browser.new_context(base_url=ADDRESS, viewport=WIDE).new_page()  # type: ignore[arg-type]
        sign_in(desk)
        take(desk, "/knowledge/", "documents")
        take(desk, "/feedback/", "feedback")
        take_receipt(desk)
        take(desk, "/assistant/", "versions")
        take_runs(desk)
        take(desk, "/saved-answers/", "saved-answers")
        take(desk, "/evals/model-choice/", "model-choice")
        take(desk, "/evals/training/", "training")
        browser.close()


def take_chat(page: Page, name: str) -> None:
    """A first visit, and a conversation with an open passage."""
    take(page, "/", f"{name}-welcome")
    page.get_by_role("textbox", name="Your question").fill("How do I delete my account?")
    page.keyboard.press("Enter")
    reply = page.locator(".reply[data-status=done]").last
    expect(reply).to_be_visible(timeout=60_000)
    reply.get_by_role("button", name="Good answer").click()
    reply.get_by_role("link", name="Source 1").click()
    expect(reply.locator(".passage")).to_be_visible()
    page.screenshot(path=PICTURES / f"{name}.png")


def take_runs(page: Page) -> None:
    """The eval runs that there are, and the latest one. Run a set first: `manage.py run_evals support`."""
    take(page, "/evals/", "evals")
    page.locator("table a[href^='/evals/runs/']").first.click()
    expect(page.get_by_role("heading", name="Scorecard")).to_be_visible()
    page.screenshot(path=PICTURES / "eval-run.png")


def take_receipt(page: Page) -> None:
    """How the reply that the latest feedback is about came about."""
    page.goto("/feedback/")
    page.get_by_role("link", name="How do I delete my account?").first.click()
    page.get_by_role("link", name="How it came about").click()
    page.screenshot(path=PICTURES / "receipt.png")


def sign_in(page: Page) -> None:
    passwords = json.loads((var_folder() / "accounts.json").read_text())
    page.goto("/account/login/")
    page.locator("[name=login]").fill("admin")
    page.locator("[name=password]").fill(passwords["admin"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Your account: admin")).to_be_visible()


def take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
