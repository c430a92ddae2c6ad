"""The chat when things go wrong: reloads, second tabs, lost sessions, hostile text, no JavaScript."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from chat.models import Question, Reply
from tests import standin
from tests.browser.chatting import ABOUT_CLOSING, ask, ended
from tests.chat.turns import live_version
from tests.factories import article
from tests.people import person, session_of


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
        "Three [press](javascript:alert(3)) <a hx-get=/admin/ hx-trigger=load>x</a>\n\n"
        "Four is a long end of the story that takes its time to come in"
    )
    live_version(tools=())  # without guardrails: the page alone makes it inert
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
