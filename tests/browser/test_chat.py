from playwright.sync_api import Page, expect

from chat.models import Question, Reply
from tests.factories import help_centre


def test_an_unknown_question_gets_an_honest_answer_and_a_next_step(page: Page):
    page.goto("/")
    page.get_by_role("textbox", name="Your question").fill("What is the airspeed of a swallow?")
    page.get_by_role("button", name="Send").click()
    reply = page.locator("[role=log] .reply[data-status=done]")
    expect(reply).to_contain_text("I don't know")
    expect(reply).to_contain_text("Talk to a person")
    page.screenshot(path="/tmp/unknown.png")


def test_a_question_is_answered_with_a_source_that_opens_its_passage(page: Page):
    help_centre()
    page.goto("/")
    page.get_by_role("textbox", name="Your question").fill("How do I delete my account?")
    page.keyboard.press("Enter")
    reply = page.locator("[role=log] .reply[data-status=done]")
    expect(reply).to_contain_text("choose Close account")
    expect(reply.get_by_role("link", name="Source 1: Closing your account")).to_be_visible()
    reply.locator("a.cite").first.click()
    expect(reply.locator(".passage mark").first).to_contain_text("open Settings and choose Close account")
    page.screenshot(path="/tmp/answer.png")
