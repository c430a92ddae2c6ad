"""Under the strict policy every page works without a word in the browser's console."""

from __future__ import annotations

import uuid

from playwright.sync_api import Page, expect

from app.models import User
from chat.models import Conversation, Feedback, Question, Reply
from tests.people import person, session_of

ANYONE = ("/", "/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/done/")
CUSTOMERS = ("/", "/account/email/", "/account/password/change/", "/account/logout/", "/account/reauthenticate/")
RECORDS = ("/admin/", "/admin/app/user/", "/admin/app/user/add/", "/admin/chat/starter/")


def sign_in(page: Page, live: str, user: User) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live}])


def visit(page: Page, *paths: str) -> None:
    for path in paths:
        answer = page.goto(path)
        assert answer, path
        assert answer.ok, path
        expect(page.locator("main")).to_be_visible()


def test_the_pages_for_anyone_are_silent(page: Page):
    visit(page, *ANYONE)


def test_the_pages_of_a_customer_are_silent_and_the_menu_opens_without_javascript(page: Page, live: str):
    sign_in(page, live, person())
    visit(page, *CUSTOMERS)
    page.get_by_role("button", name="Your account: customer").click()
    expect(page.get_by_role("link", name="Change password")).to_be_visible()
    expect(page.get_by_role("link", name="Feedback")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Change password")).to_be_hidden()


def test_the_pages_of_an_admin_are_silent_records_included(page: Page, live: str):
    sign_in(page, live, person("admin"))
    entry = feedback()
    visit(page, "/knowledge/", "/feedback/", f"/feedback/{entry.reply_id}/", *RECORDS)
    page.goto("/feedback/")
    tabs = page.get_by_role("navigation", name="Desk")
    expect(tabs.get_by_role("link", name="Feedback")).to_have_attribute("aria-current", "page")
    expect(tabs.get_by_role("link", name="Records")).to_be_visible()


def test_on_a_phone_the_conversations_open_from_a_button(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, "/")
    sheet = page.get_by_role("navigation", name="Your conversations")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Your conversations").click()
    expect(sheet).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def feedback() -> Feedback:
    conversation = Conversation.objects.create(visitor="v1")
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="How?", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question, status="done", text="Like this.")
    return Feedback.objects.create(reply=reply, verdict="down", comment="Not like that")
