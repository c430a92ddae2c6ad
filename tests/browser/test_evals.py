"""Runs and answers in a real browser: by keyboard, on a phone, without JavaScript, with hostile text."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from evals.models import Grading, Result, Run
from tests.browser.keys import press
from tests.evals.factories import answer, case, dataset, grading, run_of
from tests.people import person, session_of

HOSTILE = f"<script>document.title = 'owned'</script><img src=x onerror=alert(2)> \u202e {'W' * 400}"


def sign_in(page: Page, live: str, role: str = "admin") -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session_of(person(role)), "url": live}])


def some_runs() -> tuple[Run, Run]:
    support = dataset(*(case(f"q{number}") for number in range(6)))
    before = run_of(support)
    return before, run_of(support, {"q1": False, "q2": False}, baseline=before, changed=["prompts"], note="shorter")


def test_from_the_list_through_the_failures_to_ones_own_word(page: Page, live: str):
    _, after = some_runs()
    grading(after.results.get(case__key="q1"), "fact_vs_expert", label="conflict", score=0.0, reason="says $35")
    sign_in(page, live)
    page.goto("/evals/")
    expect(page.get_by_role("row").filter(has_text="shorter")).to_contain_text("67 %")
    page.get_by_role("link", name=f"#{after.pk}", exact=True).click()
    expect(page.get_by_role("heading", name=f"Run {after.pk}", level=1)).to_be_visible()
    page.get_by_role("link", name="What about q1?").click()
    expect(page.get_by_role("heading", name="q1", level=1)).to_be_visible()

    press(page, "j")
    expect(page.get_by_role("heading", name="q2", level=1)).to_be_visible()
    press(page, "k")
    expect(page.get_by_role("heading", name="q1", level=1)).to_be_visible()
    press(page, "?")
    expect(page.get_by_text("next and previous answer of the list")).to_be_visible()

    card = page.get_by_role("article", name=re.compile("Facts against the expert"))
    card.get_by_text("The judge is wrong here").click()
    press(page, "1")
    expect(card.get_by_role("radio", name="Same")).to_be_checked()
    card.get_by_label("Why").fill("35 is what the article says, jk 2")  # keys do nothing while one types
    expect(card.get_by_role("radio", name="Same")).to_be_checked()
    card.get_by_role("button", name="Keep my word").click()
    expect(card).to_contain_text("a person says otherwise")
    card.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Your word is taken back.")).to_be_visible()
    assert not Grading.objects.by_people().exists()


def test_two_are_ticked_and_compared(page: Page, live: str):
    before, after = some_runs()
    sign_in(page, live)
    page.goto("/evals/")
    page.get_by_label(f"Compare run {after.pk}").check()
    page.get_by_label(f"Compare run {before.pk}").check()
    page.get_by_role("button", name="Compare two").click()
    expect(page).to_have_url(re.compile(rf"a={before.pk}&b={after.pk}$"))


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_all_of_it_works_without_javascript_and_fits_a_phone_whatever_the_text(
    browser: Browser, live: str, color_scheme: str
):
    session = session_of(person("admin"))
    support = dataset(case("evil", question=HOSTILE, expert_answer=HOSTILE, tags=("W" * 40,)))
    row = run_of(support, {"evil": False}, note="W" * 400, changed=["prompts"]).results.get()
    evil = answer(HOSTILE, cited=("W" * 90,))
    Result.objects.filter(pk=row.pk).update(text=HOSTILE, answer=evil.as_json(), model="M" * 200)
    grading(row, "tone", passed=False, score=0.0, label="W" * 40, reason=HOSTILE)
    context = browser.new_context(
        base_url=live,
        java_script_enabled=False,
        viewport={"width": 390, "height": 800},
        color_scheme=color_scheme,  # type: ignore[arg-type]
    )
    context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page = context.new_page()
    paths = [reverse("evals"), *(reverse(name, args=[pk]) for name, pk in pages_of(row))]
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert "owned" not in page.title()
        wide = page.locator("main *").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().right > 391"
            " && !one.closest('pre, .table-wrap, .tabs, .visually-hidden')).map(one => one.outerHTML.slice(0, 120))"
        )
        assert wide == [], path
    page.goto(reverse("result", args=[row.pk]))
    page.locator("summary").filter(has_text="Correct the expert answer").click()
    page.get_by_label("What an expert would answer").fill("It is $35.")
    page.get_by_role("button", name="Keep as a new revision").click()
    expect(page.get_by_text("The expert answer is corrected")).to_be_visible()
    context.close()


def pages_of(row: Result) -> list[tuple[str, int | None]]:
    return [("run", row.run_id), ("result", row.pk), ("case", row.case_id)]
