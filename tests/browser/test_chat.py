"""The chat as a customer has it: in a browser, by keyboard, on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from chat.models import Feedback, Starter
from tests.browser.chatting import ABOUT_CLOSING, ask, ended
from tests.chat.turns import live_version
from tests.factories import CLOSING


def test_an_unknown_question_gets_an_honest_answer_and_a_next_step(page: Page, library: None):
    page.goto("/")
    ask(page, "What is the airspeed of a swallow?")
    expect(ended(page)).to_contain_text("I don't know")
    expect(ended(page).get_by_role("link", name="Talk to a person")).to_have_attribute("href", re.compile("^mailto:"))


def test_a_question_is_answered_with_a_source_that_opens_its_passage(page: Page, library: None):
    page.goto("/")
    ask(page)
    reply = ended(page)
    expect(reply).to_contain_text("choose Close account")
    source = reply.get_by_role("link", name="Source 1: Closing your account")
    reply.locator("a.cite").first.click()
    expect(reply.locator(".passage mark").first).to_contain_text("open Settings and choose Close account")
    expect(source).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(reply.locator(".passage")).to_have_count(0)
    expect(source).to_be_focused()
    source.click()
    reply.get_by_role("link", name="see it in the document").click()
    expect(page.get_by_role("heading", name="Closing your account")).to_be_visible()
    page.get_by_role("link", name="Back to the answer").click()
    expect(ended(page)).to_contain_text("choose Close account")


def test_the_page_says_what_the_assistant_can_do_and_that_it_can_be_wrong(page: Page):
    page.goto("/")
    expect(page.get_by_role("note")).to_contain_text("can be wrong")
    expect(page.get_by_role("heading", name="I cannot")).to_be_visible()
    expect(page.get_by_text("demo model")).to_be_visible()


def test_a_starter_asks_its_question(page: Page, library: None):
    Starter.objects.create(text=ABOUT_CLOSING, topic="Accounts")
    page.goto("/")
    page.get_by_role("button", name=ABOUT_CLOSING).click()
    expect(ended(page)).to_contain_text("choose Close account")


def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, library: None):
    page.goto("/")
    field = page.get_by_role("textbox", name="Your question")
    field.press_sequentially("How do I")
    page.keyboard.press("Shift+Enter")
    field.press_sequentially("delete my account?")
    expect(field).to_have_value("How do I\ndelete my account?")
    page.keyboard.press("Enter")
    expect(ended(page)).to_be_visible()
    expect(field).to_have_value("")
    expect(page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}/$"))


def test_focus_stays_where_the_work_is(page: Page, library: None, settings):
    page.goto("/")
    ask(page)
    field = page.get_by_role("textbox", name="Your question")
    ended(page).get_by_role("button", name="Bad answer").press("Enter")
    expect(ended(page).get_by_label("What was wrong or missing?")).to_be_visible()
    expect(ended(page).get_by_role("button", name="Bad answer")).to_be_focused()
    settings.LLM_STRONG_MODEL = "paced-50-30-400"
    ended(page).get_by_role("button", name="Answer again").press("Enter")
    expect(page.locator(".open-block")).not_to_be_empty()
    expect(field).to_be_focused()
    page.get_by_role("button", name="Stop").press("Enter")
    expect(ended(page, "stopped")).to_be_visible()
    expect(field).to_be_focused()


def test_a_reply_is_announced_once_when_it_has_ended(page: Page, library: None, settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-40"
    live_version(tools=())  # without guardrails: what it writes is no answer
    page.goto("/")
    announcement = page.locator("#announcement")
    announcement.evaluate(
        "node => { window.heard = []; const hear = () => window.heard.push(node.textContent);"
        " new MutationObserver(hear).observe(node, {childList: true}); }"
    )
    ask(page)
    expect(page.locator(".open-block")).not_to_be_empty()
    expect(announcement).to_be_empty()
    expect(ended(page)).to_be_visible()
    expect(announcement).to_contain_text("Token1 token2")
    assert len(page.evaluate("window.heard")) == 1


def test_thumbs_and_a_comment_are_stored(page: Page, library: None):
    page.goto("/")
    ask(page)
    ended(page).get_by_role("button", name="Bad answer").click()
    expect(ended(page).get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    ended(page).get_by_label("What was wrong or missing?").fill("Where is Settings?")
    ended(page).get_by_role("button", name="Send comment").click()
    expect(ended(page)).to_contain_text("Thank you")
    feedback = Feedback.objects.get()
    assert (feedback.verdict, feedback.comment) == ("down", "Where is Settings?")


def test_both_variants_of_an_answer_can_be_looked_at(page: Page, library: None):
    page.goto("/")
    ask(page)
    ended(page).get_by_role("button", name="Answer again").click()
    expect(page.get_by_role("link", name="Variant 2 of 2")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Variant 1 of 2").click()
    expect(page.get_by_role("link", name="Variant 1 of 2")).to_have_attribute("aria-current", "true")
    expect(ended(page)).to_contain_text("choose Close account")


def test_the_history_lists_own_conversations_and_opens_them(page: Page, library: None):
    page.goto("/")
    ask(page)
    expect(ended(page)).to_be_visible()
    link = page.get_by_role("navigation", name="Your conversations").get_by_role("link", name=ABOUT_CLOSING)
    expect(link).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="New question").first.click()
    expect(page.get_by_role("heading", name="What can we help you with?")).to_be_visible()
    link.click()
    expect(ended(page)).to_contain_text("choose Close account")


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, library: None):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    ask(page)
    ended(page).locator("a.cite").first.click()
    expect(ended(page).locator(".passage")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert CLOSING[:20] in ended(page).locator(".passage").inner_text()
