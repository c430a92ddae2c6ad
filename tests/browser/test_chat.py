"""The chat as a customer has it: in a browser, by keyboard, on a phone, over reloads and tabs."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from chat.models import Feedback, Question, Reply, Starter
from tests import standin
from tests.factories import CLOSING, article, help_centre
from tests.people import person, session_of

ABOUT_CLOSING = "How do I delete my account?"


@pytest.fixture
def library() -> None:
    help_centre()


def ask(page: Page, text: str = ABOUT_CLOSING) -> None:
    page.get_by_role("textbox", name="Your question").fill(text)
    page.keyboard.press("Enter")


def ended(page: Page, status: str = "done") -> Locator:
    return page.get_by_role("log", name="Conversation").locator(f".reply[data-status={status}]").last


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


def test_f23_stop_stands_where_send_was_and_keeps_the_text(page: Page, library: None, settings):
    settings.LLM_STRONG_MODEL = "paced-50-30-400"
    page.goto("/")
    ask(page)
    expect(page.locator(".open-block")).not_to_be_empty()
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    page.get_by_role("button", name="Stop").click()
    expect(ended(page, "stopped")).to_contain_text("You stopped this answer")
    expect(ended(page, "stopped").get_by_role("button", name="Continue")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_f20_a_reload_in_the_middle_goes_on_with_the_answer(page: Page, library: None, settings):
    settings.LLM_STRONG_MODEL = "paced-50-40-120"
    page.goto("/")
    ask(page)
    expect(page.locator(".open-block")).not_to_be_empty()
    page.reload()
    expect(page.locator("[data-status=streaming], [data-status=done]").last).to_be_visible()
    expect(ended(page)).to_be_visible()
    text = Reply.objects.get().text
    assert "".join(ended(page).locator(".body").inner_text().split()) == "".join(text.split())


def test_f20_f22_a_second_tab_shows_the_same_conversation(page: Page, library: None):
    page.goto("/")
    ask(page)
    expect(ended(page)).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    ask(page, "How much is the late fee?")
    expect(ended(other)).to_contain_text("$35")
    expect(other.get_by_role("article", name="You asked")).to_have_count(2)


def test_f21_a_double_click_is_one_question(page: Page, library: None):
    page.goto("/")
    page.get_by_role("textbox", name="Your question").fill(ABOUT_CLOSING)
    page.get_by_role("button", name="Send").dblclick()
    expect(ended(page)).to_be_visible()
    assert Question.objects.count() == 1


def test_a_question_that_is_too_long_keeps_its_text(page: Page):
    page.goto("/")
    ask(page, "x" * 4001)
    expect(page.get_by_role("alert")).to_contain_text("longer than 4000 characters")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("x" * 4001)
    expect(page.get_by_text("4,001 / 4,000")).to_be_visible()


def test_a_text_too_long_for_the_socket_is_refused_and_the_socket_lives(page: Page, library: None):
    page.goto("/")
    ask(page, "x" * 100_000)
    expect(page.get_by_role("alert")).to_contain_text("longer than 4000 characters")
    ask(page)
    expect(page.get_by_role("alert")).to_be_empty()
    expect(ended(page)).to_contain_text("choose Close account")


def test_f26_when_the_session_is_over_the_page_says_so_and_keeps_the_text(page: Page, library: None):
    page.goto("/")
    ask(page)
    expect(ended(page)).to_be_visible()
    Session.objects.all().delete()
    ask(page, "Half a thought")
    expect(page.get_by_text("Please reload the page")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("Half a thought")
    page.goto("/")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("Half a thought")


def test_what_was_typed_is_kept_for_its_writer_and_conversation_only(page: Page, library: None, live: str):
    page.context.add_cookies([{"name": "sessionid", "value": session_of(person()), "url": live}])
    field = page.get_by_role("textbox", name="Your question")
    page.goto("/")
    ask(page)
    expect(ended(page)).to_be_visible()
    field.fill("My pension number is")
    page.reload()
    expect(field).to_have_value("My pension number is")
    page.goto("/")
    expect(field).to_have_value("")
    field.fill("And my address is")
    page.context.clear_cookies()
    page.goto("/")
    expect(field).to_have_value("")


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


def test_a40_a41_a43_a45_hostile_text_of_a_document_stays_text(page: Page):
    dialogs: list[str] = []
    requests: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    article(
        "Hostile <b>title</b>",
        'To reset your password open <img src=x onerror="alert(1)"> <script>alert(2)</script> the page'
        " ![p](https://evil.example/leak) and press [here](javascript:alert(3)) "
        "<a hx-get=/admin/ hx-trigger=load>x</a>.",
    )
    page.goto("/")
    ask(page, "How do I reset my password?")
    expect(ended(page)).to_contain_text("onerror")
    page.reload()
    reply = ended(page)
    expect(reply).to_contain_text("<script>alert(2)</script>")
    expect(reply.locator(".body").locator("img, script, [hx-get], [onerror]")).to_have_count(0)
    reply.locator(".sources a").first.click()
    expect(reply.locator(".passage")).to_contain_text("<script>alert(2)</script>")
    assert dialogs == []
    assert not [url for url in requests if "evil.example" in url or url.endswith("/admin/")]


def test_a41_a43_what_the_model_writes_is_inert_while_it_streams_and_after(page: Page, library: None, settings):
    dialogs: list[str] = []
    requests: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    hostile = (
        'One <img src=x onerror="alert(1)">\n\nTwo <script>alert(2)</script> ![p](https://evil.example/leak)\n\n'
        "Three [press](javascript:alert(3)) <a hx-get=/admin/ hx-trigger=load>x</a> and a long end of the story"
    )
    page.goto("/")
    with standin.script({"reply": {"text": hostile, "tokens_per_second": 20}}) as played:
        settings.LLM_STRONG_MODEL = played.model
        ask(page)
        expect(page.locator("[data-status=streaming]")).to_contain_text("Two <script>")
        expect(page.locator("[data-status=streaming]")).to_contain_text("Three [press")
        expect(ended(page)).to_contain_text("onerror")
    expect(ended(page).locator(".body").locator("img, script, [hx-get], [onerror], a")).to_have_count(0)
    assert dialogs == []
    assert not [url for url in requests if "evil.example" in url or url.endswith("/admin/")]


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


def test_with_javascript_off_the_form_still_answers(page: Page, library: None, live: str):
    assert page.context.browser
    context = page.context.browser.new_context(base_url=live, java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/")
    plain.get_by_role("textbox", name="Your question").fill(ABOUT_CLOSING)
    plain.get_by_role("button", name="Send").click()
    expect(ended(plain)).to_contain_text("choose Close account")
    ended(plain).get_by_role("link", name="Source 1: Closing your account").click()
    expect(
        plain.get_by_text("It stands under").or_(plain.get_by_role("heading", name="Closing your account"))
    ).to_be_visible()
    context.close()
