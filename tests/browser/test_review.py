"""Grading by keyboard in a real browser, on a phone, and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from evals.models import Grading
from evals.reviewing.queue import send
from tests.browser.keys import press
from tests.browser.test_receipts import sign_in
from tests.evals.factories import case, dataset, run_of
from tests.people import person, session_of


def queued(count: int) -> None:
    run = run_of(dataset(*(case(f"case-{n}", question=f"Question {n}?") for n in range(count))))
    send(run.results.order_by("id"), "tone", by=None)


def labels() -> list[str]:
    return list(Grading.objects.filter(is_human=True).order_by("id").values_list("label", flat=True))


def test_a_number_grades_and_the_next_answer_comes(page: Page, live: str):
    queued(3)
    sign_in(page, live, "agent")
    page.goto("/evals/review/")
    page.get_by_role("button", name="Grade by Tone").click()
    expect(page.get_by_text("Question 0?")).to_be_visible()
    press(page, "1")
    expect(page.get_by_text("Question 1?")).to_be_visible()
    press(page, "s")
    expect(page.get_by_text("Question 2?")).to_be_visible()
    press(page, "u")
    expect(page.get_by_text("Question 0?")).to_be_visible()
    assert labels() == []
    press(page, "?")
    expect(page.get_by_text("passes it on to somebody else")).to_be_visible()
    page.get_by_label("Why").fill("5 words of 1 kind?")  # typed, not pressed
    expect(page.get_by_text("Question 0?")).to_be_visible()
    page.get_by_text("Question 0?").click()
    press(page, "5")
    expect(page.get_by_text("Question 2?")).to_be_visible()
    assert labels() == ["rude"]
    assert Grading.objects.get(is_human=True).reason == "5 words of 1 kind?"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.usefixtures("live")
def test_without_javascript_it_is_a_form_with_one_button(browser: Browser, live: str):
    queued(1)
    context = browser.new_context(base_url=live, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": session_of(person("agent")), "url": live}])
    page = context.new_page()
    page.goto("/evals/review/")
    page.get_by_role("button", name="Grade by Tone").click()
    page.get_by_label("Pushy").check()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Nothing is left for you to grade")).to_be_visible()
    context.close()
    assert labels() == ["pushy"]
