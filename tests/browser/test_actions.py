"""Tools in a real browser: what was looked up, and the card that waits for a click."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.models import Action, Ticket
from tests import standin
from tests.browser.chatting import ask, ended
from tests.chat.tooling import calls, says

TO_DO = {"subject": "My statement <b>of May</b>", "details": "It is missing.\nPlease send it."}


@pytest.fixture
def scripted(settings: Any, library: None) -> Any:
    """A model that offers a ticket."""
    with standin.script(calls(("open_ticket", TO_DO)), says("Please check the card below.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        yield played


def test_what_was_looked_up_stands_above_the_answer(page: Page, settings: Any, library: None):
    payment = ("estimate_payment", {"amount": 300_000, "rate": 6.5, "years": 30})
    with standin.script(calls(payment), says("The monthly payment would be $1,896.20.")) as played:
        settings.LLM_STRONG_MODEL = played.model
        page.goto("/")
        ask(page, "What would I pay for $300,000 at 6.5% over 30 years?")
        expect(ended(page).get_by_role("list", name="Looked up")).to_have_text("Looked up what you would pay a month")
        expect(ended(page)).to_contain_text("$1,896.20")


def test_a_card_is_clicked_with_the_keyboard_and_keeps_its_result(page: Page, scripted: Any):
    page.goto("/")
    ask(page, "Please open a ticket for me")
    card = ended(page).get_by_role("region", name="Open a ticket")
    expect(card.get_by_role("definition").first).to_have_text(TO_DO["subject"])
    expect(page.locator("#announcement")).to_contain_text("Press the button below")
    assert not Ticket.objects.exists()
    card.get_by_role("button", name="Open a ticket").focus()
    page.keyboard.press("Enter")
    expect(card.get_by_role("status")).to_contain_text("is open")
    expect(card.get_by_role("status")).to_be_focused()
    expect(card.get_by_role("button")).to_have_count(0)
    assert Ticket.objects.get().details == TO_DO["details"]
    page.reload()
    expect(ended(page).get_by_role("region", name="Open a ticket")).to_contain_text("is open")


def test_a_card_in_a_second_tab_finds_what_the_first_one_did(page: Page, scripted: Any):
    page.goto("/")
    ask(page, "Please open a ticket for me")
    expect(ended(page).get_by_role("button", name="No, thank you")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_role("button", name="Open a ticket").click()
    expect(page.get_by_role("region", name="Open a ticket")).to_contain_text("is open")
    second.get_by_role("button", name="No, thank you").click()
    expect(second.get_by_role("region", name="Open a ticket")).to_contain_text("is open")
    assert Action.objects.get().state == "done"


def test_a_card_fits_a_phone_and_works_without_javascript(browser: Browser, live: str, scripted: Any):
    context = browser.new_context(base_url=live, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("textbox", name="Your question").fill("Please open a ticket for me")
    page.get_by_role("button", name="Send").click()
    card = page.get_by_role("region", name="Open a ticket")
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    card.get_by_role("button", name="No, thank you").click()
    expect(page.get_by_role("region", name="Open a ticket")).to_contain_text("Nothing was done")
    assert not Ticket.objects.exists()
    context.close()
