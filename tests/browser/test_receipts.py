"""How a reply came about, in a real browser: the customer's few words, and the desk's receipt, replay and marks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from chat.models import Finding, Reply
from tests.browser.chatting import ask, ended
from tests.people import person, session_of


def sign_in(page: Page, live: str, role: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(person(role)), "url": live}])


def test_a_customer_opens_how_a_reply_was_answered_with_the_keyboard(page: Page, library: None):
    page.goto("/")
    ask(page)
    reply = ended(page)
    expect(reply).to_be_visible()
    reply.get_by_text("How this was answered", exact=True).focus()
    page.keyboard.press("Enter")
    how = reply.locator(".receipt")
    expect(how).to_contain_text("passages of the help centre were read")
    expect(how).to_contain_text("Written by demo-strong, the demo model")
    expect(how.get_by_role("link")).to_have_count(0)
    page.reload()
    expect(ended(page).locator(".receipt")).not_to_contain_text("Written by")


def test_staff_replay_a_reply_and_mark_a_verdict_on_a_phone(page: Page, live: str, library: None):
    sign_in(page, live, "admin")
    page.goto("/")
    ask(page)
    reply = ended(page)
    expect(reply).to_be_visible()
    row = Reply.objects.get()
    finding = Finding.objects.create(reply=row, guardrail="topic", reads="question", action="refuse", text="Who wins?")
    reply.get_by_text("How this was answered", exact=True).click()
    reply.get_by_role("link", name="The whole receipt").click()
    expect(page.get_by_role("heading", name="How a reply came about")).to_be_visible()
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("#replayed")).to_contain_text("The same words came.")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    verdict = page.locator(f"#finding-{finding.pk}")
    verdict.get_by_text("Mark wrong").first.click()
    verdict.get_by_label("Why should it have been let through?").fill("It is about loans.")
    verdict.get_by_role("button", name="Mark wrong").click()
    expect(verdict).to_contain_text("by admin")
    page.goto("/guardrails/?show=wrong")
    expect(page.get_by_role("row").filter(has_text="Who wins?")).to_contain_text("It is about loans.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Undo: it was right").click()
    expect(page.get_by_text("No longer marked.")).to_be_visible()
    finding.refresh_from_db()
    assert finding.marked_wrong_at is None


def test_without_javascript_a_reply_is_replayed_and_a_verdict_marked(page: Page, live: str, library: None):
    browser = page.context.browser
    assert browser
    plain = browser.new_context(base_url=live, java_script_enabled=False)
    plain.add_cookies([{"name": "sessionid", "value": session_of(person("admin")), "url": live}])
    simple = plain.new_page()
    simple.goto("/")
    simple.get_by_role("textbox", name="Your question").fill("How do I close my account?")
    simple.get_by_role("button", name="Send").click()
    simple.get_by_text("How this was answered", exact=True).click()
    simple.get_by_role("link", name="Show how this was answered").click()
    expect(simple.get_by_role("heading", name="How this was answered")).to_be_visible()
    simple.get_by_role("link", name="The whole receipt").click()
    simple.get_by_role("button", name="Replay").click()
    expect(simple.locator("#replayed")).to_contain_text("The same words came.")
    plain.close()
